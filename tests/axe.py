"""What the accessibility checker axe finds on a page."""

from axe_playwright_python.base import AxeResults
from axe_playwright_python.sync_playwright import Axe

ONLY = {"resultTypes": ["violations"]}  # what passes would take as long again to report
COLORS = {"runOnly": ["color-contrast", "link-in-text-block"]}  # what hangs on light and dark
# A page has thousands of the same. Of code it keeps the first of each kind of token in each kind of
# place, and of what lies between them the longest line; of a table the first rows of each kind.
THIN = r"""() => {
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
    for (const pre of places.keys()) {
        pre.normalize();
        for (const text of pre.childNodes) {
            const [first, ...more] = (text.data ?? "").split("\n"), last = more.pop();
            const [longest] = more.sort((a, b) => b.length - a.length);
            if (longest !== undefined) text.data = [first, longest, last].join("\n");
        }
    }
    for (const table of document.querySelectorAll("article table")) {
        const rows = {};
        for (const row of table.tBodies[0]?.rows ?? []) {
            const kind = [row, ...row.querySelectorAll("*")]
                .map((each) => `${each.tagName} ${each.getAttribute("class")}`).join();
            rows[kind] = (rows[kind] ?? 0) + 1;
            if (rows[kind] > 2 && !row.querySelector("[rowspan]")) row.remove();
        }
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
