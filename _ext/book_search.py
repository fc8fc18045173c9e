"""The site's search: by section, for any of the words, from a server as from file://.

MiniSearch (in `minisearch`, as its release 7.2.0 has it) ranks the sections. Their words stand in a
script, since a page under file:// may fetch nothing, and only the search page loads it.
"""

import json
from pathlib import Path
import re
import shutil

from bs4 import BeautifulSoup, SoupStrainer
from sphinx.errors import ExtensionError

SCRIPTS = [Path(__file__).with_name("search.js"), *Path(__file__).parent.glob("minisearch/*")]
ARTICLE = SoupStrainer("article", class_="bd-article")
HEADING = re.compile("^h[1-6]$")
# What no reader searches for: marks, outputs, live figures, code that is folded away, and a
# chapter's own references, which stand on the page of all references, too.
LEFT_OUT = (
    "script, style, svg, .headerlink, .section-number, .cell_output, .playground, details.hide,"
    ".margin-note, .part-of-book, .exercise-head,"
    "section section#references"
)


def setup(app):
    """Write the search's scripts when the pages have been built."""
    app.connect("build-finished", _write)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _write(app, exception):
    if exception or app.builder.format != "html":
        return
    found = [
        record
        for name in searched(app.env)
        for record in records(f"{name}.html", Path(app.outdir, f"{name}.html").read_text("utf8"))
    ]
    folder = Path(app.outdir, "_static")
    text = json.dumps(found, ensure_ascii=False, separators=(",", ":"))
    (folder / "search-records.js").write_text(f"window.searchRecords = {text};\n", "utf8")
    for script in SCRIPTS:
        shutil.copy(script, folder)


def searched(env):
    """Return the names of the pages that are searched: all without `nosearch` in their metadata."""
    return sorted(name for name in env.found_docs if "nosearch" not in env.metadata.get(name, {}))


def records(url, html):
    """Return what the search knows of a page: for every section its url, headings and words.

    `page` and `heading` are titles, `text` is the prose, `code` the code that is in view.

    Raises
    ------
    ExtensionError
        If a page has no heading.
    """
    article = BeautifulSoup(html, "html.parser", parse_only=ARTICLE)
    for element in article.select(LEFT_OUT):
        element.decompose()
    for element in article.select("li, td, th, dt, dd"):
        element.append(" ")  # so that words of neighbors stay apart
    for element in article.select(".math, br"):
        element.replace_with("…" if element.name != "br" else " ")
    sections = article.select("section[id]")
    if not sections:
        raise ExtensionError(f"{url} has no heading: begin the page with one, such as `# Title`")
    title = _words(sections[0].find(HEADING))
    # From the last to the first, each without those inside it.
    found = [_record(section.extract(), url, title) for section in reversed(sections)]
    found[-1]["url"] = url
    return found[::-1]


def _record(section, url, title):
    heading = _words(section.find(HEADING).extract())
    code = " ".join(_words(block.extract()) for block in section.select("pre"))
    words = {"page": title, "heading": heading, "text": _words(section), "code": code}
    return {"url": f"{url}#{section['id']}", **words}


def _words(element):
    return " ".join(element.get_text().split())
