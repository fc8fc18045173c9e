"""A composed document becomes a PDF with page numbers, bookmarks and links that stay inside it."""

import io
import re

from PIL import Image
import print_book
from pypdf import PdfReader
import pytest

TOC = {"root": "index", "parts": [{"caption": "Part one", "chapters": [{"file": "chapters/a"}]}]}
CITATION = {
    "title": "A book", "abstract": "What it is.", "authors": [{"name": "Ann"}],
    "version": "1.0.0", "date-released": "2026-01-01",
}  # fmt: skip
SHAPE = (
    '<html><head></head><body><article class="bd-article"><section id="top">{}'
    "</section></article></body></html>"
)
LONG = '<p style="height: 400mm">long</p>'  # takes two pages
INDEX = SHAPE.format(f'<h1>Start</h1><a href="chapters/a.html#b">to b</a>{LONG}')
CHAPTER = SHAPE.format(
    f'<h1>Chapter</h1>{LONG}<img src="../x.png" loading="lazy" alt="">'
    '<section id="b"><h2>Part b</h2><details><summary>Solution</summary>solved</details></section>'
)


@pytest.fixture(scope="module")
def pdf(browser, tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    Image.new("RGB", (40, 40)).save(folder / "x.png")
    document = folder / "book.html"
    pages = {"index": INDEX, "chapters/a": CHAPTER}
    document.write_text(print_book.compose(pages, TOC, CITATION, "", folder), "utf8")
    return PdfReader(io.BytesIO(print_book.printed(browser, document)))


def words(page):
    return " ".join(page.extract_text().split())


def starts(pdf, text):
    """The number of the one page from the third on that begins, below its head, with a text."""
    found = [n for n, page in enumerate(pdf.pages, 1) if n > 2 and text in words(page)]
    assert len(found) == 1, found
    return found[0]


def test_the_contents_name_the_pages_on_which_things_stand(pdf):
    contents = words(pdf.pages[1])
    assert starts(pdf, "Part b") == int(re.search(r"Part b (\d+)", contents)[1])
    assert starts(pdf, "solved") == int(re.search(r"Solutions (\d+)", contents)[1])


def test_pages_are_numbered_but_the_first(pdf):
    assert not words(pdf.pages[0]).endswith("1")
    for number, page in enumerate(pdf.pages[1:], 2):
        assert re.search(rf"\b{number}\b", words(page))


def test_bookmarks_lead_to_the_headings(pdf):
    def titles(outline):
        return [
            each
            for entry in outline
            for each in (titles(entry) if isinstance(entry, list) else [entry.title])
        ]

    assert {"Contents", "Start", "Chapter", "Part b", "Solutions"} <= set(titles(pdf.outline))


def test_links_stay_inside(pdf):
    links = [
        note.get_object()
        for page in pdf.pages
        for note in page.get("/Annots", ())
        if note.get_object()["/Subtype"] == "/Link"
    ]
    assert links
    assert not [link for link in links if "/URI" in link.get("/A", {})]


def test_a_picture_out_of_view_is_printed(pdf):
    assert any("/XObject" in page["/Resources"] and page.images for page in pdf.pages)


def test_a_missing_picture_is_named(browser, tmp_path):
    document = tmp_path / "book.html"
    document.write_text('<!doctype html><title>x</title><img src="none.png" alt="">', "utf8")
    with pytest.raises(ValueError, match=r"a picture is missing, .*none\.png"):
        print_book.printed(browser, document)
