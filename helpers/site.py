"""The site's own Sphinx extension: playgrounds come to life, buttons run a chapter elsewhere.

Without BOOK_REPOSITORY (see `helpers.address`) the site has no button that needs an address.
"""

from html import unescape
import json
from pathlib import Path
import re

from helpers.address import BRANCH, LAUNCH_BRANCH, archive, repository, write_source
from helpers.playground import from_options, script, style
from sphinx.errors import ConfigError

# What an accessibility check objects to in the markup of others: corner cells of pandas' and
# Markdown's tables that head nothing, and the deprecated roles of sphinxcontrib-bibtex.
MENDED = (
    (re.compile(r"<th(?: class=\"head\")?>(?:<p></p>)?</th>"), "<td></td>"),
    (re.compile(r' role="doc-biblioentry"'), ""),
    (re.compile(r'<div role="list" class="citation-list">'), '<div class="citation-list">'),
)
PLAYGROUND = re.compile(r'<div class="playground" data-playground="([^"]*)">.*?</div>', re.DOTALL)


def setup(app):
    """Name script and style on every page, write both, add the buttons, and mend the pages."""
    try:
        app.add_config_value("book_repository", repository(), "html")
    except ValueError as error:
        raise ConfigError(str(error)) from None
    app.connect("config-inited", _offer_to_run)
    app.connect("builder-inited", _write)
    app.connect("builder-inited", _show_the_source_of_main, priority=900)  # after the theme
    app.connect("html-page-context", _mend)
    app.connect("html-page-context", _draw_playgrounds)
    app.connect("html-page-context", _arrange_buttons, priority=900)
    app.connect("build-finished", _address_downloads)
    app.add_js_file("playground.js", loading_method="defer")
    app.add_css_file("playground.css")
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _offer_to_run(app, config):
    """Tell the theme where a chapter can be run, if the site knows its repository."""
    if config.book_repository:
        config.html_theme_options |= {
            "repository_url": config.book_repository,
            "repository_branch": LAUNCH_BRANCH,
            "launch_buttons": {
                "binderhub_url": "https://mybinder.org",
                "colab_url": "https://colab.research.google.com",
                "notebook_interface": "jupyterlab",
            },
            "use_repository_button": True,
            "use_source_button": True,
            "use_issues_button": True,
        }


def _show_the_source_of_main(app):
    if app.config.book_repository:
        app.config.html_context["github_version"] = BRANCH


def _arrange_buttons(app, pagename, templatename, context, doctree):
    """Show the ways to run a page on the chapters, and only there."""
    buttons = context.get("header_buttons", [])
    launch = [button for button in buttons if button.get("label") == "launch-buttons"]
    others = [button for button in buttons if button.get("label") != "launch-buttons"]
    if pagename.startswith("chapters/") and context.get("page_source_suffix") == ".ipynb":
        ways = {
            "type": "link",
            "text": "How to run it",
            "tooltip": "All ways to run this chapter, and how long each takes",
            "icon": "fas fa-circle-question",
            "url": context["pathto"]("run"),
        }
        group = {
            "type": "group",
            "tooltip": "Run this chapter",
            "icon": "fas fa-rocket",
            "label": "launch-buttons",
            "buttons": [*(offer for old in launch for offer in old["buttons"]), ways],
        }
        others.insert(0, group)
    context["header_buttons"] = others


def _address_downloads(app, exception):
    """Write into the notebooks that the site offers for download where their package is."""
    if exception or not app.config.book_repository or app.builder.format != "html":
        return
    source = archive(app.config.book_repository, app.srcdir)
    for notebook in Path(app.outdir, "_sources", "chapters").glob("*.ipynb"):
        write_source(notebook, source)


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


def _draw_playgrounds(app, pagename, templatename, context, doctree):
    """Put in each playground's place what its script will replace without a jump."""

    def drawn(found):
        return from_options(json.loads(unescape(found[1]))).skeleton()

    context["body"] = PLAYGROUND.sub(drawn, context.get("body", ""))
