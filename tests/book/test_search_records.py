"""What the search knows of a page: its sections, in the words that a reader sees."""

from types import SimpleNamespace

from book_search import records, searched
import pytest
from sphinx.errors import ExtensionError

PAGE = """<html><body><nav>Contents</nav><article class="bd-article">
<section id="top"><h1><span class="section-number">6. </span>Stop<a class="headerlink">#</a></h1>
<p>The loss<br>is <span class="math">\\(\\lambda\\)</span> times <code>class_weight</code>.</p>
<section id="a-bump"><h2>A bump</h2>
<div class="highlight"><pre><span>model</span>.<span>fit</span>(x)</pre></div>
<details class="hide"><pre>import os</pre></details>
<div class="cell_output"><p>0.3125</p></div><p>It rises.</p>
<section id="why"><h3>Why</h3><p>Noise.</p></section></section>
<section id="references"><h2>References</h2><p>A. Author. A book.</p></section>
</section></article></body></html>"""


def test_a_page_has_a_record_for_each_section_and_each_word_once():
    assert records("stop.html", PAGE) == [
        {
            "url": "stop.html",
            "page": "Stop",
            "heading": "Stop",
            "text": "The loss is … times class_weight.",
            "code": "",
        },
        {
            "url": "stop.html#a-bump",
            "page": "Stop",
            "heading": "A bump",
            "text": "It rises.",
            "code": "model.fit(x)",
        },
        {
            "url": "stop.html#why",
            "page": "Stop",
            "heading": "Why",
            "text": "Noise.",
            "code": "",
        },
    ]


def test_a_page_without_a_heading_is_one_clear_line():
    page = '<article class="bd-article"><p>Text.</p></article>'
    with pytest.raises(ExtensionError, match=r"^notes\.html has no heading: begin the page with"):
        records("notes.html", page)


def test_a_page_that_asks_for_it_is_not_searched():
    metadata = {"answers": {"nosearch": "True"}, "index": {}}
    env = SimpleNamespace(found_docs={"index", "answers", "a"}, metadata=metadata)
    assert searched(env) == ["a", "index"]
