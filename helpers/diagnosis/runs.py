"""The training runs on which the diagnosis is calibrated and judged, with what they really did.

Each run is real: its curves are what a log would hold. Beside them stands what no log holds, the
loss on fresh data and the training loss in inference mode, and the verdict that follows from
these two alone. `tests/benchmarks/histories.py` trains the runs.
"""

from dataclasses import dataclass
import gzip
import json
from pathlib import Path

import numpy as np

FILE = Path(__file__).with_name("runs.json.gz")
PARTS = ("tune", "aside", "last")
RISE, FALL, RATIO, DISTANCE, DIVERGED = 1.1, 0.98, 1.5, 0.05, 1.2  # the rule of the truth


@dataclass(frozen=True)
class Run:
    """One training run: its log, and what is known of it beside the log.

    Attributes
    ----------
    id, family, what : str
        A name such as "moons-007", its kind of data or of fault, and its settings in words.
    seed : int
    part : str
        "tune": thresholds may be chosen on it; "aside" and "last" judge them.
    verdict : str
        What `truth` returns: overfitting, improving, level, gap or diverging.
    designed : str or None
        The verdict that the run was built for, where the rule of the truth has no word for it.
        "unstable" and "diverging" only where the run became so; constant labels are a "leak".
    margin : float
        How far the truth is from another one, as `truth` returns it.
    unit : float
        The loss of a constant prediction in regression, 1 in classification.
    n_val : int
        Validation rows.
    history : dict of str to list of float
        "epoch" (from 0), "loss", "val_loss" and in most runs "accuracy" and "val_accuracy", of
        equal lengths. None is a cell that was not logged; nan and inf are logged values. Where
        the log's start is cut off, the curves of the truth begin with it.
    fresh_at_epoch : tuple of int
        Epochs, counted from 1, of the two curves that follow.
    fresh_loss, train_loss_inference : tuple of float
        Loss without penalty on fresh data and, in inference mode, on the training data.
    peer : str or None
        The first finding of the package sk-autod, "none", or why it refuses the run.
    """

    id: str
    family: str
    what: str
    seed: int
    part: str
    verdict: str
    designed: str | None
    margin: float
    unit: float
    n_val: int
    history: dict
    fresh_at_epoch: tuple
    fresh_loss: tuple
    train_loss_inference: tuple
    peer: str | None = None


def runs(part="last"):
    """Return the runs of one part.

    Parameters
    ----------
    part : str, default "last"
        "tune", the runs that thresholds were chosen on, "aside", those of the same draw that were
        kept back, "last", those of another draw, trained when the last threshold had been chosen,
        or "all".

    Returns
    -------
    list of Run

    Raises
    ------
    ValueError
        If there is no such part.
    """
    if part not in (*PARTS, "all"):
        raise ValueError(f'part={part!r} is not one of "tune", "aside", "last" and "all"')
    return [run for run in _all() if part in (run.part, "all")]


def truth(fresh, train, unit=1.0):
    """Return the verdict that follows from the fresh loss, and its margin.

    In this order: "diverging" if a loss is not finite or the training loss ends above 1.2 times
    its first value; "overfitting" if the fresh loss ends at least 10% above its lowest;
    "improving" if it fell by 2% or more over the last tenth; "gap" if it ends at least 1.5 times
    as high as the training loss and 0.05 units above it; else "level". Curves are smoothed by a
    running mean over 5% of their points.

    Parameters
    ----------
    fresh, train : array-like of shape (n,)
        Loss on fresh data and, in inference mode, on the training data.
    unit : float, default 1
        What the distance of 0.05 is a share of: the loss of a constant prediction in regression.

    Returns
    -------
    verdict : str
    margin : float
        Relative distance of a loss from the nearest threshold that would change the verdict; 0
        where the verdict depends on whether the end and the lowest are taken from the smoothed
        curve, or are the mean of the last tenth and the lowest of all; inf if not finite.
    """
    tiny = 1e-9 * unit  # so that a loss of 0 has no ratio of nan
    fresh, train = np.asarray(fresh, float) + tiny, np.asarray(train, float) + tiny
    if not (np.isfinite(fresh).all() and np.isfinite(train).all()):
        return "diverging", np.inf
    smooth = _running_mean(fresh, max(1, round(0.05 * len(fresh))))
    tail = max(1, round(0.1 * len(fresh)))
    fall = smooth[-1] / smooth[max(0, len(smooth) - 1 - tail)]
    readings = ((smooth[-1], smooth.min()), (smooth[-tail:].mean(), fresh.min()))
    (verdict, margin), (other, other_margin) = (
        _judge(end, low, fall, train[0], train[-tail:].mean(), unit) for end, low in readings
    )
    return verdict, float(min(margin, other_margin)) if verdict == other else 0.0


def _running_mean(values, width):
    """Return the means of windows about each value; ends are repeated beyond the ends."""
    padded = np.pad(values, (width // 2, width - 1 - width // 2), mode="edge")
    return np.lib.stride_tricks.sliding_window_view(padded, width).mean(axis=1)


def _judge(end, low, fall, train_first, train_end, unit):
    """Return the first verdict whose ratio reaches 1, and how near to 1 the ratios came."""
    ratios = {
        "diverging": train_end / (DIVERGED * train_first),
        "overfitting": end / (RISE * low),
        "improving": FALL / fall,
        "gap": end / max(RATIO * train_end, train_end + DISTANCE * unit),
    }
    margin = np.inf
    for verdict, ratio in ratios.items():
        margin = min(margin, abs(ratio - 1))
        if ratio >= 1:
            return verdict, margin
    return "level", margin


def _all():
    with gzip.open(FILE, "rt", encoding="utf-8") as file:
        return list(map(run_of, json.load(file)))


def run_of(record):
    """Return the `Run` of a record as `tests/benchmarks/histories.py` writes it."""
    known = {name: record.get(name) for name in Run.__dataclass_fields__}
    for name in ("fresh_loss", "train_loss_inference"):
        known[name] = tuple(map(float, known[name]))
    known["margin"] = float(known["margin"])
    known["fresh_at_epoch"] = tuple(known["fresh_at_epoch"])
    known["history"] = {
        name: [None if value is None else float(value) for value in column]
        for name, column in known["history"].items()
    }
    return Run(**known)
