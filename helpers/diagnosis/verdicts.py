"""From the curves of a training history to ranked verdicts.

Three questions decide between overfitting, improving, gap and level: how far the validation loss
has climbed since its lowest point, how fast it still falls, how many times the training loss it is.
Each answer has a standard error, from the noise between epochs and from the number of validation
rows; chances.py weighs them, with a few more measures, to a probability. A verdict is given only if
it is probable enough. All limits stand in rules.json, which the page's JavaScript reads, too.
"""

from dataclasses import dataclass, field, replace

import numpy as np

from . import measures
from .chances import MAIN, chances
from .words import LIMITS, evidence_for, percent, sentence

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
    train, val, shift, below_zero = _above_zero(train, val)
    found = {"n_val": n_val, "n_val_is_guess": False, "kind": kind, "score": history.score_name}
    found |= {"shift": shift, "below_zero": below_zero, "higher": history.higher_is_better}
    found["is_cut"] = any(curve and _begins_late(curve[0]) for curve in (train, val))
    found["train_is_batch"] = history.train_is_batch
    if n_val is None and _has(history.val_score) and history.score_name == "accuracy":
        found["n_val"] = measures.rows(history.val_score.y)
        found["n_val_is_guess"] = found["n_val"] is not None
    found["n_epochs"] = max((len(curve[0]) for curve in (train, val) if curve), default=0)
    for part, curve in (("train", train), ("val", val)):
        if curve:
            found |= _named(part, _shape(*curve))
    if "train_end" in found and "val_end" in found:
        found |= _comparable(_gap(train, val, found), found)
    for part in ("train", "val"):
        score = getattr(history, f"{part}_score")
        if _has(score):
            found |= _named(f"{part}_score", _levels(score, history.higher_is_better))
    if found["n_val"] and found["score"] == "accuracy" and found.get("val_score_high", 2) <= 1:
        missed = abs(found["val_score_best"] - found["val_score_end"]) * found["n_val"]
        found["score_rows"] = measures.whole(missed)
    rate = history.learning_rate
    if _has(rate) and np.isfinite(rate.y).all() and rate.y.max() > 0:
        found["rate_left"] = float(rate.y[-1] / rate.y.max())
    found["n_rows"] = found["n_val"] or LIMITS["usual_rows"]
    if "val_climb" in found and found["val_points"] >= LIMITS["few_points"]:
        begun = max(found["val_first"], found.get("train_first", 0.0))
        found["n_carrying"] = found["n_rows"] * float(
            np.clip(found["val_end"] / begun, LIMITS["least_carrying"], 1)
        )
        found |= chances(found)
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
    """Return both curves, what was added to lift them above 0, and whether they go below it.

    Shares have no meaning there. A loss below 0 (a negative log-likelihood of densities) is lifted
    by half of its range above 0, one that is 0, or misses it by rounding errors, by a billionth of
    its first value.
    """
    finite = [curve[1][np.isfinite(curve[1])] for curve in (train, val) if curve]
    every = np.concatenate(finite) if finite else np.array([])
    if not len(every) or every.min() > 0:
        return train, val, 0.0, False
    low, high = float(every.min()), float(every.max())
    size = max(abs(float(y[0])) for y in finite if len(y)) or max(high, -low) or 1.0
    below = low <= -1e-6 * size
    shift = max(1e-9 * size, (high - low) / 2 if below else 0.0) - low
    lifted = [(curve[0], curve[1] + shift) if curve else None for curve in (train, val)]
    return *lifted, shift, below


def _begins_late(x):
    """Tell whether a curve does not begin with the run: the log was cut, or training resumed."""
    return len(x) > 1 and bool(x[0] > 1.5 * (x[1] - x[0]))


def _has(curve):
    return curve is not None and len(curve.y) > 0


def _shape(x, y):
    """Return what a curve does up to its first value that is not finite."""
    bad = np.flatnonzero(~np.isfinite(y))
    until = int(bad[0]) if len(bad) else len(y)
    found = {"points": len(y), "not_finite": float(x[until]) if len(bad) else None}
    found["recovers"] = bool(len(bad)) and bool(np.isfinite(y[-1]))
    if until:
        found |= {"top": float(y[:until].max()), "bottom": float(y[:until].min())}
        x, y = measures.thin(x[:until], y[:until])
        found |= measures.turn(x, y)
        found["climb_noise"] *= _as_jumps(found)
        found["leap"] = float(np.max(y[1:] / y[:-1], initial=1.0)) - 1
        found["rise"] = found["end"] / found["first"] if found["first"] > 0 else 1.0
    return found


def _as_jumps(shape):
    """Return what turns the noise of a climb to many times the lowest into that of its logarithm.

    By how much a loss jumps while it is high says nothing as a share of its lowest.
    """
    far = shape["climb"] >= LIMITS["climb_far"] and shape["jumps"] < shape["noise"]
    return shape["jumps"] / shape["noise"] if far else 1.0


def _gap(train, val, found):
    """Return how many times the training loss the validation loss is, at the end and before.

    All as logarithms: `gap` at the end, `gap_first` at the beginning, `gap_trend` what it gains
    over the second half; and `gap_distance`, also as `gap_share` of the first validation loss.
    """
    low, high = found["train_end"], found["val_end"]
    values = {
        "gap": float(np.log(high / max(low, 1e-9 * high))),
        "gap_distance": high - low,
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


def _comparable(values, found):
    """Return what `_gap` found; of losses on two scales only by how much they differ.

    A training loss that is many times the validation loss from the first epochs to the last is a
    sum over rows or batches, or one with parts that validation does not have.
    """
    least = min(-values["gap"], -values.get("gap_first", 0.0))
    if found["kind"] == "loss" and not _blew_up(found) and least >= np.log(LIMITS["scale"]):
        return {"other_scale": least}
    return values


def _aligned(train, val):
    """Return both losses at the epochs of `val`: of training, the mean since the one before."""
    total = np.concatenate([[0.0], np.cumsum(train[1])])
    until = np.searchsorted(train[0], val[0] + 1e-9, side="right")
    since = np.concatenate([[0], until[:-1]])
    has = until > since
    return (total[until] - total[since])[has] / (until - since)[has], val[1][has]


def _levels(score, higher_is_better):
    """Return a score's first, lowest, highest, best and last level, the last of a tenth's mean."""
    y = score.y[np.isfinite(score.y)]
    if not len(y):
        return {}
    last = y[-max(1, measures.whole(measures.END * len(y))) :]
    return {
        "begins": float(score.x[0]),
        "first": float(y[0]),
        "points": len(y),
        "low": float(y.min()),
        "high": float(y.max()),
        "best": float(y.max() if higher_is_better else y.min()),
        "end": float(measures.mean(last)),
    }


@np.errstate(all="ignore")
def judge(found):
    """Return the verdicts on the numbers of `measure`, ranked."""
    faults = [_diverging, _sure_leak, _broken_split, _nothing_learned]
    first = [verdict for rule in faults for verdict in rule(found)]
    main = [] if any(v.name in ("diverging", "nothing learned") for v in first) else _main(found)
    if any(verdict.name == "leak" for verdict in first):  # which draws the same two curves
        main = [verdict for verdict in main if verdict.name != "level"]
    if _too_little(found) == "score as loss":
        return first + main
    jumps = _unstable(found)
    main = jumps + main if main and main[0].name == "cannot tell" else main + jumps
    parts = [] if any(verdict.name == "broken split" for verdict in first) else _parts(found)
    return first + main + _better(found) + parts + _possible_leak(found)


def _verdict(name, confidence, found, key=None, **more):
    said = sentence(key or name, found, **more)
    return Verdict(name, confidence, said, evidence_for(name, found))


def _diverging(found):
    for part in ("train", "val"):
        if found.get(f"{part}_not_finite") is not None:
            if found[f"{part}_recovers"]:
                return [_verdict("diverging", "moderate", found, f"diverging: {part}, for a time")]
            return [_verdict("diverging", "high", found, f"diverging: {part}")]
    if _blew_up(found) and found["val_rise"] >= LIMITS["rise"]:
        return [_verdict("diverging", "moderate", found, "diverging: at once")]
    rise = found.get("train_rise", 0.0)
    if rise < LIMITS["rise"] or found["train_is_batch"] or found["kind"] == "error":
        return []
    return [] if _looks_like_a_score(found) else [_verdict("diverging", _sure(rise), found)]


def _blew_up(found):
    """Tell whether training blew up within the first epoch: validation, at its end, is far below.

    The first training loss is a mean over that epoch, so that what follows is no rise.
    """
    if found["train_is_batch"] or found["kind"] == "error" or "train_first" not in found:
        return False
    later = max(found.get("val_first", np.inf), found["train_middle"])
    return found["train_first"] >= LIMITS["blown_up"] * later and not found["is_cut"]


def _sure(rise):
    return "high" if rise >= LIMITS["surely_rises"] else "moderate"


def _looks_like_a_score(found):
    """Tell whether the training "loss" rises as a score does, whatever the validation "loss" does.

    Within 0 and 1 (not all of it near 0), or from 5 or more to at most 100 and faster at first, as
    a percentage would.
    """
    top = max(found["train_top"], found.get("val_top", 0.0)) - found["shift"]
    rises = found["train_end"] > found["train_first"]
    bottom = min(found["train_bottom"], found.get("val_bottom", np.inf)) - found["shift"]
    half = (found["train_first"] + found["train_end"]) / 2
    as_percent = bottom >= LIMITS["percent_bottom"] and top <= 100 and found["train_middle"] > half
    return rises and ((bottom >= -1e-9 and LIMITS["score_top"] <= top <= 1) or as_percent)


def _sure_leak(found):
    return _leak(found, "moderate") if found["n_rows"] >= LIMITS["leak_rows"] else []


def _possible_leak(found):
    return _leak(found, "low") if found["n_rows"] < LIMITS["leak_rows"] else []


def _leak(found, confidence):
    """Too good from the start. Among few rows, all may well be right without a leak.

    After the first epoch, not later: a log that was cut may begin with a trained model.
    """
    early = found["score"] == "accuracy" and found.get("val_score_begins", 2.0) <= 1
    sure = early and found["val_score_first"] >= LIMITS["leak"]
    return [_verdict("leak", confidence, found)] if sure else []


def _broken_split(found):
    """Worse than guessing: the share of right answers of a guess is exp(-first training loss)."""
    if "val_score_high" not in found or "train_first" not in found or found["score"] != "accuracy":
        return []
    guess = np.exp(-found["train_first"])
    if found["is_cut"] or found["kind"] != "loss":
        return []
    error = np.sqrt(guess * (1 - guess) / found["n_rows"]) if 0 < guess < 1 else 1.0
    worse = found["val_score_high"] < min(
        LIMITS["chance"] * guess, guess - LIMITS["chance_errors"] * error
    )
    learned = found["train_end"] < LIMITS["split_left"] * found["train_first"]
    return [_verdict("broken split", "moderate", found)] if worse and learned else []


def _nothing_learned(found):
    scores = [found.get(name, 0.0) for name in ("train_score_end", "val_score_first")]
    solved = max(scores) >= LIMITS["leak"] and found["score"] == "accuracy"
    if solved or "train_end" not in found or found["n_epochs"] < LIMITS["few_points"]:
        return []
    fallen = _fallen(found)
    if _one_answer(found, fallen < LIMITS["hardly"]):
        return [_verdict("nothing learned", "high", found, "nothing learned: one answer")]
    if _at_chance(found):
        return [_verdict("nothing learned", "moderate", found, "nothing learned: chance")]
    if found["is_cut"] or found["train_end"] > found["train_first"] * LIMITS["rise"]:
        return []
    if fallen >= LIMITS["learned"] or _knew_before(found):
        return []
    return [_verdict("nothing learned", "moderate", found)]


def _fallen(found):
    """Return by which share of its first value the loss falls that falls most."""
    begun = {part: found.get(f"{part}_first", 0.0) for part in ("train", "val")}
    falls = [1 - found[f"{part}_low"] / value for part, value in begun.items() if value > 0]
    return max(falls, default=1.0)


def _knew_before(found):
    """Tell whether most answers are right from the first epoch on, and not all by one answer."""
    first, moves = found.get("val_score_first", 0.0), found.get("val_score_high", 0.0)
    moves = moves > found.get("val_score_low", 0.0)
    return found["score"] == "accuracy" and first >= LIMITS["knew"] and moves


def _at_chance(found):
    """Tell whether, after a first epoch that blew up, the answers stay as good as guessing.

    A model that has learned gives right answers more often than exp(-loss), the geometric mean of
    their probabilities; one that guesses does not.
    """
    if not _blew_up(found) or found["score"] != "accuracy" or "val_score_end" not in found:
        return False
    guess = np.exp(-found["val_end"])
    error = np.sqrt(guess * (1 - guess) / found["n_rows"])
    flat = abs(1 - found["val_end"] / found["val_middle"]) < LIMITS["hardly"]
    return flat and found["val_score_end"] < guess + LIMITS["chance_errors"] * error


def _one_answer(found, flat):
    """Tell whether the validation score never moves, and nor does what is known of training."""
    stuck = found.get("val_score_low", 0.0) == found.get("val_score_high", 1.0)
    if not stuck or found["val_score_points"] < LIMITS["few_points"]:
        return False
    moved = found.get("train_score_high", 1.0) - found.get("train_score_low", 0.0)
    rests = found["kind"] == "loss" and found.get("val_fall", 1.0) < LIMITS["fall"]
    return flat or (rests and moved < LIMITS["hardly"])


def _main(found):
    """Return the most probable of the main verdicts, or that they cannot be told, and which."""
    reason = _too_little(found)
    if reason:
        return [_verdict("cannot tell", "high", found, f"cannot tell: {reason}")]
    probable = {name: found[f"p_{name}"] for name in MAIN}
    best = max(MAIN, key=probable.get)
    spared = best in ("improving", "level") and probable["overfitting"] > LIMITS["spare"]
    reason = _why_not(best, spared, found)
    if reason:
        return [_verdict("cannot tell", "high", found, f"cannot tell: {reason}")]
    if probable[best] >= LIMITS[f"sure_{best}"] and not spared:
        return [_verdict(best, _confidence(probable[best]), found)]
    likely = _left_open(probable, spared)
    open_ones = " or ".join(f"{name} ({measures.whole(100 * probable[name])}%)" for name in likely)
    unsure = _verdict("cannot tell", "high", found, candidates=open_ones)
    return [unsure, *(_candidate(name, probable[name], found) for name in likely[:2])]


def _why_not(best, spared, found):
    """Return why the likeliest verdict is not given, however probable it is, or None."""
    if best in ("gap", "level") and "gap" not in found and not spared:
        return "other scale" if "other_scale" in found else "no training"
    if best == "level" and _hardly_begun(found):
        return "hardly begun"
    if best == "overfitting" and _both_rise(found):
        return "both rise"
    return f"noise in {best}" if _within_noise(best, found) else None


def _hardly_begun(found):
    """Tell whether the losses have come down by so little that "level" would be praise."""
    began = "gap" in found and not found["is_cut"] and not _knew_before(found)
    return began and _fallen(found) < LIMITS["hardly"]


def _left_open(probable, spared):
    """Return the likely names, two at least, and overfitting where it alone forbids the first."""
    ranked = sorted(MAIN, key=probable.get)[::-1]
    others = [
        name
        for name in ranked[2:]
        if probable[name] >= LIMITS["left_open"] or (spared and name == "overfitting")
    ]
    return ranked[:2] + others


def _candidate(name, probability, found):
    """Return a verdict that is left open; its numbers are the evidence of "cannot tell"."""
    return Verdict(name, "low", sentence("candidate", found, probability=percent(probability)))


def _both_rise(found):
    """Tell whether training has climbed as much as validation, and since then: not overfitting."""
    climb = found.get("train_climb", 0.0)
    least = LIMITS["climb_least"] * found.get("train_climb_noise", 0.0)
    since = found.get("train_best_low", np.inf) <= found["val_best_high"]
    return not found["train_is_batch"] and since and climb >= max(found["val_climb"], least)


def _within_noise(name, found):
    """Tell whether noise between epochs alone could give the climb, or the fall, that is seen."""
    if name == "overfitting":
        return found["val_climb"] < LIMITS["climb_least"] * found["val_climb_noise"]
    least = LIMITS["fall_least"] * found["val_fall_noise"]
    return name == "improving" and found["val_fall"] < least


def _too_little(found):
    """Return why nothing can be said about validation, None if something can."""
    if found.get("val_points", 0) == 0:
        return "no validation" if found["n_epochs"] == 0 else "one curve"
    if found["val_points"] < LIMITS["few_points"]:
        return "few points"
    return "score as loss" if "train_end" in found and _rises_as_a_score(found) else None


def _rises_as_a_score(found):
    return (
        found["kind"] == "loss"
        and found["train_rise"] > LIMITS["score_rise"]
        and _looks_like_a_score(found)
    )


def _confidence(probability):
    levels = ("high", "moderate")
    return next((level for level in levels if probability >= LIMITS[level]), "low")


def _unstable(found):
    """Jumps are not the rate's fault in training alone (dropout), nor of a loss near 0.

    Nor is a steep fall within few epochs: what jumps also rises.
    """
    least = min(found.get(f"{part}_noise", np.inf) for part in ("train", "val"))
    jumps = "train_end" in found and least >= LIMITS["unstable"] and not found["train_is_batch"]
    jumps = jumps and found["train_leap"] >= LIMITS["unstable"]
    counts = found.get("train_end", 0.0) > LIMITS["unstable_left"] * found.get(
        "train_first", np.inf
    )
    return [_verdict("unstable", "moderate", found)] if jumps and counts else []


def _better(found):
    better = -np.expm1(found.get("gap", 0.0)) >= LIMITS["better"]
    return [_verdict("validation better", "moderate", found)] if better else []


def _parts(found):
    """Different data in the two parts: the gap is there from the start and stays."""
    if "gap_first" not in found or found["is_cut"] or found["n_epochs"] < LIMITS["few_points"]:
        return []
    wide = found["gap_first"] >= np.log(LIMITS["parts"])
    stays = abs(found["gap"] - found["gap_first"]) < np.log(LIMITS["parts_trend"])
    return (
        [_verdict("broken split", "low", found, "broken split: parts differ")]
        if wide and stays
        else []
    )
