"""What several test modules need: a browser."""

import os
from pathlib import Path
import shutil

from playwright.sync_api import sync_playwright
import pytest

BROWSERS = ["chromium", "chromium-browser", "google-chrome", "chrome"]
MISSING = "no browser: install Chromium, or run `playwright install chromium`"


# A module's, not a session's: Playwright holds an event loop that nbval would stumble over.
@pytest.fixture(scope="module")
def browser():
    """Chromium: an installed one, else Playwright's own."""
    installed = next(filter(None, map(shutil.which, BROWSERS)), None)
    with sync_playwright() as playwright:
        if not installed and not Path(playwright.chromium.executable_path).exists():
            (pytest.fail if os.environ.get("CI") else pytest.skip)(MISSING)
        chromium = playwright.chromium.launch(executable_path=installed)
        yield chromium
        chromium.close()
