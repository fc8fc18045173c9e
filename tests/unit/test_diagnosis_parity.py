"""The diagnosis in JavaScript and in Python: the same verdicts, sentences, numbers and advice."""

from dataclasses import fields
import json
import math
from pathlib import Path
import random
import shutil
import subprocess
import warnings

from helpers.diagnosis import diagnose, words
from helpers.diagnosis.runs import runs
import numpy as np
import pytest

ROOT = Path(__file__).parents[2]
HISTORIES = sorted(path for path in (ROOT / "tests/histories").iterdir() if path.name[0].isdigit())
ROWS = {
    name: truth["n_val"]
    for name, truth in json.loads((ROOT / "tests/histories/truth.json").read_text()).items()
}
NODE = shutil.which("node")
RELATIVE = 1e-6  # of numbers
ABSOLUTE = 1e-12  # of probabilities and logarithms next to 0, which are what canceling leaves


def logs():
    """Yield (name, text of a log, validation rows) of every file and of every run."""
    for path in HISTORIES:
        text = path.read_text("utf-8")
        yield path.name, text, ROWS[path.name]
        yield f"{path.name}, rows not given", text, None
    for i, run in enumerate(runs("all")):
        yield run.id, json.dumps(run.history), run.n_val if i % 3 else None


def ugly_histories(count=60, seed=14):
    """Yield (name, a history as a dict of lists, validation rows) of what no one would wish for."""
    draw = random.Random(seed)
    for i in range(count):
        kinds = draw.sample(sorted(UGLY), draw.choice([0, 1, 1, 2]))
        history = plain_history(draw)
        for kind in kinds:
            UGLY[kind](history, draw)
        n_val = draw.choice([None, 1, 7, 200, 12_345])
        yield f"ugly {i}: {', '.join(kinds) or 'plain'}, n_val={n_val}", history, n_val


def awkward_histories():
    """Yield (name, a history, validation rows) of what once broke one language, or parted them."""
    for name, (history, n_val) in AWKWARD.items():
        yield name, history, n_val


def plain_history(draw):
    """Return training and validation, losses and accuracies, that fall and may turn again."""
    n = draw.choice([1, 2, 3, 4, 5, 8, 20, 47, 150, 999, 1001, 2345])
    start, rate = draw.choice([0.05, 0.7, 2.3, 40.0]), draw.uniform(0.5, 20) / n
    noise, turn = draw.choice([0, 0.002, 0.1, 0.5]), draw.choice([-0.2, 0, 0, 1, 4]) / n
    fall = [start * (0.1 + math.exp(-rate * i)) for i in range(n)]
    rise = [value * (1 + max(0, i - n / 3) * turn) for i, value in enumerate(fall)]
    score = [1 - 0.4 * value / start for value in fall]
    return {
        "loss": [value * (1 + draw.gauss(0, noise) / 3) for value in fall],
        "val_loss": [value * (1.1 + draw.gauss(0, noise)) for value in rise],
        "accuracy": score,
        "val_accuracy": [round(value * 60) / 64 for value in score],
        "lr": [0.1 * 0.5 ** (i // (n / 3 + 1)) for i in range(n)],
    }


def _some(history, draw):
    return draw.choice(sorted(set(history) - {"lr"}))


def _put(value):
    def put(history, draw):
        curve = history[_some(history, draw)]
        for i in draw.sample(range(len(curve)), max(1, len(curve) // draw.choice([2, 20, 1000]))):
            curve[i] = value

    return put


def _map(change):
    def put(history, draw):
        name = _some(history, draw)
        history[name] = [
            None if value is None else change(value, i, len(history[name]))
            for i, value in enumerate(history[name])
        ]

    return put


def _keep(names):
    def keep(history, draw):
        if set(names) & set(history):
            for name in set(history) - set(names):
                del history[name]

    return keep


def _hole(history, draw):
    every = draw.choice([2, 3, 10])
    for name in ("val_loss", "val_accuracy"):
        if name in history:
            history[name] = [v if i % every == 0 else None for i, v in enumerate(history[name])]


def _cut(history, draw):
    name = _some(history, draw)
    history[name] = history[name][: max(1, len(history[name]) // 2)]


def _error(history, draw):
    scores = history.pop("val_accuracy", [0.5])
    history["val_error"] = [None if value is None else 1 - value for value in scores]


UGLY = {
    "nan": _put(math.nan),
    "infinite": _put(math.inf),
    "minus infinite": _put(-math.inf),
    "zeros": _put(0.0),
    "all zero": _map(lambda value, i, n: 0.0),
    "negative": _map(lambda value, i, n: value - 0.5),
    "all negative": _map(lambda value, i, n: -1000 - value),
    "constant": _map(lambda value, i, n: 0.1),
    "plateaus": _map(lambda value, i, n: round(value, 1) + 0.1),
    "zigzag": _map(lambda value, i, n: 0.5 + 0.1 * (i % 2)),
    "huge": _map(lambda value, i, n: value * 10.0 ** (300 * i / n)),
    "tiny": _map(lambda value, i, n: value * 10.0 ** (-300 * i / n)),
    "growing": _map(lambda value, i, n: value * math.exp(10 * i / n)),
    "percent": _map(lambda value, i, n: round(100 * value, 2)),
    "training alone": _keep(["loss"]),
    "validation alone": _keep(["val_loss"]),
    "scores alone": _keep(["accuracy", "val_accuracy"]),
    "a score alone": _keep(["val_accuracy"]),
    "an error as score": _error,
    "holes": _hole,
    "cut": _cut,
}


_WAVE = [0.5 + 0.1 * (i % 7) for i in range(3001)]
AWKWARD = {
    "the same below zero": ({"loss": [-3.0] * 10, "val_loss": [-3.0] * 10}, 100),
    "the same for long": ({"loss": [0.1] * 2999, "val_loss": [0.3] * 2999}, None),
    "the same, and training grows": ({"loss": [0.3, 0.4] * 9, "val_loss": [0.1] * 18}, None),
    "waves for long": ({"loss": _WAVE, "val_loss": [1 - value / 7 for value in _WAVE]}, 50),
    "too large to be squared": ({"loss": [1, 1e308] * 9, "val_loss": [50, 1e308] * 9}, 10**15),
    "too small to divide by": ({"loss": [5e-324, 0.0] * 9, "val_loss": [5e-324, 1] * 9}, 7),
    "halves of a percent": ({"loss": [1, 0.5] * 9, "val_loss": [0.4, 0.2] + [0.225] * 16}, 1000),
    "halves of a row": (
        {"val_loss": [0.5] * 99, "val_accuracy": [0.9] * 89 + [0.8, 0.85] * 5},
        20,
    ),
    "no share of rows": ({"loss": [3, 2, 1] * 9, "val_mae": [9.5, 7.1, 8.2] * 9}, 200),
    "infinite training": ({"loss": [1, math.inf, 0.5] * 9, "val_loss": [2, 1, 0.7] * 9}, None),
    "epochs of ten digits": (
        {"epoch": [10**10 + i for i in range(9)], "loss": [1] * 9, "val_loss": [2] * 9},
        10,
    ),
}


def in_node(cases):
    """Return what JavaScript makes of all cases, each (text or history, validation rows)."""
    given = [
        {"text": source, "nVal": n_val}
        if isinstance(source, str)
        else {"history": as_json(source), "nVal": n_val}
        for source, n_val in cases
    ]
    command = [NODE, Path(__file__).with_name("diagnose_logs.mjs"), ROOT / "helpers/diagnosis"]
    done = subprocess.run(
        command, input=json.dumps(given), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def as_json(history):
    """Return a `History` as JSON can hold it: its numbers as strings."""

    def plain(value):
        if not hasattr(value, "y"):
            return value
        return {"x": spelled(value.x), "y": spelled(value.y)}

    return {field.name: plain(getattr(history, field.name)) for field in fields(history)}


def spelled(values):
    names = {math.inf: "Infinity", -math.inf: "-Infinity"}
    return [names.get(value, repr(value)).replace("nan", "NaN") for value in values.tolist()]


def differences(python, browser, where=""):
    """Yield where two diagnoses differ: in kind, in order, in words, in numbers."""
    if isinstance(python, dict) and isinstance(browser, dict):
        if list(python) != list(browser):
            yield f"{where}: {list(python)} or {list(browser)}"
        for key in python.keys() & browser.keys():
            yield from differences(python[key], browser[key], f"{where}/{key}")
    elif isinstance(python, list) and isinstance(browser, list):
        if len(python) != len(browser):
            yield f"{where}: {len(python)} or {len(browser)}"
        for i, pair in enumerate(zip(python, browser, strict=False)):
            yield from differences(*pair, f"{where}/{i}")
    elif not _alike(python, browser):
        yield f"{where}: {python!r} or {browser!r}"


def _alike(python, browser):
    both = (python, browser)
    if any(isinstance(value, bool) or not isinstance(value, (int, float)) for value in both):
        return type(python) is type(browser) and python == browser
    return math.isclose(python, browser, rel_tol=RELATIVE, abs_tol=ABSOLUTE)


def in_python(source, n_val):
    """Return the diagnosis; NumPy's warnings are errors."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return diagnose(source, n_val=n_val)


@pytest.mark.skipif(NODE is None, reason="no Node.js")
def test_the_two_languages_agree_on_all_logs():
    cases = list(logs())
    assert len(cases) > 500
    browser = in_node([(text, n_val) for _, text, n_val in cases])
    found = [in_python(text, n_val).to_dict() for _, text, n_val in cases]
    assert_alike([name for name, *_ in cases], found, browser)


@pytest.mark.skipif(NODE is None, reason="no Node.js")
def test_the_two_languages_agree_on_ugly_histories():
    """None breaks either, and Python does not warn."""
    names, found = [], []
    for name, history, n_val in (*awkward_histories(), *ugly_histories()):
        names.append((name, n_val))
        found.append(in_python(history, n_val))
    browser = in_node(
        [(each.history, n_val) for each, (_, n_val) in zip(found, names, strict=True)]
    )
    assert len({each.verdict for each in found}) > 6
    dicts = [each.to_dict() for each in found]
    json.dumps(dicts, allow_nan=False)
    assert_alike([name for name, _ in names], dicts, browser)


def assert_alike(names, python, browser):
    wrong = [
        f"{name} {difference}"
        for name, ours, theirs in zip(names, python, browser, strict=True)
        for difference in differences(ours, theirs)
    ]
    assert not wrong, "\n".join([f"{len(wrong)} differences", *wrong[:20]])


WORDS = {
    "numberText": words.number,
    "percent": words.percent,
    "times": words.times,
    "scoreText": words.score,
    "epochText": words.epoch,
}
CALL = """
const [folder, given] = [process.argv[1], JSON.parse(process.argv[2])];
const modules = await Promise.all(["words.js", "measures.js"].map((name) => import(folder + name)));
const functions = Object.assign({}, ...modules);
const all = given.map(([name, values]) => values.map((value) => functions[name](value)));
console.log(JSON.stringify(all));
"""


def call_in_node(given):
    """Return what functions of words.js and measures.js make of lists of values."""
    folder = (ROOT / "helpers/diagnosis").as_uri() + "/"
    command = [NODE, "--no-warnings", "--input-type=module", "-e", CALL, folder, json.dumps(given)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.skipif(NODE is None, reason="no Node.js")
def test_numbers_are_spelled_alike():
    draw = random.Random(3)
    positive = [draw.uniform(1, 10) * 10.0 ** draw.randint(-9, 11) for _ in range(500)]
    positive += [k / 8 * 10.0**size for k in range(1, 33) for size in range(-6, 6)]
    both = [0.0, *positive, *(-value for value in positive)]
    given = {name: positive if name == "epochText" else both for name in WORDS}
    found = call_in_node(list(given.items()))
    for (name, values), texts in zip(given.items(), found, strict=True):
        assert [WORDS[name](value) for value in values] == texts, name


def test_a_constant_curve_is_lowest_from_the_start_to_the_end():
    numbers = diagnose({"loss": [0.1] * 2999, "val_loss": [0.3] * 2999}).numbers
    assert (numbers["val_climb"], numbers["val_noise"]) == (0, 0)
    assert numbers["val_low"] == numbers["val_end"] == 0.3
    assert (numbers["val_best_low"], numbers["val_best_high"]) == (2, 2998.5)  # of blocks


def test_a_score_that_counts_no_rows_is_not_told_in_rows():
    history = {"loss": [3, 2, 1] * 9, "val_mae": [9.5, 7.1, 8.2] * 9}
    assert "score_rows" not in diagnose(history, n_val=200).numbers
    shares = {"loss": [3, 2, 1] * 9, "val_accuracy": [0.5, 0.71, 0.7] * 9}
    assert "score_rows" in diagnose(shares, n_val=200).numbers


def test_rows_of_any_integer_type_can_be_written_as_json():
    found = diagnose({"loss": [3, 2, 1], "val_loss": [3, 2, 1]}, n_val=np.int64(20))
    assert json.loads(json.dumps(found.to_dict()))["numbers"]["n_val"] == 20
