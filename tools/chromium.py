"""The Chromium that prints the book and runs the tests: an installed one, else Playwright's own."""

from contextlib import contextmanager
import os
from pathlib import Path
import shutil
import sys

INSTALLED = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"]
MISSING = "no browser: install Chromium or Chrome, or run `playwright install chromium`"


def find_browser(playwright):
    """Return how Playwright launches Chromium: an installed one, else its own; None if neither."""
    installed = next(filter(None, map(shutil.which, INSTALLED)), None)
    if installed:
        return {"executable_path": installed}
    if Path(playwright.chromium.executable_path).exists():
        return {}
    chrome = [
        Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"),
        Path(os.environ.get("PROGRAMFILES", ""), "Google/Chrome/Application/chrome.exe"),
    ]
    found = next((path for path in chrome if path.exists()), None)
    return {"executable_path": str(found)} if found else None


@contextmanager
def launched():
    """Launch Chromium for a tool; without one the tool ends with what to do."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 (only where it is needed)

    with sync_playwright() as playwright:
        how = find_browser(playwright)
        if how is None:
            sys.exit(MISSING)
        browser = playwright.chromium.launch(**how)
        try:
            yield browser
        finally:
            browser.close()
