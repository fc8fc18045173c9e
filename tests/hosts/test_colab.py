"""The first cell of a chapter in an environment made to look like Colab's.

It has the oldest Keras and TensorFlow that the book supports. `make test-hosts` builds it with
tools/like_colab.py, in the folder .venv-colab, and runs the unit tests there, too.
"""

import os
import re
import shutil
import sys

from environments import run
import launch
import nbformat
from nbformat.v4 import new_notebook
import pytest

HOST = launch.ROOT / ".venv-colab"
COMMANDS = HOST / "environment" / "bin"
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Colab runs Linux")
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
    """The environment variables of Colab's kernel, in which the package is as it is now."""
    if not (HOST / "built-from").exists():
        pytest.fail("no environment like Colab's: run `make hosts`")
    run([COMMANDS / "pip", "install", "-q", HOST / "book.zip"], HOST)  # anew, as it is a file
    return {
        "JUPYTER_PATH": "",
        "JUPYTER_PREFER_ENV_PATH": "1",
        "PATH": f"{COMMANDS}:{os.environ['PATH']}",
    }


def first_cell(path):
    """A notebook of the first code cell of the first chapter that Colab opens."""
    chapter = nbformat.read(min((HOST / "book" / "chapters").glob("*.ipynb")), 4)
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


def test_a_python_that_is_too_old_is_one_clear_line(tmp_path, variables):
    shutil.unpack_archive(HOST / "book.zip", tmp_path)
    project = tmp_path / "book" / "pyproject.toml"
    text = project.read_text("utf8")
    project.write_text(text.replace(">=3.11,<3.14", ">=3.99"), "utf8")  # as if ours were older
    shutil.make_archive(tmp_path / "newer", "zip", tmp_path, "book")
    source = str(tmp_path / "newer.zip")
    path = broken(tmp_path, r'SOURCE = \\"[^"]+\\"', rf'SOURCE = \\"{source}\\"')
    said = printed(path, variables).strip()
    assert re.fullmatch(r"UsageError: .*\(ERROR: .*requires a different Python.*\)", said)


def test_a_chapter_without_the_package_says_how_to_get_it(tmp_path, variables):
    path = broken(tmp_path, "from helpers import require", "from no_helpers import require")
    said = printed(path, variables).strip()
    wanted = rf"`%pip install tensorflow {HOST}/book.zip`, then restart the kernel"
    assert re.fullmatch(f"UsageError: the book's package `helpers` is missing: .*{wanted}", said)


def test_a_package_of_another_version_is_one_clear_line(tmp_path, variables):
    path = broken(tmp_path, r'require\(\\"0.2\\"\)', r'require(\\"0.1\\")')
    said = printed(path, variables)
    assert re.fullmatch(
        "VersionError: this notebook needs version 0.1 of .* restart the kernel", said
    )
