"""Tables of numbers, in which "not logged" differs from "logged as nan"."""

from dataclasses import dataclass, field
import re

from helpers.diagnosis.columns import PHASES, WORDS, meaning, quoted
import numpy as np

NUMBER = re.compile(r"[-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
THOUSANDS = re.compile(r"[-+]?[1-9][0-9]{0,2}(?:,[0-9]{3})+\.[0-9]+")
TENSOR = re.compile(r"(?:tensor|np\.float(?:16|32|64)|array)\(\[?([^,()\[\]]{1,40})[^()]{0,80}\)")
DIGITS = frozenset("0123456789+-.eE")
LONGEST = 120  # characters of a number
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
    if len(text) > LONGEST:
        return None
    if NUMBER.fullmatch(text):
        return float(text), False
    wrapped = TENSOR.fullmatch(text)
    text = wrapped[1].strip() if wrapped else text
    percent = text.endswith("%")
    text = text[:-1].rstrip() if percent else text
    if THOUSANDS.fullmatch(text):
        text = text.replace(",", "")
    elif decimal_comma and "," in text:
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
    if not DIGITS.issuperset("".join(cells)) or max(map(len, cells)) > LONGEST:
        return None
    try:
        return np.array([float(cell) for cell in cells])
    except ValueError:
        return None


def phase_in(cell):
    """Return the phase that a cell names ("train" for "Training"), or ""."""
    return PHASES.get(cell.strip(" \t\"'").lower(), "") if isinstance(cell, str) else ""


def split_by_phase(names, cells):
    """Tell apart rows of training and validation that a column names; return a note, too."""
    place = next((i for i, told in enumerate(cells) if _tells_phases(told)), None)
    if place is None:
        return names, cells, []
    phases = [phase_in(cell) for cell in cells[place]]
    split = {}
    for i, (name, column_cells) in enumerate(zip(names, cells, strict=True)):
        if needs_phase(name):
            for phase in dict.fromkeys(phases):
                own = [c if p == phase else None for c, p in zip(column_cells, phases, strict=True)]
                split[f"{phase} {name}"] = own
        elif i != place:
            split[name] = column_cells
    return list(split), list(split.values()), [told_apart(names[place])]


def _tells_phases(cells):
    if not len(cells) or not phase_in(cells[0]):
        return False
    phases = {phase_in(cell) for cell in cells}
    return "" not in phases and len(phases) > 1


def needs_phase(name):
    """Say whether a name is that of a loss or score that does not say whose it is."""
    what = meaning(name)
    return what.kind in ("loss", "score") and not what.phase


def told_apart(name):
    """Write the note on rows of several phases."""
    return f"Rows of training and validation were told apart by {quoted(name)}."


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
