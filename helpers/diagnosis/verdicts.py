"""From the curves of a training history to ranked verdicts.

Three questions decide between overfitting, improving, gap and level: how far the validation loss
has climbed since its lowest point, how fast it still falls, how many times the training loss it is.
Each answer has a standard error, from the noise between epochs and from the number of validation
rows, and so a probability. A verdict is given only if it is probable enough. All limits stand in
rules.json, which the page's JavaScript reads, too.
"""

from dataclasses import dataclass, field, replace
from math import erf

import numpy as np

from . import measures
from .words import LIMITS, evidence_for, sentence

MAIN = ("overfitting", "improving", "gap", "level")
CURVES = ("train_loss", "val_loss", "train_score", "val_score")
LEAST, MOST = 1e-100, 1e100  # sizes of a value that are taken for what they are


@dataclass(frozen=True)
class Verdict:
    """One verdict: its name, how sure it is, what it says and the numbers that it rests on."""

    name: str
    confidence: str  # "high", "moderate" or "low"
    sentence: str
    evidence: list[str] = field(default_factory=list)


def bounded(history):
    """Return a `History`, values beyond all computing as not finite, and those next to 0 as 0."""
    curves = {name: getattr(history, name) for name in CURVES}
    return replace(
        history,
        **{name: replace(curve, y=_in_bounds(curve.y)) for name, curve in curves.items() if curve},
    )


def _in_bounds(y):
    size = np.abs(y)
    return np.where(size > MOST, np.copysign(np.inf, y), np.where(size < LEAST, 0.0, y))


@np.errstate(all="ignore")  # a history may hold anything
def measure(history, n_val=None):
    """Return what the rules ask of a `History`: a dict of numbers. What it lacks is not in it."""
    train, val, kind = _losses(history)
    train, val, shift = _above_zero(train, val)
    found = {"n_val": n_val, "n_val_is_guess": False, "kind": kind, "score": history.score_name}
    found["shift"] = shift
    found["train_is_batch"] = history.train_is_batch
    if n_val is None and _has(history.val_score) and history.score_name == "accuracy":
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
        if _has(score):
            found |= _named(f"{part}_score", _levels(score.y, history.higher_is_better))
    if found["n_val"] and found["score"] == "accuracy" and found.get("val_score_high", 2) <= 1:
        missed = abs(found["val_score_best"] - found["val_score_end"]) * found["n_val"]
        found["score_rows"] = measures.whole(missed)
    rate = history.learning_rate
    if _has(rate) and np.isfinite(rate.y).all() and rate.y.max() > 0:
        found["rate_left"] = float(rate.y[-1] / rate.y.max())
    found["n_rows"] = found["n_val"] or LIMITS["usual_rows"]
    if "val_climb" in found:
        begun = max(found["val_first"], found.get("train_first", 0.0))
        found["n_carrying"] = found["n_rows"] * float(np.clip(found["val_end"] / begun, 0.001, 1))
        found |= _probabilities(found)
    return found


def _named(part, values):
    return {f"{part}_{key}": value for key, value in values.items()}


def _losses(history):
    """Return (x, y) of training and validation, and what they are: "loss" or "error"."""
    losses = history.train_loss, history.val_loss
    scores = history.train_score, history.val_score
    if _has(losses[1]) or not _has(scores[1]):
        return *[(curve.x, curve.y) if _has(curve) else None for curve in losses], "loss"
    sign = -1 if history.higher_is_better else 1
    offset = 1 if history.higher_is_better else 0
    return *[
        (curve.x, offset + sign * curve.y) if _has(curve) else None for curve in scores
    ], "error"


def _above_zero(train, val):
    """Return both curves, and what was added to lift them above 0, where shares have no meaning.

    A loss below 0 (a negative log-likelihood of densities) is lifted by half of its range above 0.
    """
    finite = [curve[1][np.isfinite(curve[1])] for curve in (train, val) if curve]
    every = np.concatenate(finite) if finite else np.array([])
    if not len(every) or every.min() > 0:
        return train, val, 0.0
    top = float(np.abs(every).max()) or 1.0
    spread = float(every.max() - every.min()) or top
    shift = max(1e-9 * top, 1e-300) if every.min() == 0 else spread / 2 - float(every.min())
    return *[(curve[0], curve[1] + shift) if curve else None for curve in (train, val)], shift


def _has(curve):
    return curve is not None and len(curve.y) > 0


def _shape(x, y):
    """Return what a curve does up to its first value that is not finite."""
    bad = np.flatnonzero(~np.isfinite(y))
    until = int(bad[0]) if len(bad) else len(y)
    found = {"points": len(y), "not_finite": float(x[until]) if len(bad) else None}
    if until:
        found |= {"top": float(y[:until].max()), "bottom": float(y[:until].min())}
        found |= measures.turn(*measures.thin(x[:until], y[:until]))
        found["rise"] = found["end"] / found["first"] if found["first"] > 0 else 1.0
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
    below, above = _aligned(train, val)
    usable = (below > 0) & (above > 0) & np.isfinite(below) & np.isfinite(above)
    ratio = np.log(above[usable] / below[usable])
    if len(ratio) > 3:
        between = (above[usable][1:] + above[usable][:-1]) / 2
        behind = np.log(below[usable][1:] / between)
        values["gap_mode"] = max(0.0, float(np.quantile(behind, 0.9)))
    ratio = measures.thin(ratio, ratio)[1]
    if len(ratio):
        some = max(1, measures.whole(0.1 * len(ratio)))
        middle = ratio[len(ratio) // 2 :][:some]
        values["gap_first"] = float(np.median(ratio[: max(1, measures.whole(0.02 * len(ratio)))]))
        values["gap_trend"] = float(np.median(ratio[-some:]) - np.median(middle))
    return values


def _aligned(train, val):
    """Return both losses at the epochs of `val`: of training, the mean since the one before."""
    total = np.concatenate([[0.0], np.cumsum(train[1])])
    until = np.searchsorted(train[0], val[0] + 1e-9, side="right")
    since = np.concatenate([[0], until[:-1]])
    has = until > since
    return (total[until] - total[since])[has] / (until - since)[has], val[1][has]


def _levels(y, higher_is_better):
    """Return a score's first, lowest, highest, best and last level, the last of a tenth's mean."""
    y = y[np.isfinite(y)]
    if not len(y):
        return {}
    last = y[-max(1, measures.whole(measures.END * len(y))) :]
    return {
        "first": float(y[0]),
        "points": len(y),
        "low": float(y.min()),
        "high": float(y.max()),
        "best": float(y.max() if higher_is_better else y.min()),
        "end": float(measures.mean(last)),
    }


def _probabilities(found):
    """Return the standard errors of climb, fall and gap, and how probable each main verdict is."""
    climb, fall, gap = found["val_climb"], found["val_fall"], found.get("gap", 0.0)
    n, carrying = max(5, found["n_rows"]), found["n_carrying"] + 1
    mode = found.get("gap_mode", 0.0)
    errors = {
        "climb_rows": np.hypot(
            LIMITS["climb_size"] * max(climb, 0.0) / np.sqrt(carrying),
            LIMITS["climb_rows"] / np.sqrt(carrying),
        ),
        "climb_error": 0.0,
        "fall_error": np.sqrt(
            LIMITS["fall_floor"] ** 2
            + np.square(LIMITS["fall_noise"] * found["val_fall_noise"])
            + np.square(LIMITS["fall_size"] * fall) / n
            + LIMITS["fall_rows"] ** 2 / carrying
        ),
        "gap_error": np.sqrt(
            LIMITS["gap_floor"] ** 2
            + LIMITS["gap_size"] ** 2 / n
            + LIMITS["gap_rows"] ** 2 / carrying
            + (LIMITS["gap_mode"] * mode) ** 2
        ),
    }
    by_noise = LIMITS["climb_noise"] * found["val_climb_noise"]
    errors["climb_error"] = np.hypot(
        np.hypot(LIMITS["climb_floor"], by_noise), errors["climb_rows"]
    )
    shift = LIMITS["climb_gap"] * (np.clip(gap, -1, 3) - 0.7) if "gap" in found else 0.0
    few = LIMITS["fall_few"] * np.log(carrying / 30)
    share = found.get("gap_share", 0.0) - LIMITS["gap_share"] + 0.3 * mode
    climbs = _normal((climb - np.log1p(LIMITS["climb"])) / errors["climb_error"] + shift)
    falls = _normal((fall - LIMITS["fall"]) / errors["fall_error"] + few)
    wide = (gap + LIMITS["gap_shift"] * mode - np.log(LIMITS["gap"])) / errors["gap_error"]
    gaps = _normal(wide) * _normal(share / LIMITS["gap_share_error"])
    shares = climbs, (1 - climbs) * falls, (1 - climbs) * (1 - falls) * gaps
    probable = dict(zip(MAIN, (*shares, 1 - sum(shares)), strict=True))
    return {
        **{name: float(value) for name, value in errors.items()},
        **{f"p_{name}": float(value) for name, value in probable.items()},
    }


def _normal(z):
    """Return the probability that a standard normal variable is below `z`."""
    return (1 + erf(z / np.sqrt(2))) / 2


@np.errstate(all="ignore")
def judge(found):
    """Return the verdicts on the numbers of `measure`, ranked."""
    faults = [_diverging, _sure_leak, _broken_split, _nothing_learned]
    first = [verdict for rule in faults for verdict in rule(found)]
    main = [] if any(v.name in ("diverging", "nothing learned") for v in first) else _main(found)
    further = [verdict for rule in FURTHER for verdict in rule(found)]
    return first + main + further or _main(found)


def _verdict(name, confidence, found, key=None, **more):
    said = sentence(key or name, found, **more)
    return Verdict(name, confidence, said, evidence_for(name, found))


def _diverging(found):
    for part in ("train", "val"):
        if found.get(f"{part}_not_finite") is not None:
            return [_verdict("diverging", "high", found, f"diverging: {part}")]
    rise = found.get("train_rise", 0.0)
    if rise < LIMITS["rise"] or found["train_is_batch"] or found["kind"] == "error":
        return []
    return [] if _looks_like_a_score(found) else [_verdict("diverging", _sure(rise), found)]


def _sure(rise):
    return "high" if rise >= 2 else "moderate"


def _looks_like_a_score(found):
    """Tell whether the training "loss" rises within 0 and 1, and the validation "loss" with it."""
    inside = found["train_bottom"] >= 0 and found["train_top"] <= 1
    with_it = (
        found.get("val_end", 1.0) > found.get("val_first", 0.0) and found.get("val_top", 0) <= 1
    )
    return inside and with_it and found["train_end"] > found["train_first"]


def _sure_leak(found):
    return _leak(found, "moderate") if found["n_rows"] >= LIMITS["leak_rows"] else []


def _possible_leak(found):
    return _leak(found, "low") if found["n_rows"] < LIMITS["leak_rows"] else []


def _leak(found, confidence):
    """Too good from the start. Among few rows, all may well be right without a leak."""
    sure = found.get("val_score_first", 0.0) >= LIMITS["leak"] and found["score"] == "accuracy"
    return [_verdict("leak", confidence, found)] if sure else []


def _broken_split(found):
    """Worse than guessing: the share of right answers of a guess is exp(-first training loss)."""
    if "val_score_high" not in found or "train_first" not in found or found["score"] != "accuracy":
        return []
    guess = np.exp(-found["train_first"])
    error = np.sqrt(guess * (1 - guess) / found["n_rows"]) if 0 < guess < 1 else 1.0
    worse = found["val_score_high"] < min(
        LIMITS["chance"] * guess, guess - LIMITS["chance_errors"] * error
    )
    learned = found["train_end"] < 0.8 * found["train_first"]
    return [_verdict("broken split", "moderate", found)] if worse and learned else []


def _nothing_learned(found):
    if "train_end" not in found or found["n_epochs"] < LIMITS["few_points"]:
        return []
    falls = [
        1 - found[f"{part}_low"] / found[f"{part}_first"]
        for part in ("train", "val")
        if found.get(f"{part}_first", 0.0) > 0
    ]
    flat = max(falls, default=1.0) < LIMITS["learned"]
    stuck = found.get("val_score_low", 0.0) == found.get("val_score_high", 1.0)
    if flat and stuck and found.get("val_score_points", 0) >= LIMITS["few_points"]:
        return [_verdict("nothing learned", "high", found, "nothing learned: one answer")]
    rising = found["train_end"] > found["train_first"] * LIMITS["rise"]
    return [_verdict("nothing learned", "moderate", found)] if flat and not rising else []


def _main(found):
    """Return the most probable of the main verdicts, or that they cannot be told, and which."""
    reason = _too_little(found)
    if reason:
        return [_verdict("cannot tell", "high", found, f"cannot tell: {reason}")]
    probable = {name: found[f"p_{name}"] for name in MAIN}
    best = max(MAIN, key=probable.get)
    spared = best in ("improving", "level") and probable["overfitting"] > LIMITS["spare"]
    if "gap" not in found and best in ("gap", "level") and not spared:
        return [_verdict("cannot tell", "high", found, "cannot tell: no training")]
    if probable[best] >= LIMITS[f"sure_{best}"] and not spared:
        return [_verdict(best, _confidence(probable[best]), found)]
    likely = sorted((name for name in MAIN if probable[name] >= 0.1), key=probable.get)[::-1]
    open_ones = " or ".join(f"{name} ({measures.whole(100 * probable[name])}%)" for name in likely)
    unsure = _verdict("cannot tell", "high", found, candidates=open_ones)
    return [unsure, *(_verdict(name, "low", found) for name in likely[:2])]


def _too_little(found):
    """Return why nothing can be said about validation, None if something can."""
    if found.get("val_points", 0) == 0:
        return "no validation" if found["n_epochs"] == 0 else "one curve"
    if found["val_points"] < LIMITS["few_points"]:
        return "few points"
    return "score as loss" if "train_end" in found and _rises_as_a_score(found) else None


def _rises_as_a_score(found):
    return found["kind"] == "loss" and found["train_rise"] > 1.05 and _looks_like_a_score(found)


def _confidence(probability):
    levels = ("high", "moderate")
    return next((level for level in levels if probability >= LIMITS[level]), "low")


def _unstable(found):
    """Jumps of the training loss are no fault of the rate where it has all but vanished."""
    jumps = found.get("train_noise", 0.0) >= LIMITS["unstable"] and not found["train_is_batch"]
    counts = found.get("train_end", 0.0) > 0.05 * found.get("train_first", np.inf)
    return [_verdict("unstable", "moderate", found)] if jumps and counts else []


def _better(found):
    better = -np.expm1(found.get("gap", 0.0)) >= LIMITS["better"]
    return [_verdict("validation better", "moderate", found)] if better else []


def _parts(found):
    """Different data in the two parts: the gap is there from the start and stays."""
    if "gap_first" not in found or "gap" not in found or found["n_epochs"] < LIMITS["few_points"]:
        return []
    wide = found["gap_first"] >= np.log(LIMITS["parts"])
    stays = abs(found["gap"] - found["gap_first"]) < np.log(LIMITS["parts_trend"])
    return (
        [_verdict("broken split", "low", found, "broken split: parts differ")]
        if wide and stays
        else []
    )


FURTHER = (_unstable, _better, _parts, _possible_leak)
