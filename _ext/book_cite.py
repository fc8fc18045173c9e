"""Fill the page "Cite" with what CITATION.cff and constraints.txt say."""

from pathlib import Path
from string import Template

from citation import bibtex, read_citation, reference, versions
import helpers

ROOT = Path(helpers.__file__).parents[1]  # the repository, wherever the pages are built
PAGE = "chapters/cite"


def setup(app):
    """Fill in the page as it is read."""
    app.connect("source-read", _fill)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _fill(app, name, source):
    if name != PAGE:
        return
    for needed in ("CITATION.cff", "constraints.txt"):
        app.env.note_dependency(str(ROOT / needed))
    source[0] = filled(source[0], app.config.html_theme_options.get("repository_url") or "")


def filled(text, url, root=ROOT):
    """Return the page's text with $bibtex, $reference, $version, $date and $libraries filled in."""
    citation = read_citation(root / "CITATION.cff")
    pinned = versions((root / "constraints.txt").read_text("utf8"))
    return Template(text).substitute(
        bibtex=bibtex(citation, url),
        reference=reference(citation, url),
        version=citation["version"],
        date=citation["date-released"],
        libraries="\n".join(f"| {name} | {version} |" for name, version in pinned.items()),
    )
