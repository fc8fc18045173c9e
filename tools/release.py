"""Print what the changelog says of a release, if all that names a version agrees with its tag.

    python tools/release.py v1.0.0      with _ext on the path: `make release-notes TAG=v1.0.0`

The tag, the newest release in CHANGELOG.md, CITATION.cff and the package `helpers` must have one
version, and CHANGELOG.md and CITATION.cff one date.
"""

from pathlib import Path
import re
import sys

from book_published import releases
import yaml

ROOT = Path(__file__).parents[1]
TAG = re.compile(r"v(\d+\.\d+\.\d+)")
VERSION = re.compile(r'^__version__ = "([^"]+)"$', re.MULTILINE)  # pyproject.toml reads it there


def notes(tag, root=ROOT):
    """Return the text of a release, in Markdown.

    Parameters
    ----------
    tag : str
        Such as "v1.0.0".
    root : path, optional
        The folder of the repository.

    Raises
    ------
    ValueError
        If `tag` is no version, or a file names another version or date.
    """
    found = TAG.fullmatch(tag)
    if not found:
        raise ValueError(f"a release is tagged like v1.0.0, not {tag!r}")
    released = releases(Path(root, "CHANGELOG.md").read_text("utf8"))
    newest, date, text = released[0] if released else (None, None, "")
    citation = yaml.safe_load(Path(root, "CITATION.cff").read_text("utf8"))
    package = VERSION.search(Path(root, "helpers", "__init__.py").read_text("utf8"))
    said = {
        "CHANGELOG.md": newest,
        "CITATION.cff": citation.get("version"),
        "helpers/__init__.py": package and package[1],
    }
    for name, version in said.items():
        if version != found[1]:
            raise ValueError(f"{name} has version {version}, not {found[1]} as the tag {tag}")
    if str(citation.get("date-released")) != date:
        cited = citation.get("date-released")
        raise ValueError(f"CITATION.cff has the date {cited}, not {date} as CHANGELOG.md")
    if not text:
        raise ValueError(f"CHANGELOG.md says nothing of version {newest}")
    return text


if __name__ == "__main__":
    try:
        print(notes(*sys.argv[1:2]))
    except ValueError as error:
        sys.exit(str(error))
