"""The first cell of a chapter in an environment made to look like Colab's.

It has the oldest Keras and TensorFlow that the book supports, or with the variable NEWEST those of
today's Colab. `make test-hosts` builds it with tools/environments.py, in the folder .venv-colab,
and runs the unit tests there, too.
"""

import os
import re
import shutil
import sys

from environments import NEWEST, ROOT, run
import first_cell as cells
import nbformat
from nbformat.v4 import new_code_cell, new_notebook
import pytest

HOST = ROOT / ".venv-colab"
COMMANDS = HOST / "environment" / "bin"
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Colab runs Linux")
LACKING = set() if NEWEST else {"anywidget", "psygnal"}
OURS = {"handling-overfitting"} | LACKING
COLOR = re.compile(r"\x1b\[[\d;]*m|\r")
PIPS_OWN = re.compile(r"^(?:WARNING: |Note: you may need to restart).*\n", re.M)  # in any notebook
NOT_FOUND = re.compile(
    r"from helpers import require  # not found\? See the page .*"
    r"\nModuleNotFoundError: No module named 'helpers'$", re.S
)  # fmt: skip
EXECUTE = """
import sys, nbclient, nbformat
notebook = nbformat.read(sys.argv[1], 4)
client = nbclient.NotebookClient(notebook, kernel_name="python3", allow_errors=True)
client.execute()
nbformat.write(notebook, sys.argv[1])
"""


@pytest.fixture(scope="module")
def variables():
    """The environment variables of Colab's kernel, in which the package is as it is now."""
    if not (HOST / "built-from").exists():
        pytest.fail("no environment like Colab's: run `make hosts`")
    yield {
        "JUPYTER_PATH": "",
        "JUPYTER_PREFER_ENV_PATH": "1",
        "PYTHONPATH": "",
        "PATH": f"{COMMANDS}:{os.environ['PATH']}",
    }
    run([COMMANDS / "pip", "install", "-q", "--no-deps", HOST / "book.zip"], HOST)


@pytest.fixture
def fresh(variables):
    """The same, without the package, as Colab starts it."""
    run([COMMANDS / "pip", "uninstall", "-y", *OURS], HOST)
    return variables


def first_cell():
    """The first code cell of the first chapter that Colab opens."""
    chapter = nbformat.read(min((HOST / "book" / "chapters").glob("*.ipynb")), 4)
    return next(cell.source for cell in chapter.cells if cell.cell_type == "code")


def printed(folder, variables, *cells):
    """Run cells in Colab's kernel; return what each prints, an error's traceback included."""
    path = folder / "cells.ipynb"
    nbformat.write(new_notebook(cells=[new_code_cell(cell) for cell in cells]), path)
    run([COMMANDS / "python", "-c", EXECUTE, path], folder, variables)
    texts = [
        "".join(o.get("text", "") or "\n".join(o.get("traceback", [])) for o in cell.outputs)
        for cell in nbformat.read(path, 4).cells
    ]
    return [PIPS_OWN.sub("", COLOR.sub("", text)) for text in texts]


def packages():
    lines = run([COMMANDS / "pip", "freeze", "--all"], HOST).splitlines()
    return {re.split(" @ |==", line)[0].lower(): line for line in lines}


def test_the_first_cell_installs_the_package_and_touches_nothing_else(tmp_path, fresh):
    before = packages()
    once, again = printed(tmp_path, fresh, first_cell(), first_cell())
    assert once == again == ""
    after = packages()
    assert {name: line for name, line in after.items() if name not in OURS} == before
    assert set(after) >= OURS
    assert printed(tmp_path, fresh, first_cell()) == [""]
    assert packages() == after


def changed(old, new):
    cell = first_cell()
    assert old in cell
    return cell.replace(old, new)


def test_without_a_network_it_says_so(tmp_path, fresh):
    (said,) = printed(tmp_path, fresh, changed(f"{HOST}/book.zip", "https://nowhere.invalid/b.zip"))
    assert re.search(r"^ERROR: .*nowhere\.invalid", said, re.M), said
    assert NOT_FOUND.search(said)


def test_without_an_address_it_says_where_to_look(tmp_path, fresh):
    (said,) = printed(tmp_path, fresh, cells.first_cell(""))
    assert NOT_FOUND.search(said)


def test_a_python_that_is_too_old_is_one_clear_line(tmp_path, fresh):
    shutil.unpack_archive(HOST / "book.zip", tmp_path)
    project = tmp_path / "book" / "pyproject.toml"
    text = project.read_text("utf8")
    project.write_text(text.replace(">=3.11,<3.14", ">=3.99"), "utf8")  # as if ours were older
    source = shutil.make_archive(tmp_path / "newer", "zip", tmp_path, "book")
    (said,) = printed(tmp_path, fresh, changed(f"{HOST}/book.zip", source))
    assert re.search(r"^ERROR: .*requires a different Python", said, re.M), said


def test_a_package_of_another_version_is_one_clear_line(tmp_path, fresh):
    said = printed(tmp_path, fresh, re.sub(r'(?<=require\(")[\d.]+', "0.1", first_cell()))[0]
    message = "VersionError: this notebook needs version 0.1 of .* restart the kernel"
    assert re.fullmatch(message, said)
