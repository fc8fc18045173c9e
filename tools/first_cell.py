"""The first cell of every chapter: it finds the book's package, or on Colab installs it."""

import json
from pathlib import Path

from helpers import __version__

# pip leaves alone what Colab has and fits. HEAD is the branch that GitHub shows.
INSTALL = """\
import sys

if "google.colab" in sys.modules and "helpers" not in sys.modules:
    %pip install -q {source}
"""
FIRST_CELL = """\
# @title See that the book's package is there
{install}from helpers import require  # not found? See the page "Run the chapters"

require("{version}")"""


def first_cell(source):
    """Return the first cell of every chapter, for a package that pip finds at `source`."""
    install = INSTALL.format(source=source) if source else ""
    return FIRST_CELL.format(install=install, version=__version__.rpartition(".")[0])


def write_cell(notebook, source):
    """Write the first cell of a chapter.

    Parameters
    ----------
    notebook : path
        An .ipynb file, which is changed.
    source : str
        What pip installs the package from; "" if that is not known.

    Raises
    ------
    ValueError
        If the first cell of code is another one: it has no tag `remove-cell`.
    """
    path = Path(notebook)
    content = json.loads(path.read_text("utf8"))
    cell = next((cell for cell in content["cells"] if cell["cell_type"] == "code"), None)
    if cell is None or "remove-cell" not in cell["metadata"].get("tags", ()):
        raise ValueError(f"{path}: the first cell of code must be the one with tag remove-cell")
    cell["source"] = first_cell(source).splitlines(keepends=True)
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", "utf8")
