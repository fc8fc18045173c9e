"""The page that says how to cite holds what CITATION.cff and constraints.txt say."""

from pathlib import Path
import re

from book_cite import PAGE, filled
from citation import LIBRARIES, author, bibtex, read_citation, reference, versions
import pytest
import yaml

ROOT = Path(__file__).parents[2]
CITATION = ROOT / "CITATION.cff"
GOOD = {
    "title": "A title",
    "abstract": "What it is.",
    "authors": [{"given-names": "Ann", "family-names": "Lee"}, {"name": "The others"}],
    "version": "1.2.0",
    "date-released": "2026-05-01",
    "license": "CC-BY-4.0",
}


def write(folder, **changes):
    path = folder / "CITATION.cff"
    path.write_text(yaml.safe_dump({**GOOD, **changes}), "utf8")
    return path


def test_the_books_own_citation_can_be_read():
    found = read_citation(CITATION)
    assert found["license"] == "CC-BY-4.0"
    assert re.fullmatch(r"\d+\.\d+\.\d+", found["version"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", found["date-released"])


@pytest.mark.parametrize("name", ["title", "authors", "version", "date-released", "license"])
def test_what_is_missing_is_named(tmp_path, name):
    with pytest.raises(ValueError, match=f"`{name}` is missing"):
        read_citation(write(tmp_path, **{name: None}))


def test_a_list_of_licences_is_refused(tmp_path):
    with pytest.raises(ValueError, match="`license` must be one license"):
        read_citation(write(tmp_path, license=["MIT", "CC-BY-4.0"]))


def test_bibtex_keeps_the_name_of_a_group_together():
    entry = bibtex(GOOD, "https://example.org/book")
    assert "  author = {Ann Lee and {The others}},\n" in entry
    assert "  year   = {2026},\n  month  = {5},\n" in entry
    assert "  url    = {https://example.org/book},\n" in entry
    assert entry.count("{") == entry.count("}")


def test_without_an_address_none_is_invented():
    assert "url" not in bibtex(GOOD)
    assert reference(GOOD) == "Ann Lee, The others (2026). *A title* (Version 1.2.0)."


def test_versions_come_from_the_constraints():
    pins = "".join(f"{name}==1.{i}.0\n" for i, name in enumerate(LIBRARIES))
    assert versions(pins)["keras"] == "1.1.0"
    with pytest.raises(ValueError, match="pins no keras"):
        versions(pins.replace("keras==", "other=="))


def test_the_page_is_filled_in():
    text = filled((ROOT / f"{PAGE}.md").read_text("utf8"), "")
    citation = read_citation(CITATION)
    assert bibtex(citation) in text
    assert author(citation["authors"][0]) in reference(citation)
    pinned = versions((ROOT / "constraints.txt").read_text("utf8"))
    assert all(f"| {name} | {version} |" in text for name, version in pinned.items())
    assert "$" not in text


def test_there_is_one_file_for_each_licence():
    code, text = ((ROOT / name).read_text("utf8") for name in ("LICENSE", "LICENSE-text"))
    assert code.startswith("MIT License\n\nCopyright (c) ")
    assert "CC BY" not in code
    assert "https://creativecommons.org/licenses/by/4.0/legalcode" in text
