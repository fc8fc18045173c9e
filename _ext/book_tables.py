"""The site's tables: what is wide scrolls and shows that it does; intervals are drawn, too.

A column (or in a table whose columns are settings, a row) of cells such as "0.89 [0.86, 0.94]" gets
a dot and a bar in each cell, on one scale. The numbers stay what they are: the drawing is for eyes.
"""

from dataclasses import dataclass
from html import escape
import math
from pathlib import Path
import re

from bs4 import BeautifulSoup
from static_files import provide, script_tag

SCRIPT = Path(__file__).with_name("tables.js")
TABLE = re.compile(r'<table\b[^>]*\bclass="[^"]*\bdataframe\b.*?</table>', re.DOTALL)
MARKDOWN = re.compile(
    r'<div class="pst-scrollable-table-container">(.*?</table>)\s*</div>', re.DOTALL
)
DRAWN = re.compile(r'<svg [^>]*class="interval"')
FRAME_ENDS = "</table></div></div>"
NUMBER = r"([-+\N{MINUS SIGN}]?[\d.,]+)"
INTERVAL = re.compile(rf"{NUMBER}\s+\[{NUMBER}, {NUMBER}\]")
HYPHEN = re.compile(r"(?<![\w.])-(?=\d)")  # that stands for a minus
CALL = re.compile(r"\((?=\S)")  # where a name such as RandomShear(0.1) may break
NO_CHANGE = {"factor": 1, "change": 0}
WIDTH, HEIGHT, MARGIN = 84, 9, 4  # of a drawing, in CSS pixels
LOGARITHMIC = 20  # a scale whose ends are positive and differ by more than this factor
KEY = (
    '<p class="table-key">In each cell: the estimate as a dot, its 95% interval as a bar, '
    "and where there is such a thing, no change as a thin line.</p>"
)


def setup(app):
    """Frame the tables of every page."""
    provide(app, SCRIPT)
    app.connect("html-page-context", _frame, priority=650)  # after what mends them
    app.add_css_file("tables.css")
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _frame(app, pagename, templatename, context, doctree):
    body = context.get("body", "")
    body = TABLE.sub(lambda found: framed(dataframe(found[0])), body)
    body = MARKDOWN.sub(lambda found: framed(found[1]), body)
    if first := DRAWN.search(body):
        end = body.index(FRAME_ENDS, first.end()) + len(FRAME_ENDS)
        body = body[:end] + KEY + body[end:]
    if '<div class="table-frame ' in body:
        body += script_tag(context, SCRIPT.name)
    context["body"] = body


def framed(table):
    """Return a table within what scrolls, within what shows that there is more."""
    outer = '<div class="table-frame pst-scrollable-table-container">'  # the theme's name for it
    return f'{outer}<div class="table-scroll">{table}</div></div>'


def dataframe(html):
    """Return pandas' HTML of a table with one row of headings, and with its intervals drawn."""
    table = BeautifulSoup(html, "html.parser").table
    table.attrs.pop("border", None)
    for text in table.find_all(string=HYPHEN):
        text.replace_with(HYPHEN.sub("\N{MINUS SIGN}", text))
    across = _join_headings(table)
    if across is not None:
        _draw(table, across)
    for name in table.select("tbody th"):
        for text in name.find_all(string=CALL):
            text.replace_with(BeautifulSoup(CALL.sub("(<wbr/>", escape(text)), "html.parser"))
    return str(table)


def _join_headings(table):
    """Move the name of the index, which pandas gives a row of its own, into the row above.

    Return whether the settings stand across, in the columns; None if the table names none.
    """
    rows = table.thead.find_all("tr")
    if len(rows) == 1:
        return True if rows[0].find(True).get_text(strip=True) else None
    names, (upper, lower) = 0, (row.find_all(["th", "td"]) for row in rows[-2:])
    for above, below in zip(upper, lower, strict=False):
        names += bool(below.get_text(strip=True)) and not above.get_text(strip=True)
    filled = [cell for cell in lower if cell.get_text(strip=True)]
    if len(lower) != len(upper) or names != len(filled):
        return None
    for above, below in zip(upper, lower, strict=True):
        if below.get_text(strip=True):
            above.replace_with(below)
    rows[-1].decompose()
    return False if filled else None


@dataclass(frozen=True)
class _Scale:
    """Where a number stands in a drawing."""

    low: float
    high: float
    reference: float | None
    is_logarithmic: bool

    def at(self, number):
        low, high, number = (
            math.log(x) if self.is_logarithmic else x for x in (self.low, self.high, number)
        )
        share = (number - low) / (high - low) if high > low else 0.5
        return f"{MARGIN + share * (WIDTH - 2 * MARGIN):.1f}"


def _draw(table, across):
    """Draw the intervals of each column, or where settings stand across, of each row."""
    rows = [row.find_all("td") for row in table.tbody.find_all("tr")]
    names = [row.find_all("th")[-1:] for row in table.tbody.find_all("tr")]
    groups = rows
    if not across:
        count = len(rows[0])
        if any(len(row) != count for row in rows):
            return
        groups = list(zip(*rows, strict=True))
        names = [[heading] for heading in table.thead.find_all(["th", "td"])[-count:]]
    for cells, name in zip(groups, names, strict=True):
        words = name[0].get_text(" ", strip=True) if name else ""
        filled = [cell for cell in cells if cell.get_text(strip=True)]
        if not across:  # a row that compares two others is measured on another scale
            settings = {_row_name(cell) for cell in filled}
            filled = [cell for cell in filled if not _compares(_row_name(cell), settings)]
        _draw_group(filled, words)


def _compares(name, settings):
    return " / " in name and settings.issuperset(name.split(" / "))


def _row_name(cell):
    return cell.parent.find_all("th")[-1].get_text(" ", strip=True) if cell.parent.th else ""


def _draw_group(cells, name):
    found = [INTERVAL.fullmatch(cell.get_text(" ", strip=True)) for cell in cells]
    reference = next((at for word, at in NO_CHANGE.items() if name.endswith(word)), None)
    if not found or not all(found) or (len(found) == 1 and reference is None):
        return
    numbers = [[_number(text) for text in each.groups()] for each in found]
    scale = scale_of([x for each in numbers for x in each], reference)
    for cell, each, (value, low, high) in zip(cells, found, numbers, strict=True):
        text = f"{each[1]} [{each[2]}, {each[3]}]"
        cell["class"] = "with-interval"
        cell.clear()
        cell.append(BeautifulSoup(_cell(text, value, low, high, scale), "html.parser"))


def scale_of(numbers, reference):
    """Return the scale that holds the numbers, and the one that is no change, if there is one."""
    numbers = numbers if reference is None else [*numbers, reference]
    low, high = min(numbers), max(numbers)
    is_logarithmic = low > 0 and (reference == NO_CHANGE["factor"] or high / low > LOGARITHMIC)
    return _Scale(low, high, reference, is_logarithmic)


def _number(text):
    return float(text.replace("\N{MINUS SIGN}", "-").replace(",", ""))


def _cell(text, value, low, high, scale):
    value_text, _, interval = text.partition(" ")
    middle = HEIGHT / 2
    marks = ""
    if scale.reference is not None:
        at = scale.at(scale.reference)
        marks = f'<line class="none" x1="{at}" x2="{at}" y1="0" y2="{HEIGHT}"></line>'
    marks += f'<line x1="{scale.at(low)}" x2="{scale.at(high)}" y1="{middle}" y2="{middle}"></line>'
    marks += f'<circle cx="{scale.at(value)}" cy="{middle}" r="3"></circle>'
    return (
        f'{value_text} <span class="range">{interval}</span>'
        f'<svg class="interval" aria-hidden="true" width="{WIDTH}" height="{HEIGHT}" '
        f'viewBox="0 0 {WIDTH} {HEIGHT}">{marks}</svg>'
    )
