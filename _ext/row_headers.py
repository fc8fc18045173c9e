"""Name the rows of a table for those who hear it, where only its columns have names.

A table in Markdown whose first column has no name holds the names of the rows there, but its cells
are data cells: a screen reader then says a figure without its row.
"""

import re

TABLE = re.compile(r"<table\b.*?</table>", re.DOTALL)
NAMELESS = re.compile(r"<thead>\s*<tr\b[^>]*>\s*<t[dh]\b[^>]*>(?:<p></p>)?</t[dh]>")
BODY = re.compile(r"<tbody>.*?</tbody>", re.DOTALL)
FIRST = re.compile(r"(<tr\b[^>]*>\s*)<td\b([^>]*)>(.*?)</td>", re.DOTALL)


def setup(app):
    """Mend the tables of every page."""
    app.connect("html-page-context", _mend, priority=600)  # after the cells of pandas and Markdown
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _mend(app, pagename, templatename, context, doctree):
    context["body"] = named(context.get("body", ""))


def named(html):
    """Return a page with the first cells of rows as headers, in tables whose corner is empty."""
    return TABLE.sub(_named_table, html)


def _named_table(table):
    if not NAMELESS.search(table[0]):
        return table[0]
    return BODY.sub(lambda body: FIRST.sub(r'\1<th scope="row"\2>\3</th>', body[0]), table[0])
