"""From dicts and lists, as Keras, XGBoost, Hugging Face and JSON give them, to a table."""

from collections.abc import Mapping
import re

from helpers.diagnosis.columns import listed, meaning
from helpers.diagnosis.tables import (
    MAX_COLUMNS,
    Column,
    Table,
    check_rows,
    column,
    columns_of_records,
    needs_phase,
    number_of,
    phase_in,
    told_apart,
)
import numpy as np

DEPTH = 6
NUMBERS = {float, np.float64, np.float32}
NUMBERED = re.compile(r"[^0-9]{0,20}([0-9]{1,9})")
INDEX = re.compile(r"0|[1-9][0-9]{0,8}")


def table_of_nested(value, form="", epochs=None):
    """Read a dict or a list; `epochs` are those of the rows, if known.

    Raises ValueError if there are no lists of numbers in it.
    """
    if isinstance(value, Mapping):
        return _table_of_dict(value, form, epochs)
    if len(value) == 0:
        raise ValueError("The log is empty: there is nothing to read.")
    check_rows(len(value))
    if _is_records(value):
        return table_of_records(value, form)
    if _is_series(value):
        return _table_of_lists({"loss": value}, form or "list of losses", epochs)
    if all(_is_series(item) and len(item) == 3 for item in value):
        return _tensorboard(value)
    raise ValueError("Nothing recognized: a list, but not of numbers, nor of records with names.")


def _tensorboard(rows):
    wall, step, values = zip(*rows, strict=True)
    names = ("Wall time", "Step", "Value")
    cells = (wall, step, values)
    return Table("TensorBoard JSON", [column(n, c) for n, c in zip(names, cells, strict=True)])


def _table_of_dict(value, form, epochs):
    for _ in range(DEPTH):
        inner = value.get("history")
        if not isinstance(inner, Mapping):
            break
        epochs = value["epoch"] if _is_series(value.get("epoch")) else epochs
        value = inner
    if _is_records(value.get("log_history")):
        return table_of_records(value["log_history"], "Hugging Face trainer_state")
    records = _records_in(value)
    if records:
        return table_of_records(records, form)
    lists = _split_frame(value) or dict(_leaves(value, ()))
    if not lists:
        if value and all(isinstance(item, (list, tuple)) and not item for item in value.values()):
            raise ValueError("The log is empty: there is nothing to read.")
        seen = f"seen was {listed(value)}" if value else "the dict is empty"
        raise ValueError(
            f"Nothing recognized: no list of numbers; {seen}. "
            "Give lists like “loss” and “val_loss”."
        )
    if len(lists) > MAX_COLUMNS:
        raise ValueError(f"More than {MAX_COLUMNS:,} columns: this is not a training log.")
    return _table_of_lists(lists, form or _form_of(value, lists), epochs)


def _records_in(value):
    """Find records, one an epoch, in a dict: a list of them, or a dict of them, or itself."""
    items = ordered(value)
    lists = [item for _, item in items if _is_records(item)]
    if lists:
        return lists[0]
    numbers = [NUMBERED.fullmatch(key) for key, _ in items]
    if items and all(numbers) and all(_has_scalar(item) for _, item in items):
        return [{"epoch": int(m[1]), **item} for m, (_, item) in zip(numbers, items, strict=True)]
    kinds = {meaning(key).kind for key, item in items if number_of(item) is not None}
    return [value] if kinds & {"loss", "score"} else []


def _has_scalar(value):
    return isinstance(value, Mapping) and any(number_of(v) is not None for v in value.values())


def _is_records(value):
    is_list = isinstance(value, (list, tuple)) and len(value) > 0
    return is_list and all(isinstance(item, Mapping) for item in value)


def _form_of(value, lists):
    kinds = {meaning(name).kind for name in lists}
    nested = any(isinstance(item, Mapping) for item in value.values())
    return "XGBoost evals_result" if nested and "score" in kinds and "loss" not in kinds else "dict"


def _split_frame(value):
    """Read a DataFrame written with orient="split"."""
    names, rows = value.get("columns"), value.get("data")
    if not isinstance(names, list) or not isinstance(rows, list):
        return {}
    rows = [row for row in rows if isinstance(row, list) and len(row) == len(names)]
    return {str(n): [row[i] for row in rows] for i, n in enumerate(names)} if rows else {}


def ordered(mapping):
    """Return the items: whole numbers first, in their order, as JavaScript has them."""
    items = [(str(key), item) for key, item in mapping.items()]
    whole = [pair for pair in items if INDEX.fullmatch(pair[0])]
    if not whole:
        return items
    whole.sort(key=lambda pair: int(pair[0]))
    return [*whole, *(pair for pair in items if not INDEX.fullmatch(pair[0]))]


def _leaves(value, path):
    """Yield the lists of a nested dict, with their path as the name."""
    if len(path) > DEPTH:
        return
    if path and _is_indexed(value):
        yield "-".join(path), [item for _, item in ordered(value)]
    elif isinstance(value, Mapping):
        for key, item in ordered(value):
            yield from _leaves(item, (*path, key))
    elif path and _is_series(value):
        yield "-".join(path), value


def _is_indexed(value):
    """Say whether a dict maps 0, 1, 2 ... to numbers, as a column of DataFrame.to_json does."""
    return (
        isinstance(value, Mapping)
        and len(value) > 0
        and all(INDEX.fullmatch(str(key)) for key in value)
        and all(v is None or number_of(v) is not None for v in value.values())
    )


def _is_series(value):
    if isinstance(value, np.ndarray):
        return value.ndim == 1 and value.dtype.kind in "fiu"
    if not isinstance(value, (list, tuple)) or len(value) == 0:
        return False
    head = [item for item in value[:1000] if item is not None]
    return all(not isinstance(item, (list, Mapping)) and number_of(item) for item in head)


def _table_of_lists(lists, form, epochs):
    columns = [_quick(name, cells) for name, cells in lists.items()]
    n_rows = max(len(col.values) for col in columns)
    check_rows(n_rows)
    whole = [col for col in columns if len(col.values) == n_rows]
    spread = [col for col in columns if _every(col, n_rows) > 1]
    notes = []
    if spread:
        notes.append(
            f"{listed(col.name for col in spread)}: shorter by a whole factor, so read as logged "
            "every few epochs, at the end of each."
        )
    if not any(meaning(col.name).kind == "epoch" for col in whole):
        columns = [col for col in columns if meaning(col.name).kind != "epoch"]
        if epochs is not None and len(epochs) == n_rows:
            columns.insert(0, column("epoch", list(epochs)))
    return Table(form, [_placed(col, n_rows, _every(col, n_rows)) for col in columns], notes)


def _every(col, n_rows):
    """After how many epochs each a shorter validation curve has a value, or 1."""
    length = len(col.values)
    is_val = meaning(col.name).phase in ("val", "test")
    return n_rows // length if is_val and length > 1 and n_rows % length == 0 else 1


def _placed(col, n_rows, every):
    """Spread a column over more rows: every so many rows one of its values."""
    if len(col.values) == n_rows:
        return col
    rows = np.arange(len(col.values)) * every + every - 1
    values, present = np.full(n_rows, np.nan), np.zeros(n_rows, dtype=bool)
    values[rows], present[rows] = col.values, col.present
    return Column(col.name, values, present, col.percent)


def _quick(name, cells):
    """Build a column, fast if the cells are numbers without a gap."""
    if isinstance(cells, np.ndarray) or (len(cells) and set(map(type, cells)) <= NUMBERS):
        values = np.array(cells, dtype=float)
        return Column(str(name), values, np.ones(len(values), dtype=bool))
    return column(str(name), cells)


def table_of_records(records, form=""):
    """Read a list of dicts: one an epoch, or training and evaluation records apart."""
    flat, notes = _told_apart([list(_flat(record, ())) for record in records])
    names = {name for record in flat for name, _ in record}
    if not form.startswith("Hugging Face") and not names & {"eval_loss", "eval_runtime"}:
        return Table(form or "JSON records", columns_of_records(flat), notes)
    kept = [record for record in flat if "train_runtime" not in dict(record)]
    if len(kept) < len(flat):
        notes.append("The last record holds the mean of the whole training and was left out.")
    return Table("Hugging Face trainer_state", columns_of_records(kept), notes)


def _told_apart(records):
    """Name the values of records that say in words whose they are: {"mode": "val", "loss": 0.5}."""
    renamed, told_by = [], None
    for record in records:
        said = next(((name, phase_in(cell)) for name, cell in record if phase_in(cell)), None)
        if said is None:
            renamed.append(record)
            continue
        told_by, phase = said
        renamed.append([(f"{phase} {n}" if needs_phase(n) else n, cell) for n, cell in record])
    return renamed, [] if told_by is None else [told_apart(told_by)]


def _flat(record, path):
    for key, value in ordered(record):
        if isinstance(value, Mapping):
            if len(path) < DEPTH:
                yield from _flat(value, (*path, key))
        else:
            yield "-".join((*path, key)), value
