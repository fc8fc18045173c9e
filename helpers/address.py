"""Where the book's repository is, for publishing. Only Python's own library is needed.

The environment variable BOOK_REPOSITORY, such as https://github.com/owner/name, is the one place
where the address stands.
"""

import os
from pathlib import Path
import re
import subprocess

BRANCH, LAUNCH_BRANCH = "main", "launch"  # what people edit; what Binder and Colab open
_ADDRESS = re.compile(r"https://github\.com/[\w.-]+/[\w.-]+", re.ASCII)
_SOURCE = re.compile(r'SOURCE = \\"[^"]*\\"')  # in the JSON of a notebook


def repository():
    """Return the address of the repository, "" if none is set.

    Raises
    ------
    ValueError
        If BOOK_REPOSITORY is no address of a repository on GitHub.
    """
    address = os.environ.get("BOOK_REPOSITORY", "").removesuffix("/").removesuffix(".git")
    if address and not _ADDRESS.fullmatch(address):
        raise ValueError(
            f"BOOK_REPOSITORY must be like https://github.com/owner/name, not {address!r}"
        )
    return address


def archive(address, folder):
    """Return where pip finds the package: in the last commit that changed it.

    Parameters
    ----------
    address : str
        As `repository` returns it.
    folder : path
        A checkout. Outside of one, or without Git, the newest published state is taken.
    """
    command = ["git", "log", "-1", "--format=%H", "--", "helpers", "pyproject.toml"]
    try:
        run = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        commit = run.stdout.strip()
    except OSError:
        commit = ""
    return f"{address}/archive/{commit or f'refs/heads/{LAUNCH_BRANCH}'}.zip"


def write_source(notebook, source):
    """Write where pip finds the package into the cell of a notebook that installs it.

    Parameters
    ----------
    notebook : path
        An .ipynb file, which is changed.
    source : str

    Raises
    ------
    ValueError
        If there is no such cell.
    """
    path = Path(notebook)
    text, count = _SOURCE.subn(
        lambda _: rf"SOURCE = \"{source}\"", path.read_text(encoding="utf-8"), count=1
    )
    if not count:
        raise ValueError(f"{notebook} has no first cell that installs the package")
    path.write_text(text, encoding="utf-8")
