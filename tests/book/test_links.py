"""The tool that finds the links of the built site that lead nowhere."""

from html import escape
import json

from book_links import registered
import links
import pytest

FIGURE = f'<div class="playground" data-playground="{escape(json.dumps({"name": "here"}))}"></div>'


@pytest.fixture
def site(tmp_path):
    """The folder of a site of two pages, and a function that puts HTML into the first of them."""
    (tmp_path / "chapters").mkdir()
    (tmp_path / "_static").mkdir()
    (tmp_path / "_static" / "macros.html").write_text('<a href="{{ nowhere }}">')
    (tmp_path / "chapters" / "other.html").write_text(f'<h2 id="found it">x</h2>{FIGURE}')

    def put(html):
        (tmp_path / "index.html").write_text(html, "utf8")
        return links.broken(tmp_path)

    return put


RIGHT = [
    '<a href="chapters/other.html">x</a>',
    '<a href="chapters/other.html#found%20it">x</a>',
    '<a href="#">x</a> <a href="#top">x</a>',
    '<a href="https://example.org/nowhere">x</a> <a href="mailto:a@example.org">x</a>',
    '<img src="data:image/png;base64,AA==">',
    '<a href="chapters/other.html#here?l2=0.01&restore=false;here?patience=off">x</a>',
    '<p id="a"></p><a href="#a">x</a><a href="?q=1#a">x</a>',
]
WRONG = {
    '<a href="gone.html">x</a>': "index.html: 'gone.html' leads to no file of the site",
    '<a href="chapters/">x</a>': "leads to no file of the site",
    '<a href="../index.html">x</a>': "leads to no file of the site",
    '<a href="/chapters/other.html">x</a>': "does not work in a page opened from a file",
    '<a href="file:///book/index.html">x</a>': "leads into this machine",
    '<a href="#gone">x</a>': "names no anchor: 'gone'",
    '<a href="chapters/other.html#gone">x</a>': "names no anchor: 'gone'",
    '<script src="gone.js"></script>': "leads to no file of the site",
    '<img srcset="gone.webp 1x, data:image/webp;base64,AA== 2x">': "'gone.webp' leads to no file",
    '<a href="chapters/other.html#gone?l2=1">x</a>': "names no live figure: 'gone'",
    '<a href="chapters/other.html#here?l2=7">x</a>': "sets no state: l2 must be",
    '<a href="chapters/other.html#here?restore=toString">x</a>': "sets no state: restore must be",
    '<a href="chapters/other.html#here?l3=1">x</a>': "sets no state: a setting must be",
}


@pytest.mark.parametrize("html", RIGHT)
def test_a_link_that_leads_somewhere_is_right(site, html):
    assert site(html) == []


@pytest.mark.parametrize("html", WRONG)
def test_a_link_that_leads_nowhere_is_one_line(site, html):
    (line,) = site(html)
    assert line.startswith("index.html: ")
    assert WRONG[html] in line


def test_what_a_style_sheet_loads_must_be_there(site, tmp_path):
    (tmp_path / "_static" / "a.css").write_text("x { background: url('../gone.svg#a') }")
    (line,) = site("<p>x</p>")
    assert line == "_static/a.css: '../gone.svg#a' leads to no file of the site"


def test_no_site_is_one_line_and_fails(tmp_path, capsys):
    assert links.main(tmp_path) == 1
    assert capsys.readouterr().out == f"{tmp_path} has no page: run `make book` first\n"


def test_a_broken_site_fails(site, tmp_path, capsys):
    site('<a href="gone.html">x</a>')
    assert links.main(tmp_path) == 1
    assert "gone.html" in capsys.readouterr().out
    site("<p>x</p>")
    assert links.main(tmp_path) == 0


def test_a_doi_is_asked_for_itself():
    assert registered("https://doi.org/10.1/a(b)") == "https://doi.org/api/handles/10.1/a(b)"
    assert registered("https://example.org/doi.org/10.1") is None
