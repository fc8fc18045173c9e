"""A Sphinx extension: gives the site the one script and style that bring playgrounds to life."""

from pathlib import Path

from helpers.playground import script, style


def setup(app):
    """Write both into the site, and name them on its pages."""
    app.connect("builder-inited", _write)
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
