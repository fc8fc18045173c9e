"""The words of a diagnosis: numbers as a reader wants them, and the sentences of rules.json."""

import json
from math import exp, expm1, floor, isfinite, log, log10
from pathlib import Path

from .measures import whole

RULES = json.loads(Path(__file__).with_name("rules.json").read_text("utf8"))
LIMITS = {name: limit["value"] for name, limit in RULES["limits"].items()}


def rounded(value, digits):
    """Return `value` with this many decimals, halves away from 0, as JavaScript can do it, too."""
    scale = 10**digits
    text = f"{whole(abs(value) * scale) / scale:.{digits}f}"
    return f"-{text}" if value < 0 and float(text) else text


def number(value):
    """Return `value` with three digits that count: 0.00123, 0.457, 12.3, 1,234, 1.2e-7."""
    if not isfinite(value):
        return "not finite"
    if abs(value) < 1e-300:
        return "0"
    size = floor(log10(abs(value)) + 1e-12)
    if size < -5 or size > 8:
        return f"{rounded(value / 10.0**size, 1)}e{size}"
    return f"{whole(value):,}" if size >= 3 else rounded(value, 2 - size)


def score(value):
    """Return a score with three decimals, a large one with three digits that count."""
    return rounded(value, 3) if abs(value) < 100 else number(value)


def percent(share):
    """Return a share as a percentage: 0.3%, 4.1%, 37%, 1,200%."""
    size = abs(share) * 100
    if size >= 1000:
        return f"{whole(share * 100):,}%" if size < 1e6 else "more than 1,000,000%"
    return f"{rounded(share * 100, 1 if size < 9.95 else 0)}%"


def epoch(value):
    """Return an epoch as it was logged: 12, 0.5; the middle of a block of epochs as a whole one."""
    if value == int(value) or value >= 10:
        return f"{whole(value):,}"
    return rounded(value, 2)


def times(log_ratio):
    """Return a factor, given its logarithm: 0.45, 1.4, 12, more than 1,000."""
    ratio = exp(min(log_ratio, 30.0))
    if ratio > 1000:
        return "more than 1,000"
    return rounded(ratio, 2 if ratio < 0.995 else 1 if ratio < 9.95 else 0)


def counted(value, noun):
    """Return "1 row", "7 rows"."""
    return f"{value:,} {noun}{'' if value == 1 else 's'}"


def words_for(found):
    """Return the numbers of `found` in words, by the names that the sentences use."""
    kind = found["kind"]
    said = {"short": kind, "loss": f"validation {kind}", "n_rows": f"{found['n_rows']:,}"}
    said |= {name: percent(LIMITS[name]) for name in ("learned", "hardly")}
    for part in ("train", "val"):
        said |= _of_a_curve(found, part)
    shares = ("climb_error", "climb_rows", "rate_left")
    said |= {name: percent(found[name]) for name in shares if name in found}
    ratios = ("gap_first", "other_scale")
    said |= {name: times(found[name]) for name in ratios if name in found}
    if "fall_error" in found:  # of the fall as a share of where it began
        said["fall_error"] = percent(found["fall_error"] / max(1 + found["val_fall"], 0.1) ** 2)
    said |= {key: f"{whole(100 * p)}%" for key, p in found.items() if key.startswith("p_")}
    if "gap" in found:
        said |= {"gap": times(found["gap"]), "better": percent(-expm1(found["gap"]))}
    if "train_first" in found:
        said["guess"] = rounded(exp(-found["train_first"]), 2)
    if "train_first" in found and "val_first" in found:
        said["blown_up"] = number(found["train_first"] / max(found["val_first"], 1e-300))
    if "train_top" in found:
        said["score_top"] = "1" if found["train_top"] - found["shift"] <= 1 else "100"
    if "score_rows" in found:
        said["score_rows"] = counted(found["score_rows"], "row")
    return said


def _of_a_curve(found, part):
    """Return what is said of a curve's numbers, those of "train" or "val"."""

    def level(value):
        return number(value - found["shift"])

    known = {
        "best_epoch": epoch,
        "best_low": epoch,
        "best_high": epoch,
        "not_finite": epoch,
        "first": level,
        "low": level,
        "end": level,
        "risen": level,
        "last": level,
        "climb": lambda value: percent(expm1(value)),
        "climb_noise": percent,
        "fall": lambda value: percent(abs(value) / max(1 + value, 0.1)),
        "noise": percent,
        "rise": lambda value: times(log(value)),
        "score_first": score,
        "score_end": score,
        "score_best": score,
        "score_high": score,
        "points": lambda value: {1: "once", 2: "twice"}.get(value, f"{value:,} times"),
    }
    keys = {f"{part}_{name}": say for name, say in known.items()}
    return {key: say(found[key]) for key, say in keys.items() if found.get(key) is not None}


def sentence(key, found, **more):
    """Return the sentence of rules.json for a verdict, its numbers filled in."""
    return RULES["sentences"][key].format(**words_for(found), **more)


def evidence_for(name, found):
    """Return the sentences with the numbers that a verdict rests on."""
    said = words_for(found)
    return [RULES["evidence"][key].format(**said) for key in _keys(name, found)]


def _keys(name, found):
    """Return the names of the sentences that are evidence for a verdict."""
    keys = []
    if found["kind"] == "error":
        keys.append("as error" if found["higher"] else "as error: lower is better")
    if found["below_zero"]:
        keys.append("below zero")
    if found["train_is_batch"]:
        keys.append("batch")
    if name == "unstable":
        return [*keys, "noise"] if "val_noise" in found else keys
    if name in ("diverging", "nothing learned"):
        first = "first" if found.get("train_not_finite") is None else "first: until"
        return [*keys, first] if "train_end" in found else keys
    if name in ("broken split", "leak", "validation better"):
        return [*keys, "gap"] if "gap" in found else keys
    if "p_level" not in found or found["val_points"] < LIMITS["few_points"]:
        return keys
    return keys + _keys_of_main(name, found)


def _keys_of_main(name, found):
    sharp = epoch(found["val_best_low"]) == epoch(found["val_best_high"])
    keys = ["best: sharp" if sharp else "best", "climb", _key_of_rows(found)]
    if name in ("improving", "level", "cannot tell"):
        keys.append("fall" if found["val_fall"] >= 0 else "fall: rises")
    if _ends_in_a_jump(found):
        keys.append("last")
    if "gap" in found:
        keys.append("gap")
        if name in ("overfitting", "gap"):
            keys.append(f"gap: {_direction(found)}")
    if found.get("rate_left", 1.0) < LIMITS["frozen"]:
        keys.append("rate")
    if name != "improving" and "val_score_end" in found:
        keys.append("score" if found.get("score_rows", 0) > 0 else "score: no rows")
    return keys if name == "cannot tell" else [*keys, "chances"]


def _ends_in_a_jump(found):
    """Tell whether the last value lies off the smooth curve by more than noise explains."""
    if min(found["val_last"], found["val_expected"]) <= 0:
        return False
    off = abs(log(found["val_last"] / found["val_expected"]))
    return off >= max(log(1 + LIMITS["unstable"]), LIMITS["climb_least"] * found["val_noise"])


def _direction(found):
    """Return where the gap goes; with validation below training, a rising ratio narrows it."""
    trend = found.get("gap_trend", 0.0)
    if abs(trend) < log(LIMITS["widens"]):
        return "steady"
    return "widening" if (trend > 0) == (found["gap"] > 0) else "narrowing"


def _key_of_rows(found):
    if not found["n_val"]:
        return "rows: unknown"
    return "rows: guessed" if found["n_val_is_guess"] else "rows"
