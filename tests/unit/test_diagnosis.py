"""What the diagnosis says of curves whose verdict is known, and what it must not say."""

import io
import json
from pathlib import Path
import re
import subprocess
import sys
from types import SimpleNamespace

from helpers.diagnosis import Diagnosis, Verdict, diagnose
from helpers.diagnosis.__main__ import main
from helpers.diagnosis.chances import MEASURES, MODELS, measures_of
from helpers.diagnosis.runs import runs
from helpers.diagnosis.words import LIMITS, RULES
import numpy as np
import pandas as pd
import pytest

HISTORIES = Path(__file__).parents[1] / "histories"
TRUTH = json.loads((HISTORIES / "truth.json").read_text("utf8"))
FALL = np.exp(-np.arange(200) / 20)
LONG = np.exp(-np.arange(200) / 80)
NAMES = {
    "overfitting",
    "gap",
    "improving",
    "level",
    "nothing learned",
    "diverging",
    "unstable",
    "validation better",
    "broken split",
    "leak",
    "cannot tell",
}


def noise(n, size, seed=0):
    return np.exp(np.random.default_rng(seed).normal(0, size, n))


def curves(train, val=None, **more):
    given = {"loss": train, "val_loss": val, **more}
    return {name: np.asarray(y, float).tolist() for name, y in given.items() if y is not None}


def scores(train, val):
    return {"accuracy": list(train), "val_accuracy": list(val)}


def names_of(diagnosis):
    return [verdict.name for verdict in diagnosis.verdicts]


def sure_of(diagnosis):
    return [(verdict.name, verdict.confidence) for verdict in diagnosis.verdicts]


CLIMB = 0.4 + FALL + 0.003 * np.arange(200)
CASES = {
    "overfitting": curves(0.01 + FALL, CLIMB),
    "gap": curves(0.1 + 0.9 * FALL, 0.4 + 0.6 * FALL),
    "improving": curves(0.1 + LONG, 0.12 + LONG),
    "level": curves(0.3 + FALL, 0.31 + FALL),
    "nothing learned": curves(0.693 * noise(40, 0.002), 0.693 * noise(40, 0.002, 1)),
    "diverging": curves(1 + 0.1 * np.arange(40), 1 + 0.2 * np.arange(40)),
    "unstable": curves(noise(60, 0.8) + FALL[:60], noise(60, 0.8, 1) + FALL[:60]),
    "validation better": curves(0.4 + FALL, 0.25 + 0.8 * FALL),
    "broken split": curves([2.2, 0.9, 0.3], [5.0, 7.0, 8.0], **scores([0.2, 0.7, 0.9], [0.01] * 3)),
    "leak": curves(
        [0.1, 0.02, 0.01, 0.01, 0.01], [0.01] * 5, **scores([0.97] + [1.0] * 4, [1.0] * 5)
    ),
    "cannot tell": curves([0.9, 0.7], [0.8, 0.7]),
}


# Each verdict where it must be found


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("seed", range(3))
def test_finds_each_verdict_on_a_run_made_for_it(name, seed):
    small = {
        column: np.asarray(y) * (noise(len(y), 0.002, seed) if "loss" in column else 1)
        for column, y in CASES[name].items()
    }
    found = diagnose(small, n_val=500)
    assert name in names_of(found)
    if name != "validation better":
        assert found.verdict == name


def test_every_name_is_one_of_the_eleven():
    assert set(CASES) == NAMES


def test_a_loss_that_is_no_number_is_diverging_and_the_epoch_is_said():
    val = np.where(np.arange(200) >= 50, np.nan, FALL)
    found = diagnose(curves(FALL, val))
    assert sure_of(found)[0] == ("diverging", "high")
    assert "from epoch 51 on" in found.verdicts[0].sentence
    val = np.where(np.arange(200) == 50, np.nan, FALL)
    found = diagnose(curves(FALL, val))
    assert found.verdicts[0].confidence == "moderate"
    assert "at epoch 51, though it is one again" in found.verdicts[0].sentence


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 1e300])
def test_curves_of_nothing_but_bad_numbers_are_diverging(bad):
    assert diagnose(curves([bad] * 9, [bad] * 9)).verdict == "diverging"


def test_two_epochs_with_an_accuracy_far_below_chance_are_a_broken_split():
    found = diagnose(curves([2.3, 0.4], [5, 7], **scores([0.5, 0.9], [0.0, 0.01])))
    assert found.verdict == "broken split"
    assert "overfitting" not in names_of(found)


# What must not be said


@pytest.mark.parametrize("seed", range(5))
def test_a_factor_of_ten_is_not_overfitting_while_validation_is_at_its_lowest(seed):
    train = (0.002 + np.exp(-np.arange(200) / 12)) * noise(200, 0.02, seed)
    val = (0.3 + 0.7 * np.exp(-np.arange(200) / 60)) * noise(200, 0.005, seed + 9)
    found = diagnose(curves(train, val), n_val=500)
    assert val[-1] > 10 * train[-1]
    assert found.verdict in ("improving", "gap")


def test_a_gap_since_epoch_0_is_not_overfitting_but_may_be_other_data():
    found = diagnose(curves(0.1 + 0.2 * FALL, 0.3 + 0.6 * FALL), n_val=500)
    assert "overfitting" not in names_of(found)
    assert "broken split" in names_of(found)


@pytest.mark.parametrize("n", [15, 30, 100, 400, 1500])
@pytest.mark.parametrize("size", [0.05, 0.1, 0.2, 0.4])
def test_noise_is_not_overfitting(n, size):
    """At most one level curve of thirty is called overfitting, at most two improving."""
    called = []
    for seed in range(30):
        fall = 0.5 * np.exp(-np.arange(n) / (n / 20))
        train = (0.50 + fall) * noise(n, size / 3, seed)
        val = (0.55 + fall) * noise(n, size, seed + 1000)
        called.append(diagnose(curves(train, val), n_val=500).verdict)
    assert called.count("overfitting") <= 1
    assert called.count("improving") <= 2


def test_validation_that_jumps_is_said_to_jump():
    found = diagnose(curves(0.5 + FALL, (0.55 + FALL) * noise(200, 0.4, 2)), n_val=500)
    assert found.verdict == "cannot tell"
    assert "jumps so much" in found.verdicts[0].sentence


def test_jumps_of_dropout_are_not_called_unstable():
    found = diagnose(curves((0.3 + FALL) * noise(200, 0.4), 0.3 + FALL), n_val=500)
    assert "unstable" not in names_of(found)


def test_a_train_loss_above_the_validation_loss_is_not_underfitting():
    found = diagnose(CASES["validation better"], n_val=500)
    assert found.verdict == "level"
    assert "usual with dropout" in found.verdicts[1].sentence
    assert "underfit" not in str(found).lower()


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("drop", [0, 0.6])
def test_a_flat_line_is_not_level(seed, drop):
    """Only the larger class is predicted; at most the bias was learned, in the first epochs."""
    loss = 0.33 + drop * np.exp(-np.arange(60) / 2)
    stuck = [0.9] * 60
    found = diagnose(
        curves(loss * noise(60, 0.003, seed), loss * noise(60, 0.003, 9), **scores(stuck, stuck))
    )
    assert found.verdict == "nothing learned"
    assert "level" not in names_of(found)


def test_a_model_that_had_learned_before_the_log_began_has_learned():
    resumed = {"epoch": np.arange(81, 141).tolist(), **curves([0.301] * 60, [0.33] * 60)}
    assert "nothing learned" not in names_of(diagnose(resumed, n_val=500))
    solved = curves([0.0005] * 60, [0.2] * 60, **scores([1.0] * 60, [0.93] * 60))
    assert "nothing learned" not in names_of(diagnose(solved))


@pytest.mark.parametrize("size", [1e-4, 1e-3])
def test_a_loss_near_zero_after_the_first_epoch_is_not_level(size):
    tiny = size * (1 + FALL)
    right = scores([0.999] * 200, [1.0] * 200)
    for more in ({}, right):
        found = diagnose(curves(tiny * noise(200, 0.05), tiny * noise(200, 0.05, 1), **more))
        if more:
            assert found.verdict == "leak"
            assert "level" not in names_of(found)
    flat = curves([size] * 50, [size] * 50)
    assert "level" not in names_of(diagnose(flat))


def test_a_score_of_which_lower_is_better_is_no_share_of_right_answers():
    found = diagnose(curves(0.3 + FALL, 0.31 + FALL, mae=3 + FALL, val_mae=3.1 + FALL), n_val=500)
    assert found.verdict == "level"
    assert "right" not in " ".join(v.sentence for v in found.verdicts)
    assert "rows." not in " ".join(found.verdicts[0].evidence[-1:])


def test_a_resumed_log_has_no_first_epoch_to_judge_by():
    late = {"epoch": np.arange(81, 121).tolist()}
    low = curves(0.05 + 0.05 * FALL[:40], [3.0] * 40, **scores([0.99] * 40, [0.45] * 40))
    assert "broken split" not in names_of(diagnose({**late, **low}, n_val=500))
    right = curves([0.01] * 40, [0.01] * 40, **scores([1.0] * 40, [1.0] * 40))
    assert "leak" not in names_of(diagnose({**late, **right}))


@pytest.mark.parametrize(
    "val",
    [0.95 - 0.75 * LONG, np.full(200, 0.6), 0.8 - 0.2 * (1 - FALL)],
    ids=["rises", "flat", "falls"],
)
@pytest.mark.parametrize("unit", [1, 100])
def test_an_accuracy_given_as_a_loss_is_not_judged(val, unit):
    found = diagnose(curves(unit * (1 - 0.8 * LONG), unit * val))
    assert names_of(found) == ["cannot tell"]
    assert "share of right answers" in found.verdicts[0].sentence
    assert f"within 0 and {unit}" in found.verdicts[0].sentence


# What must not matter


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("factor", [1e-4, 1e4, 1e-9])
def test_the_unit_of_the_loss_does_not_matter(name, factor):
    if name == "broken split":
        pytest.skip("there the first loss tells how hard guessing is")
    scaled = {
        column: np.asarray(y) * (factor if "loss" in column else 1)
        for column, y in CASES[name].items()
    }
    assert sure_of(diagnose(scaled, n_val=500)) == sure_of(diagnose(CASES[name], n_val=500))


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize(("first", "step"), [(0, 1), (1, 1), (0.05, 0.05)])
def test_the_count_of_epochs_does_not_matter(name, first, step):
    n = len(CASES[name]["loss"])
    epochs = first + step * np.arange(n)
    found = diagnose({"epoch": epochs.tolist(), **CASES[name]}, n_val=500)
    assert sure_of(found) == sure_of(diagnose(CASES[name], n_val=500))


@pytest.mark.parametrize("first", [0, 1, 81])
def test_the_best_epoch_is_that_of_the_log(first):
    epochs = {"epoch": (first + np.arange(200)).tolist()}
    found = diagnose({**epochs, **CASES["overfitting"]}, n_val=500)
    assert found.verdict == "overfitting"
    assert found.numbers["val_best_epoch"] == pytest.approx(first + np.argmin(CLIMB), abs=2)


def test_the_source_does_not_matter(tmp_path):
    table = {"epoch": list(range(200)), **CASES["overfitting"]}
    frame = pd.DataFrame(table)
    frame.to_csv(tmp_path / "log.csv", index=False)
    keras = SimpleNamespace(history=table, epoch=list(range(200)))
    arrays = {name: np.array(y) for name, y in table.items()}
    text = frame.to_csv(index=False)
    sources = [table, arrays, frame, keras, tmp_path / "log.csv", str(tmp_path / "log.csv"), text]
    found = [diagnose(source, n_val=500).to_dict() for source in sources]
    for other in found[1:]:
        assert other["verdicts"] == found[0]["verdicts"]
        assert other["numbers"] == pytest.approx(found[0]["numbers"])


# Numbers


def test_the_climb_and_the_best_epoch_are_measured():
    numbers = diagnose(CASES["overfitting"], n_val=500).to_dict()["numbers"]
    at = int(np.argmin(CLIMB))
    assert numbers["val_low"] == pytest.approx(CLIMB.min(), rel=0.01)
    assert numbers["val_best_low"] - 2 <= at <= numbers["val_best_high"] + 2
    assert np.expm1(numbers["val_climb"]) == pytest.approx(
        CLIMB[-20:].mean() / CLIMB.min() - 1, rel=0.02
    )
    assert set(numbers) == set(RULES["numbers"])


def test_few_measurements_have_no_probabilities():
    numbers = diagnose(CASES["cannot tell"]).to_dict()["numbers"]
    assert [numbers[f"p_{name}"] for name in ("overfitting", "improving", "gap", "level")] == [
        None
    ] * 4


def test_steps_of_the_accuracy_reveal_the_rows():
    shares = np.round(np.random.default_rng(0).integers(60, 100, 60) / 130, 4)
    table = curves(0.3 + FALL[:60], 0.31 + FALL[:60], val_accuracy=shares)
    numbers = diagnose(table).numbers
    assert (numbers["n_val"], numbers["n_val_is_guess"]) == (130, True)
    numbers = diagnose(table, n_val=np.int64(260)).numbers
    assert (numbers["n_val"], numbers["n_val_is_guess"]) == (260, False)


def test_more_rows_make_surer():
    climb = curves(
        0.1 + FALL,
        np.where(np.arange(200) < 60, 0.5 + FALL, 0.5 + FALL[60] + 0.001 * (np.arange(200) - 60)),
    )
    chances = [diagnose(climb, n_val=n).numbers["p_overfitting"] for n in (10, 100, 1000, 10_000)]
    assert chances == sorted(chances)
    assert chances[-1] > chances[0] + 0.1


def test_noise_moves_the_ends_of_a_long_curve_no_more_than_its_middle():
    """The end of pure noise is its mean: within four standard errors in 200 draws."""
    ends = []
    for seed in range(200):
        y = 1 + np.random.default_rng(seed).normal(0, 0.1, 1000)
        ends.append(diagnose(curves(y, y), n_val=500).numbers["val_end"] - 1)
    assert np.std(ends) < 1.6 * 0.1 / np.sqrt(100)


# Only some of the curves


def test_a_score_alone_is_judged_by_its_errors():
    rising = scores(1 - 0.8 * LONG, 0.97 - 0.8 * LONG)
    found = diagnose(rising, n_val=500)
    assert found.verdict == "improving"
    assert "1 minus the score" in found.verdicts[0].evidence[0]
    turned = scores(1 - 0.8 * FALL, 0.9 - 0.6 * FALL - 0.001 * np.arange(200))
    assert diagnose(turned, n_val=5000).verdict == "overfitting"


def test_higher_is_better_turns_a_score_around():
    values = {"my score": (3 - 2 * LONG).tolist()}
    given = {"names": {"val_score": "my score"}, "n_val": 500}
    lower = diagnose(values, higher_is_better=False, **given)
    higher = diagnose(values, higher_is_better=True, **given)
    assert higher.verdict == "improving"
    assert lower.verdict == "overfitting"
    assert "lower is better" in lower.verdicts[0].evidence[0]


@pytest.mark.parametrize("score", ["mae", "error", "rmse"])
def test_errors_are_better_lower(score):
    found = diagnose(
        {score: (0.1 + LONG).tolist(), f"val_{score}": (0.12 + LONG).tolist()}, n_val=500
    )
    assert found.verdict == "improving"


def test_one_curve_is_not_enough_and_a_turn_of_validation_alone_is():
    assert names_of(diagnose({"loss": FALL.tolist()})) == ["cannot tell"]
    assert names_of(diagnose({"val_loss": (0.3 + FALL).tolist()}, n_val=500)) == ["cannot tell"]
    assert diagnose({"val_loss": CLIMB.tolist()}, n_val=500).verdict == "overfitting"


def test_unequal_lengths_are_judged_and_said():
    found = diagnose(curves(0.01 + FALL, CLIMB[:150]), n_val=500)
    assert found.verdict == "overfitting"
    assert any("150" in note for note in found.history.notes)


def test_percentages_are_shares():
    table = {**CASES["overfitting"], **scores(100 - 60 * FALL, 80 - 40 * FALL)}
    shares = {**CASES["overfitting"], **scores(1 - 0.6 * FALL, 0.8 - 0.4 * FALL)}
    assert sure_of(diagnose(table)) == sure_of(diagnose(shares))
    assert any("percent" in note for note in diagnose(table).history.notes)


def test_names_say_which_column_is_what():
    table = {"a": (0.01 + FALL).tolist(), "b": CLIMB.tolist()}
    found = diagnose(table, names={"train_loss": "a", "val_loss": "b"}, n_val=500)
    assert found.verdict == "overfitting"


@pytest.mark.parametrize("shift", [-2, -0.5])
def test_a_loss_below_zero_is_judged_by_its_range(shift):
    found = diagnose(curves(0.01 + FALL + shift, CLIMB + shift), n_val=500)
    assert found.verdict == "overfitting"
    assert any("below zero" in text for text in found.verdicts[0].evidence)


def test_a_loss_of_zero_is_not_below_zero():
    zero = np.maximum(0, 1 - np.arange(200) / 50)
    for least in (0.0, -1e-8):
        found = diagnose(curves(np.maximum(zero, least) + least, 0.4 + FALL), n_val=500)
        assert found.verdict == "gap"
        assert not any("below zero" in text for text in found.verdicts[0].evidence)


# Bad input


BAD = {
    "empty text": ("", {}, "empty"),
    "empty dict": ({}, {}, "loss"),
    "empty lists": ({"loss": [], "val_loss": []}, {}, "empty"),
    "empty list": ([], {}, "empty"),
    "no numbers": ({"loss": ["a", "b"]}, {}, "loss"),
    "unknown columns": ("a,b\n1,2\n3,4\n", {}, "names|header"),
    "prose": ("It was a dark and stormy night.\nThe end.\n", {}, "header"),
    "binary": (bytes(range(256)) * 40, {}, "binary.*export"),
    "nothing": (None, {}, "history.*dict"),
    "number": (3, {}, "history.*dict"),
    "rows of 0": (CASES["gap"], {"n_val": 0}, "n_val.*1 or more"),
    "rows of 2.5": (CASES["gap"], {"n_val": 2.5}, "n_val.*1 or more"),
    "rows in words": (CASES["gap"], {"n_val": "many"}, "n_val.*1 or more"),
    "rows of True": (CASES["gap"], {"n_val": True}, "n_val.*1 or more"),
    "better in words": (CASES["gap"], {"higher_is_better": "no"}, "higher_is_better.*True, False"),
    "names as a list": (CASES["gap"], {"names": ["loss"]}, "names.*dict"),
    "unknown role": (CASES["gap"], {"names": {"valid": "loss"}}, "names.*val_loss"),
    "unknown column": (CASES["gap"], {"names": {"val_loss": "x"}}, "names.*“x”.*“loss”"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_gets_one_line_that_names_the_remedy(case):
    source, options, says = BAD[case]
    with pytest.raises(ValueError, match=says) as caught:
        diagnose(source, **options)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"nowhere\.csv"):
        diagnose(tmp_path / "nowhere.csv")
    with pytest.raises(ValueError, match="folder"):
        diagnose(tmp_path)


@pytest.mark.parametrize("n", [1, 2, 3])
def test_few_epochs_are_too_few(n):
    found = diagnose(curves(FALL[:n], FALL[:n]))
    assert names_of(found) == ["cannot tell"]
    assert "too seldom" in found.verdicts[0].sentence


HOSTILE = "<img src=x onerror=alert(1)>"


def test_markup_is_not_interpreted():
    table = {HOSTILE: [1, 2, 3], "__proto__": [1, 2, 3], f"val_loss {HOSTILE}": [1.0, 2, 3]}
    table |= {"loss": [3.0, 2, 1], f"val_accuracy{HOSTILE}": [0.1, 0.2, 0.3]}
    found = diagnose(table)
    html = found._repr_html_()
    assert any(HOSTILE in note for note in found.history.notes)
    assert "<img" not in html
    assert "&lt;img" in html


# Whatever is given


def ugly(seed):
    """Return a history as none should be, and the number of rows that is given with it."""
    draw = np.random.default_rng(seed)
    n = int(draw.choice([1, 2, 3, 4, 5, 9, 30, 120, 1500]))
    size, base = 10.0 ** draw.integers(-12, 13), np.exp(-np.arange(n) / max(1, n / 5)) + 0.2

    def loss():
        y = base * draw.uniform(0.5, 2) + draw.normal(0, draw.choice([0, 0.01, 0.3]), n)
        at = draw.integers(0, n)
        spoiled = [
            y, y, -y, y - y.min(), y[::-1], np.round(y, 1), np.zeros(n), np.full(n, 1e300),
            np.full(n, -7.0), np.full(n, 1e-300), y * 10.0 ** draw.integers(-30, 30, n),
            *(np.where(np.arange(n) == at, bad, y) for bad in (np.nan, np.inf, -np.inf, 1e200)),
            np.where(np.arange(n) >= at, np.nan, y),
        ]  # fmt: skip
        with np.errstate(over="ignore"):
            return spoiled[draw.integers(len(spoiled))] * size

    table = {name: loss() for name in ("loss", "val_loss") if draw.random() < 0.9}
    for name in ("accuracy", "val_accuracy"):
        share = np.round(np.clip(1 - 0.7 * base + draw.normal(0, 0.05, n), 0, 1) * 37) / 37
        if draw.random() < 0.5:
            table[name] = [share, 100 * share, np.full(n, 0.5), np.ones(n)][draw.integers(4)]
    if draw.random() < 0.2:
        table["lr"] = 10.0 ** -draw.integers(0, 6, n).astype(float)
    holes = draw.random() < 0.3
    return {
        name: [None if holes and draw.random() < 0.2 else float(value) for value in y]
        for name, y in table.items()
    }, [None, 1, 7, 200, 10**9][draw.integers(5)]


@pytest.mark.filterwarnings("error")
def test_nothing_breaks_it():
    judged = 0
    for seed in range(600):
        table, n_val = ugly(seed)
        if not any(value is not None for name, y in table.items() if name != "lr" for value in y):
            with pytest.raises(ValueError, match=r"Nothing recognized|empty"):
                diagnose(table, n_val=n_val)
            continue
        found = diagnose(table, n_val=n_val)
        judged += 1
        said = [text for v in found.verdicts for text in (v.sentence, *v.evidence)]
        assert not re.search(r"\b(nan|inf|None)\b|[{}]", " ".join(said)), seed
        assert set(names_of(found)) <= NAMES
        assert len(set(names_of(found))) == len(found.verdicts), (seed, names_of(found))
        json.dumps(found.to_dict(), allow_nan=False)
        assert found._repr_html_().count("<ul>") == found._repr_html_().count("</ul>")
    assert judged > 500


# What comes back


def test_a_diagnosis_in_words_and_as_data():
    found = diagnose(CASES["overfitting"], n_val=500)
    assert isinstance(found, Diagnosis)
    assert isinstance(found.verdicts[0], Verdict)
    assert repr(found).startswith("<Diagnosis: overfitting (high confidence).")
    assert len(repr(found)) < 200
    assert "What to try next" in str(found)
    assert max(map(len, str(found).split("\n"))) <= 88
    assert "<pre>" in found._repr_html_()
    data = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert data["verdict"] == found.verdict == "overfitting"
    assert {"verdicts", "numbers", "try", "unknown", "read", "curves"} < set(data)
    assert {"what", "why", "keras", "pytorch", "chapter", "link"} <= set(data["try"][0])
    assert len({item["what"] for item in data["try"]}) == len(data["try"])


def test_what_is_left_open_is_not_stated():
    found = diagnose(HISTORIES / "25_pandas_index.csv", n_val=40)
    assert found.verdict == "cannot tell"
    open_ones = [v for v in found.verdicts[1:] if v.name != "validation better"]
    assert {verdict.confidence for verdict in open_ones} == {"low"}
    assert all("leave open" in verdict.sentence for verdict in open_ones)


@pytest.mark.parametrize("name", CASES)
def test_the_picture_is_drawn_into_the_axes_given(name):
    plt = pytest.importorskip("matplotlib.pyplot")
    _, ax = plt.subplots()
    found = diagnose(CASES[name], n_val=500)
    assert found.plot(ax) is ax
    assert ax.get_title()
    assert [text.get_text() for text in ax.get_legend().get_texts()][:2] == [
        "training loss",
        "validation loss",
    ]
    assert any(c.get_label() == "climb" for c in ax.collections) == (name == "overfitting")
    plt.close("all")


def test_the_picture_of_scores_alone_has_the_scores():
    plt = pytest.importorskip("matplotlib.pyplot")
    ax = diagnose(scores(1 - 0.8 * LONG, 0.97 - 0.8 * LONG)).plot()
    assert ax.get_ylabel() == "score"
    assert len(ax.lines) >= 4
    plt.close("all")


# In a shell


@pytest.mark.parametrize("name", TRUTH)
def test_the_shell_reads_each_history(name, capsys):
    assert main([str(HISTORIES / name)]) == 0
    shown = capsys.readouterr()
    first = diagnose(HISTORIES / name).verdicts[0]
    assert shown.out.startswith(f"{first.name} ({first.confidence} confidence)")
    assert shown.err == ""


def test_the_shell_prints_json_and_saves_a_picture(tmp_path, capsys):
    out = tmp_path / "out.png"
    name = str(HISTORIES / "00_keras_csv.csv")
    assert main([name, "--json", "--plot", str(out), "--n-val", "100"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert data["verdict"] == "overfitting"
    assert data["numbers"]["n_val_is_guess"] is False
    assert out.read_bytes().startswith(b"\x89PNG")


def test_the_shell_reads_standard_input(monkeypatch, capsys):
    text = (HISTORIES / "06_keras3.txt").read_bytes()
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(text)))
    assert main(["-"]) == 0
    assert capsys.readouterr().out.startswith("overfitting")


def test_the_shell_takes_names_and_the_direction(tmp_path, capsys):
    log = tmp_path / "log.csv"
    pd.DataFrame({"epoch": range(200), "quality": 3 - 2 * LONG}).to_csv(log, index=False)
    given = [str(log), "--name", "val_score=quality", "--n-val", "500", "--better"]
    assert main([*given, "higher"]) == 0
    assert capsys.readouterr().out.startswith("improving")
    assert main([*given, "lower"]) == 0
    assert capsys.readouterr().out.startswith("overfitting")


@pytest.mark.parametrize(
    "arguments",
    [
        ["nowhere.csv"],
        ["{folder}"],
        ["{empty}"],
        ["{binary}"],
        ["-", "{empty}"],
        ["{good}", "--n-val", "0"],
        ["{good}", "--name", "val_loss"],
        ["{good}", "--name", "val_loss=x"],
        ["{good}", "--plot", "{folder}/none/out.png"],
        ["{good}", "--plot", "{folder}/out.unknown"],
    ],
)
def test_the_shell_refuses_with_one_line(arguments, tmp_path, capsys):
    (tmp_path / "empty.csv").write_text("")
    (tmp_path / "binary.csv").write_bytes(bytes(range(256)) * 40)
    places = {
        "folder": tmp_path,
        "empty": tmp_path / "empty.csv",
        "binary": tmp_path / "binary.csv",
        "good": HISTORIES / "00_keras_csv.csv",
    }
    assert main([argument.format(**places) for argument in arguments]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.count("\n") == 1
    assert shown.err.startswith("helpers.diagnosis: ")


@pytest.mark.skipif(sys.platform == "win32", reason="a closed pipe is another error there")
def test_the_shell_stops_quietly_where_nobody_reads_on():
    command = [
        sys.executable,
        "-m",
        "helpers.diagnosis",
        "--json",
        str(HISTORIES / "00_keras_csv.csv"),
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as ran:
        ran.stdout.close()
        assert ran.stderr.read() == b""
    assert ran.returncode == 0


def test_the_import_loads_no_heavy_library():
    heavy = {"tensorflow", "keras", "torch", "scipy", "pandas", "matplotlib", "sklearn"}
    code = "import sys, helpers.diagnosis; print(*{m.split('.')[0] for m in sys.modules})"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not heavy & set(ran.stdout.split())


# What two losses tell, and what they do not


def test_losses_on_two_scales_are_not_compared():
    """A sum over 20 batches beside a mean: neither a gap nor better validation can be told."""
    found = diagnose(curves(20 * (0.3 + FALL), 0.31 + FALL), n_val=500)
    assert names_of(found) == ["cannot tell"]
    assert "different scales" in found.verdicts[0].sentence
    assert "times the validation loss" in found.verdicts[0].sentence
    assert diagnose(curves(20 * (0.01 + FALL), CLIMB), n_val=500).verdict == "overfitting"
    assert diagnose(curves(2 * (0.3 + FALL), 0.31 + FALL), n_val=500).verdict == "level"


def test_fine_tuning_that_begins_at_a_good_accuracy_has_learned_something():
    still = 0.250 + 0.004 * FALL[:40]
    better = 0.93 + 0.02 * (1 - FALL[:40])
    found = diagnose(curves(still, still + 0.01, **scores(better, better - 0.01)), n_val=500)
    assert "nothing learned" not in names_of(found)
    guessing = diagnose(curves(still, still + 0.01, **scores([0.5] * 40, [0.5] * 40)), n_val=500)
    assert guessing.verdict == "nothing learned"


@pytest.mark.parametrize("ends", [0.693, 0.4])
def test_a_run_that_blew_up_and_now_guesses_has_learned_nothing(ends):
    """SGD with a huge rate: after the first epoch the loss is ln 2 and rests there."""
    train = [1e6, *(ends * noise(59, 0.004))]
    shares = np.exp(-ends) + (0.0 if ends > 0.5 else 0.2) + 0.01 * np.sin(np.arange(60))
    found = diagnose(curves(train, ends * noise(60, 0.003, 1), **scores(shares, shares)), n_val=200)
    assert (found.verdict == "nothing learned") is (ends > 0.5)
    assert found.verdict != "level" or ends < 0.5


def test_a_first_epoch_that_blew_up_and_a_loss_that_grows_since_are_diverging():
    val = 8 + 0.3 * np.arange(60)
    found = diagnose(curves([1e9, *(1.1 * val[1:])], val), n_val=200)
    assert found.verdict == "diverging"
    assert "in its first epoch" in found.verdicts[0].sentence


@pytest.mark.parametrize(("falls", "verdict"), [(0.002, "nothing learned"), (0.02, "cannot tell")])
def test_a_run_that_has_hardly_begun_is_not_praised(falls, verdict):
    train = 0.7 * (1 - falls * np.linspace(0, 1, 20))
    found = diagnose(curves(train, train + 0.003), n_val=500)
    assert found.verdict == verdict
    assert verdict != "cannot tell" or "hardly begun" in found.verdicts[0].sentence


def test_a_loss_that_climbs_to_many_times_its_lowest_is_no_noise():
    """By then it jumps by many times its lowest value, and yet it has turned."""
    rise = np.exp(np.minimum(np.arange(80), 60) / 2) * noise(80, 0.2)
    found = diagnose(curves(0.01 + FALL[:80], 0.5 * rise), n_val=200)
    assert found.numbers["val_climb"] > 10 * found.numbers["val_climb_noise"]
    assert found.verdict == "overfitting"


def test_a_distance_counts_in_nats_beside_an_accuracy_that_fits():
    """A wrong answer costs ln 2 at least; a loss on another scale is measured by its own first."""
    table = curves(0.30 + FALL, 0.40 + FALL, **scores([0.9] * 200, [0.8] * 200))
    asked = {}
    for scale in (1.0, 0.01):
        scaled = table | {name: [scale * v for v in table[name]] for name in ("loss", "val_loss")}
        asked[scale] = measures_of(diagnose(scaled, n_val=500).numbers)["distance"]
    assert asked[1.0] == pytest.approx(0.1, abs=0.005)
    assert asked[0.01] == pytest.approx(0.1 / 1.4, abs=0.005)


def test_what_a_history_lacks_has_its_usual_value():
    asked = measures_of(diagnose({"val_loss": CLIMB.tolist()}, n_val=500).numbers)
    assert asked["training left"] == MEASURES["training left"]["usual"]
    assert asked["climb"] != MEASURES["climb"]["usual"]
    assert set(asked) == set(MEASURES)


# The table of rules


def test_every_limit_is_explained_and_used():
    sources = "".join(
        path.read_text("utf8")
        for path in (Path(__file__).parents[2] / "helpers/diagnosis").glob("*.py")
    )
    for name, limit in RULES["limits"].items():
        assert set(limit) == {"value", "set_on", "means"}
        assert limit["set_on"] in RULES["set_on"], name
        assert len(limit["means"]) >= 5, name
        assert f'"{name}"' in sources or name.startswith("sure_"), name


def test_every_measure_is_weighed_by_a_model():
    weighed = {name for model in MODELS.values() for name in model["weights"]}
    assert weighed == set(MEASURES)
    for measure in MEASURES.values():
        assert measure["least"] <= measure["usual"] <= measure["most"]


# On real runs


def test_no_overfitting_run_of_the_histories_is_called_level_or_improving():
    found = {name: diagnose(HISTORIES / name, n_val=TRUTH[name]["n_val"]).verdict for name in TRUTH}
    over = [name for name in TRUTH if TRUTH[name]["verdict"] == "overfitting"]
    assert not [name for name in over if found[name] in ("level", "improving")]
    assert sum(found[name] == "overfitting" for name in over) >= 8
    committed = [name for name in TRUTH if found[name] != "cannot tell"]
    right = sum(found[name] == TRUTH[name]["verdict"] for name in committed)
    assert len(committed) >= 20
    assert right >= 0.7 * len(committed)


def test_a_curve_that_still_falls_has_not_climbed():
    found = diagnose(CASES["improving"], n_val=500)
    assert found.numbers["val_climb"] == pytest.approx(0, abs=0.005)


# The shares that were reached when the limits were last set, less a margin for small changes.
LEAST_RIGHT, LEAST_COMMITTED, MOST_FALSE, MOST_MISSED = 0.89, 0.79, 0.03, 0.04


def test_the_runs_that_the_limits_were_set_on_are_still_judged_as_well():
    """Right: the verdict of the fresh loss, or that which the run was made for."""
    called = [(run, diagnose(run.history, n_val=run.n_val).verdict) for run in runs("tune")]
    rows, columns = zip(*((run.designed or run.verdict, name) for run, name in called), strict=True)
    print(pd.crosstab(np.array(rows), np.array(columns)).to_string())
    committed = [(run, name) for run, name in called if name != "cannot tell"]
    right = [name in (run.verdict, run.designed) for run, name in committed]
    fine = [name for run, name in called if "overfitting" not in (run.verdict, run.designed)]
    over = [name for run, name in called if run.verdict == "overfitting"]
    assert np.mean(right) >= LEAST_RIGHT
    assert len(committed) >= LEAST_COMMITTED * len(called)
    assert fine.count("overfitting") <= MOST_FALSE * len(fine)
    assert over.count("level") + over.count("improving") <= MOST_MISSED * len(over)


def test_a_broken_split_is_said_once():
    table = curves(1.5 + 0.8 * FALL, 6 * (1.5 + 0.8 * FALL), val_accuracy=[0.01, 0.0] * 100)
    assert names_of(diagnose(table, n_val=500)).count("broken split") == 1


def test_a_jump_does_not_drown_the_rest_of_the_curve():
    train, val = 0.01 + FALL, CLIMB.copy()
    val[3] = 1e13
    found = diagnose(curves(train, val), n_val=500)
    assert found.verdict == "overfitting"
    train = np.maximum(train - 0.05, 0)
    assert diagnose(curves(train, val), n_val=500).verdict == "overfitting"


@pytest.mark.parametrize("digits", [2, 3])
def test_a_score_that_was_rounded_does_not_reveal_its_digits_as_rows(digits):
    """Among 171 rows, 0.942 is one of 1,000 only by its three decimals."""
    shares = np.round(np.random.default_rng(0).integers(100, 168, 60) / 171, digits)
    table = curves(0.3 + FALL[:60], 0.31 + FALL[:60], val_accuracy=shares)
    found = diagnose(table)
    assert found.numbers["n_val"] in (None, 171)
    assert "1,000" not in str(found)


def test_the_readings_left_open_are_two_at_least():
    """Also where the first is all but sure, and only overfitting forbids to say so."""
    found = diagnose(curves(0.001 + FALL[:80], 0.02 + FALL[:80]), n_val=100)
    others = [found.numbers[f"p_{name}"] for name in ("overfitting", "gap", "level")]
    assert found.verdict == "cannot tell"
    assert found.numbers["p_improving"] > LIMITS["sure_improving"]
    assert max(others) < 0.2
    assert "improving (" in found.verdicts[0].sentence
    assert " or overfitting (" in found.verdicts[0].sentence


def test_no_loss_above_zero_is_said_to_fall_by_all_of_it():
    falls = np.where(np.arange(100) < 60, 2.3, 2.3 * np.exp(-(np.arange(100) - 60) / 15))
    found = diagnose(curves(falls, falls + 0.03))
    assert found.numbers["val_fall"] > 1
    said = re.findall(r"falls by (\d+)%, give or take (\d+)%", str(found).replace("\n    ", " "))
    assert len(said) == 1
    assert all(int(share) < 70 for share in said[0])


@pytest.mark.parametrize("alike", [True, False])
def test_a_climb_that_training_shares_is_not_overfitting(alike):
    """A rate that restarts (a sawtooth) lifts both losses; the log may end at its top."""
    restarts = 0.2 * (1 + np.cos(np.pi * (np.arange(83) % 20) / 20))
    train = 0.2 + FALL[:83] + (restarts if alike else 0)
    found = diagnose(curves(train, 0.35 + FALL[:83] + restarts))
    assert found.numbers["val_climb"] > 0.2
    assert (found.verdict == "overfitting") is not alike
    assert ("the training loss has risen" in found.verdicts[0].sentence) is alike


def test_a_training_loss_that_becomes_nan_is_not_said_to_end_at_a_number():
    losses = [*(0.1 + FALL[:12]), *[np.nan] * 8]
    [evidence] = diagnose(curves(losses, losses)).verdicts[0].evidence
    assert "ends at" not in evidence
    assert "last finite values" in evidence


@pytest.mark.parametrize(("train", "said"), [(1.3, "narrowing"), (0.3, "widening")])
def test_a_gap_below_zero_narrows_as_validation_rises(train, said):
    rising = 0.4 + 0.006 * np.arange(80)
    found = diagnose(curves(train + 0.2 * FALL[:80], rising), n_val=5000)
    assert found.verdict == "overfitting"
    assert (
        f"The gap is {'still ' if said == 'widening' else ''}{said}." in found.verdicts[0].evidence
    )


def test_a_steep_fall_is_not_unstable():
    """Six epochs, each at half of the one before: it bends, and never jumps."""
    steep = 2.0 ** -np.arange(6)
    found = diagnose(curves(2.2 * steep + 0.1, 2.0 * steep + 0.3))
    assert found.numbers["train_noise"] >= 0.25
    assert "unstable" not in names_of(found)


@pytest.mark.parametrize("jumps", [True, False])
def test_a_jump_at_the_last_epoch_is_said(jumps):
    val = 0.3 + 0.6 * FALL
    val[-1] *= 5 if jumps else 1
    found = diagnose(curves(0.1 + 0.9 * FALL, val))
    assert found.verdict == ("cannot tell" if jumps else "gap")
    assert (
        any("The last value alone is 1.50" in text for text in found.verdicts[0].evidence) is jumps
    )


def test_training_that_breaks_after_validation_has_turned_does_not_hide_the_turn():
    i = np.arange(200)
    train = np.where(i < 160, 0.05 + FALL, 0.3)
    found = diagnose(curves(train, 0.4 + FALL + 0.005 * (i - 60).clip(0)))
    assert found.numbers["train_climb"] > found.numbers["val_climb"]
    assert found.verdict == "overfitting"


def test_digits_that_fit_two_numbers_of_rows_reveal_none():
    """Among 198 or 200 rows: three decimals do not tell."""
    shares = np.round(np.random.default_rng(0).integers(190, 200, 60) / 200, 3)
    table = curves(0.3 + FALL[:60], 0.31 + FALL[:60], val_accuracy=shares)
    assert diagnose(table).numbers["n_val"] is None
