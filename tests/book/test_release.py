"""The tool that says whether everything agrees on the version of a release."""

import pytest
import release

CHANGES = """# Changelog

## [1.2.0] - 2027-02-03

- A page.

## [1.1.0] - 2027-01-01

- One.
"""
CITATION = 'version: "1.2.0"\ndate-released: "2027-02-03"\n'
PACKAGE = '"""A package."""\n\n__version__ = "1.2.0"\n'


@pytest.fixture
def book(tmp_path):
    """A function that writes what names a version, with changes, and returns the folder."""

    def write(changes=CHANGES, citation=CITATION, package=PACKAGE):
        (tmp_path / "helpers").mkdir()
        (tmp_path / "CHANGELOG.md").write_text(changes, "utf8")
        (tmp_path / "CITATION.cff").write_text(citation, "utf8")
        (tmp_path / "helpers" / "__init__.py").write_text(package, "utf8")
        return tmp_path

    return write


def test_the_notes_are_what_the_changelog_says(book):
    assert release.notes("v1.2.0", book()) == "- A page."


@pytest.mark.parametrize(
    ("changed", "tag", "line"),
    [
        ({}, "1.2.0", "a release is tagged like v1.0.0, not '1.2.0'"),
        ({}, "v1.1.0", "CHANGELOG.md has version 1.2.0, not 1.1.0 as the tag v1.1.0"),
        ({"changes": "# Changelog\n"}, "v1.2.0", "CHANGELOG.md has version None, not 1.2.0"),
        ({"citation": "title: x\n"}, "v1.2.0", "CITATION.cff has version None, not 1.2.0"),
        (
            {"citation": CITATION.replace("03", "04")},
            "v1.2.0",
            "CITATION.cff has the date 2027-02-04, not 2027-02-03 as CHANGELOG.md",
        ),
        (
            {"package": PACKAGE.replace("2", "3")},
            "v1.2.0",
            "helpers/__init__.py has version 1.3.0, not 1.2.0",
        ),
        (
            {"changes": CHANGES.replace("- A page.\n", "")},
            "v1.2.0",
            "CHANGELOG.md says nothing of version 1.2.0",
        ),
    ],
)
def test_what_does_not_agree_is_one_line(book, changed, tag, line):
    with pytest.raises(ValueError, match=r"^.*$") as error:
        release.notes(tag, book(**changed))
    assert line in str(error.value)
