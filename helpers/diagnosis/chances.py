"""How probable each of the four main verdicts is, from the numbers of a history.

Three questions, one after the other, each answered by a logistic regression on a few measures:
has the validation loss turned (overfitting)? If not, does it still fall (improving)? If neither,
does it lie far above the training loss (a gap) or not (level)? The weights stand in rules.json,
with what each measure means and the values between which it counts. They were fitted to runs whose
truth is known: tests/benchmarks/fit_diagnosis.py.
"""

import numpy as np

from .words import LIMITS, RULES

MAIN = ("overfitting", "improving", "gap", "level")
MODELS, MEASURES = RULES["models"], RULES["measures"]


def chances(found):
    """Return the standard errors of climb, fall and gap, and the probability p_* of each of MAIN.

    found: the numbers of a validation loss of at least LIMITS["few_points"] points.
    """
    errors = _standard_errors(found)
    asked = measures_of(found | errors)
    turned, falls, wide = (_answer(MODELS[name], asked) for name in MAIN[:3])
    shares = turned, (1 - turned) * falls, (1 - turned) * (1 - falls) * wide
    probable = zip(MAIN, (*shares, 1 - sum(shares)), strict=True)
    return errors | {f"p_{name}": float(value) for name, value in probable}


def _standard_errors(found):
    """Return by how much other validation rows, and other noise, would move climb, fall and gap."""
    n, carrying = max(LIMITS["fewest_rows"], found["n_rows"]), found["n_carrying"] + 1
    climb, fall, mode = max(found["val_climb"], 0.0), found["val_fall"], found.get("gap_mode", 0.0)
    size, rest = LIMITS["climb_size"] * climb, LIMITS["climb_rows"]
    by_rows = _root(size / np.sqrt(carrying), rest / np.sqrt(carrying))
    by_noise = LIMITS["climb_noise"] * found["val_climb_noise"]
    errors = {
        "climb_rows": by_rows,
        "climb_error": _root(LIMITS["climb_floor"], by_noise, by_rows),
        "fall_error": _root(
            LIMITS["fall_floor"],
            LIMITS["fall_noise"] * found["val_fall_noise"],
            LIMITS["fall_size"] * fall / np.sqrt(n),
            LIMITS["fall_rows"] / np.sqrt(carrying),
        ),
        "gap_error": _root(
            LIMITS["gap_floor"],
            LIMITS["gap_size"] / np.sqrt(n),
            LIMITS["gap_rows"] / np.sqrt(carrying),
            LIMITS["gap_mode"] * mode,
        ),
    }
    return {name: float(value) for name, value in errors.items()}


def _root(*parts):
    return np.sqrt(sum(part * part for part in parts))


def measures_of(found):
    """Return the measures that the models weigh, by name, each within the values that count.

    What a history cannot give (it has no training curve, or no accuracy) has its usual value.
    """
    given = _of_validation(found) | _of_training(found) | _of_accuracy(found)
    return {name: _within(name, given.get(name, of["usual"])) for name, of in MEASURES.items()}


def _within(name, value):
    return float(np.clip(value, MEASURES[name]["least"], MEASURES[name]["most"]))


def _of_validation(found):
    turned, falls = np.log1p(LIMITS["climb"]), LIMITS["fall"]
    fall = (found["val_fall"] - falls) / found["fall_error"]
    return {
        "climb": (found["val_climb"] - turned) / found["climb_error"],
        "climb at the end": (found["val_last_climb"] - turned) / found["climb_error"],
        "fall": fall,
        "fall squared": fall * fall,
        "fall at the end": (found["val_last_fall"] - falls) / found["fall_error"],
        "points": np.log(found["val_points"]),
        "since the lowest": found["val_since"],
        "noise": np.log(max(found["val_noise"], LIMITS["least_noise"])),
    }


def _of_training(found):
    if "gap" not in found:
        return {}
    fall = found["train_fall"]
    follows = _within("follows", found["val_fall"] / max(fall, LIMITS["least_fall"]))
    gap = found["gap"] + LIMITS["gap_shift"] * found.get("gap_mode", 0.0)
    return {
        "gap in errors": (gap - np.log(LIMITS["gap"])) / found["gap_error"],
        "distance": found["gap_distance"] if _is_in_nats(found) else found["gap_share"],
        "training left": np.log(max(found["train_end"] / found["train_first"], 1e-9)),
        "training fall": fall,
        "training fall, log": np.log(max(fall, LIMITS["least_fall"])),
        "training since the lowest": found["train_since"],
        "follows": follows,
        "follows, by rows": follows * np.log(found["n_rows"] / LIMITS["some_rows"]),
        "training noise": np.log(max(found["train_noise"], LIMITS["least_noise"])),
    }


def _is_in_nats(found):
    """Tell whether the loss is a cross-entropy in nats: a wrong answer then costs ln 2 at least."""
    if found["score"] != "accuracy" or found["kind"] != "loss" or "val_score_end" not in found:
        return False
    wrong = 1 - found["val_score_end"]
    return 0 <= wrong <= 1 and found["val_end"] >= LIMITS["nats"] * wrong


def _of_accuracy(found):
    known = found["score"] == "accuracy" and "train_score_end" in found
    return {"training accuracy": found["train_score_end"]} if known else {}


def _answer(model, asked):
    """Return the probability that a logistic regression gives."""
    weighed = sum(weight * asked[name] for name, weight in model["weights"].items())
    return 1 / (1 + np.exp(-(model["base"] + weighed)))
