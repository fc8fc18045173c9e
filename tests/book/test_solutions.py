"""Each exercise's solution is run after its chapter, and one that fails fails the tests."""

import ast
import os
from pathlib import Path
import re
import subprocess
import sys

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
import notebooks
import pytest
from solutions import solutions

CHAPTERS = sorted((Path(__file__).parents[2] / "chapters").glob("*.ipynb"))
NUMBERED = [path for path in CHAPTERS if path.name[0].isdigit()]
CELL = """
from helpers.experiments import repeat, seeds

def build():
    return 1

def trial(seed):
    return {"built": build()}

def count():
    return len(seeds())

runs = repeat(trial, {"as it is": {}})
"""


def exercise(number, code):
    return (
        f"**{number}. A question.** Text.\n\n<details><summary>Solution</summary>\n\n"
        f"```python\n{code}\n```\n\nMore text.\n\n</details>\n"
    )


@pytest.fixture
def results(tmp_path):
    """Run a notebook of one cell with these solutions; return the outcomes, and the report."""

    def run_notebook(*codes):
        path = tmp_path / "page.ipynb"
        text = "\n".join(exercise(number, code) for number, code in enumerate(codes, start=1))
        notebook = new_notebook(cells=[new_code_cell(CELL.strip()), new_markdown_cell(text)])
        notebook.metadata["kernelspec"] = dict(notebooks.KERNEL)
        nbformat.write(notebook, path)
        command = [sys.executable, "-m", "pytest", "-p", "solutions", "-p", "no:cacheprovider"]
        done = subprocess.run(
            [*command, "--nbval", "-v", "--color=no", path], cwd=tmp_path, capture_output=True,
            text=True, check=False, env={**os.environ, "PYTHONPATH": str(Path(__file__).parent)},
        )  # fmt: skip
        report = re.sub(r"\x1b\[[\d;]*m", "", done.stdout)  # without colors
        return dict(re.findall(r"::(Cell 0|Solution \d+) ([A-Z]+)", report)), report

    return run_notebook


def test_solutions_run_one_by_one_in_the_namespace_of_the_chapter(results):
    found, report = results(
        # The chapter's functions see what a solution defines,
        "def build():\n    return 2\n\nassert trial(0)['built'] == 2",
        # the next solution does not,
        "assert trial(0)['built'] == 1\nassert 'helper' not in globals()\nhelper = 1",
        "assert 'helper' not in globals()\n1 / 0",
        # not even after one that failed,
        "undefined_name",
        # and all of them run on few seeds, as do the runs of the chapter.
        "import pandas as pd\nnew = repeat(trial, {'new': {}})\n"
        "assert len(new) == len(runs) == count() == 2\n"
        "pd.concat([runs, new])",
    )
    assert found == {
        "Cell 0": "PASSED", "Solution 1": "PASSED", "Solution 2": "PASSED",
        "Solution 3": "FAILED", "Solution 4": "FAILED", "Solution 5": "PASSED",
    }  # fmt: skip
    assert "ZeroDivisionError: division by zero" in report
    assert "NameError: name 'undefined_name' is not defined" in report
    assert re.search(r"Solution 3: .*exception", report)


def test_every_block_of_code_in_a_fold_is_found():
    for path in NUMBERED:
        notebook = nbformat.read(path, 4)
        text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
        exercises = re.split(r"^## Exercises", text, flags=re.M)[1]
        blocks = sum("```python" in part for part in exercises.split("<details>"))
        found = solutions(notebook)
        assert len(found) == blocks > 0, path.name
        assert len({number for number, _ in found}) == len(found), path.name


def defined(code):
    """The names that a cell defines for good: functions, classes, what is assigned."""
    names = set()
    for statement in ast.parse(code).body:
        if isinstance(statement, ast.FunctionDef | ast.ClassDef):
            names.add(statement.name)
        elif isinstance(statement, ast.Assign):
            nodes = [node for target in statement.targets for node in ast.walk(target)]
            names |= {
                n.id
                for n in nodes
                if isinstance(getattr(n, "ctx", None), ast.Store) and isinstance(n, ast.Name)
            }
    return names


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_no_solution_takes_a_name_of_the_chapter(path):
    """A reader runs one solution after the other, in one namespace."""
    notebook = nbformat.read(path, 4)
    cells = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    taken = set().union(*map(defined, cells))
    for number, code in solutions(notebook):
        assert not (defined(code) & taken) - {"_"}, f"exercise {number}: choose another name"
