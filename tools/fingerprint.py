"""Whether a notebook's stored outputs still belong to its code, the package and the libraries.

A notebook's metadata hold a fingerprint of what its outputs were made from. An output is out of
date as soon as one of these has changed since: the code of the cells, the Python files of
`helpers/`, the pinned version of a library that the chapters use directly. The first cell of a
chapter, which has the tag `remove-cell`, does not count: it makes no output. Nor does the package's
own version, so that a release executes nothing, nor the diagnosis in a notebook that does not name
it: nothing else in the package imports it.
"""

import hashlib
from pathlib import Path
import re
import tomllib

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
KEY = "fingerprint"
VERSION = re.compile(r"^__version__ = .*\n", re.MULTILINE)
SOURCES = {
    "code": "its code has changed",
    "helpers": "helpers/ has changed",
    "libraries": "a library's version has changed",
}


def fingerprint(notebook, root=ROOT):
    """Return what the outputs of a notebook depend on: a dict of three short hashes."""
    code = [
        cell.source
        for cell in notebook.cells
        if cell.cell_type == "code" and "remove-cell" not in cell.metadata.get("tags", ())
    ]
    package = _package(root, diagnoses="helpers.diagnosis" in "\n".join(code))
    return {"code": _hash(code), "helpers": _hash(package), "libraries": _hash(_pins(root))}


def outdated(notebook, root=ROOT):
    """Return why the stored outputs of a notebook may no longer hold: a list, empty if they do."""
    code = [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()]
    if any(cell.execution_count is None for cell in code):
        return ["a cell has not been executed"]
    stored, now = notebook.metadata.get(KEY, {}), fingerprint(notebook, root)
    return [reason for name, reason in SOURCES.items() if stored.get(name) != now[name]]


def _package(root, diagnoses):
    """Yield names and texts of the package's Python files (its scripts run in browsers only)."""
    for path in sorted((root / "helpers").rglob("*.py")):
        if diagnoses or "diagnosis" not in path.relative_to(root).parts:
            yield path.relative_to(root).as_posix()
            yield VERSION.sub("", path.read_text("utf8"))


def _pins(root):
    """Return the pins of the libraries that the package and the chapters import."""
    project = tomllib.loads((root / "pyproject.toml").read_text("utf8"))["project"]
    direct = {_name(line) for line in project["dependencies"]} | {"tensorflow"}
    pins = (root / "constraints.txt").read_text("utf8").splitlines()
    return sorted(pin for pin in pins if _name(pin) in direct)


def _name(requirement):
    return canonicalize_name(Requirement(requirement).name)


def _hash(texts):
    found = hashlib.sha256()
    for text in texts:
        found.update(text.encode() + b"\0")
    return found.hexdigest()[:16]
