"""What a page says of itself: its title, description and card; and what a published site adds."""

import base64
import io
import json
from xml.etree import ElementTree

from address import ROOT
import book_cards
import book_head
import book_published
from bs4 import BeautifulSoup
import numpy as np
from PIL import Image
import pytest
from sphinx.errors import ConfigError

SENTENCE = "What a reader finds here, said in one sentence of a length that a search engine shows."
FITTING = f"{SENTENCE} {SENTENCE}"[:140]
BOOK = "Handling Overfitting in Deep Learning"
CHANGES = """# Changelog

## [Unreleased]

- What is to come.

## [1.1.0] - 2027-02-03

### Added

- A *page* & more.

## [1.0.0] - 2026-11-27

- All of it.

[1.1.0]: https://example.org/
"""
ATOM = {"a": book_published.ATOM}


def picture(width, height):
    """A picture as a notebook stores it."""
    file = io.BytesIO()
    Image.new("RGB", (width, height), "red").save(file, "PNG")
    return base64.b64encode(file.getvalue()).decode()


@pytest.fixture
def notebook(tmp_path):
    """A function that writes a notebook of one cell, `there`, with a picture of a size."""

    def write(width, height):
        outputs = [{"data": {"image/png": picture(width, height)}}]
        metadata = {"mystnb": {"image": {"alt": "All is red."}}}
        cell = {"id": "there", "metadata": metadata, "outputs": outputs}
        path = tmp_path / "page.ipynb"
        path.write_text(json.dumps({"cells": [cell]}), "utf8")
        return path

    return write


@pytest.mark.parametrize(
    ("described", "line"),
    [
        ({}, "a/b has no description: write one into _descriptions.yml"),
        ({"a/b": {"figure": "x"}}, "a/b has no description: write one into _descriptions.yml"),
        ({"a/b": {"description": SENTENCE}}, "in _descriptions.yml has 86 characters, not 120"),
        (
            {"a/b": {"description": FITTING}, "gone": {"description": FITTING}},
            "_descriptions.yml describes gone, which is not there",
        ),
    ],
)
def test_what_is_wrong_with_the_descriptions_is_one_line(described, line):
    (found,) = book_head.complaints(described, ["a/b"])
    assert line in found
    assert book_head.complaints({"a/b": {"description": FITTING}}, ["a/b"]) == []


def test_a_heading_becomes_a_title():
    number = '<span class="section-number">4. </span>'
    assert book_head.title_of(f"{number}<em>Dropout</em>: a network") == "4 Dropout: a network"
    assert book_head.title_of("100 points") == "100 points"


def test_every_card_has_the_size_that_is_shared_and_is_light(notebook):
    cards = [book_cards.card("What do you see?", FITTING, BOOK)]
    for size in ((900, 300), (400, 400), (300, 900)):
        path = notebook(*size)
        cards.append(book_cards.card("4 Dropout", FITTING, BOOK, notebook=path, cell="there"))
    for card in cards:
        assert Image.open(io.BytesIO(card)).size == (1200, 630)
        assert len(card) <= book_cards.LARGEST
    pixels = [np.asarray(Image.open(io.BytesIO(card)).convert("RGB")) for card in cards]
    reds = [((each[..., 0] > 200) & (each[..., 1] < 50)).sum() for each in pixels]
    assert reds[0] == 0
    assert min(reds[1:]) > 100_000  # the picture is there, and large


def test_the_faces_have_all_letters_of_the_cards():
    described = book_head.read_descriptions(ROOT)
    texts = {
        name: f"{BOOK}0123456789\N{NO-BREAK SPACE}" for name in (book_cards.TITLE, book_cards.SMALL)
    }
    texts[book_cards.TEXT] = "".join(each["description"] for each in described.values())
    for name, text in texts.items():
        face = book_cards.font(name, 40)
        missing = bytes(face.getmask("\N{SNOWMAN}"))
        assert not [letter for letter in set(text) if bytes(face.getmask(letter)) == missing]


@pytest.mark.parametrize("name", ["page.ipynb", "gone.ipynb"])
def test_a_card_without_its_figure_is_one_line(notebook, name):
    path = notebook(300, 200).with_name(name)
    with pytest.raises(ValueError, match=rf"{name} has no picture in a cell 'gone' for the page's"):
        book_cards.card("Title", FITTING, BOOK, notebook=path, cell="gone")


def test_a_notebook_without_outputs_is_a_line_of_the_build_and_not_its_end(notebook):
    folder = notebook(300, 200).parent
    (folder / "_descriptions.yml").write_text(
        f"page: {{description: {FITTING!r}, figure: gone}}\n", "utf8"
    )
    described = book_head.read_descriptions(folder)
    (line,) = book_head.leave_out_missing(described, folder)
    assert line.startswith("page.ipynb has no picture in a cell 'gone' for the page's card: run")
    assert described == {"page": {"description": FITTING}}


def test_a_card_that_is_too_large_is_one_line(monkeypatch):
    monkeypatch.setattr(book_cards, "LARGEST", 1000)
    with pytest.raises(ValueError, match=r"the card of 'Title' has [\d,]+ bytes, not 1,000"):
        book_cards.card("Title", FITTING, BOOK)


@pytest.mark.parametrize(
    ("given", "repository", "address"),
    [
        (None, "https://github.com/Ann/Book", "https://ann.github.io/Book/"),
        ("", "https://github.com/ann/book.git", "https://ann.github.io/book/"),
        (None, "https://github.com/ann/ann.github.io", "https://ann.github.io/"),
        ("https://example.org/book", "https://github.com/ann/book", "https://example.org/book/"),
        ("https://example.org/", "", "https://example.org/"),
        (None, "", ""),
        (None, None, ""),
        (None, "https://example.org/ann/book", ""),
    ],
)
def test_the_address_is_that_of_pages_or_the_book_s_own(given, repository, address):
    assert book_published.address_of(given, repository) == address


@pytest.mark.parametrize("given", ["example.org", "ftp://example.org/", "https:///book", "/book/"])
def test_an_address_that_is_none_is_one_line(given):
    with pytest.raises(ConfigError, match=r"^html: baseurl: in _config.yml must be like "):
        book_published.address_of(given, None)


def test_the_feed_holds_every_release_of_the_changelog():
    found = book_published.releases(CHANGES)
    assert [release[:2] for release in found] == [("1.1.0", "2027-02-03"), ("1.0.0", "2026-11-27")]
    feed = book_published.feed(found, "https://a.io/b/", "https://github.com/a/b", BOOK, "Ann")
    root = ElementTree.fromstring(ElementTree.tostring(feed))
    assert root.findtext("a:updated", namespaces=ATOM) == "2027-02-03T12:00:00Z"
    entries = root.findall("a:entry", ATOM)
    links = [entry.find("a:link", ATOM).get("href") for entry in entries]
    assert links == [f"https://github.com/a/b/releases/tag/v{v}" for v in ("1.1.0", "1.0.0")]
    texts = [entry.findtext("a:content", namespaces=ATOM) for entry in entries]
    assert "<li>A <em>page</em> &amp; more.</li>" in texts[0]
    assert "All of it." not in texts[0]
    assert "example.org" not in texts[1]
    assert book_published.releases("# Changelog\n\n## [Unreleased]\n") == []


def test_a_page_works_at_any_depth():
    page = (
        '<html data-content_root="./"><a href="a.html#b">x</a><a href="#b">x</a>'
        '<a href="https://example.org/">x</a><script src="_static/a.js"></script></html>'
    )
    found = BeautifulSoup(book_published.anywhere(page, "https://a.io/b/"), "html.parser")
    assert [a["href"] for a in found("a")] == ["/b/a.html#b", "#b", "https://example.org/"]
    assert found.script["src"] == "/b/_static/a.js"
    assert found.html["data-content_root"] == "/b/"
