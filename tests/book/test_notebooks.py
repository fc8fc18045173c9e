"""Every chapter is a valid, executed, normalized notebook that reads well without the site."""

import copy
from html import unescape
import json
from pathlib import Path
import re
from urllib.parse import parse_qsl

from fingerprint import outdated
from helpers.playground.knobs import KNOBS, check
import nbformat
import notebooks
import pytest
import yaml

CHAPTERS = Path(__file__).parents[2] / "chapters"
LONGEST_CELL = 45  # lines, about a screen
SHORTEST_ALT = 20  # characters
MOST_LINES = 120  # of visible code in a chapter, without the model and the one change
FOLDED = {"hide-input", "hide-cell", "remove-input", "remove-cell"}
SECTIONS = ["Exercises", "In three lines", "References"]
HOW_TO_GET_IT_LIVE = (
    "On the published page this is a picture. To move the sliders, [run this notebook](../run.md)."
)
FENCED = re.compile(r"^(`{3,}|~{3,})[^{\n]*\n.*?^\1", re.MULTILINE | re.DOTALL)
DIRECTIVE = re.compile(r"^\s*(?:`{3,}|:{3,})\{", re.MULTILINE)
PLACEHOLDER = re.compile(r"@\w+@")  # for a number that was to come
ROLE = re.compile(r"\{[\w:+-]+\}`")
TARGET = re.compile(r"\]\(<?([^)>\s]+)|(?:href|src)=[\"']([^\"']+)")
DETAILS = re.compile(r"<details[^>]*>\s*<summary>.+?</summary>\n\n.*?\n\n</details>", re.DOTALL)


NUMBERED = sorted(CHAPTERS.glob("[0-9]*.ipynb"))
APPENDICES = sorted({*CHAPTERS.glob("*.ipynb")} - {*NUMBERED})
SYMPTOMS = CHAPTERS.parent / "symptoms.ipynb"
NOTEBOOKS = [CHAPTERS.parent / "index.ipynb", SYMPTOMS, *NUMBERED, *APPENDICES]
WITHOUT_PANEL = ["01", "08", "09"]  # nothing to retrain there with dropout and L2
WITHOUT_PLAYGROUND = ["08"]  # about the reader's own model


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def page(request):
    """The path of a notebook and what is in it."""
    return request.param, nbformat.read(request.param, as_version=4)


@pytest.fixture(params=NUMBERED, ids=lambda path: path.stem)
def chapter(request):
    """The same, of a chapter."""
    return request.param, nbformat.read(request.param, as_version=4)


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def prose(notebook):
    """The markdown of a notebook without its blocks of code."""
    cells = [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]
    return FENCED.sub("", "\n\n".join(cells))


def pictures(cell):
    return [output for output in cell.outputs if "image/png" in output.get("data", {})]


def test_the_contents_number_the_chapters_as_their_files():
    toc = yaml.safe_load((CHAPTERS.parent / "_toc.yml").read_text("utf8"))
    parts = [part["chapters"] for part in toc["parts"] if part.get("numbered")]
    names = [Path(chapter["file"]).name for chapters in parts for chapter in chapters]
    assert names == [path.stem for path in NUMBERED]
    assert [int(name[:2]) for name in names] == list(range(1, len(names) + 1))


def test_is_valid_and_normalized(page):
    _, notebook = page
    nbformat.validate(notebook)
    assert "widgets" not in notebook.metadata
    is_normal = notebooks.normalize(copy.deepcopy(notebook)) == notebook
    assert is_normal, "run `make notebooks`"


def test_is_executed_in_order(page):
    path, notebook = page
    cells = code_cells(notebook)
    out_of_order = [cell.id for i, cell in enumerate(cells, 1) if cell.execution_count != i]
    assert not out_of_order, f"{path.name}: not executed in order; run `make notebooks`"


def test_the_outputs_are_of_this_code_this_package_and_these_libraries(page):
    path, notebook = page
    reasons = outdated(notebook)
    assert not reasons, f"{path.name}: {', '.join(reasons)}; run `make notebooks`"


def test_has_no_error_and_nothing_on_stderr(page):
    _, notebook = page
    outputs = [output for cell in code_cells(notebook) for output in cell.outputs]
    assert not [o for o in outputs if o.output_type == "error" or o.get("name") == "stderr"]


def test_every_picture_has_its_own_alt_text(page):
    path, notebook = page
    alts = []
    for cell in code_cells(notebook):
        here = f"{path.name}, cell {cell.id}"
        assert len(pictures(cell)) <= 1, f"{here}: one picture a cell, as alt text is a cell's"
        if pictures(cell):
            alt = cell.metadata.get("mystnb", {}).get("image", {}).get("alt", "")
            said = f"{here}: say what its picture shows, in the cell's metadata mystnb.image.alt"
            assert len(alt) >= SHORTEST_ALT, said
            assert not re.search(r"\.(png|jpe?g|svg)\b", alt), said
            alts.append(alt)
    assert len(set(alts)) == len(alts)


def test_every_alt_text_has_its_picture(page):
    path, notebook = page
    described = [cell for cell in code_cells(notebook) if "mystnb" in cell.metadata]
    without = [cell.id for cell in described if not pictures(cell)]
    assert not without, f"{path.name}: cells without a stored picture; run `make notebooks`"


def test_shows_no_raw_directive_or_role(page):
    _, notebook = page
    text = prose(notebook)
    assert not DIRECTIVE.findall(text)
    assert not ROLE.findall(text)
    assert not PLACEHOLDER.findall(text)


def test_cells_are_short_and_need_no_show(page):
    _, notebook = page
    for cell in code_cells(notebook):
        assert cell.source.strip(), "an empty cell"
        assert "plt.show(" not in cell.source
        is_shown = not {"remove-cell", "hide-input"} & set(cell.metadata.get("tags", []))
        assert len(cell.source.splitlines()) <= LONGEST_CELL or not is_shown, cell.source


def test_local_links_lead_somewhere(page):
    path, notebook = page
    targets = ["".join(match) for match in TARGET.findall(prose(notebook))]
    local = [t.split("#")[0] for t in targets if not re.match(r"[a-z]+:|#", t)]
    assert not [t for t in local if not (path.parent / t).exists()]


def test_exercises_have_solutions_that_fold(chapter):
    path, notebook = chapter
    source = "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    heading = re.search(r"^## Exercises", source, re.MULTILINE)
    assert heading, f"{path.name} has no section `## Exercises`"
    exercises = source[heading.end() :]
    folded = DETAILS.findall(exercises)
    assert folded, "no <details> with a <summary>, blank lines around the solution"
    assert len(folded) == exercises.count("<details") == exercises.count("</details>")


def test_has_the_parts_of_a_page(chapter):
    _, notebook = chapter
    text = prose(notebook)
    places = [text.find(f"\n## {heading}") for heading in SECTIONS]
    assert -1 not in places, SECTIONS
    assert places == sorted(places)
    assert "Before you start" in text[: places[0]]
    references = text[places[-1] :]
    assert re.search(r"\]\(https://", references), "no reference with an address"


def test_has_one_panel_that_says_how_to_get_it_live(chapter):
    path, notebook = chapter
    cells = [
        i for i, cell in enumerate(notebook.cells) if re.search(r"^Panel\(", cell.source, re.M)
    ]
    if path.name[:2] in WITHOUT_PANEL:
        assert not cells
        return
    (place,) = cells
    before = "".join(cell.source for cell in notebook.cells[place - 2 : place])
    assert HOW_TO_GET_IT_LIVE in before
    assert pictures(notebook.cells[place])
    after = prose(nbformat.v4.new_notebook(cells=notebook.cells[place:]))
    assert "## Exercises" in after


def test_has_one_playground_with_a_question(page):
    path, notebook = page
    if path in [SYMPTOMS, *APPENDICES] or path.name[:2] in WITHOUT_PLAYGROUND:
        assert "Playground(" not in "".join(cell.source for cell in notebook.cells)
        return
    (cell,) = [c for c in notebook.cells if re.search(r"^Playground\(", c.source, re.M)]
    assert re.search(r'question=".+\?"', cell.source)
    (output,) = cell.outputs
    assert re.match(r'<div class="playground" data-playground="', output.data["text/html"])


def test_it_begins_with_its_playground(chapter):
    path, notebook = chapter
    if path.name[:2] in WITHOUT_PLAYGROUND:
        return
    title, setup, playground, fold = notebook.cells[:4]
    assert re.fullmatch(r"# [^\n]+\n\n[^\n]+", title.source), "a title and what sets the question"
    assert "remove-cell" in setup.metadata.tags
    assert re.search(r"^Playground\(", playground.source, re.M)
    assert "remove-input" in playground.metadata.tags, "code takes no room above the figure"
    assert re.match(r"<details><summary>What you should have seen</summary>\n\n", fold.source)
    assert DETAILS.fullmatch(fold.source)


DATASETS = KNOBS["dataset"]["choices"]
STATE = re.compile(r'href="#([\w-]+)\?([^"]*)"')  # a link to a state of a playground of the page


def test_links_to_states_of_the_playground_are_of_this_one_and_valid(chapter):
    _, notebook = chapter
    playgrounds = [cell.source for cell in code_cells(notebook) if "Playground(" in cell.source]
    for name, state in STATE.findall(prose(notebook)):
        assert f'name="{name}"' in playgrounds[0]
        for setting, text in parse_qsl(unescape(state), strict_parsing=True):
            known = {"off": KNOBS[setting].get("off"), **{text: text for text in DATASETS}}
            check(setting, known[text] if text in known else json.loads(text))


def test_most_of_its_code_is_folded(chapter):
    path, notebook = chapter
    shown = [
        cell.source
        for cell in code_cells(notebook)
        if not {*FOLDED, "model"} & set(cell.metadata.get("tags", []))
    ]
    lines = sum(len(source.splitlines()) for source in shown)
    assert lines <= MOST_LINES, f"{path.name}: {lines} lines of code are visible"


def quizzes(text, kind):
    """The self-checks of a kind: for each, the letters to choose from, by its number."""
    found = {}
    for fieldset in re.findall(r'<fieldset class="quiz">\n(.*?)</fieldset>', text, re.DOTALL):
        radios = re.findall(
            r'<input type="radio" name="(\w+)-(\d)" value="([a-z])"> \3\. ', fieldset
        )
        assert len(radios) == fieldset.count("<input") > 1, fieldset
        assert len({radio[:2] for radio in radios}) == 1, fieldset
        assert re.match(rf"<legend>{radios[0][1]}\. ", fieldset), fieldset
        assert "\n\n" not in fieldset, f"a blank line ends it as HTML: {fieldset}"
        if radios[0][0] == kind:
            found[int(radios[0][1])] = [letter for *_, letter in radios]
    return found


def test_predictions_are_asked_and_checked(chapter):
    _, notebook = chapter
    text = prose(notebook)
    asked = quizzes(text, "prediction")
    assert list(asked) == [1, 2, 3]
    box = re.search(r'<div class="[^"]*\bchecked\b[^"]*">(.*?)\n</div>', text, re.DOTALL)
    assert box, "no box `Your predictions, checked`"
    assert text.rfind('name="prediction-3"') < box.start()
    right = re.findall(r"^(\d)\. \*\*([a-z])\.\*\* ", box[1], re.MULTILINE)
    assert [int(number) for number, _ in right] == [1, 2, 3]
    assert all(letter in asked[int(number)] for number, letter in right)


def test_three_questions_close_a_chapter(chapter):
    _, notebook = chapter
    text = prose(notebook)
    asked = quizzes(text, "question")
    assert list(asked) == [1, 2, 3]
    answers = re.findall(
        r'name="question-(\d)"[^\n]*\n</ul>\n</fieldset>\s*'
        r'<details class="answer">\s*<summary>Answer</summary>\n\n\*\*([a-z])\.\*\* ',
        text,
    )
    assert [int(number) for number, _ in answers] == [1, 2, 3]
    assert all(letter in asked[int(number)] for number, letter in answers)
