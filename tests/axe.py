"""What the accessibility checker axe finds on a page."""

from axe_playwright_python.base import AxeResults
from axe_playwright_python.sync_playwright import Axe

ONLY = {"resultTypes": ["violations"]}  # what passes would take as long again to report
COLORS = {"runOnly": ["color-contrast", "link-in-text-block"]}  # what hangs on light and dark
# Leaves of each kind of token, but for the first in each kind of place, become plain text: a page
# of code has thousands of the same.
THIN = """() => {
    const seen = new Set(), places = new Map();
    for (const pre of document.querySelectorAll(".highlight pre")) {
        const around = pre.closest("details, .admonition, .exercise, .diagnosis");
        places.set(pre, `${getComputedStyle(pre).backgroundColor} ${around?.className}`);
    }
    for (const token of document.querySelectorAll(".highlight pre span:not(:has(*))")) {
        const kind = `${token.className} in ${places.get(token.closest("pre"))}`;
        if (seen.has(kind)) token.replaceWith(token.textContent);
        seen.add(kind);
    }
}"""


def broken_rules(page, context=None, options=None):
    """Return a report of what breaks a rule; an empty text if nothing does.

    `context` is the part of the page, as a selector, and `options` are axe's own.
    """
    if not page.evaluate("'axe' in window"):  # it is 600 KB
        page.evaluate(Axe().axe_script)
    run = "([context, options]) => axe.run(context ?? document, options)"
    found = AxeResults(page.evaluate(run, [context, {**ONLY, **(options or {})}]))
    return found.generate_report() if found.violations_count else ""
