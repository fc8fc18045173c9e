"""How a chapter gets elsewhere: the address, the first cell, and where the buttons lead."""

from pathlib import Path
import re
import shutil
import tomllib

from address import ROOT, where_to_read, write
from book_published import address_of
from book_site import launched
from environments import run
from first_cell import first_cell
import nbformat
from packaging.requirements import Requirement
import pytest
import yaml

HERE = "https://github.com/ann/book"
CHAPTERS = sorted((ROOT / "chapters").glob("*.ipynb"))


def repository(root):
    return yaml.safe_load((root / "_config.yml").read_text("utf8"))["repository"]["url"]


def cell_of(path):
    return next(cell for cell in nbformat.read(path, 4).cells if cell.cell_type == "code")


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_a_chapter_begins_with_the_same_short_cell(path):
    cell, url = cell_of(path), repository(ROOT)
    assert cell.source == first_cell(f"{url}/archive/HEAD.zip" if url else "")
    assert len(cell.source.splitlines()) <= 8
    assert "remove-cell" in cell.metadata.tags
    assert cell.outputs == []


@pytest.fixture
def book(tmp_path):
    """A copy of what holds the address, and a function that reads all of it."""
    for name in ("_config.yml", "README.md"):
        shutil.copy(ROOT / name, tmp_path)
    shutil.copytree(ROOT / "chapters", tmp_path / "chapters")
    write("", tmp_path)

    def content():
        return {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}

    return tmp_path, content


@pytest.mark.parametrize("end", ["", "/", ".git"])
def test_the_address_is_written_once_and_taken_away_again(book, end):
    folder, content = book
    before = content()
    write(HERE + end, folder)
    written = content()
    assert repository(folder) == HERE
    readme = (folder / "README.md").read_text("utf8")
    assert "**Read it** at <https://ann.github.io/book/>" in readme
    for path in sorted((folder / "chapters").glob("*.ipynb")):
        assert cell_of(path).source == first_cell(f"{HERE}/archive/HEAD.zip")
        nbformat.validate(nbformat.read(path, 4))
    write(HERE + end, folder)
    assert content() == written
    write("", folder)
    assert content() == before


@pytest.mark.parametrize(
    "url", ["https://gitlab.com/ann/book", "ann/book", 'https://github.com/ann/"book', f"{HERE}/x"]
)
def test_an_address_that_is_none_is_one_clear_line(book, url):
    folder, content = book
    before = content()
    with pytest.raises(ValueError, match=r"^URL must be like https://github.com/owner/name, not "):
        write(url, folder)
    assert content() == before


def test_a_book_without_a_place_for_the_address_is_named(book):
    folder, _ = book
    notebook = nbformat.read(folder / "chapters" / CHAPTERS[-1].name, 4)
    del notebook.cells[: notebook.cells.index(cell_of(CHAPTERS[-1])) + 1]
    nbformat.write(notebook, folder / "chapters" / "99_new.ipynb")
    with pytest.raises(ValueError, match=r"99_new.ipynb: the first cell of code must be"):
        write(HERE, folder)
    (folder / "chapters" / "99_new.ipynb").unlink()
    (folder / "README.md").write_text("# Book\n")
    with pytest.raises(ValueError, match=r"README.md: there must be one line that begins with"):
        write(HERE, folder)
    (folder / "_config.yml").write_text("title: Book\n")
    with pytest.raises(ValueError, match=r"_config.yml: there must be one line `  url:`"):
        write(HERE, folder)


@pytest.mark.parametrize(
    ("url", "address"),
    [
        (HERE, "https://ann.github.io/book/"),
        ("https://github.com/Ann/Book", "https://ann.github.io/Book/"),
        ("https://github.com/Ann/Ann.github.io", "https://ann.github.io/"),
    ],
)
def test_the_readme_says_where_pages_publishes(url, address):
    assert address_of(None, url) == address
    assert f"<{address}>" in where_to_read(url)


def test_the_readme_says_what_the_address_says():
    assert where_to_read(repository(ROOT)) in (ROOT / "README.md").read_text("utf8").splitlines()


def commit(folder, name, text):
    """Commit a file; return the commit."""
    path = Path(folder, name)
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    run(["git", "add", "."], folder)
    run(["git", "-c", "user.name=Ann", "-c", "user.email=ann@localhost", "commit", "-qm", name],
        folder)  # fmt: skip
    return run(["git", "rev-parse", "HEAD"], folder).strip()


def test_the_buttons_open_the_last_published_commit_that_changed_a_notebook(tmp_path, monkeypatch):
    run(["git", "init", "-q", "-b", "main", tmp_path], tmp_path)
    first = commit(tmp_path, "helpers/data.py", "1")
    assert launched(tmp_path, "main") == "main", "nothing is published"

    def push():
        run(["git", "update-ref", "refs/remotes/origin/main", "HEAD"], tmp_path)

    commit(tmp_path, "README.md", "what no notebook needs")
    push()
    assert launched(tmp_path, "main") == first
    for name in ["chapters/01.ipynb", "binder/postBuild", "constraints.txt", "helpers/data.py"]:
        before = launched(tmp_path, "main")
        changed = commit(tmp_path, name, "2")
        assert launched(tmp_path, "main") == before, "it is not pushed"
        push()
        assert launched(tmp_path, "main") == changed
    assert launched(tmp_path / "chapters", "main") == "main", "a folder inside another checkout"
    assert launched(tmp_path, "other") == "other"
    monkeypatch.setenv("PATH", "")
    assert launched(tmp_path, "main") == "main", "no Git"


def pins(name):
    lines = (ROOT / name).read_text("utf8").splitlines()
    texts = [line.partition("#")[0].strip() for line in lines]
    return [Requirement(text) for text in texts if text and text[0].isalnum()]


def test_everything_is_pinned_in_one_place():
    direct = [*pins("requirements.txt"), *pins("requirements-book.txt")]
    pinned = {pin.name.lower() for pin in pins("constraints.txt")}
    assert {requirement.name.lower() for requirement in direct} <= pinned
    assert not [str(named) for named in direct if "==" in str(named.specifier)]
    assert all("==" in str(pin.specifier) for pin in pins("constraints.txt"))


def test_the_oldest_versions_are_those_that_are_tested():
    colab = {pin.name: str(pin.specifier) for pin in reversed(pins("tests/hosts/colab.txt"))}
    tensorflow, keras = (colab[name][2:].rpartition(".")[0] for name in ("tensorflow", "keras"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf8"))["project"]
    assert f"keras>={keras}" in project["dependencies"]
    libraries = (ROOT / "helpers/training/libraries.py").read_text("utf8")
    assert f"needs TensorFlow {tensorflow} or" in libraries
    run_page = (ROOT / "run.md").read_text("utf8")
    assert re.search(rf"Keras {keras} and\s+TensorFlow {tensorflow}, or newer", run_page)
    hosts = (ROOT / "CONTRIBUTING.md").read_text("utf8")
    assert f"{tensorflow} and {keras} or newer" in hosts
