"""Write the branch that Binder builds and Colab opens: what running a chapter needs, and no more.

    BOOK_REPOSITORY=https://github.com/owner/name PYTHONPATH=. python tools/launch.py FOLDER

The notebooks in it know the repository's address. The branch is apart from main, so that only
a change of what is in it makes Binder build anew. No installed package is needed: whoever may
push the branch runs nobody else's code.
"""

import argparse
from pathlib import Path
import shutil
import sys

from helpers.address import BRANCH, archive, repository, write_source

ROOT = Path(__file__).parents[1]
FILES = ["LICENSE", "CITATION.cff", "pyproject.toml", "run.md"]
FOLDERS = ["binder", "chapters", "helpers"]
README = """\
# To run, not to edit

A workflow writes this branch from [{branch}]({address}/tree/{branch}): Binder builds it, Colab
opens its notebooks. Changes belong there.
"""
IGNORED = shutil.ignore_patterns("__pycache__", ".*", "ruff.toml", "*.egg-info")


def write(folder, address):
    """Write the branch's files into a new folder.

    Parameters
    ----------
    folder : path
    address : str
        Of the repository; with "" the notebooks stay as they are.

    Raises
    ------
    FileExistsError
        If the folder is there and not empty.
    """
    folder = Path(folder)
    if folder.exists() and any(folder.iterdir()):
        raise FileExistsError(f"{folder} is not empty: name a new folder")
    for name in FOLDERS:
        shutil.copytree(ROOT / name, folder / name, ignore=IGNORED)
    for name in FILES:
        shutil.copy(ROOT / name, folder)
    if address:
        (folder / "README.md").write_text(README.format(branch=BRANCH, address=address), "utf8")
        source = archive(address, ROOT)
        for notebook in (folder / "chapters").glob("*.ipynb"):
            write_source(notebook, source)


def main(arguments=None):
    """Write the folder named on the command line; 1 if there is no address or no room."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    options = parser.parse_args(arguments)
    try:
        address = repository()
        if not address:
            raise ValueError("BOOK_REPOSITORY is not set: name it, https://github.com/owner/name")
        write(options.folder, address)
    except (ValueError, FileExistsError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
