"""From tables to the curves of a history: which epoch, which run, which column is what."""

from dataclasses import replace

from helpers.diagnosis.columns import RANK, WORDS, listed, meaning, number_text, quoted
import numpy as np

ROLES = ("train_loss", "val_loss", "train_score", "val_score", "learning_rate")
SCORES_BY_NAME = {score["name"]: score for score in WORDS["scores"]}
PHASES_OF = {"train": ("train", ""), "val": ("val",)}
SPOKEN = {
    "train_loss": "training loss",
    "val_loss": "validation loss",
    "train_score": "training score",
    "val_score": "validation score",
    "learning_rate": "learning rate",
}


def series_of(table, names):
    """Return the columns of a table as series, the notes on its rows, and the names not used.

    A series is a dict with name, what (its Meaning), x, y, percent, per_epoch (how many values an
    epoch were averaged) and off_step (logged at other steps than validation).
    """
    notes = []
    metrics = [col for col in table.columns if _is_metric(col, names)]
    counted = [col for col in metrics if meaning(col.name).phase != "test"] or metrics
    if not counted:
        return [], notes, []
    used = np.logical_or.reduce([col.present for col in counted])
    x, keep = _rows(table, counted, used, names, notes)
    tests = keep | (~used & np.isfinite(x))  # a last test row has no other value
    series = []
    for col in metrics:
        rows = tests if meaning(col.name).phase == "test" else keep
        off_step = _is_off_step(col, table, x, keep)
        series.append({**_series(col, x, rows, table.running), "off_step": off_step})
    series += [_series(col, x, keep, True) for col in table.columns if _is_rate(col, names)]
    return [item for item in series if len(item["x"])], notes, _others(table, names)


def _rows(table, counted, used, names, notes):
    """Return the position of each row, and which rows are read."""
    x, kind = _positions(table, counted, used, names, notes)
    keep = used & np.isfinite(x)
    lost = int(np.sum(used & ~keep))
    if lost:
        notes.append(f"Rows without an epoch, left out: {lost:,}.")
    keep = _last_run(x, keep, notes, kind)
    if kind == "epoch":
        _note_epochs(x[keep], notes)
    return x, keep


def _is_rate(col, names):
    return meaning(col.name).kind == "learning_rate" or names.get("learning_rate") == col.name


def _others(table, names):
    """Name the columns that are neither a loss, a score, a position nor a rate."""
    left = [col.name for col in table.columns if col.name not in names.values()]
    return [name for name in left if meaning(name).kind in ("ignored", "unknown")]


def _is_off_step(col, table, x, keep):
    """Say whether a column of Lightning's was logged at other steps than validation: on batches."""
    step = _find(table, "step", {})
    val = [c.present for c in table.columns if meaning(c.name).phase == "val" and _is_metric(c, {})]
    if not table.format.startswith("Lightning") or step is None or not val:
        return False
    at_val = np.logical_or.reduce(val) & keep
    own = col.present & keep & np.isin(x, x[at_val])
    return bool(own.any()) and float(np.mean(np.isin(step.values[own], step.values[at_val]))) < 0.5


def _is_metric(col, names):
    given = {name for role, name in names.items() if role in ROLES[:4]}
    return bool(col.present.any()) and (
        col.name in given or meaning(col.name).kind in ("loss", "score")
    )


def _series(col, x, keep, running):
    rows = np.flatnonzero(keep & col.present)
    what = meaning(col.name)
    mean = what.phase not in ("val", "test") and what.kind == "loss" and not running
    place, value, per = _unique(x[rows], col.values[rows], mean)
    return {
        "name": col.name,
        "what": what,
        "x": place,
        "y": value,
        "percent": col.percent,
        "per_epoch": per,
    }


def _unique(x, y, mean):
    """Sort by x; of the values at one x keep the last, or the mean of how many."""
    if len(x) < 2 or np.all(np.diff(x) > 0):
        return x, y, 1.0
    order = np.argsort(x, kind="stable")
    x, y = x[order], y[order]
    last = np.append(np.flatnonzero(np.diff(x)), len(x) - 1)
    if not mean:
        return x[last], y[last], 1.0
    group = np.concatenate([[0], np.cumsum(np.diff(x) > 0)])
    total = np.bincount(group, weights=y)
    return x[last], total / np.bincount(group), len(x) / len(last)


# Epochs


def _positions(table, metrics, used, names, notes):
    """Return the position of each row, and whether it is an epoch, a step or counted."""
    epoch = _find(table, "epoch", names)
    step = _find(table, "step", names)
    if epoch is None and step is None:
        epoch = _index(table)
    if epoch is not None and step is not None and _crowded(epoch, metrics):
        notes.append(
            f"There are several values an epoch, so positions are those of {quoted(step.name)}."
        )
        epoch = None
    if epoch is not None and (used & epoch.present).any():
        return _filled(epoch), "epoch"
    if step is not None and (used & step.present).any():
        if not any("positions are those" in note for note in notes):
            notes.append(f"No epochs, so positions are those of {quoted(step.name)}.")
        return _filled(step), "step"
    notes.append("No epochs, so the rows are counted from 1.")
    return np.cumsum(used).astype(float), "counted"


def _find(table, kind, names):
    if kind in names:
        return next((col for col in table.columns if col.name == names[kind]), None)
    found = [c for c in table.columns if meaning(c.name).kind == kind and c.present.any()]
    return found[0] if found else None


def _index(table):
    """The unnamed first column of a DataFrame's CSV, if it ascends."""
    first = table.columns[0]
    plain = first.name in ("", "index") or first.name.startswith("Unnamed: 0")
    values = first.values
    if plain and first.present.all() and len(values) and np.all(np.isfinite(values)):
        return first
    return None


def _filled(col):
    """A column in which a missing cell has the value above it."""
    rows = np.where(col.present, np.arange(len(col.values)), -1)
    rows = np.maximum.accumulate(rows)
    return np.where(rows >= 0, col.values[rows], np.nan)


def _crowded(epoch, metrics):
    """Say whether validation (without one: too few epochs of training) has many values an epoch."""
    val = [col for col in metrics if meaning(col.name).phase == "val"]
    rows = max((col.present & epoch.present for col in val or metrics), key=np.count_nonzero)
    distinct = len(np.unique(epoch.values[rows]))
    return rows.sum() > 1.5 * distinct and (bool(val) or distinct < 3)


def _last_run(x, keep, notes, kind):
    """Drop the rows that a later run, or a resumed one, replaces."""
    rows = np.flatnonzero(keep)
    place = x[rows]
    falls = np.flatnonzero(np.diff(place) < 0) + 1
    if not len(falls):
        return keep
    if len(np.unique(place)) == len(place):
        notes.append("The rows were not in the order of the epochs and were sorted.")
        return keep
    starts = np.full(len(place), np.inf)
    starts[falls] = place[falls]
    later = np.append(np.minimum.accumulate(starts[::-1])[::-1][1:], np.inf)
    stay = place < later
    kept = keep.copy()
    kept[rows[~stay]] = False
    first = np.minimum.accumulate(place)
    runs = 1 + int(np.sum(place[falls] <= first[falls - 1]))
    if runs > 1:
        notes.append(f"The file holds {runs:,} runs one after another; read was the last.")
    if runs <= len(falls):
        unit = "step" if kind == "step" else "epoch"
        notes.append(
            f"The log goes back to {unit} {number_text(place[falls[-1]])}, as after a restart; "
            "the later rows were read."
        )
    return kept


def _note_epochs(x, notes):
    x = np.unique(x)
    whole = len(x) > 1 and np.all(x == np.round(x))
    if not whole:
        if len(x) > 1:
            notes.append("Epochs are fractional, as logged.")
        return
    if x[0] > 1:
        notes.append(f"The log begins at epoch {number_text(x[0])}: what was before is not in it.")
    steps = np.diff(x)
    usual = np.median(steps)
    holes = int(np.sum(steps > usual))
    if holes:
        notes.append(
            f"Epochs are missing in {holes:,} place{'' if holes == 1 else 's'}; "
            "the curves were read as they are."
        )


# Roles


def curves_of(series, names, notes):
    """Choose a series for each role; the dict has None where there is none."""
    picked = {role: _given(series, name) for role, name in names.items() if role in ROLES}
    taken = [item["name"] for item in picked.values()]
    free = [item for item in _eval_sets(series, notes) if item["name"] not in taken]
    free = _test_as_validation(free, picked, notes)
    for phase in ("train", "val"):
        if f"{phase}_loss" not in picked:
            picked[f"{phase}_loss"] = _loss(free, phase, notes)
    _losses_by_formula(free, picked)
    _scores(free, picked, notes)
    if "learning_rate" not in picked:
        picked["learning_rate"] = next((s for s in free if _kind(s) == "learning_rate"), None)
    return {role: picked.get(role) for role in ROLES}


def _kind(item):
    return item["what"].kind


def _phase(item):
    return item["what"].phase


def _names(items):
    return [item["name"] for item in items]


def _given(series, name):
    found = [item for item in series if item["name"] == name]
    if not found:
        raise ValueError(f"names: the column {quoted(name)} holds no numbers.")
    return found[0]


def _as(item, **changes):
    return {**item, "what": replace(item["what"], **changes)}


def _eval_sets(series, notes):
    """Of XGBoost's validation_0 and validation_1, the first is the training set."""
    sets = {s["what"].index for s in series if _phase(s) == "val"} - {-1}
    if len(sets) < 2 or any(_phase(s) == "train" for s in series):
        return series
    first = [s for s in series if _phase(s) == "val" and s["what"].index == min(sets)]
    last = [s for s in series if _phase(s) == "val" and s["what"].index == max(sets)]
    notes.append(
        f"Of several evaluation sets, the first was read as training ({listed(_names(first))}), "
        f"the last as validation ({listed(_names(last))})."
    )
    trained = [_as(item, phase="train") for item in first]
    return [*trained, *last, *(s for s in series if _phase(s) != "val")]


def _test_as_validation(series, picked, notes):
    """Without any validation, take the test curves for it, and say so."""
    tests = [s for s in series if _phase(s) == "test" and _kind(s) in ("loss", "score")]
    rest = [s for s in series if _phase(s) != "test"]
    curves = [s for s in tests if len(s["x"]) > 1]
    has_val = any(_phase(s) == "val" for s in series) or {"val_loss", "val_score"} & set(picked)
    if not tests:
        return series
    if has_val or not curves:
        notes.append(f"Test values were left out: {listed(_names(tests))}.")
        return rest
    notes.append(
        f"No validation: {listed(_names(curves))} stands in for it. A test set that one "
        "looks at every epoch is a validation set."
    )
    return [*rest, *(_as(item, phase="val") for item in curves)]


def _loss(series, phase, notes):
    """Choose the loss of a phase: a total if there is one, else the sum of the parts."""
    phases = ("train", "") if phase == "train" else ("val",)
    found = [s for s in series if _kind(s) == "loss" and _phase(s) in phases]
    if not found:
        return None
    many = max(len(s["x"]) for s in found)
    named = [s for s in found if _phase(s) == phase and (len(s["x"]) > 1 or many == 1)]
    found = named or [s for s in found if _phase(s) == ""] or found
    for grain in ("epoch", "", "step"):
        these = [s for s in found if s["what"].grain == grain]
        totals = [s for s in these if not s["what"].part]
        if totals:
            return totals[0]
        if these:
            return these[0] if len(these) == 1 else _sum(these, phase, notes)
    return None


def _sum(parts, phase, notes):
    """Add losses at the positions that they share."""
    x = parts[0]["x"]
    for item in parts[1:]:
        x = np.intersect1d(x, item["x"])
    y = np.zeros(len(x))
    for item in parts:
        y = y + item["y"][np.searchsorted(item["x"], x)]
    label = SPOKEN[f"{phase}_loss"]
    notes.append(f"The {label} is the sum of {listed(_names(parts))}: there is no total.")
    name = " + ".join(_names(parts))
    return {**parts[0], "name": name, "x": x, "y": y, "parts": _names(parts)}


def _losses_by_formula(series, picked):
    """Without a column named loss, take a metric that is one: log loss, mean squared error ..."""
    if picked["train_loss"] or picked["val_loss"]:
        return
    found = [s for s in series if SCORES_BY_NAME.get(s["what"].metric, {}).get("loss")]
    if not found:
        return
    best = min(found, key=_preference(found))
    for phase in ("train", "val"):
        same = [s for s in found if _is_same(s, best) and _phase(s) in PHASES_OF[phase]]
        picked[f"{phase}_loss"] = same[0] if same else None


def _is_same(a, b):
    return (a["what"].metric, a["what"].part) == (b["what"].metric, b["what"].part)


def _preference(series):
    """Rank metrics: with validation first, then the order of names.json, then of the columns."""

    def key(item):
        same = [s for s in series if _is_same(s, item)]
        no_val = not any(_phase(s) == "val" for s in same)
        return (no_val, RANK[item["what"].metric], bool(item["what"].part))

    return key


def _scores(series, picked, notes):
    """Choose the score: the same metric for training and validation."""
    used = {id(item) for item in picked.values() if item}
    found = [s for s in series if _kind(s) == "score" and id(s) not in used]
    found = _with_phases(found, picked, notes)
    if not found or picked.get("train_score") or picked.get("val_score"):
        return
    best = min(found, key=_preference(found))
    for phase in ("train", "val"):
        same = [s for s in found if _is_same(s, best) and _phase(s) == phase]
        same.sort(key=lambda s: ("epoch", "", "step").index(s["what"].grain))
        picked[f"{phase}_score"] = same[0] if same else None


def _with_phases(scores, picked, notes):
    """Say whose a score without a phase is: validation's in fastai's and YOLO's tables."""
    loss = picked["train_loss"]
    to_val = picked["val_loss"] and (loss is None or _phase(loss) == "train")
    phased, moved = [], []
    for item in scores:
        has_twin = any(_phase(s) == "val" and _is_same(s, item) for s in scores)
        if _phase(item):
            phased.append(item)
        elif to_val and not has_twin:
            phased.append(_as(item, phase="val"))
            moved.append(item["name"])
        else:
            phased.append(_as(item, phase="train"))
    if moved:
        notes.append(
            f"{listed(moved)}: read as the validation set's, since the losses say whose they are."
        )
    return phased
