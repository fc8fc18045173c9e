"""From text to a table: JSON, a table with a header, or the lines of a log."""

import json
import re

from helpers.diagnosis.columns import quoted
from helpers.diagnosis.delimited import is_bare_header, table_of_cells, table_of_plain_csv
from helpers.diagnosis.logs import table_of_log
from helpers.diagnosis.nested import table_of_nested, table_of_records
from helpers.diagnosis.tables import check_rows, number_of

EMPTY = "The log is empty: there is nothing to read."
EDGES = "\ufeff \t\r\n\x00"
ASSIGNMENT = re.compile(
    r"([A-Za-z_][A-Za-z0-9_ .]{0,60}?)[ \t]{0,9}[=:][ \t]{0,9}(\[[^\[\]]*\])[ \t\r\n,;]*"
)
LINE_LIMIT = 100_000  # characters
COLORS = re.compile(r"\x1b\[[0-9;?]{0,16}[ -/]{0,4}[@-~]|\[[0-9]{1,3}(?:;[0-9]{1,3}){0,4}m")
CONTROLS = re.compile(r"[\x00-\x07\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\u2060\ufeff]")


def text_of_bytes(data):
    """Decode bytes as UTF-8 or UTF-16; what cannot be decoded is replaced."""
    head = data[:2000]
    nulls = [head[start::2].count(0) > 0.4 * len(head) for start in (0, 1)]
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="replace")
    if len(head) > 3 and nulls[0] != nulls[1]:
        return data.decode("utf-16-be" if nulls[0] else "utf-16-le", errors="replace")
    return data.decode("utf-8-sig", errors="replace")


def table_of_text(text):
    """Read a text in whichever of the formats it has."""
    if not text.strip(EDGES):
        raise ValueError(EMPTY)
    _refuse_binary(text)
    notes = []
    if "\ufffd" in text[:1_000_000]:
        notes.append("Some characters could not be decoded; the numbers are not affected.")
    check_rows(text.count("\n") - 1)
    table = table_of_nested_text(text) or table_of_plain_csv(text) or table_of_lines(text)
    table.notes[:0] = notes
    return table


def _refuse_binary(text):
    head = text[:100_000]
    odd = len(CONTROLS.findall(head)) + head.count("\ufffd") - len(re.findall("\x1b\\[", head))
    if odd > 0.02 * len(head) + 2:
        raise ValueError(
            "This is a binary file, not a log: export the numbers as CSV, JSON or text."
        )


def table_of_nested_text(text):
    """Read JSON, or a dict that Python printed; None if the text is neither."""
    text = text.strip(EDGES)
    text = text if text[0] in "{[" else _dict_of_assignments(text)
    if not text:
        return None
    for attempt in (str, relaxed) if text[-1] in "}])" else ():
        try:
            value = json.loads(attempt(text))
        except (ValueError, RecursionError):
            continue
        return table_of_nested(value)
    return _table_of_json_lines(text) if text.startswith('{"') else None


def _dict_of_assignments(text):
    """Turn lists after their names, as in "val_losses = [0.9, 0.7]", into a dict; "" if not so."""
    found, place = {}, 0
    while place < len(text):
        match = ASSIGNMENT.match(text, place)
        if not match or match[1] in found:
            return ""
        found[match[1]] = match[2]
        place = match.end()
    return "{" + ", ".join(f'"{name}": {values}' for name, values in found.items()) + "}"


def _table_of_json_lines(text):
    """Read a JSON object a line; None if a line is none (but for a last one that was cut short)."""
    records = []
    lines = [line for line in text.split("\n") if line.strip()]
    for i, line in enumerate(lines):
        try:
            record = json.loads(relaxed(line))
        except (ValueError, RecursionError):
            record = None
        if isinstance(record, dict):
            records.append(record)
        elif i < len(lines) - 1:
            return None
    return table_of_records(records, "JSON lines") if records else None


SPECIAL = ("nan", "NaN", "inf", "Infinity")
RELAXED = re.compile(
    r"\"[^\"\\]*(?:\\[\s\S][^\"\\]*)*\"|'[^'\\]*(?:\\[\s\S][^'\\]*)*'"
    r"|-?\b(?:nan|NaN|inf|Infinity)\b|\b(?:None|True|False)\b"
    r"|\b(?:np|numpy|torch)\.\w{1,20}\(|\b(?:array|tensor|defaultdict|OrderedDict)\("
    r"|,\s{0,9}(?:dtype=[\w.]{1,30}|device='[^']{1,30}'|requires_grad=True|grad_fn=<\w{1,40}>)"
    r"|<class '[^']{1,30}'>,|,\s{0,9}(?=[\])}])|[()]"
)
PLAIN = {"None": "null", "True": "true", "False": "false"}
PLAIN |= {f"{sign}{word}": f'"{sign}{word}"' for sign in ("", "-") for word in SPECIAL}


def relaxed(text):
    """Turn what Python prints of a dict or list of numbers into JSON."""
    calls = []  # of each open bracket, whether it was that of a call

    def replace(match):
        found = match[0]
        if found[0] in "\"'":
            return found if found[0] == '"' else json.dumps(found[1:-1])
        if found[-1] == "(":
            calls.append(len(found) > 1)
            return "" if calls[-1] else "["
        if found == ")":
            return "" if calls and calls.pop() else "]"
        return PLAIN.get(found, "")

    return RELAXED.sub(replace, text)


# Lines


def table_of_lines(text):
    """Read lines: a table with a header if there is one, else the lines of a log."""
    lines, notes, returns = lines_of(text)
    check_rows(len(lines))
    table = table_of_cells(lines) or table_of_log(lines) or table_of_cells(lines, any_names=True)
    if table is None:
        raise ValueError(_what_is_wrong(lines))
    table.running = table.running or returns
    table.notes[:0] = notes
    return table


def _what_is_wrong(lines):
    """Say why lines hold no log."""
    if is_bare_header(lines):
        return "The table has a header, but no row of numbers: no epoch has been logged."
    if all(number_of(cell) for cell in re.split(r"[\s,;|]+", lines[0].strip())):
        return (
            "There is no header: put a line with the names of the columns above the numbers, like "
            "“epoch,loss,val_loss”."
        )
    return (
        f"Nothing recognized: no loss, no score. The first line is {quoted(lines[0])}. "
        "Give a table with a header, or lines like “epoch 1: loss 0.7, val_loss 0.8”."
    )


def lines_of(text):
    """Split a text into lines without colors; say what was left out, and whether lines returned.

    A carriage return within a line, or a run of backspaces, begins a new version of the line.
    """
    if "\x1b" in text or "\b" in text or re.search(r"\[[0-9;]{1,9}m", text[:100_000]):
        text = COLORS.sub("", text).replace("\b", "\r")
    text = CONTROLS.sub("", text.replace("\r\n", "\n"))
    returns = "\r" in text and "\n" in text
    lines = text.replace("\r", "\n").split("\n")
    kept = [line for line in lines if line and not line.isspace() and len(line) <= LINE_LIMIT]
    long = sum(len(line) > LINE_LIMIT for line in lines)
    if not long and not kept:
        raise ValueError(EMPTY)
    if long and not kept:
        raise ValueError(f"A line is longer than {LINE_LIMIT:,} characters: no log looks so.")
    notes = [f"Lines of more than {LINE_LIMIT:,} characters, left out: {long:,}."] if long else []
    return kept, notes, returns
