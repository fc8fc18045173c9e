"""The first cell, the unit tests and chapters 1 to 4 in an environment made to look like Colab's.

It has the oldest Keras and TensorFlow that the book supports. `make test` builds it with
tools/like_colab.py, in the folder .venv-colab.
"""

import os
import re
import subprocess

from environments import run
from helpers.site import write_source
import launch
import nbformat
from nbformat.v4 import new_notebook
import pytest

HOST = launch.ROOT / ".venv-colab"
COMMANDS = HOST / "environment" / "bin"
CHAPTERS = sorted(path.stem for path in (launch.ROOT / "chapters").glob("0[1-4]*.ipynb"))
UNITS = ["data", "experiments", "playground", "plots", "training", "widgets"]
OURS = {"handling-overfitting", "anywidget", "psygnal"}  # what this Colab lacks
EXECUTE = """
import sys, nbclient, nbformat
notebook = nbformat.read(sys.argv[1], 4)
client = nbclient.NotebookClient(notebook, kernel_name="python3", allow_errors=True)
client.execute()
nbformat.write(notebook, sys.argv[1])
"""


@pytest.fixture(scope="module")
def variables():
    """The environment variables of Colab's kernel."""
    if not (HOST / "built-from").exists():
        pytest.fail("no environment like Colab's: run `make hosts`")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("JUPYTER")}
    return {**kept, "JUPYTER_PREFER_ENV_PATH": "1", "PATH": f"{COMMANDS}:{kept['PATH']}"}


def first_cell(path):
    """A notebook of the first code cell of the first chapter that Colab opens."""
    chapter = nbformat.read(HOST / "book" / "chapters" / f"{CHAPTERS[0]}.ipynb", 4)
    cell = next(cell for cell in chapter.cells if cell.cell_type == "code")
    notebook = new_notebook(cells=[cell])
    notebook.metadata = chapter.metadata
    nbformat.write(notebook, path)
    return path


def printed(path, variables):
    """Run a notebook in Colab's kernel; return what it prints."""
    run([COMMANDS / "python", "-c", EXECUTE, path], path.parent, variables)
    (cell,) = nbformat.read(path, 4).cells
    return "".join(
        output.get("text", "") or "\n".join(output.get("traceback", [])) for output in cell.outputs
    )


def packages():
    lines = run([COMMANDS / "pip", "freeze", "--all"], HOST).splitlines()
    return {re.split(" @ |==", line)[0].lower(): line for line in lines}


# These change the environment, so they are one test.
def test_the_first_cell_installs_the_package_and_touches_nothing_else(tmp_path, variables):
    run([COMMANDS / "pip", "uninstall", "-y", *OURS], HOST)
    before = packages()
    assert printed(first_cell(tmp_path / "first.ipynb"), variables) == ""
    after = packages()
    assert {name: line for name, line in after.items() if name not in OURS} == before
    assert set(after) >= OURS
    assert printed(first_cell(tmp_path / "again.ipynb"), variables) == ""
    assert packages() == after


def broken(tmp_path, old, new):
    path = first_cell(tmp_path / "broken.ipynb")
    text = path.read_text("utf8")
    changed = re.sub(old, new, text, count=1)
    assert changed != text
    path.write_text(changed, "utf8")
    return path


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        pytest.param(
            r'SOURCE = \\"[^"]+\\"', r'SOURCE = \\"https://nowhere.invalid/book.zip\\"',
            "UsageError: the package `helpers` is not installed: check the network and the version "
            "in Runtime > Change runtime type, then run this cell again "
            r"\(ERROR: .*nowhere.invalid.*\)",
            id="no network",
        ),
        pytest.param(
            r'SOURCE = \\"[^"]+\\"', r'SOURCE = \\"\\"',
            "UsageError: this copy of the chapter does not know where its package is: open the "
            "chapter by the button of its page",
            id="not published",
        ),
        pytest.param(
            r"print\(f\\\"\{name\}==\{version\(name\)\}", r'print(f\\"{name}==0.1',
            r"UsageError: the package `helpers` is not installed.*\(ERROR: .+\)",
            id="a Keras that is too old",
        ),
    ],
)  # fmt: skip
def test_what_goes_wrong_is_one_clear_line(tmp_path, variables, old, new, message):
    said = printed(broken(tmp_path, old, new), variables).strip()
    assert re.fullmatch(message, said)


def test_a_package_of_another_version_is_one_clear_line(tmp_path, variables):
    path = broken(tmp_path, r'require\(\\"0.2\\"\)', r'require(\\"0.1\\")')
    said = printed(path, variables)
    assert re.fullmatch(
        "VersionError: this notebook needs version 0.1 of .* restart the kernel", said
    )


@pytest.mark.parametrize("name", UNITS)
def test_the_unit_tests_pass_on_the_oldest_libraries(tmp_path, variables, name):
    pytest_command = [COMMANDS / "pytest", "-q", launch.ROOT / f"tests/test_{name}.py"]
    passes(pytest_command, tmp_path, variables)


@pytest.mark.parametrize("stem", CHAPTERS)
def test_the_chapter_runs_on_the_oldest_libraries(tmp_path, variables, stem):
    chapter = HOST / "book" / "chapters" / f"{stem}.ipynb"
    passes([COMMANDS / "pytest", "-q", "--nbval-lax", chapter], tmp_path, variables)


def passes(command, folder, variables):
    done = subprocess.run(
        [*map(str, command), "-p", "no:cacheprovider", "-W", "ignore"], cwd=folder, env=variables,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    print(done.stdout.strip().splitlines()[-1])
    assert done.returncode == 0, done.stdout[-4000:]


def test_the_source_is_written_only_where_there_is_a_place_for_it(tmp_path):
    path = tmp_path / "chapter.ipynb"
    nbformat.write(new_notebook(), path)
    with pytest.raises(ValueError, match=r"chapter.ipynb has no first cell"):
        write_source(path, "https://github.com/ann/book/archive/1.zip")
