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
_PACKAGE = ["helpers", "pyproject.toml"]
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

    Only a commit counts that is published and holds the package as it is in the folder. Where
    there is none, the newest published state is named: outside of a checkout or in a folder of
    another one, without Git, with changes that are not committed or not pushed.

    Parameters
    ----------
    address : str
        As `repository` returns it.
    folder : path
        The top folder of a checkout.
    """
    folder = Path(folder).resolve()
    commit = ""
    if _git(folder, "rev-parse", "--show-toplevel") == str(folder):
        changed = _git(folder, "status", "--porcelain", "--", *_PACKAGE)
        last = _git(folder, "log", "-1", "--format=%H", "--", *_PACKAGE)
        if last and not changed and _is_published(folder, address, last):
            commit = last
    return f"{address}/archive/{commit or f'refs/heads/{LAUNCH_BRANCH}'}.zip"


def _is_published(folder, address, commit):
    """Whether a branch of the repository at this address, as last fetched, has the commit."""
    lines = _git(folder, "config", "--get-regexp", r"^remote\..*\.url$").splitlines()
    name = re.escape(address.removeprefix("https://github.com/"))
    here = re.compile(rf"remote\.(.*)\.url .*github\.com[/:]{name}(?:\.git)?/?")
    remotes = [found[1] for found in map(here.fullmatch, lines) if found]
    branches = [f"refs/remotes/{remote}" for remote in remotes]
    return bool(branches and _git(folder, "for-each-ref", "--contains", commit, *branches))


def _git(folder, *arguments):
    """Return what Git prints, "" if it fails or is not there."""
    try:
        run = subprocess.run(
            ["git", *arguments], cwd=folder, capture_output=True, text=True, check=False
        )
    except OSError:
        return ""
    return run.stdout.strip() if run.returncode == 0 else ""


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
