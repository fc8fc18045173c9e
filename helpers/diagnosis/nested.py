"""From dicts and lists, as Keras, XGBoost, Hugging Face and JSON give them, to a table."""

from collections.abc import Mapping

from helpers.diagnosis.columns import listed, meaning
from helpers.diagnosis.tables import (
    MAX_COLUMNS,
    Column,
    Table,
    check_rows,
    column,
    columns_of_records,
    number_of,
)
import numpy as np

DEPTH = 6


def table_of_nested(value, form="", epochs=None):
    """Read a dict or a list; `epochs` are those of the rows, if known.

    Raises ValueError if there are no lists of numbers in it.
    """
    if isinstance(value, Mapping):
        return _table_of_dict(value, form, epochs)
    if len(value) == 0:
        raise ValueError("The log is empty: there is nothing to read.")
    check_rows(len(value))
    if all(isinstance(item, Mapping) for item in value):
        return table_of_records(value, form)
    if _is_series(value):
        return _table_of_lists({"loss": value}, form or "list of losses", epochs)
    if all(_is_series(item) and len(item) == 3 for item in value):
        return _tensorboard(value)
    raise ValueError("Nothing recognised: a list, but not of numbers, nor of records with names.")


def _tensorboard(rows):
    wall, step, values = zip(*rows, strict=True)
    names = ("Wall time", "Step", "Value")
    cells = (wall, step, values)
    return Table("TensorBoard JSON", [column(n, c) for n, c in zip(names, cells, strict=True)])


def _table_of_dict(value, form, epochs):
    if isinstance(value.get("log_history"), (list, tuple)):
        return table_of_records(value["log_history"], "Hugging Face trainer_state")
    if isinstance(value.get("history"), Mapping):
        own = value.get("epoch")
        epochs = own if _is_series(own) else epochs
        return _table_of_dict(value["history"], form, epochs)
    if isinstance(value.get("history"), (list, tuple)) and not _is_series(value["history"]):
        return table_of_nested(value["history"], form)
    split = _split_frame(value)
    lists = split or dict(_leaves(value, ()))
    if not lists:
        raise ValueError(
            "Nothing recognised: no list of numbers; seen "
            f"{listed(value) or 'an empty dict'}. Give lists like “loss” and “val_loss”."
        )
    nested = any(isinstance(item, Mapping) for item in value.values()) and not split
    return _table_of_lists(lists, form or _form_of(value, nested), epochs)


def _form_of(value, nested):
    inner = [v for v in value.values() if isinstance(v, Mapping)]
    if nested and any(
        meaning(f"{a}-{b}").metric for a, v in value.items() if v in inner for b in v
    ):
        return "XGBoost evals_result"
    return "dict"


def _split_frame(value):
    """Read a DataFrame written with orient="split"."""
    names, rows = value.get("columns"), value.get("data")
    if not isinstance(names, list) or not isinstance(rows, list):
        return {}
    rows = [row for row in rows if isinstance(row, list) and len(row) == len(names)]
    return {str(n): [row[i] for row in rows] for i, n in enumerate(names)} if rows else {}


def _leaves(value, path):
    """Yield the lists of a nested dict, with their path as the name."""
    if len(path) > DEPTH:
        return
    if path and _is_indexed(value):
        yield "-".join(path), list(value.values())
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _leaves(item, (*path, str(key)))
    elif path and _is_series(value):
        yield "-".join(path), value


def _is_indexed(value):
    """Say whether a dict maps 0, 1, 2 ... to numbers, as a column of DataFrame.to_json does."""
    return (
        isinstance(value, Mapping)
        and len(value) > 0
        and all(str(key).isdigit() for key in value)
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
    if len(lists) > MAX_COLUMNS:
        raise ValueError(f"More than {MAX_COLUMNS:,} columns: this is not a training log.")
    columns = [_quick(name, cells) for name, cells in lists.items()]
    n_rows = max(len(col.values) for col in columns)
    check_rows(n_rows)
    notes, spread = [], []
    longest = [col for col in columns if len(col.values) == n_rows]
    for col in columns:
        length = len(col.values)
        every = n_rows // length if length and n_rows % length == 0 else 1
        known = meaning(col.name)
        if every > 1 and known.phase in ("val", "test") and length > 1:
            spread.append(col.name)
        else:
            every = 1
        _place(col, n_rows, every)
    if spread:
        notes.append(
            f"{listed(spread)}: shorter by a whole factor, so read as logged every "
            "few epochs, at the end of each."
        )
    own = next((col for col in longest if meaning(col.name).kind == "epoch"), None)
    if own is None and epochs is not None and len(epochs) == n_rows:
        columns.insert(0, column("epoch", epochs))
    return Table(form, columns, notes)


def _place(col, n_rows, every):
    rows = np.arange(len(col.values)) * every + every - 1
    values, present = np.full(n_rows, np.nan), np.zeros(n_rows, dtype=bool)
    values[rows], present[rows] = col.values, col.present
    col.values, col.present = values, present


def _quick(name, cells):
    """Build a column, fast if the cells are numbers without a gap."""
    if isinstance(cells, np.ndarray) or (
        len(cells) and isinstance(cells[0], float) and all(type(c) is float for c in cells)
    ):
        values = np.array(cells, dtype=float)
        return Column(str(name), values, np.ones(len(values), dtype=bool))
    return column(str(name), cells)


def table_of_records(records, form=""):
    """Read a list of dicts: one an epoch, or training and evaluation records apart."""
    flat = [list(_flat(record, ())) for record in records if isinstance(record, Mapping)]
    names = {name for record in flat for name, _ in record}
    is_hf = form.startswith("Hugging") or bool(names & {"eval_loss", "eval_runtime"})
    if not is_hf:
        return Table(form or "JSON records", columns_of_records(flat))
    kept = [record for record in flat if not any(name in ("train_runtime",) for name, _ in record)]
    notes = []
    if len(kept) < len(flat):
        notes.append("The last record holds the mean of the whole training and was left out.")
    return Table("Hugging Face trainer_state", columns_of_records(kept), notes)


def _flat(record, path):
    for key, value in record.items():
        if isinstance(value, Mapping):
            if len(path) < DEPTH:
                yield from _flat(value, (*path, str(key)))
        else:
            yield "-".join((*path, str(key))), value
