"""The playgrounds' openings: each on its own draw, and its question has its usual answer there."""

import ast
import json
from pathlib import Path
import sys

from helpers.playground import SETTINGS
import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests" / "benchmarks"))
from draws import MEASURE, QUESTIONS  # noqa: E402

PAGES = [*sorted(ROOT.glob("chapters/*.ipynb")), ROOT / "index.ipynb"]


def code(path):
    """Return the code of a page."""
    cells = json.loads(path.read_text("utf8"))["cells"]
    return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]


def openings():
    """Return the settings of each playground of the book, by its name."""
    found = {}
    for cell in (cell for path in PAGES for cell in code(path) if "Playground(" in cell):
        for node in ast.walk(ast.parse(cell)):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Playground":
                given = {key.arg: ast.literal_eval(key.value) for key in node.keywords}
                moved = {name: value for name, value in given.items() if name in SETTINGS}
                found[given["name"]] = moved
    return found


def test_every_playground_has_a_question_and_a_draw_of_its_own():
    found = openings()
    assert found.keys() == QUESTIONS.keys()
    seeds = [settings["data_seed"] for settings in found.values()]
    assert len(set(seeds)) == len(seeds)


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_question_has_its_usual_answer_on_the_draw_that_opens(page, name):
    question, opening = QUESTIONS[name], openings()[name]
    seed = opening.pop("data_seed")
    opening.pop("patience", None)  # the table follows the whole curve
    first = next(iter(question.runs.values()))
    assert {**SETTINGS, **opening} == {**SETTINGS, **first}
    results = {
        run: page.evaluate(
            f"(settings) => ({MEASURE})(engine(), settings)", {**settings, "data_seed": seed}
        )
        for run, settings in question.runs.items()
    }
    assert question.usual(results), question.columns(results)
