"""What a newcomer meets first: the README, the forms of issues, the dev container, the changelog.

`make lint` checks the forms and CITATION.cff by GitHub's own schemas.
"""

import datetime
import json
import re

from address import ROOT
import animate
import helpers
from PIL import Image
import pytest
from sphinx.util.matching import get_matching_files
import yaml

README = (ROOT / "README.md").read_text("utf8")
PAGES = [
    "README.md", "CONTRIBUTING.md", "SECURITY.md", "CODE_OF_CONDUCT.md", "CHANGELOG.md", "run.md",
]  # fmt: skip
FORMS = [path for path in (ROOT / ".github/ISSUE_TEMPLATE").glob("*.yml")
         if path.stem != "config"]  # fmt: skip
LONGEST = 53  # lines of the README
RELEASE = re.compile(r"^## \[(\d+\.\d+\.\d+)\] - (\d{4}-\d\d-\d\d)$", re.M)
# What a dev container of an image may say: https://containers.dev/implementors/json_reference
SETTINGS = {
    "name", "image", "hostRequirements", "postCreateCommand", "forwardPorts", "portsAttributes",
    "customizations",
}  # fmt: skip


def anchors(page):
    """The anchors that GitHub gives the headings of a Markdown page."""
    headings = re.findall(r"^#+ (.*)", page, re.M)
    return {re.sub(r"[^\w\- ]", "", each.lower()).replace(" ", "-") for each in headings}


def test_what_is_hidden_is_not_a_page_of_the_site():
    patterns = yaml.safe_load((ROOT / "_config.yml").read_text("utf8"))["exclude_patterns"]
    assert (ROOT / ".github/pull_request_template.md").exists()
    found = list(get_matching_files(ROOT, exclude_patterns=patterns))
    assert "run.md" in found
    assert not [name for name in found if name.startswith(".")]


def test_the_readme_is_short_and_its_first_screen_holds_what_a_newcomer_asks():
    assert len(README.splitlines()) <= LONGEST
    first_screen = README.split("\n## ")[0]
    assert len(first_screen.splitlines()) <= 30
    for what in ["You will be able to", "Read it", "](docs/playground.webp)", "run.md"]:
        assert what in first_screen


def test_the_readme_leads_to_every_chapter():
    chapters = [path.name for path in (ROOT / "chapters").glob("0*.ipynb")]
    assert len(chapters) == 9
    assert not [name for name in chapters if f"](chapters/{name})" not in README]


@pytest.mark.parametrize("name", PAGES)
def test_every_link_of_a_page_leads_somewhere(name):
    page = (ROOT / name).read_text("utf8")
    links = re.findall(r"\]\(([^)\s]+)\)", re.sub(r"`[^`]*`", "", page))
    for path, _, anchor in (link.partition("#") for link in links if "://" not in link):
        assert not path or (ROOT / path).exists(), path
        if anchor:
            assert anchor in anchors((ROOT / path).read_text("utf8") if path else page), anchor


def test_the_readme_s_picture_is_a_small_animation_with_words_for_those_who_do_not_see_it():
    (alt,) = re.findall(r"^!\[(.*)\]\(docs/playground\.webp\)$", README, re.M)
    assert len(alt) > 80
    landing = (ROOT / "index.ipynb").read_text("utf8")
    said = re.findall(r"\d+\.\d+", alt)
    assert said, "the alt text says how the runs end"
    assert not [number for number in said if number not in landing], "run `make film` again"
    assert animate.FILM.stat().st_size <= animate.MOST_BYTES
    with Image.open(animate.FILM) as film:
        assert film.n_frames == animate.STOPS + 1
        assert film.width <= 900


def test_one_version_stands_everywhere():
    released = RELEASE.findall((ROOT / "CHANGELOG.md").read_text("utf8"))
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf8"))
    newest = (citation["version"], citation["date-released"])
    assert released[0] == newest
    assert helpers.__version__ == citation["version"]
    days = [datetime.date.fromisoformat(day) for _, day in released]
    assert days == sorted(days, reverse=True)


def test_the_changelog_has_a_place_for_what_is_not_released():
    headings = re.findall(r"^## (.*)", (ROOT / "CHANGELOG.md").read_text("utf8"), re.M)
    assert headings[0] == "[Unreleased]"
    assert len(headings) == 1 + len(RELEASE.findall((ROOT / "CHANGELOG.md").read_text("utf8")))


def test_there_is_a_form_for_each_kind_of_issue():
    forms = [yaml.safe_load(path.read_text("utf8")) for path in FORMS]
    names = {form["name"] for form in forms}
    assert names == {"A claim seems wrong", "A cell fails", "I did not understand"}
    for form in forms:
        asked = [field for field in form["body"] if field["type"] != "markdown"]
        assert sum(field.get("validations", {}).get("required", False) for field in asked) >= 2


def test_the_dev_container_sets_up_by_the_book_s_own_command():
    container = json.loads((ROOT / ".devcontainer/devcontainer.json").read_text("utf8"))
    assert set(container) <= SETTINGS
    version = (ROOT / "binder/runtime.txt").read_text("utf8").strip().removeprefix("python-")
    assert container["image"].endswith(f"/python:{version}")
    makefile = (ROOT / "Makefile").read_text("utf8")
    command, target, python = container["postCreateCommand"].split()
    assert (command, python) == ("make", f"PYTHON=python{version}")
    assert re.search(rf"^{target}:", makefile, re.M)
    settings = container["customizations"]["vscode"]["settings"]
    assert settings["python.defaultInterpreterPath"] == "${workspaceFolder}/.venv/bin/python"
    assert set(map(int, container["portsAttributes"])) == set(container["forwardPorts"])
