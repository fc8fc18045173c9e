"""What several test modules need: a browser, and how tests are shared between processes."""

import json
import os

from chromium import MISSING, find_browser
from engines import give_up
from filelock import FileLock
import pytest
import solutions

# By the seconds that they take; the site is built once, and whoever is late waits for it.
LONG = ["test_training.py", "/05", "test_site", "/08", "/03", "/07", "/04", "/06"]
LONG += ["test_training_faults", "/02", "test_access", "/cross_validation", "test_playground_page"]
LONG += ["symptoms.ipynb", "test_found", "test_diagnosis_box", "/09", "test_search", "test_lab"]
LONG += ["test_teaching_figures", "test_charts", "test_face"]
# Two pages behind the address bar, which nobody sees: Chromium makes them in each context, and they
# take longer than a page of the book. The others are Playwright's own, which the switch replaces.
NEEDLESS = ["WebUIOmniboxPopup", "WebUIOmniboxAimPopup"]
NEEDLESS += [
    "AimEnabled", "AvoidCorsURLLoaderRestartOnRedirect", "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose", "HttpsFirstBalancedModeAutoEnable", "HttpsUpgrades",
    "LensOverlay", "MediaRouter", "NetworkTimeServiceQuerying", "OptimizationHints", "PaintHolding",
    "PreconnectToSearch", "TcpPortRandomizationWin", "ThirdPartyStoragePartitioning",
]  # fmt: skip
# What a page runs first, so that `shift` sums up how far its contents jump.
WATCH_SHIFTS = """(() => {
    window.shift = 0;
    window.shifts = [];
    const add = ({ value, hadRecentInput, startTime, sources }) => {
        if (hadRecentInput) return;
        shift += value;
        const name = ({ node }) => `${node?.nodeName} ${node?.className ?? node?.textContent}`;
        shifts.push(`${value.toFixed(4)} at ${Math.round(startTime)} ms: ${sources.map(name)}`);
    };
    new PerformanceObserver((list) => list.getEntries().forEach(add))
        .observe({ type: "layout-shift", buffered: true });
})();"""


def made_once(tmp_path_factory, name, make):
    """Make a folder that takes long to make once, for all modules and processes of a test run.

    `make(folder)` fills it, and returns what JSON can hold. Returns the folder, and that.
    """
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent  # each process has a folder of its own in there
    folder, result = folder / name, folder / f"{name}.json"
    with FileLock(f"{folder}.lock"):
        if not result.exists():
            folder.mkdir(exist_ok=True)
            result.write_text(json.dumps(make(folder)), "utf8")
    return folder, json.loads(result.read_text("utf8"))


# A module's, not a session's: Playwright holds an event loop that nbval would stumble over.
@pytest.fixture(scope="module")
def browser():
    """Chromium; without one the test is skipped, but on CI it fails."""
    # Not needed, and not there, where the unit tests run on other versions of the libraries.
    from playwright.sync_api import sync_playwright  # noqa: PLC0415

    with sync_playwright() as playwright:
        how = find_browser(playwright)
        if how is None:
            give_up(MISSING)
        arguments = [f"--disable-features={','.join(NEEDLESS)}"]
        chromium = playwright.chromium.launch(**how, args=arguments)
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def page(browser):
    """A bare page with the playground's script, whose functions a test can call."""
    from helpers.playground import script  # noqa: PLC0415 (slow, and few tests need it)

    page = browser.new_page()
    page.add_script_tag(content=script())
    yield page
    page.close()


def pytest_configure(config):
    """Run the chapters' solutions, too, where nbval runs the chapters."""
    config.pluginmanager.register(solutions, "solutions")


def pytest_terminal_summary(terminalreporter):
    """Print what tests have measured: what they recorded as `measured`."""
    for report in terminalreporter.stats.get("passed", []):
        for name, value in report.user_properties:
            if name == "measured":
                terminalreporter.write_line(value)


def pytest_collection_modifyitems(items):
    """Begin with what takes long, or at the end one process waits for the other."""

    def place(item):
        file = item.nodeid.split("::")[0]
        return next((number for number, name in enumerate(LONG) if name in file), len(LONG))

    items.sort(key=place)
