"""The playgrounds' openings: each on its own draw, and its question has its usual answer there.

What the folds below them say was to be seen is what the engine finds.
"""

import ast
import json
from pathlib import Path
import re
import sys

from helpers.playground import SETTINGS
import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests" / "benchmarks"))
from draws import MEASURE, QUESTIONS  # noqa: E402

FOLD = re.compile(
    r"<details><summary>What you should have seen</summary>(.*?)</details>", re.DOTALL
)
MOONS = {"dataset": "moons", "noise": 0.2, "data_seed": 24}
PAGES = [*sorted(ROOT.glob("chapters/*.ipynb")), ROOT / "index.ipynb"]


def code(path):
    """Return the code of a page."""
    cells = json.loads(path.read_text("utf8"))["cells"]
    return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]


def playgrounds():
    """Return the arguments of each playground of the book, by its name."""
    found = {}
    for cell in (cell for path in PAGES for cell in code(path) if "Playground(" in cell):
        for node in ast.walk(ast.parse(cell)):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Playground":
                given = {key.arg: ast.literal_eval(key.value) for key in node.keywords}
                found[given["name"]] = given
    return found


def openings():
    """Return the settings of each playground of the book, by its name."""
    return {
        name: {key: value for key, value in given.items() if key in SETTINGS}
        for name, given in playgrounds().items()
    }


def folds(name):
    """Return what folds of the page of a playground say was to be seen."""
    path = next(path for path in PAGES if any(f'name="{name}"' in cell for cell in code(path)))
    cells = json.loads(path.read_text("utf8"))["cells"]
    text = "\n".join("".join(cell["source"]) for cell in cells)
    return " ".join(FOLD.findall(text))


def test_every_playground_has_a_question_and_a_draw_of_its_own():
    found = openings()
    assert found.keys() == QUESTIONS.keys()
    seeds = [settings.pop("data_seed") for settings in found.values()]
    assert len(set(seeds)) == len(seeds)
    states = {json.dumps(settings, sort_keys=True) for settings in found.values()}
    assert len(states) == len(found), "two that differ by their draws alone look alike"
    assert len({given["question"] for given in playgrounds().values()}) == len(found)


# What the folds say was to be seen: the state, as it differs from the opening, and its numbers.
SEEN = [
    ("start", {}, {"last": "0.54", "best": "0.18"}),
    ("start", {"l2": 0.001}, {"last": "0.29"}),
    ("start", {"l2": 0.01}, {"last": "0.18"}),
    ("start", {"l2": 1}, {"last": "0.28"}),
    ("bias-variance", {}, {"train": "0.29", "last": "0.37"}),
    ("bias-variance", {"data_seed": 83}, {"last": "0.51"}),
    ("bias-variance", {"data_seed": 84}, {"last": "0.33"}),
    ("bias-variance", {"width": 5}, {"last": "0.22"}),
    ("bias-variance", {"width": 10}, {"last": "0.19"}),
    ("bias-variance", {"width": 20}, {"last": "0.24"}),
    ("bias-variance", {"width": 1000}, {"last": "0.50"}),
    ("bias-variance", {"width": 1000, "data_seed": 83}, {"last": "1.28"}),
    ("bias-variance", {"width": 1000, "data_seed": 84}, {"last": "0.23"}),
    ("baseline", {}, {"best": "0.20", "best_epoch": "178", "last": "0.32"}),
    ("baseline", {"n_train": 40}, {"best": "0.047", "last": "0.052"}),
    ("regularization", {}, {"train": "0.23", "last": "0.33"}),
    ("regularization", {"l2": 0.1}, {"train": "0.10", "last": "0.24"}),
    ("regularization", {"l2": 0.03}, {"train": "0.04", "last": "0.21"}),
    ("regularization", {"l2": 0.01}, {"last": "0.22"}),
    ("regularization", {"l2": 0}, {"last": "0.41", "best": "0.22", "best_epoch": "466"}),
    ("dropout", {}, {"last": "1.68", "best": "0.43", "best_epoch": "287"}),
    ("dropout", {"dropout": 0.5}, {"last": "0.50", "best": "0.35", "best_epoch": "1,818"}),
    ("dropout", {"label_noise": 0}, {"last": "0.59", "best": "0.20", "best_epoch": "457"}),
    ("dropout", {"label_noise": 0, "dropout": 0.5}, {"last": "0.48", "best_epoch": "924"}),
    ("augmentation", {}, {"best": "0.47"}),
    ("augmentation", {"n_train": 20}, {"best": "0.08"}),
    ("augmentation", {"n_train": 30}, {"best": "0.06"}),
    ("augmentation", {"n_train": 100}, {"best": "0.03"}),
    ("augmentation", {**MOONS, "n_train": 30}, {"best": "0.25"}),
    ("augmentation", {**MOONS, "n_train": 70}, {"best": "0.11"}),
    ("augmentation", {**MOONS, "n_train": 300}, {"best": "0.09"}),
    ("early-stopping", {}, {"5": "0.35", "20": "0.25", "100": "0.21", "200": "0.206",
                            "best_epoch": "1,564"}),
    ("combining", {}, {"50": "0.214", "200": "0.171", "1000": "0.147", "best_epoch": "3,437"}),
    ("combining", {"l2": 0, "dropout": 0}, {"50": "0.176", "best": "0.176", "best_epoch": "942"}),
    ("combining", {"dropout": 0}, {"1000": "0.168"}),
    ("combining", {"l2": 0}, {"1000": "0.219"}),
    ("beyond", {}, {"last": "0.19", "best": "0.18", "best_epoch": "3,208"}),
    ("beyond", {"width": 1000}, {"last": "0.38", "best": "0.18", "best_epoch": "588"}),
    ("beyond", {"width": 1000, "epochs": 500}, {"last": "0.18"}),
]  # fmt: skip


@pytest.fixture(scope="module")
def measured(page):
    """Return a function that returns what the engine finds, once for each state."""
    found = {}

    def measure(**settings):
        settings = {**SETTINGS, **settings}
        key = json.dumps(settings, sort_keys=True)
        if key not in found:
            found[key] = page.evaluate(f"(settings) => ({MEASURE})(engine(), settings)", settings)
        return found[key]

    return measure


def as_said(number, words):
    """Return a number as a text that says it writes it."""
    return f"{number:,}" if words.replace(",", "").isdigit() else f"{number:.{len(words) - 2}f}"


@pytest.mark.parametrize("name", QUESTIONS)
def test_folds_say_what_the_engine_finds(measured, name):
    said = folds(name)
    for _, change, numbers in (row for row in SEEN if row[0] == name):
        settings = {**openings()[name], **change, "patience": None}
        result = measured(**settings)
        found = {**result, **result["stops"]}
        assert {key: as_said(found[key], words) for key, words in numbers.items()} == numbers
        assert not [words for words in numbers.values() if words not in said], (change, numbers)


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_question_has_its_usual_answer_on_the_draw_that_opens(measured, name):
    question, opening = QUESTIONS[name], openings()[name]
    seed = opening.pop("data_seed")
    opening.pop("patience", None)  # the table follows the whole curve
    first = next(iter(question.runs.values()))
    assert {**SETTINGS, **opening} == {**SETTINGS, **first}
    results = {
        run: measured(**{**settings, "data_seed": seed}) for run, settings in question.runs.items()
    }
    assert question.usual(results), question.columns(results)
