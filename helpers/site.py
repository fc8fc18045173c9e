"""The site's own Sphinx extension: playgrounds come to life, and tables please a screen reader."""

from pathlib import Path
import re

from helpers.playground import script, style

# What an accessibility check objects to in the markup of others: corner cells of pandas' and
# Markdown's tables that head nothing, and the deprecated roles of sphinxcontrib-bibtex.
MENDED = (
    (re.compile(r"<th(?: class=\"head\")?>(?:<p></p>)?</th>"), "<td></td>"),
    (re.compile(r' role="doc-biblioentry"'), ""),
    (re.compile(r'<div role="list" class="citation-list">'), '<div class="citation-list">'),
)


def setup(app):
    """Name script and style on every page, write both, and mend the pages."""
    app.connect("builder-inited", _write)
    app.connect("html-page-context", _mend)
    app.add_js_file("playground.js", loading_method="defer")
    app.add_css_file("playground.css")
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _write(app):
    if app.builder.format != "html":
        return
    folder = Path(app.outdir, "_static")
    folder.mkdir(parents=True, exist_ok=True)
    source = f'(() => {{\n"use strict";\n{script()}\nhydrate(document);\n}})();\n'
    (folder / "playground.js").write_text(source, encoding="utf-8")
    (folder / "playground.css").write_text(style(), encoding="utf-8")


def _mend(app, pagename, templatename, context, doctree):
    for pattern, replacement in MENDED:
        context["body"] = pattern.sub(replacement, context.get("body", ""))
