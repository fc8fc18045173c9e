"""Tables of numbers, in which "not logged" differs from "logged as nan"."""

from dataclasses import dataclass, field
import re

from helpers.diagnosis.columns import WORDS
import numpy as np

NUMBER = re.compile(r"[-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
TENSOR = re.compile(r"(?:tensor|np\.float(?:16|32|64)|array)\(\[?([^,()\[\]]{1,40})[^()]{0,80}\)")
DIGITS = frozenset("0123456789+-.eE")
SPECIAL = dict.fromkeys(WORDS["not_a_number"], np.nan)
SPECIAL |= dict.fromkeys(WORDS["infinite"], np.inf)
SPECIAL |= dict.fromkeys(WORDS["minus_infinite"], -np.inf)
MISSING = frozenset(WORDS["missing"])
MAX_ROWS = 10_000_000
MAX_COLUMNS = 1000


@dataclass
class Column:
    """A column: values of shape (n,), which of them were logged, and whether they had a % sign."""

    name: str
    values: np.ndarray
    present: np.ndarray
    percent: bool = False


@dataclass
class Table:
    """Columns of equal length, and what is known of them.

    running: later values of an epoch replace earlier ones (a progress bar). counted: the epochs are
    not from the log.
    """

    format: str
    columns: list
    notes: list = field(default_factory=list)
    running: bool = False


def number_of(cell, decimal_comma=False):
    """Return (value, has a % sign) of a cell, or None: nothing was logged, or not a number."""
    if isinstance(cell, str):
        return _number_of_text(cell.strip(" \t\"'"), decimal_comma)
    if cell is None or isinstance(cell, (bool, np.bool_, complex)):
        return None
    try:
        return float(cell), False
    except (TypeError, ValueError):
        return None
    except OverflowError:
        return (np.inf if cell > 0 else -np.inf), False


def _number_of_text(text, decimal_comma):
    if len(text) > 120:
        return None
    if NUMBER.fullmatch(text):
        return float(text), False
    wrapped = TENSOR.fullmatch(text)
    text = wrapped[1].strip() if wrapped else text
    percent = text.endswith("%")
    text = text[:-1].rstrip() if percent else text
    if decimal_comma and "," in text:
        text = text.replace(".", "").replace(",", ".")
    if NUMBER.fullmatch(text):
        return float(text), percent
    value = SPECIAL.get(text.lower())
    return None if value is None else (value, percent)


def is_missing(cell):
    """Say whether a cell stands for nothing logged."""
    return cell is None or (isinstance(cell, str) and cell.strip(" \t\"'").lower() in MISSING)


def column(name, cells, decimal_comma=False):
    """Build a column from cells: numbers, texts or None."""
    values = _plain_numbers(cells)
    if values is not None:
        return Column(name, values, np.ones(len(values), dtype=bool))
    read = [number_of(cell, decimal_comma) for cell in cells]
    values = np.array([np.nan if pair is None else pair[0] for pair in read], dtype=float)
    present = np.array([pair is not None for pair in read], dtype=bool)
    return Column(name, values, present, any(pair is not None and pair[1] for pair in read))


def _plain_numbers(cells):
    """Convert texts that are nothing but plain numbers, fast; None if they are not."""
    if not cells or not all(type(cell) is str for cell in cells):
        return None
    if not DIGITS.issuperset("".join(cells)):
        return None
    try:
        return np.array([float(cell) for cell in cells])
    except ValueError:
        return None


def columns_of_records(records):
    """Turn records, each a list of (name, cell), into columns; what a record lacks is missing."""
    cells = {}
    for row, record in enumerate(records):
        for name, cell in record:
            cells.setdefault(name, []).append((row, cell))
            if len(cells) > MAX_COLUMNS:
                raise ValueError(f"More than {MAX_COLUMNS:,} columns: this is not a training log.")
    return [_column_of_pairs(name, pairs, len(records)) for name, pairs in cells.items()]


def _column_of_pairs(name, pairs, n_rows):
    values, present, percent = np.full(n_rows, np.nan), np.zeros(n_rows, dtype=bool), False
    for row, cell in pairs:
        read = cell if isinstance(cell, tuple) else number_of(cell)
        if read is not None:
            values[row], present[row], percent = read[0], True, percent or read[1]
    return Column(name, values, present, percent)


def check_rows(n_rows):
    """Refuse more rows than can be read in a reasonable time."""
    if n_rows > MAX_ROWS:
        raise ValueError(
            f"{n_rows:,} rows are more than the {MAX_ROWS:,} that are read: "
            "keep one row an epoch, or every tenth row."
        )
