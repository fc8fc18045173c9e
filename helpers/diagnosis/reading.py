"""Read a training log, in whichever form it is, into curves.

    history = read("log.csv")
    history.val_loss.y  # one number an epoch that was logged

reading.js reads the same text to the same numbers and notes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
import os
from pathlib import Path
import re

from helpers.diagnosis.columns import listed, meaning, quoted, words_of
from helpers.diagnosis.curves import (
    ROLES,
    SCORES_BY_NAME,
    SPOKEN,
    curves_of,
    series_of,
)
from helpers.diagnosis.files import named_after_files
from helpers.diagnosis.nested import table_of_nested
from helpers.diagnosis.tables import Column, Table, check_rows, column, split_by_phase
from helpers.diagnosis.texts import table_of_text, text_of_bytes
import numpy as np

PLACES = ("epoch", "step")
FILE_NAME = re.compile(r"[^{}\[\]=<>|]{1,250}\.[A-Za-z][A-Za-z0-9]{0,7}")


@dataclass(frozen=True)
class Curve:
    """Values y at positions x: float arrays of shape (n,); x ascends, y may hold nan and inf."""

    x: np.ndarray
    y: np.ndarray


@dataclass(frozen=True)
class History:
    """The curves of one training run, as logged; None where there is no such curve.

    train_is_batch: a training value is that of one batch, which is not comparable with an epoch's.
    notes: sentences that say what was read as what, summed, converted, repaired or left out.
    """

    train_loss: Curve | None
    val_loss: Curve | None
    train_score: Curve | None
    val_score: Curve | None
    learning_rate: Curve | None
    score_name: str | None
    higher_is_better: bool
    train_is_batch: bool
    format: str
    notes: list


def read(source, *, names=None, higher_is_better=None):
    """Read a training log.

    source is a Keras History, a dict of lists (nested, too: XGBoost's evals_result), a list of
    losses, an estimator with `loss_curve_` or `evals_result()`, a DataFrame, a path, several paths
    (a list, or a dict {"train": path, "val": path}), or text that was pasted.

    names says which column is what, where no convention does: {"val_loss": "my column"}; its keys
    are train_loss, val_loss, train_score, val_score, learning_rate, epoch and step.
    higher_is_better is about the score; None: as usual for its name.

    Raises ValueError if nothing can be read, or a name is unknown; FileNotFoundError for a path.
    """
    if isinstance(source, History):
        return source
    tables = _tables(source)
    with np.errstate(all="ignore"):
        return _history(tables, dict(names or {}), higher_is_better)


# Sources


def _tables(source):
    several = _several_paths(source)
    if several:
        return _tables_of_files(several)
    if isinstance(source, os.PathLike):
        return _tables_of_files([("", source)])
    if isinstance(source, (bytes, bytearray)):
        return [table_of_text(text_of_bytes(bytes(source)))]
    if isinstance(source, str):
        return _tables_of_files([("", source)]) if _is_path(source) else [table_of_text(source)]
    return [_table_of_object(source)]


def _several_paths(source):
    if isinstance(source, Mapping):
        items = list(source.items())
    elif isinstance(source, (list, tuple)):
        items = [("", path) for path in source]
    else:
        return []
    return items if all(isinstance(path, (str, os.PathLike)) for _, path in items) else []


def _is_path(text):
    """Say whether a text is the name of a file; raise if it is one that is not there."""
    if re.search(r"[\n\r\0]", text) or len(text) > 1000:
        return False
    if os.path.exists(text):
        return True
    if FILE_NAME.fullmatch(text.strip()):
        raise FileNotFoundError(f"There is no file “{text.strip()}”.")
    return False


def _tables_of_files(items):
    tables = [_table_of_file(Path(path)) for _, path in items]
    labels = [f"{key} {Path(path).stem}".strip() for key, path in items]
    return named_after_files(tables, labels)


def _table_of_file(path):
    if path.is_dir():
        raise ValueError(f"“{path}” is a folder: give the file of the log in it.")
    if not path.exists():
        raise FileNotFoundError(f"There is no file “{path}”.")
    data = path.read_bytes()
    check_rows(data.count(b"\n") - 1)
    return table_of_text(text_of_bytes(data))


def _table_of_object(source):
    if isinstance(getattr(source, "history", None), Mapping):
        return table_of_nested(source.history, "Keras History", getattr(source, "epoch", None))
    if hasattr(source, "iloc") and hasattr(source, "columns"):
        return _table_of_frame(source)
    if isinstance(source, np.ndarray):
        source = source.tolist() if source.ndim == 1 else source
    if isinstance(source, (Mapping, list, tuple)):
        return table_of_nested(source)
    found = _of_estimator(source)
    if found:
        return found
    raise ValueError(
        f"history: cannot read {quoted(type(source).__name__)}; give a Keras History, a dict of "
        "lists, a DataFrame, a path or the text of a log."
    )


def _of_estimator(source):
    results = getattr(source, "evals_result", None)
    results = results() if callable(results) else getattr(source, "evals_result_", results)
    if isinstance(results, Mapping) and results:
        return table_of_nested(results, "XGBoost evals_result")
    curve = getattr(source, "loss_curve_", None)
    if curve is None:
        return None
    lists = {"loss": list(curve)}
    scores = getattr(source, "validation_scores_", None)
    if scores is not None and len(scores):
        regresses = getattr(source, "_estimator_type", "") == "regressor"
        lists["val_r2" if regresses or "Regressor" in type(source).__name__ else "val_accuracy"] = (
            list(scores)
        )
    return table_of_nested(lists, "scikit-learn loss_curve_")


def _table_of_frame(frame):
    check_rows(len(frame))
    names = [str(name) for name in frame.columns]
    cells = [_cells_of(frame.iloc[:, i]) for i in range(len(names))]
    names, cells, notes = split_by_phase(names, cells)
    columns = [_column_of_frame(name, own) for name, own in zip(names, cells, strict=True)]
    _keep_divergence(columns)
    index = frame.index
    if index.dtype.kind in "iu" and not any(meaning(c.name).kind == "epoch" for c in columns):
        columns.insert(0, Column("", index.to_numpy(float), np.ones(len(index), dtype=bool)))
    return Table("pandas DataFrame", columns, notes)


def _cells_of(series):
    return series.to_numpy(float) if series.dtype.kind in "fiu" else series.tolist()


def _column_of_frame(name, cells):
    """Build a column in which nan is missing, as it is in a DataFrame with empty cells."""
    found = Column(name, cells, None) if isinstance(cells, np.ndarray) else column(name, cells)
    return Column(name, found.values, ~np.isnan(found.values), found.percent)


def _keep_divergence(columns):
    """Count nan as logged, not as missing, in rows after which no loss is finite."""
    losses = [c for c in columns if meaning(c.name).kind == "loss"]
    if not losses:
        return
    finite = np.logical_or.reduce([c.present & np.isfinite(c.values) for c in losses])
    end = len(finite) - int(np.argmax(finite[::-1])) if finite.any() else 0
    for c in losses:
        c.present[end:] = True


# History


def _history(tables, names, higher_is_better):
    _check_names(tables, names)
    notes, series, ignored = [], [], []
    for table in tables:
        found, more, left = series_of(table, names)
        series += found
        notes += [*table.notes, *more]
        ignored += left
    notes = list(dict.fromkeys(notes))
    picked = curves_of(series, names, notes)
    if not any(picked[role] for role in ROLES[:4]):
        raise ValueError(_no_curve(tables))
    form = tables[0].format
    is_batch = _is_batch(picked, form, notes)
    _thin_repeats(picked, notes)
    name, higher = _score_of(picked, higher_is_better)
    _convert_percent(picked, notes)
    _remark(picked, notes)
    return History(
        **{role: _curve(picked[role]) for role in ROLES},
        score_name=name,
        higher_is_better=higher,
        train_is_batch=is_batch,
        format=form,
        notes=[_summary(picked), *notes, *_left_out(series, picked, ignored)],
    )


def _curve(item):
    return None if item is None else Curve(item["x"], item["y"])


def _check_names(tables, names):
    columns = [col.name for table in tables for col in table.columns]
    for role, name in names.items():
        if role not in (*ROLES, *PLACES):
            raise ValueError(f"names: {quoted(role)} is not one of {', '.join((*ROLES, *PLACES))}.")
        if name not in columns:
            raise ValueError(
                f"names: there is no column {quoted(name)}; there are {listed(columns, 20)}."
            )


def _no_curve(tables):
    columns = [col.name for table in tables for col in table.columns]
    return (
        f"Nothing recognized: no loss, no score. The columns are {listed(columns, 20)}; "
        "say which is which with names, like “val_loss”: “my column”."
    )


def _summary(picked):
    parts = [
        f"{SPOKEN[role]} {listed(item.get('parts', [item['name']]))}"
        for role, item in picked.items()
        if item
    ]
    return f"Read: {', '.join(parts)}."


def _left_out(series, picked, ignored):
    used = [n for item in picked.values() if item for n in item.get("parts", [item["name"]])]
    left = [s["name"] for s in series if s["name"] not in used and s["what"].phase != "test"]
    names = [name for name in [*left, *ignored] if name]
    return [f"Not used: {listed(names)}."] if names else []


def _is_batch(picked, form, notes):
    """Say whether the training loss is that of single batches."""
    item, val = picked["train_loss"], picked["val_loss"]
    if item is None:
        return False
    several = item["per_epoch"] > 1.2
    single = item["what"].grain == "step" or (
        form == "Lightning metrics.csv"
        and item["what"].grain == ""
        and (several or item.get("off_step", False))
    )
    if several:
        notes.append("Several training values an epoch: each epoch has their mean.")
    if single or (several and item["per_epoch"] < 5 and val is not None):
        notes.append("The training loss is that of single batches, not of whole epochs.")
        return True
    return False


def _thin_repeats(picked, notes):
    """Keep the first of validation values that were repeated because validation was not run."""
    item = picked["val_loss"]
    if item is None:
        return
    every = _repeated_every(item["y"])
    first = np.append(True, item["y"][1:] != item["y"][:-1])
    score = picked["val_score"]
    if not every or (score and not _repeats(score["y"], first)):
        return
    for role in ("val_loss", "val_score"):
        curve = picked[role]
        if curve is not None:
            picked[role] = {**curve, "x": curve["x"][first], "y": curve["y"][first]}
    notes.append(
        f"The validation loss repeats its value for {every} epochs at a time, as if it was not run "
        "in between; only the first of each was read."
    )


def _repeats(y, first):
    """Say whether values change only where `first` is true."""
    return len(y) == len(first) and bool(np.all(first[1:] | (y[1:] == y[:-1])))


def _repeated_every(y):
    """The length of blocks of equal values, if all but shorter ends have it, or 0."""
    if len(y) < 6 or not np.all(np.isfinite(y)):
        return 0
    starts = np.flatnonzero(np.append(True, y[1:] != y[:-1]))
    if len(starts) < 4:
        return 0
    lengths = np.diff(np.append(starts, len(y)))
    every = int(lengths[1])
    inner = bool(np.all(lengths[1:-1] == every))
    return every if inner and every > 1 and max(lengths[0], lengths[-1]) <= every else 0


def _score_of(picked, higher_is_better):
    item = picked["val_score"] or picked["train_score"]
    if item is None:
        return None, True if higher_is_better is None else bool(higher_is_better)
    metric = item["what"].metric
    known = SCORES_BY_NAME.get(metric, {}).get("higher", True)
    name = metric or " ".join(words_of(item["name"])) or "score"
    return name, known if higher_is_better is None else bool(higher_is_better)


def _convert_percent(picked, notes):
    """Bring scores given in percent to 0..1."""
    items = {role: picked[role] for role in ("train_score", "val_score") if picked[role]}
    converted = []
    for role, item in items.items():
        if SCORES_BY_NAME.get(item["what"].metric, {}).get("percent") and _in_percent(item, items):
            picked[role] = {**item, "y": item["y"] / 100}
            converted.append(item["name"])
    if converted:
        notes.append(f"Converted from percent to 0..1: {listed(converted)}.")


def _in_percent(item, items):
    """Say whether a score is in percent: by its sign, its size, or the other score's."""
    if item["percent"] or "%" in item["name"]:
        return True
    if not _reaches(item["y"], 0):
        return False
    if _reaches(item["y"], 1.5):
        return True
    other = [o for o in items.values() if o is not item and not o["percent"]]
    if not other or not _reaches(other[0]["y"], 1.5):
        return False
    mine, theirs = np.nanmax(item["y"]), np.nanmax(other[0]["y"])
    return mine > 0 and theirs / mine < 100 * mine / theirs


def _reaches(y, least):
    finite = y[np.isfinite(y)]
    return len(finite) > 0 and least < finite.max() <= 100 and finite.min() >= 0


def _remark(picked, notes):
    """Note what is odd: curves of unequal length, a loss that looks like an accuracy, no number."""
    train, val = picked["train_loss"], picked["val_loss"]
    if train and val and len(train["x"]) != len(val["x"]):
        notes.append(
            f"The training loss has {len(train['x']):,} values, the validation loss "
            f"{len(val['x']):,}; each was kept as it is."
        )
    losses = {role: picked[role] for role in ("train_loss", "val_loss") if picked[role]}
    for role, item in losses.items():
        odd = int(np.sum(~np.isfinite(item["y"])))
        if odd:
            notes.append(
                f"The {SPOKEN[role]} is not finite in {odd:,} of {len(item['y']):,} places."
            )
    if losses and all(_looks_like_accuracy(item["y"]) for item in losses.values()):
        names = listed(item["name"] for item in losses.values())
        notes.append(f"{names}: between 0 and 1, and rising. Is it an accuracy, not a loss?")


def _looks_like_accuracy(y):
    """Say whether values lie between 0 and 1 and rise from the start."""
    y = y[np.isfinite(y)]
    if len(y) < 3 or y.min() < 0 or y.max() > 1:
        return False
    return int(np.argmin(y)) <= len(y) // 10 and float(y[-1]) > float(y[0]) + 0.1
