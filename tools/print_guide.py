"""Print the built page of the guide into chapters/guide.pdf, to which the page links.

    python tools/print_guide.py          after `make book`; needs Chromium or Chrome

One page that fits A4 and Letter. The PDF's title names the text that it was made from, so that a
test sees when it is out of date.
"""

import hashlib
from pathlib import Path
import re
import shutil
import sys

ROOT = Path(__file__).parents[1]
SOURCE, PDF = ROOT / "chapters" / "guide.md", ROOT / "chapters" / "guide.pdf"
BUILT = ROOT / "_build" / "html" / "chapters" / "guide.html"
SHEET = {"width": "210mm", "height": "279.4mm"}  # A4's width, Letter's height
MARGIN = dict.fromkeys(("top", "bottom", "left", "right"), "10mm")
PREPARE = """title => {
    document.title = title;
    for (const link of document.querySelectorAll("a[href]")) link.removeAttribute("href");
}"""  # a link would lead to the folder that the book was built in
NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")


def title():
    """Return the PDF's title: it holds a fingerprint of the guide's source."""
    digest = hashlib.sha256(SOURCE.read_bytes()).hexdigest()[:12]
    return f"From symptom to remedy, text {digest}"


def pages(pdf):
    """Return the number of pages of a PDF, from its bytes."""
    return len(re.findall(rb"/Type\s*/Page\b", pdf))


def printed(browser, page=BUILT):
    """Return the guide as the bytes of a PDF, printed by a Playwright browser."""
    tab = browser.new_page()
    tab.goto(page.as_uri())
    tab.evaluate(PREPARE, title())
    pdf = tab.pdf(**SHEET, margin=MARGIN)
    tab.close()
    return pdf


def main():
    """Print the guide of the built site."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 (only to print)

    if not BUILT.exists():
        sys.exit(f"{BUILT.relative_to(ROOT)} is missing: run `make book` first")
    installed = next(filter(None, map(shutil.which, NAMES)), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=installed)
        pdf = printed(browser)
        browser.close()
    if pages(pdf) != 1:
        sys.exit(f"the guide takes {pages(pdf)} pages: shorten chapters/guide.md")
    PDF.write_bytes(pdf)
    print(f"wrote {PDF.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
