"""Alt texts state in numbers only what their page shows, asserts or sets."""

from pathlib import Path

from address import ROOT
from alt_texts import MINUS, alt_of, numbers, unfounded
import nbformat
from nbformat.v4 import new_code_cell, new_notebook, new_output
import pytest

CHAPTERS = sorted((ROOT / "chapters").glob("*.ipynb"))
NOTEBOOKS = [ROOT / "index.ipynb", ROOT / "symptoms.ipynb", *CHAPTERS]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: Path(path).stem)
def test_every_number_in_an_alt_text_is_founded(path):
    notebook = nbformat.read(path, 4)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code" and alt_of(cell)]
    found = {cell.id: unfounded(cell, notebook) for cell in cells}
    assert not [f"{path.name}, cell {name}: {what}" for name, what in found.items() if what]


def of(alt, source="plot()", claims="pass", shown=""):
    """What is unfounded in an alt text, beside a cell of claims and one that puts out a text."""
    figure = new_code_cell(source, metadata={"mystnb": {"image": {"alt": alt}}})
    table = new_code_cell("table", outputs=[new_output("stream", name="stdout", text=shown)])
    notebook = new_notebook(cells=[new_code_cell("epochs = 4_000"), figure, table])
    notebook.cells.append(new_code_cell(claims))
    return unfounded(figure, notebook)


def test_a_number_that_is_nowhere_is_named():
    assert of(f"It ends at 0.36 after 4,000 epochs, by {MINUS}2.") == ["0.36", f"{MINUS}2"]


@pytest.mark.parametrize(
    ("alt", "there"),
    [
        ("It ends at 0.36.", {"shown": "loss 0.3561"}),
        ("It ends at 0.4.", {"shown": "loss 0.3561"}),
        ("It rises by 36%.", {"shown": "0.356 [0.3, 0.4]"}),
        ("It needs near 4,700 rows.", {"shown": "rows for one point (thousands)   4.7"}),
        ("It stays below 0.36.", {"claims": "claim(found, below=0.36)"}),
        ("A threshold of 0.36.", {"source": "draw(threshold=0.36)"}),
        ("Means with 95% intervals over 4,000 epochs.", {}),
    ],
)
def test_a_number_is_founded_by_what_is_shown_asserted_or_set(alt, there):
    assert of(alt, **there) == []
    assert of(alt.replace("36", "37").replace("0.4", "0.5").replace("4,", "5,"), **there) != []


@pytest.mark.parametrize(
    ("alt", "there"),
    [
        ("It ends at 0.36.", {"shown": "loss 0.3661"}),
        ("It ends at 0.36.", {"claims": "level = 0.36"}),
        ("It needs 4,700 rows.", {"shown": "4.7"}),
    ],
)
def test_what_only_looks_alike_founds_nothing(alt, there):
    assert len(of(alt, **there)) == 1


def test_numbers_are_read_as_they_are_written():
    found = numbers(f"from {MINUS}0.5 to 1,000 epochs, 3e-5 of x2, c3.1 and 95%; 0.5.")
    assert [value for _, value in found] == [-0.5, 1000, 3e-5, 95, 0.5]
