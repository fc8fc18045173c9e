"""Stored outputs are out of date once what they were made from has changed."""

import fingerprint
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
import pytest


@pytest.fixture
def book(tmp_path):
    """A folder with a package, its pins, and an executed notebook in memory."""
    (tmp_path / "helpers").mkdir()
    (tmp_path / "helpers" / "data.py").write_text("X = 1\n")
    (tmp_path / "pyproject.toml").write_text('[project]\ndependencies = ["NumPy>=1"]\n')
    (tmp_path / "constraints.txt").write_text("numpy==2.0\npytest==9.0\n")
    cell = new_code_cell("1 + 1", execution_count=1)
    notebook = new_notebook(cells=[cell, new_markdown_cell("Two.")])
    notebook.metadata[fingerprint.KEY] = fingerprint.fingerprint(notebook, tmp_path)
    assert fingerprint.outdated(notebook, tmp_path) == []
    return tmp_path, notebook


def test_text_and_the_libraries_of_the_tests_do_not_matter(book):
    folder, notebook = book
    notebook.cells[1].source = "Three."
    (folder / "constraints.txt").write_text("numpy==2.0\npytest==9.1\n")
    assert fingerprint.outdated(notebook, folder) == []


def test_changed_code_is_named(book):
    folder, notebook = book
    notebook.cells[0].source = "1 + 2"
    assert fingerprint.outdated(notebook, folder) == ["its code has changed"]


def test_another_address_in_the_first_cell_does_not_matter(book):
    folder, notebook = book
    first = new_code_cell(
        "%pip install here", execution_count=1, metadata={"tags": ["remove-cell"]}
    )
    notebook.cells.insert(0, first)
    assert fingerprint.outdated(notebook, folder) == []


@pytest.mark.parametrize("name", ["data.py", "more.py"])
def test_a_changed_package_is_named(book, name):
    folder, notebook = book
    (folder / "helpers" / name).write_text("X = 2\n")
    assert fingerprint.outdated(notebook, folder) == ["helpers/ has changed"]


def test_the_package_s_own_version_does_not_matter(book):
    folder, notebook = book
    first = folder / "helpers" / "__init__.py"
    first.write_text('__version__ = "1.0.0"\n\nX = 1\n')
    notebook.metadata[fingerprint.KEY] = fingerprint.fingerprint(notebook, folder)
    first.write_text('__version__ = "1.0.1"\n\nX = 1\n')
    assert fingerprint.outdated(notebook, folder) == []
    first.write_text('__version__ = "1.0.1"\n\nX = 2\n')
    assert fingerprint.outdated(notebook, folder) == ["helpers/ has changed"]


def test_the_diagnosis_matters_only_where_it_is_named(book):
    folder, notebook = book
    (folder / "helpers" / "diagnosis").mkdir()
    (folder / "helpers" / "diagnosis" / "report.py").write_text("X = 2\n")
    assert fingerprint.outdated(notebook, folder) == []
    notebook.cells[0].source = "from helpers.diagnosis import diagnose"
    notebook.metadata[fingerprint.KEY] = fingerprint.fingerprint(notebook, folder)
    (folder / "helpers" / "diagnosis" / "report.py").write_text("X = 3\n")
    assert fingerprint.outdated(notebook, folder) == ["helpers/ has changed"]


def test_nothing_else_in_the_package_imports_the_diagnosis():
    modules = (fingerprint.ROOT / "helpers").rglob("*.py")
    others = [path for path in modules if "diagnosis" not in path.parts]
    assert not any("diagnosis" in path.read_text("utf8") for path in others)


def test_another_version_of_a_library_is_named(book):
    folder, notebook = book
    (folder / "constraints.txt").write_text("numpy==2.1\n")
    assert fingerprint.outdated(notebook, folder) == ["a library's version has changed"]


def test_a_cell_that_was_not_executed_is_named(book):
    folder, notebook = book
    notebook.cells.append(new_code_cell("2 + 2"))
    assert fingerprint.outdated(notebook, folder) == ["a cell has not been executed"]


def test_without_a_fingerprint_everything_is_out_of_date(book):
    folder, notebook = book
    del notebook.metadata[fingerprint.KEY]
    assert len(fingerprint.outdated(notebook, folder)) == len(fingerprint.SOURCES)
