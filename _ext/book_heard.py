"""What a screen reader is told beside the words of a page: which page of the contents is open, and
where an exercise begins and ends. And what the keyboard reaches in a fold.
"""

from pathlib import Path
import re

from static_files import provide, script_tag

SCRIPT = Path(__file__).with_name("heard.js")
CURRENT = re.compile(r'<a (class="(?:[^"]* )?current(?: [^"]*)?"[^>]*href="#")')
CARD = re.compile(r'<div (class="exercise [^"]*")(>\s*<p class="exercise-head"><b>([^<]+)</b>)')


def setup(app):
    """Tell it on every page."""
    provide(app, SCRIPT)
    app.connect("html-page-context", _tell, priority=900)  # after the theme
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def current(html):
    """Return contents in which the link to the page itself says that it is the current one."""
    return CURRENT.sub(r'<a aria-current="page" \1', html)


def named(html):
    """Return a page in which each exercise is a group with a name."""
    return CARD.sub(r'<div role="group" aria-label="\3" \1\2', html)


def _tell(app, pagename, templatename, context, doctree):
    body = named(context.get("body", ""))
    if "<details" in body:
        body += script_tag(context, SCRIPT.name)
    context["body"] = body
    contents = context["generate_toctree_html"]

    def told(kind, *args, **options):
        found = contents(kind, *args, **options)
        return current(str(found)) if kind == "sidebar" else found

    context["generate_toctree_html"] = told
