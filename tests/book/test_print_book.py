"""The pages of the site become one document: ids, links, pictures, folds and solutions."""

from bs4 import BeautifulSoup
import print_book
import pytest

TOC = {
    "root": "index",
    "parts": [{"caption": "Part <one>", "chapters": [{"file": "chapters/a"}]}],
}
CITATION = {
    "title": "A book", "abstract": "What it is.", "authors": [{"name": "Ann & others"}],
    "version": "1.0.0", "date-released": "2026-01-01",
}  # fmt: skip
INDEX = """<html><head><link rel="stylesheet" href="_static/a.css?v=1"><script src="x.js"></script>
<script src="_static/mathjax/m.js"></script></head><body><nav>aside</nav>
<article class="bd-article"><section id="top"><h1>Start<a class="headerlink">#</a></h1>
<a id="l1" href="chapters/a.html#b">1</a> <a id="l2" href="chapters/a.html">2</a>
<a id="l3" href="#top">3</a> <a id="l4" href="https://example.org/x">4</a>
<a id="l5" href="guide.pdf">5</a> <a id="l6" href="chapters/a.html#name?l2=1">6</a>
<a id="l7" href="chapters/a.html#no-such">7</a>
</section></article></body></html>"""
CHAPTER = """<html><head><link rel="stylesheet" href="../_static/a.css?v=1"></head><body>
<article class="bd-article"><section id="top"><h1>A "chapter"</h1>
<section id="b"><h2>Part b</h2>
<p id="up"><a href="../index.html#top">up</a></p>
<div class="cell"><details><summary>Code</summary><pre>x = 1</pre></details>
<img class="only-light" loading="lazy" srcset="y.png 2x" src="../_images/x.png">
<img class="only-dark" src="../_images/dark.png"></div>
<div class="cell"><details><summary>Code</summary><pre>only a fold</pre></details></div>
<div class="cell"><pre>in view</pre></div>
<svg><clipPath id="clip"></clipPath><path clip-path="url(#clip)" aria-labelledby="b top"/></svg>
<details><summary>What you should have seen</summary><p>seen</p></details>
<p>1. Try.</p><details><summary>Solution</summary><p>solved</p></details>
<p>2. Try.</p><details><summary>Solution</summary><p>solved, too</p></details>
</section></section></article></body></html>"""
PAGES = {"index": INDEX, "chapters/a": CHAPTER}


@pytest.fixture(scope="module")
def document(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    text = print_book.compose(PAGES, TOC, CITATION, "https://example.org/book", folder)
    return BeautifulSoup(text, "html.parser")


@pytest.mark.parametrize(
    ("link", "leads"),
    [
        ("l1", "#chapters-a--b"),
        ("l2", "#chapters-a"),
        ("l3", "#index--top"),
        ("l4", "https://example.org/x"),
        ("l5", None),
        ("l6", "#chapters-a"),
        ("l7", "#chapters-a"),
    ],
)
def test_a_link_leads_to_its_place_in_the_document(document, link, leads):
    assert document.find(id=f"index--{link}").get("href") == leads


def test_every_inner_link_has_a_target_and_no_id_stands_twice(document):
    ids = [each["id"] for each in document.select("[id]")]
    assert len(ids) == len(set(ids))
    assert {a["href"][1:] for a in document.select('a[href^="#"]')} <= set(ids)


def test_references_within_a_page_hold(document):
    path = document.find("path")
    assert path["clip-path"] == "url(#chapters-a--clip)"
    assert path["aria-labelledby"] == "chapters-a--b chapters-a--top"


def test_pictures_are_printed_whole_and_once(document):
    (picture,) = document.find_all("img")
    assert picture["src"].startswith("file://")
    assert picture["src"].endswith("/_images/x.png")
    assert "loading" not in picture.attrs
    assert "srcset" not in picture.attrs


def test_folded_code_is_left_out_and_other_folds_are_open(document):
    text = document.get_text()
    assert "x = 1" not in text
    assert "only a fold" not in text
    assert "in view" in text
    assert [fold.summary.get_text() for fold in document.find_all("details", open=True)] == [
        "What you should have seen"
    ]


def test_solutions_stand_at_the_end_and_lead_back(document):
    (end,) = document.select("#solutions")
    assert "solved, too" in end.get_text()
    assert "solved" not in document.find(id="chapters-a").get_text()
    for number in (1, 2):
        there, back = (f"chapters-a--{word}-{number}" for word in ("solution", "exercise"))
        assert document.find(id=back).a["href"] == f"#{there}"
        assert end.select(f'h3 a[href="#{back}"]')


def test_the_contents_list_parts_chapters_sections_and_solutions(document):
    lines = [line.get_text() for line in document.select("#contents li")]
    assert lines == ["Start", "Part <one>", 'A "chapter"', "Part b", "Solutions", 'A "chapter"']
    pages = [each["data-page-of"] for each in document.select("#contents [data-page-of]")]
    ends = ["solutions", "chapters-a--solutions"]
    assert pages == ["index", "chapters-a", "chapters-a--b", *ends]


def test_the_title_page_names_authors_version_and_address(document):
    words = document.select_one("#title-page").get_text()
    assert "Ann & others" in words
    assert "Version 1.0.0, 2026-01-01" in words
    assert "https://example.org/book" in words
    assert "http" not in print_book.title_page(CITATION)


def test_styles_come_once_and_of_the_scripts_only_the_formulas(document):
    sheets = [each["href"] for each in document.head.find_all("link")]
    assert len(sheets) == 1
    assert sheets[0].endswith("/_static/a.css")
    assert [each["src"].rpartition("/")[2] for each in document.find_all("script")] == ["m.js"]


def test_a_running_head_quotes_its_title(document):
    rules = " ".join(style.get_text() for style in document.find_all("style"))
    assert 'content: "A \\"chapter\\""' in rules


def test_a_page_without_an_article_is_named():
    with pytest.raises(ValueError, match=r"index\.html has no article"):
        print_book.chapter("<html></html>", "index", PAGES)


def test_a_page_that_is_not_built_is_named(monkeypatch, tmp_path):
    monkeypatch.setattr(print_book, "SITE", tmp_path)
    with pytest.raises(ValueError, match=r"index\.html is missing: run `make book` first"):
        print_book.read_site()
