"""How the book is cited: what CITATION.cff says, as BibTeX and as a line of references."""

from pathlib import Path

import yaml

NEEDED = ("title", "abstract", "authors", "version", "date-released", "license")
# What the stored outputs were made with, in the order in which a reader asks for it.
LIBRARIES = ("tensorflow", "keras", "numpy", "scipy", "pandas", "scikit-learn", "matplotlib",
             "mlxtend", "ipywidgets", "anywidget")  # fmt: skip


def read_citation(path):
    """Return what a CITATION.cff says.

    Returns
    -------
    dict
        Its keys; "date-released" is a text such as "2026-11-27".

    Raises
    ------
    ValueError
        If something is missing that a citation needs, or `license` is not one text, which
        archives such as Zenodo refuse.
    """
    found = yaml.safe_load(Path(path).read_text("utf8"))
    missing = [name for name in NEEDED if not found.get(name)]
    if missing:
        raise ValueError(f"{path}: `{missing[0]}` is missing: write it there")
    if not isinstance(found["license"], str):
        raise ValueError(f"{path}: `license` must be one license, such as CC-BY-4.0")
    return found | {"date-released": str(found["date-released"])}


def author(person):
    """Return an author's name as it is printed: a person's or that of a group."""
    parts = (person.get("given-names"), person.get("family-names"))
    return person.get("name") or " ".join(filter(None, parts))


def bibtex(citation, url=""):
    """Return a BibTeX entry; `url` is the book's address, "" if that is not known.

    A group's name stands in braces, so that BibTeX does not look for a family name in it.
    """
    names = [
        f"{{{author(each)}}}" if each.get("name") else author(each) for each in citation["authors"]
    ]
    year, month, _ = citation["date-released"].split("-")
    fields = {
        "title": f"{{{citation['title']}}}",
        "author": " and ".join(names),
        "year": year,
        "month": str(int(month)),
        "note": f"Version {citation['version']}",
    }
    if url:
        fields["url"] = url
    lines = "".join(f"  {name:<6} = {{{value}}},\n" for name, value in fields.items())
    return f"@book{{handling-overfitting,\n{lines}}}"


def reference(citation, url=""):
    """Return the line of a list of references, in the style of the APA."""
    names = ", ".join(author(each) for each in citation["authors"])
    year = citation["date-released"].partition("-")[0]
    line = f"{names} ({year}). *{citation['title']}* (Version {citation['version']})."
    return f"{line} {url}" if url else line


def versions(constraints):
    """Return the pinned versions of the libraries that made the outputs, by their names.

    constraints: the text of constraints.txt. Raises ValueError for a library without a version.
    """
    pins = {}
    for line in constraints.splitlines():
        name, _, version = line.partition(" ;")[0].strip().partition("==")
        pins.setdefault(name, version)
    missing = [name for name in LIBRARIES if not pins.get(name)]
    if missing:
        raise ValueError(f"constraints.txt pins no {missing[0]}: run `make constraints`")
    return {name: pins[name] for name in LIBRARIES}
