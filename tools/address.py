"""Write where the book is: into _config.yml, the first cell of every chapter, and the README.

    python tools/address.py https://github.com/owner/name      with _ext on the path

A fork does it once, with `make address URL=...`, and commits. "" removes the address.
"""

import json
from pathlib import Path
import re
import sys

from book_published import address_of
from helpers import __version__

ROOT = Path(__file__).parents[1]
ADDRESS = re.compile(r"https://github\.com/[\w.-]+/[\w.-]+", re.ASCII)
PLACE = re.compile(r"^\*\*Read it\*\*.*", re.MULTILINE)  # in the README
SETTING = re.compile(r"^  url:.*", re.MULTILINE)
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


def where_to_read(url):
    """Return the README's sentence that says where to read the book."""
    if not url:
        return "**Read it** on your own machine: `make book` builds it and says where to open it."
    return f"**Read it** at <{address_of(None, url)}>, or build it on your own machine:"


def write(url, root=ROOT):
    """Write an address, or "" for none, wherever it stands.

    Raises
    ------
    ValueError
        If `url` is not the address of a repository on GitHub, or there is no place for it.
    """
    url = url.removesuffix("/").removesuffix(".git")
    if url and not ADDRESS.fullmatch(url):
        raise ValueError(f"URL must be like https://github.com/owner/name, not {url!r}")
    config = Path(root, "_config.yml")
    text, places = SETTING.subn(f'  url: "{url}"', config.read_text("utf8"))
    if places != 1:
        raise ValueError(f"{config}: there must be one line `  url:`, under `repository:`")
    readme = Path(root, "README.md")
    if readme.exists():
        page, places = PLACE.subn(where_to_read(url), readme.read_text("utf8"))
        if places != 1:
            raise ValueError(f"{readme}: there must be one line that begins with **Read it**")
    for notebook in sorted(Path(root, "chapters").glob("*.ipynb")):
        write_cell(notebook, f"{url}/archive/HEAD.zip" if url else "")
    config.write_text(text, "utf8")
    if readme.exists():
        readme.write_text(page, "utf8")


if __name__ == "__main__":
    try:
        write(sys.argv[1])
    except ValueError as error:
        sys.exit(str(error))
