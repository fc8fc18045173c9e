"""What frames a page: the part of the book, previous and next with theirs, the foot."""

from pathlib import Path

from citation import author
import helpers
from sphinx.errors import ExtensionError
import yaml

LICENSE = "https://creativecommons.org/licenses/by/4.0/"
CITE = "chapters/cite"
H1 = "<h1>"


def setup(app):
    """Tell each page its part, and what the foot says."""
    app.connect("builder-inited", _read_citation)
    app.connect("html-page-context", _frame)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def parts(site_map):
    """Return, by the name of a page, the part of the book that _toc.yml puts it in."""
    return {
        str(name): subtree.caption
        for subtree in site_map.root.subtrees
        for name in subtree.items
        if subtree.caption
    }


def _read_citation(app):
    """Read whom the foot names, and as of when, from CITATION.cff."""
    path = Path(app.srcdir, "CITATION.cff")
    if not path.exists():
        raise ExtensionError(f"{path.name} is missing: the foot of every page quotes it")
    citation = yaml.safe_load(path.read_text("utf8"))
    if missing := {"authors", "date-released"} - set(citation):
        raise ExtensionError(f"{path.name} has no {' and no '.join(sorted(missing))}")
    app.config.html_context["book"] = {
        "authors": " and ".join(map(author, citation["authors"])),
        "date": citation["date-released"],
        "version": citation.get("version", helpers.__version__),
        "license": LICENSE,
    }


def _frame(app, pagename, templatename, context, doctree):
    by_page = parts(app.env.external_site_map)
    context["cite"] = context["pathto"](CITE) if CITE in app.env.found_docs else ""
    _, previous, following = app.env.collect_relations().get(pagename, [None] * 3)
    context["prev_part"], context["next_part"] = by_page.get(previous), by_page.get(following)
    if part := by_page.get(pagename):
        above = f'<p class="part-of-book">{part}</p>\n{H1}'
        context["body"] = context.get("body", "").replace(H1, above, 1)
