"""The complete program of chapter 7 runs alone in a fresh process, with nothing of ours."""

import ast
import os
from pathlib import Path
import re
import shutil
import subprocess
import sys

RECIPE = Path(__file__).parents[2] / "chapters" / "recipe.py"


def test_it_imports_what_every_reader_has():
    tree = ast.walk(ast.parse(RECIPE.read_text(encoding="utf-8")))
    imported = {a.name for node in tree if isinstance(node, ast.Import) for a in node.names}
    assert imported == {"os", "keras", "numpy"}


def test_it_runs_alone(tmp_path):
    shutil.copy(RECIPE, tmp_path)
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [sys.executable, "recipe.py"], cwd=tmp_path, env={**kept, "EPOCHS": "12"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "epochs trained: 12\n" in done.stdout
    found = dict(re.findall(r"^test ([\w-]+): ([\d.]+)$", done.stdout, re.M))
    assert 0.05 < float(found["cross-entropy"]) < 0.65  # a coin has 0.69
    assert 0.7 < float(found["accuracy"]) <= 1
