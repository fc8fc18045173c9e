"""The book's own Sphinx extension: what lives on its pages, and the buttons to run a chapter."""

from html import unescape
import json
from pathlib import Path
import re
import shutil
import subprocess

from bundle import bundle
import helpers
from helpers.playground import from_options, script, style
from static_files import provide, script_tag, static_folder

BUTTONS = ["use_repository_button", "use_source_button", "use_issues_button"]
QUIZ = Path(__file__).with_name("quiz.js")  # not in _static: all pages load what stands there
BOX = Path(helpers.__file__).with_name("diagnosis")  # its parts: box.js and what that imports
LAUNCHED = ["chapters", "helpers", "binder", "constraints.txt", "pyproject.toml"]
# What an accessibility check objects to in the markup of others: corner cells of pandas' and
# Markdown's tables that head nothing, and the deprecated roles of sphinxcontrib-bibtex.
MENDED = (
    (re.compile(r"<th(?: class=\"head\")?>(?:<p></p>)?</th>"), "<td></td>"),
    (re.compile(r' role="doc-biblioentry"'), ""),
    (re.compile(r'<div role="list" class="citation-list">'), '<div class="citation-list">'),
)
BOX_BEGINS = re.compile(r'<div class="diagnosis"[ >]')
DIV = re.compile(r"<div\b|</div>")
PLAYGROUND = re.compile(r'<div class="playground" data-playground="([^"]*)">.*?</div>', re.DOTALL)


def setup(app):
    """Write the pages' scripts and styles, choose the buttons, and mend the pages."""
    app.connect("config-inited", _choose_buttons)
    app.connect("builder-inited", _launch_a_commit, priority=900)  # after the theme
    app.connect("builder-inited", _write)
    provide(app, QUIZ)
    app.connect("html-page-context", _mend)
    app.connect("html-page-context", _play)
    app.connect("html-page-context", _check_yourself)
    app.connect("html-page-context", _diagnose)
    app.connect("html-page-context", _arrange_buttons, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _choose_buttons(app, config):
    """Leave out the buttons that need an address if _config.yml has none."""
    options = config.html_theme_options
    options |= dict.fromkeys(BUTTONS, bool(options["repository_url"]))
    if not options["repository_url"]:
        del options["launch_buttons"]


def _launch_a_commit(app):
    """Let Binder and Colab open a commit; the theme has the source's branch already."""
    options = app.config.html_theme_options
    options["repository_branch"] = launched(app.srcdir, options["repository_branch"])


def launched(folder, branch):
    """Return the last published commit that changed what a launched notebook needs.

    Binder builds anew for another commit only. Where none is known (no Git, no checkout, none of
    the published branch) it is the branch itself.
    """
    log = ["git", "log", "-1", "--format=%H", f"origin/{branch}", "--", *LAUNCHED]
    try:
        found = subprocess.run(log, cwd=folder, capture_output=True, text=True, check=False)
    except OSError:
        return branch
    return found.stdout.strip() or branch


def _arrange_buttons(app, pagename, templatename, context, doctree):
    """Show the ways to run a page on the chapters, and only there."""
    buttons = context.get("header_buttons", [])
    launch = [button for button in buttons if button.get("label") == "launch-buttons"]
    context["header_buttons"] = [button for button in buttons if button not in launch]
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
        context["header_buttons"].insert(0, group)


def _write(app):
    if app.builder.format != "html":
        return
    folder = static_folder(app)
    source = f'(() => {{\n"use strict";\n{script()}\nhydrate(document);\n}})();\n'
    (folder / "playground.js").write_text(source, encoding="utf-8")
    (folder / "playground.css").write_text(style(), encoding="utf-8")
    (folder / "diagnosis.js").write_text(box_script(BOX), encoding="utf-8")
    shutil.copy(BOX / "box.css", folder / "diagnosis.css")


def box_script(folder):
    """Return the classic script that brings the boxes of a page to life, from their modules."""
    modules = bundle(folder / "box.js")
    return f'(() => {{\n"use strict";\n{modules}\ndiagnosis_box_js.hydrate(document);\n}})();\n'


def _mend(app, pagename, templatename, context, doctree):
    """Replace what an accessibility check objects to, and draw the playgrounds' stills.

    A still stands where the script will replace it without a jump.
    """
    body = context.get("body", "")
    for pattern, replacement in (*MENDED, (PLAYGROUND, _still)):
        body = pattern.sub(replacement, body)
    context["body"] = body


def _play(app, pagename, templatename, context, doctree):
    """Name script and style of the playgrounds on the pages that have one, and no other."""
    if PLAYGROUND.search(context.get("body", "")):
        app.add_js_file("playground.js", loading_method="defer")
        app.add_css_file("playground.css")


def _check_yourself(app, pagename, templatename, context, doctree):
    """Put the script of the self-checks into the pages that have one, and no other."""
    if '<fieldset class="quiz"' in context.get("body", ""):
        context["body"] += script_tag(context, QUIZ.name, attributes="")


def _diagnose(app, pagename, templatename, context, doctree):
    """Put script and style of the box into the pages that have one, and no other.

    The script stands right behind the box, so that nothing below it is shown before and then jumps.
    """
    body = context.get("body", "")
    if found := BOX_BEGINS.search(body):
        app.add_css_file("diagnosis.css")
        tag = script_tag(context, "diagnosis.js", attributes="")
        end = end_of_div(body, found.start())
        context["body"] = f"{body[:end]}{tag}{body[end:]}"


def end_of_div(text, start):
    """Return where the div that begins at `start` ends, with all that is inside it."""
    depth = 0
    for tag in DIV.finditer(text, start):
        depth += -1 if tag[0] == "</div>" else 1
        if not depth:
            return tag.end()
    return len(text)


def _still(playground):
    return from_options(json.loads(unescape(playground[1]))).skeleton()
