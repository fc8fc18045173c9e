"""Print the pages that fill one sheet of paper into PDFs beside their sources, to which they link.

    python tools/print_sheets.py        after `make book`; needs Chromium or Chrome

Each fits A4 and, but for the landscape ones, Letter. A PDF's title names the text and the pictures
that it was made from, so that a test sees when it is out of date.
"""

import hashlib
from pathlib import Path
import re
import sys

from book_teaching import find, picture
from chromium import launched

ROOT = Path(__file__).parents[1]
CHAPTERS, BUILT = ROOT / "chapters", ROOT / "_build" / "html" / "chapters"
# A name, its title, and its paper: A4's width with Letter's height, or as its own style says.
TITLES = {
    "guide": "From symptom to remedy",
    "poster": "Symptom, remedy, chapter",
    "sheet": "Six curves to diagnose",
}
MARGIN = dict.fromkeys(("top", "bottom", "left", "right"), "10mm")
PAPER = {
    "guide": {"width": "210mm", "height": "279.4mm", "margin": MARGIN},
    "poster": {"prefer_css_page_size": True},
    "sheet": {"prefer_css_page_size": True},
}
CURVES = re.compile(r"^```\{run-curves\} (\S+)", re.MULTILINE)
PREPARE = """title => {
    document.title = title;
    for (const link of document.querySelectorAll("a[href]")) link.removeAttribute("href");
}"""  # a link would lead to the folder that the book was built in


def source(name):
    """Return the file that a sheet is made from."""
    return CHAPTERS / f"{name}.md"


def target(name):
    """Return the PDF of a sheet."""
    return CHAPTERS / f"{name}.pdf"


def title(name):
    """Return the PDF's title: it holds a fingerprint of the sheet's text and pictures."""
    text = source(name).read_text("utf8")
    drawn = [picture(find(run), "") for run in CURVES.findall(text)]
    digest = hashlib.sha256("".join([text, *drawn]).encode()).hexdigest()[:12]
    return f"{TITLES[name]}, text {digest}"


def pages(pdf):
    """Return the number of pages of a PDF, from its bytes."""
    return len(re.findall(rb"/Type\s*/Page\b", pdf))


def printed(browser, name, folder=BUILT):
    """Return a sheet as the bytes of a PDF, printed by a Playwright browser.

    Raises
    ------
    ValueError
        If the page is not built, or takes more than one page of paper.
    """
    page = Path(folder, f"{name}.html")
    if not page.exists():
        raise ValueError(f"{name}.html is missing: run `make book` first")
    tab = browser.new_page()
    tab.emulate_media(color_scheme="light")
    tab.goto(page.as_uri())
    tab.evaluate(PREPARE, title(name))
    pdf = tab.pdf(**PAPER[name])
    tab.close()
    if pages(pdf) != 1:
        raise ValueError(f"the {name} takes {pages(pdf)} pages: shorten chapters/{name}.md")
    return pdf


def main():
    """Print the sheets of the built site."""
    with launched() as browser:
        for name in TITLES:
            target(name).write_bytes(printed(browser, name))
            print(f"wrote {target(name).relative_to(ROOT)}")


if __name__ == "__main__":
    try:
        main()
    except ValueError as error:
        sys.exit(str(error))
