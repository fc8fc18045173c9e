"""Write where the book is: into _config.yml, the first cell of every chapter, and the README.

    python tools/address.py https://github.com/owner/name      with _ext on the path

A fork does it once, with `make address URL=...`, and commits. "" removes the address.
"""

from pathlib import Path
import re
import sys

from book_published import address_of
from first_cell import write_cell

ROOT = Path(__file__).parents[1]
ADDRESS = re.compile(r"https://github\.com/[\w.-]+/[\w.-]+", re.ASCII)
PLACE = re.compile(r"^\*\*Read it\*\*.*", re.MULTILINE)  # in the README
SETTING = re.compile(r"^  url:.*", re.MULTILINE)


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
