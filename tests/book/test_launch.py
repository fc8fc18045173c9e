"""What publishing writes for Binder and Colab, and the address that it writes into it."""

import json
from pathlib import Path
import re
import subprocess
import sys

from environments import run
from helpers.address import LAUNCH_BRANCH, archive, repository, write_source
import launch
import nbformat
from nbformat.v4 import new_code_cell, new_notebook
import pytest

ADDRESS = "https://github.com/ann/book"
FIRST_CELL = (launch.ROOT / "tools" / "first_cell.py").read_text("utf8").strip()


def test_every_chapter_begins_with_the_same_cell():
    for path in (launch.ROOT / "chapters").glob("*.ipynb"):
        cells = nbformat.read(path, 4).cells
        cell = next(cell for cell in cells if cell.cell_type == "code")
        assert cell.source == FIRST_CELL, f"{path.name}: copy tools/first_cell.py into it"
        assert "remove-cell" in cell.metadata.tags
        assert cell.outputs == []


def test_the_first_cell_wants_the_version_that_is_here():
    from helpers import __version__  # noqa: PLC0415

    assert f'require("{__version__.rpartition(".")[0]}")' in FIRST_CELL
    citation = (launch.ROOT / "CITATION.cff").read_text("utf8")
    assert f"\nversion: {__version__}\n" in citation


def said_by_the_first_cell(folder, cell=FIRST_CELL):
    """What a kernel in a folder says last, when it runs the first cell."""
    command = [sys.executable, "-c", cell]
    ran = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return ran.stderr.strip().rpartition("\n")[2]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        pytest.param("helpers.py", "mine = 1", id="a module"),
        pytest.param("helpers.py", "import nothing_of_this_name", id="one that imports"),
        pytest.param("helpers.py", "1 / 0", id="one that fails"),
        pytest.param("helpers.py", "def broken(:", id="one that is no Python"),
        pytest.param("helpers/__init__.py", "", id="a package"),
    ],
)
def test_a_file_of_the_readers_own_that_hides_the_package_is_named(tmp_path, name, text):
    own = tmp_path / name
    own.parent.mkdir(exist_ok=True)
    own.write_text(text, "utf8")
    said = said_by_the_first_cell(tmp_path)
    assert f"UsageError: {own} hides the book's package" in said
    assert "rename or remove it, then restart the kernel" in said


def test_a_package_that_is_missing_is_not_called_hidden(tmp_path):
    assert said_by_the_first_cell(tmp_path) == ""
    cell = FIRST_CELL.replace("from helpers import", "from no_helpers import")
    assert "`helpers` is missing: run in a cell" in said_by_the_first_cell(tmp_path, cell)


def version_of(package, file):
    lines = (launch.ROOT / file).read_text("utf8")
    return re.search(rf"^{package}==([\d.]+)", lines, re.M)[1]


def test_every_place_names_the_same_versions():
    readme = (launch.ROOT / "README.md").read_text("utf8")
    newest = [version_of(name, "requirements.txt") for name in ("tensorflow", "keras")]
    oldest = [version_of(name, "tests/hosts/colab.txt") for name in ("tensorflow", "keras")]
    assert f"| 3.11 to 3.13 | {', '.join(newest)} |" in readme
    assert f"{newest[0]} (tensorflow-cpu), {newest[1]} |" in readme
    assert f"at least {', '.join(oldest)} |" in readme
    assert f"tensorflow-cpu=={newest[0]} ;" in (launch.ROOT / "binder/packages.in").read_text(
        "utf8"
    )
    tensorflow, keras = (version.rpartition(".")[0] for version in oldest)
    run_page = (launch.ROOT / "run.md").read_text("utf8")
    assert re.search(rf"Keras {keras} and\s+TensorFlow {tensorflow}, or newer", run_page)
    assert f'"keras>={keras}"' in (launch.ROOT / "pyproject.toml").read_text("utf8")
    libraries = (launch.ROOT / "helpers/training/libraries.py").read_text("utf8")
    assert f"needs TensorFlow {tensorflow} or" in libraries


def test_the_branch_holds_notebooks_that_know_the_address(tmp_path, monkeypatch):
    monkeypatch.setenv("BOOK_REPOSITORY", f"{ADDRESS}.git")
    folder = tmp_path / "launch"
    assert launch.main([str(folder)]) == 0
    notebooks = sorted((folder / "chapters").glob("*.ipynb"))
    assert [n.name for n in notebooks] == sorted(
        n.name for n in (launch.ROOT / "chapters").glob("*.ipynb")
    )
    for notebook in notebooks:
        source = re.search(r'SOURCE = \\"(.*?)\\"', notebook.read_text("utf8"))[1]
        assert re.fullmatch(rf"{ADDRESS}/archive/[\w/]+\.zip", source)
        nbformat.validate(nbformat.read(notebook, 4))
        original = json.loads((launch.ROOT / "chapters" / notebook.name).read_text("utf8"))
        assert len(json.loads(notebook.read_text("utf8"))["cells"]) == len(original["cells"])
    names = {path.name for path in folder.iterdir()}
    assert {"binder", "chapters", "helpers", "pyproject.toml", "README.md"} <= names
    assert not names & {"tests", "tools", "_config.yml", "requirements.txt", "Makefile"}
    assert not list(folder.rglob("__pycache__"))


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("", "BOOK_REPOSITORY is not set: name it"),
        ("https://example.org/ann/book", "BOOK_REPOSITORY must be like https://github.com/owner"),
        ("ann/book", "BOOK_REPOSITORY must be like"),
        ('https://github.com/ann/"book', "BOOK_REPOSITORY must be like"),
    ],
)
def test_an_address_that_is_none_is_one_clear_line(tmp_path, monkeypatch, capsys, address, message):
    monkeypatch.setenv("BOOK_REPOSITORY", address)
    assert launch.main([str(tmp_path / "launch")]) == 1
    said = capsys.readouterr().err
    assert said.startswith(message)
    assert len(said.splitlines()) == 1
    assert not (tmp_path / "launch").exists()


def test_a_folder_that_is_not_empty_stays_as_it_is(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("BOOK_REPOSITORY", ADDRESS)
    (tmp_path / "mine.txt").write_text("kept")
    assert launch.main([str(tmp_path)]) == 1
    assert "is not empty" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_writing_the_branch_needs_no_installed_package(tmp_path):
    command = [sys.executable, "-S", "-P", launch.ROOT / "tools" / "launch.py", tmp_path / "launch"]
    run(command, tmp_path, {"BOOK_REPOSITORY": ADDRESS, "PYTHONPATH": str(launch.ROOT)})
    assert (tmp_path / "launch" / "README.md").exists()


def test_the_source_is_written_again_but_only_where_there_is_a_place_for_it(tmp_path):
    path = tmp_path / "chapter.ipynb"
    nbformat.write(new_notebook(cells=[new_code_cell(FIRST_CELL)]), path)
    for source in ("https://github.com/ann/book/archive/1.zip", "https://github.com/bob/book.zip"):
        write_source(path, source)
        changed = FIRST_CELL.replace('SOURCE = ""', f'SOURCE = "{source}"')
        assert nbformat.read(path, 4).cells[0].source == changed
    nbformat.write(new_notebook(), path)
    with pytest.raises(ValueError, match=r"chapter.ipynb has no first cell"):
        write_source(path, source)


def test_without_git_the_newest_published_state_is_taken(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert archive(ADDRESS, tmp_path) == f"{ADDRESS}/archive/refs/heads/{LAUNCH_BRANCH}.zip"


def test_the_address_may_end_in_a_slash_or_in_git(monkeypatch):
    for end in ("", "/", ".git"):
        monkeypatch.setenv("BOOK_REPOSITORY", f"{ADDRESS}{end}")
        assert repository() == ADDRESS
    monkeypatch.delenv("BOOK_REPOSITORY")
    assert repository() == ""
    monkeypatch.setenv("BOOK_REPOSITORY", "https://gitlab.com/ann/book")
    with pytest.raises(ValueError, match=r"not 'https://gitlab.com/ann/book'"):
        repository()


@pytest.fixture
def checkout(tmp_path):
    """A repository with a package, and a remote."""
    folder, remote = tmp_path / "checkout", tmp_path / "remote"
    run(["git", "init", "-q", "--bare", remote], tmp_path)
    run(["git", "init", "-q", "-b", "main", folder], tmp_path)
    for name, value in {"user.name": "Ann", "user.email": "ann@localhost"}.items():
        run(["git", "config", name, value], folder)
    commit(folder, "helpers/data.py", "1")
    return folder, remote


def commit(folder, name, text):
    path = Path(folder, name)
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    run(["git", "add", "."], folder)
    run(["git", "commit", "-qm", name], folder)
    return run(["git", "rev-parse", "HEAD"], folder).strip()


def publish(folder, url=f"{ADDRESS}.git", name="origin"):
    """Make HEAD what a remote's main was when it was last fetched."""
    run(["git", "config", f"remote.{name}.url", url], folder)
    run(["git", "update-ref", f"refs/remotes/{name}/main", "HEAD"], folder)


@pytest.mark.parametrize("url", [ADDRESS, f"{ADDRESS}.git", "git@github.com:ann/book.git"])
def test_the_package_comes_from_the_last_commit_that_changed_it(checkout, url):
    folder, _ = checkout
    changed = commit(folder, "helpers/data.py", "2")
    commit(folder, "README.md", "other")
    publish(folder, url)
    assert archive(ADDRESS, folder) == f"{ADDRESS}/archive/{changed}.zip"
    commit(folder, "README.md", "a commit that is not pushed, and does not touch the package")
    assert archive(ADDRESS, folder) == f"{ADDRESS}/archive/{changed}.zip"


def test_a_package_that_is_not_published_as_it_is_comes_from_the_newest_state(checkout):
    folder, _ = checkout
    newest = f"{ADDRESS}/archive/refs/heads/{LAUNCH_BRANCH}.zip"
    assert archive(ADDRESS, folder) == newest, "there is no remote"
    publish(folder, "https://github.com/ann/another-book", "elsewhere")
    publish(folder, "https://example.org/ann/book", "copy.of.it")
    assert archive(ADDRESS, folder) == newest, "the commit is known elsewhere only"
    publish(folder)
    assert archive(ADDRESS, folder) != newest
    (folder / "helpers" / "data.py").write_text("2")
    assert archive(ADDRESS, folder) == newest, "a change is not committed"
    commit(folder, "helpers/data.py", "2")
    assert archive(ADDRESS, folder) == newest, "a commit is not pushed"
    publish(folder)
    (folder / "helpers" / "new.py").write_text("1")
    assert archive(ADDRESS, folder) == newest, "a file is not committed"


def test_a_folder_inside_another_repository_has_no_commit_of_its_own(checkout):
    folder, _ = checkout
    commit(folder, "inner/helpers", "a file of the same name")
    publish(folder)
    newest = f"{ADDRESS}/archive/refs/heads/{LAUNCH_BRANCH}.zip"
    assert archive(ADDRESS, folder / "inner") == newest
    assert archive(ADDRESS, folder.parent) == newest, "no repository at all"


def test_the_branch_is_pushed_only_when_it_changes(checkout, tmp_path):
    folder, remote = checkout
    content = tmp_path / "content"
    content.mkdir()
    push = [launch.ROOT / "tools" / "push_launch", content, remote]

    def head():
        return run(["git", "rev-parse", "launch"], remote).strip()

    (content / "a.txt").write_text("first")
    assert "Pushed" in run(push, folder)
    first = head()
    assert "as it should be" in run(push, folder)
    assert head() == first
    (content / "a.txt").rename(content / "b.txt")
    assert "Pushed" in run(push, folder)
    assert run(["git", "ls-tree", "--name-only", "launch"], remote).split() == ["b.txt"]
    assert run(["git", "rev-list", "--count", "launch"], remote).strip() == "1"
    assert run(["git", "status", "--short"], folder) == ""


def test_a_push_that_fails_says_so(checkout, tmp_path):
    folder, _ = checkout
    (tmp_path / "content").mkdir()
    command = [launch.ROOT / "tools" / "push_launch", tmp_path / "content", tmp_path / "nowhere"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "nowhere" in done.stderr
