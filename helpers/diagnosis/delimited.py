"""Tables with a header: CSV with commas, semicolons or tabs, columns of blanks, Markdown."""

import csv
import io
import re

from helpers.diagnosis.columns import meaning, quoted
from helpers.diagnosis.tables import (
    MAX_COLUMNS,
    Column,
    Table,
    column,
    is_missing,
    number_of,
    split_by_phase,
)
import numpy as np

FAST_FROM = 1_000_000  # characters from which pandas reads a plain CSV
NANS = ["nan", "NaN"]
HEADER_WITHIN = 30  # lines
DECIMAL_COMMA = re.compile(r"[-+]?[0-9]+,[0-9]+(?:[eE][-+]?[0-9]+)? ?%?")
QUOTED_COMMA = re.compile(r"[-+]?[0-9]+,(?![0-9]{3}$)[0-9]+(?:[eE][-+]?[0-9]+)? ?%?")
UNNAMED = re.compile(r"(?:Unnamed: 0(?:\.[0-9])?|index)?")
WANDB = re.compile(r".{1,200} - (.{1,200})")
BARS = str.maketrans("│┃", "||")
RULE = re.compile(r"[-+=|:│┃┼├┤─━═╇╪┏┓┡┩└┘┌┐┴┬╞╡\s]*")


def table_of_cells(lines, any_names=False):
    """Read a table with a header; None if there is none among the first lines.

    any_names: the header need not hold a name that is known; it is not one of blanks then.
    """
    start, names, mark = header_of(lines, any_names)
    if names is None:
        return None
    body = [line for line in lines[start + 1 :] if line != lines[start] and not _is_rule(line)]
    columns, notes = _columns(names, body, mark)
    return _table(names, columns, mark, notes)


def table_of_plain_csv(text):
    """Read a long CSV of nothing but numbers with pandas; None if it is not that plain."""
    if len(text) < FAST_FROM or any(odd in text for odd in ('"', "%", "\r", "\x1b")):
        return None
    head = text[:100_000].split("\n")[:40]
    start, names, mark = header_of([line for line in head if line.strip()])
    if names is None or mark not in (",", ";", "\t") or start > 0 or not head[0].strip():
        return None
    columns = _columns_with_pandas(names, text, mark)
    return columns and _table(names, columns, mark, [])


def header_of(lines, any_names=False):
    """Find the header; return its place, the names and the delimiter, or None for these."""
    for start, line in enumerate(lines[:HEADER_WITHIN]):
        for mark in _marks(line):
            names = split_cells(line, mark)
            if any_names and mark.isspace() and mark != "\t":
                continue
            if _is_header(names, any_names) and _fits(names, lines[start + 1 : start + 40], mark):
                return start, [name.strip(" \t\"'") for name in names], mark
    return 0, None, ""


def is_bare_header(lines):
    """Say whether there is nothing but a header, or one row of it that was cut short."""
    return len(lines) <= 2 and any(_is_header(split_cells(lines[0], m)) for m in _marks(lines[0]))


def split_cells(line, mark):
    """Split a line into cells: at " " (any blanks), "  " (two or more), "|" or another mark."""
    if mark == " ":
        return line.split()
    if mark == "  ":
        return re.split(r"\s{2,}|\t", line.strip())
    if mark == "|":
        line = line.translate(BARS).strip()
        return [cell.strip() for cell in line.removeprefix("|").removesuffix("|").split("|")]
    if '"' in line:
        return next(csv.reader([line], delimiter=mark, skipinitialspace=True))
    return line.split(mark)


def _marks(line):
    found = [mark for mark in ("\t", ";", ",", "|") if mark in line.translate(BARS)]
    return [*found, "  ", " "] if "," not in found and ";" not in found else found


def _is_header(names, any_names=False):
    if not 2 <= len(names) <= MAX_COLUMNS or any(number_of(name) for name in names):
        return False
    if any_names:
        return True
    kinds = [meaning(bare(name)).kind for name in names]
    return any(kind not in ("unknown", "ignored") for kind in kinds)


def _fits(names, lines, mark):
    """Say whether the lines below a header are rows of as many cells, of numbers or nothing."""
    rows = [split_cells(line, mark) for line in lines if not _is_rule(line)]
    fitting = [row for row in rows if len(row) == len(names)]
    comma = _has_decimal_comma(fitting, mark)
    cells = [cell for row in fitting for cell in row if not is_missing(cell)]
    numbers = sum(number_of(cell, comma) is not None for cell in cells)
    return numbers > 0 and len(fitting) * 2 >= len(rows) and numbers * 3 >= len(cells)


def _is_rule(line):
    return RULE.fullmatch(line) is not None


def _has_decimal_comma(rows, mark):
    pattern = QUOTED_COMMA if mark == "," else DECIMAL_COMMA
    return any("," in cell and pattern.fullmatch(cell.strip()) for row in rows for cell in row)


def bare(name):
    """Strip a name of blanks and, in an export of W&B, of the run's name."""
    name = name.strip(" \t\"'")
    match = WANDB.fullmatch(name)
    return match[1] if match else name


def _columns(names, lines, mark):
    """Read the rows that fit the header, and a last one that was cut short."""
    rows = [split_cells(line, mark) for line in lines]
    n = len(names)
    comma = _has_decimal_comma(rows[:1000], mark)
    if rows and 1 < len(rows[-1]) < n:
        rows[-1] = [*rows[-1], *[""] * (n - len(rows[-1]))]
    good = [row for row in rows if len(row) == n and _has_number(row, comma)]
    notes = []
    if len(good) < len(rows):
        notes.append(f"Lines that did not fit the header, left out: {len(rows) - len(good):,}.")
    cells = list(zip(*good, strict=True)) or [()] * n
    names, cells, told = split_by_phase(names, cells)
    columns = [column(name, own, comma) for name, own in zip(names, cells, strict=True)]
    return columns, notes + told


def _has_number(row, comma):
    return any(number_of(cell, comma) is not None for cell in row)


def _columns_with_pandas(names, text, mark):
    import pandas as pd  # noqa: PLC0415  it takes 0.3 s, for which a short log need not wait

    has_nan = any(word in text for word in NANS)
    if has_nan and any(gap in f"{text}\n" for gap in (mark * 2, f"{mark}\n", f"\n{mark}")):
        return None  # it cannot tell a nan from an empty cell
    missing = NANS if has_nan else [""]
    try:
        frame = pd.read_csv(
            io.StringIO(text), sep=mark, index_col=False, keep_default_na=False, na_values=missing
        )
    except ValueError:  # among them ParserError
        return None
    full = (len(frame) + 1) * (len(names) - 1)
    if any(kind.kind not in "if" for kind in frame.dtypes) or text.count(mark) != full:
        return None
    arrays = [frame.iloc[:, i].to_numpy(float) for i in range(len(names))]
    masks = [np.full(len(a), True) if has_nan else ~np.isnan(a) for a in arrays]
    return [Column(*parts) for parts in zip(names, arrays, masks, strict=True)]


def _table(names, columns, mark, notes):
    columns, more = _without_prefixes(list({col.name: col for col in columns}.values()))
    return Table(_format(names, mark), columns, notes + more)


def _without_prefixes(columns):
    """Take the run's name off W&B's columns; of several runs, keep the last."""
    found = [(WANDB.fullmatch(col.name), col) for col in columns]
    runs = list(dict.fromkeys(m[0][: -len(m[1]) - 3] for m, _ in found if m))
    if not runs or meaning(columns[0].name).kind not in ("step", "epoch"):
        return columns, []
    kept = [
        Column(m[1] if m else col.name, col.values, col.present, col.percent)
        for m, col in found
        if not m or m[0] == f"{runs[-1]} - {m[1]}"
    ]
    note = f"The file holds {len(runs)} runs; read was the last, {quoted(runs[-1])}."
    return kept, [note] if len(runs) > 1 else []


def _format(names, mark):
    """Name the format of a table by its header."""
    kinds = [meaning(bare(name)) for name in names]
    exact = set(names)
    phased = any(kind.phase and kind.kind in ("loss", "score") for kind in kinds)
    is_yolo = any(name.startswith(("train/box_loss", "val/box_loss", "metrics/")) for name in names)
    forms = {
        "TensorBoard CSV": exact == {"Wall time", "Step", "Value"},
        "Weights & Biases CSV": names[0] == "Step" and any(map(WANDB.fullmatch, names)),
        "YOLO results.csv": is_yolo,
        "Lightning metrics.csv": {"epoch", "step"} <= exact and phased,
        "Markdown table": mark == "|",
        "fastai table": {"epoch", "train_loss", "valid_loss"} <= exact,
        "pandas CSV": UNNAMED.fullmatch(names[0]),
        "Keras CSVLogger": names[0] == "epoch" and "loss" in exact and mark == ",",
        "table": mark in (" ", "  "),
    }
    return next((form for form, fits in forms.items() if fits), "CSV")
