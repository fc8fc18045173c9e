"""The archive of all notebooks holds what they need to run, and the pages lead to it."""

from pathlib import Path
import re
import zipfile

from book_zip import FOLDER, NAME, write
import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    target = tmp_path_factory.mktemp("site") / NAME
    write(target, ROOT)
    with zipfile.ZipFile(target) as archive:
        yield archive


def test_it_holds_every_notebook_as_it_is(archive):
    for path in [*ROOT.glob("*.ipynb"), *ROOT.glob("chapters/*.ipynb")]:
        name = f"{FOLDER}/{path.relative_to(ROOT).as_posix()}"
        assert archive.read(name) == path.read_bytes()


def test_it_holds_what_a_notebook_imports(archive):
    held = set(archive.namelist())
    for path in ROOT.glob("helpers/**/*"):
        if path.is_file() and "__pycache__" not in path.parts:
            assert f"{FOLDER}/{path.relative_to(ROOT).as_posix()}" in held
    assert not any("__pycache__" in name for name in held)


def test_what_its_files_name_is_in_it(archive):
    """The commands of its README, and the files that its requirements include."""
    held = {name.removeprefix(f"{FOLDER}/") for name in archive.namelist()}
    named = re.findall(r"-r (\S+)", archive.read(f"{FOLDER}/README.txt").decode())
    for line in archive.read(f"{FOLDER}/requirements.txt").decode().splitlines():
        named += re.findall(r"^-[rc] (\S+)", line)
    assert "requirements-book.txt" in named
    assert held.issuperset([*named, "pyproject.toml", "chapters/recipe.py", "LICENSE-text"])


def test_the_same_files_make_the_same_archive(tmp_path, archive):
    write(tmp_path / NAME, ROOT)
    assert (tmp_path / NAME).read_bytes() == Path(archive.filename).read_bytes()


@pytest.mark.parametrize("page", ["run.md", "chapters/teaching.md"])
def test_the_pages_lead_to_it(page):
    found = re.search(rf'href="([^"]*{re.escape(NAME)})"', (ROOT / page).read_text("utf8"))
    folder = (ROOT / page).parent
    assert (folder / found[1]).resolve() == (ROOT / NAME).resolve()
