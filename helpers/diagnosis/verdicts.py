"""From the curves of a training history to ranked verdicts.

Three questions decide between overfitting, improving, gap and level: how far the validation loss
has climbed since its lowest point, how fast it still falls, how many times the training loss it is.
Each answer has a standard error, from the noise between epochs and from the number of validation
rows, and so a probability. A verdict is given only if it is probable enough. All limits stand in
rules.json, which the page's JavaScript reads, too.
"""

from dataclasses import dataclass, field
import json
from pathlib import Path

import numpy as np
from scipy.special import ndtr

from . import measures
from .words import evidence_for, sentence

RULES = json.loads(Path(__file__).with_name("rules.json").read_text("utf8"))
LIMITS = {name: limit["value"] for name, limit in RULES["limits"].items()}
MAIN = ("overfitting", "improving", "gap", "level")


@dataclass(frozen=True)
class Verdict:
    """One verdict: its name, how sure it is, what it says and the numbers that it rests on."""

    name: str
    confidence: str  # "high", "moderate" or "low"
    sentence: str
    evidence: list[str] = field(default_factory=list)


def measure(history, n_val=None):
    """Return what the rules ask of a `History`: a dict of numbers. What it lacks is not in it."""
    train, val, kind = _losses(history)
    found = {"n_val": n_val, "n_val_is_guess": False, "kind": kind}
    found["train_is_batch"] = history.train_is_batch
    if n_val is None and history.val_score is not None:
        found["n_val"] = measures.rows(history.val_score.y)
        found["n_val_is_guess"] = found["n_val"] is not None
    found["n_epochs"] = max((len(curve[0]) for curve in (train, val) if curve), default=0)
    for part, curve in (("train", train), ("val", val)):
        if curve:
            found |= _named(part, _shape(*curve))
    if "train_end" in found and "val_end" in found:
        found |= _gap(train, val, found)
    for part in ("train", "val"):
        score = getattr(history, f"{part}_score")
        if score is not None:
            found |= _named(f"{part}_score", _levels(score.y))
    if "val_climb" in found:
        found |= _probabilities(found)
    return found


def _named(part, values):
    return {f"{part}_{key}": value for key, value in values.items()}


def _losses(history):
    """Return (x, y) of training and validation, and what they are: "loss" or "error" (1 - score)."""
    losses = history.train_loss, history.val_loss
    scores = history.train_score, history.val_score
    if _has(losses[1]) or not _has(scores[1]):
        return *[(curve.x, curve.y) if _has(curve) else None for curve in losses], "loss"
    sign = -1 if history.higher_is_better else 1
    offset = 1 if history.higher_is_better else 0
    return *[(curve.x, offset + sign * curve.y) if _has(curve) else None for curve in scores], "error"


def _has(curve):
    return curve is not None and len(curve.y) > 0


def _shape(x, y):
    """Return what a curve does up to its first value that is not finite."""
    bad = np.flatnonzero(~np.isfinite(y))
    until = int(bad[0]) if len(bad) else len(y)
    found = {"points": len(y), "not_finite": float(x[until]) if len(bad) else None}
    if until:
        found |= measures.turn(*measures.thin(x[:until], y[:until]))
    return found


def _gap(train, val, found):
    """Return how many times the training loss the validation loss is, at the end and before.

    All as logarithms: `gap` at the end, `gap_first` at the beginning, `gap_trend` what it gains
    over the second half; and `gap_share`, the distance as a share of the first validation loss.
    """
    low, high = found["train_end"], found["val_end"]
    values = {
        "gap": float(np.log(high / max(low, 1e-9 * high))),
        "gap_share": (high - low) / found["val_first"],
    }
    ratio = _ratio(train, val)
    if len(ratio):
        some = max(1, measures.whole(0.1 * len(ratio)))
        middle = ratio[len(ratio) // 2 :][:some]
        values["gap_first"] = float(np.median(ratio[: max(1, measures.whole(0.02 * len(ratio)))]))
        values["gap_trend"] = float(np.median(ratio[-some:]) - np.median(middle))
    return values


def _ratio(train, val):
    """Return the logarithm of validation over training loss at the epochs that both have."""
    _, of_train, of_val = np.intersect1d(train[0], val[0], return_indices=True)
    below, above = train[1][of_train], val[1][of_val]
    usable = np.isfinite(below) & np.isfinite(above) & (below > 0) & (above > 0)
    ratio = np.log(above[usable] / below[usable])
    return measures.thin(ratio, ratio)[1]


def _levels(y):
    """Return a score's first, lowest, highest and last level, the last as a mean of a tenth."""
    y = y[np.isfinite(y)]
    if not len(y):
        return {}
    last = y[-max(1, measures.whole(measures.END * len(y))) :]
    return {
        "first": float(y[0]),
        "low": float(y.min()),
        "high": float(y.max()),
        "end": float(last.mean()),
    }


def _probabilities(found):
    """Return the standard errors of climb, fall and gap, and the probabilities of the verdicts."""
    root = np.sqrt(found["n_val"] or LIMITS["usual_rows"])
    errors = {
        "climb": (found["val_climb_noise"], abs(found["val_climb"])),
        "fall": (found["val_fall_noise"], abs(found["val_fall"])),
        "gap": (0.0, 0.0),
    }
    se = {
        name: float(np.hypot(np.hypot(LIMITS[f"{name}_floor"], by_noise), LIMITS[f"{name}_rows"] / root))
        for name, (by_noise, _) in errors.items()
    }
    climbs = ndtr((found["val_climb"] - np.log1p(LIMITS["climb"])) / se["climb"])
    falls = ndtr((found["val_fall"] - LIMITS["fall"]) / se["fall"])
    gaps = ndtr((found.get("gap", 0.0) - np.log(LIMITS["gap"])) / se["gap"])
    shares = (climbs, (1 - climbs) * falls, (1 - climbs) * (1 - falls) * gaps)
    return {
        **{f"{name}_error": value for name, value in se.items()},
        **{f"p_{name}": float(p) for name, p in zip(MAIN, (*shares, 1 - sum(shares)), strict=True)},
    }
