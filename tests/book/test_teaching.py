"""What the pages for teachers say agrees with the chapters, the runs and itself."""

from pathlib import Path
import re

from book_teaching import RunCurves, find, losses, picture
from helpers.diagnosis import diagnose
import pytest
from reading_times import OPENING, RULE, section_times

CHAPTERS = Path(__file__).parents[2] / "chapters"
TEACHING, ANSWERS, SHEET, POSTER = (
    (CHAPTERS / f"{name}.md").read_text("utf8")
    for name in ("teaching", "teaching_answers", "sheet", "poster")
)
NUMBERED = sorted(CHAPTERS.glob("0*.ipynb"))
TAKES = re.compile(r"(\d+) minutes to read, (\d+) with the code,? and (\d+) more")
CURVES = re.compile(r"^```\{run-curves\} (\S+)", re.MULTILINE)
SAID = re.compile(r"^\*\*[A-F]\. (.+?)\.\*\*.*?\{run-diagnosis\} (\S+)", re.MULTILINE | re.DOTALL)
WORDS = {
    "Overfitting": "overfitting", "A gap, and no climb": "gap", "Level": "level",
    "Still improving": "improving", "Diverging": "diverging", "Nothing learned": "nothing learned",
}  # fmt: skip


def section(heading, text=TEACHING):
    """The text under a heading of the second level."""
    return text.split(f"\n## {heading}\n")[1].split("\n## ")[0]


def rows(heading):
    """The cells of the rows of a section's table, without its head."""
    lines = [line for line in section(heading).splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def stated(path):
    """What a chapter says of its time: to read, with the code, for the exercises."""
    return tuple(map(int, TAKES.search(path.read_text("utf8")).groups()))


@pytest.mark.parametrize("minutes", [45, 90])
def test_the_minutes_of_a_lesson_add_up(minutes):
    assert sum(int(row[0]) for row in rows(f"A lesson of {minutes} minutes")) == minutes


def test_the_minutes_of_the_five_weeks_add_up():
    weeks = rows("Five weeks")
    assert [week[0] for week in weeks] == list("12345")
    read = [name for week in weeks for name in re.findall(r"\((0\d_\w+)\.ipynb\)", week[1])]
    assert sorted(read) == [path.stem for path in NUMBERED]
    for _, chapters, minutes, *meeting in weeks:
        names = re.findall(r"\((0\d_\w+)\.ipynb\)", chapters)
        assert sum(stated(CHAPTERS / f"{name}.ipynb")[1] for name in names) == int(minutes)
        assert sum(int(re.match(r"\d+", part)[0]) for part in meeting) == 90


def test_the_goals_are_of_all_chapters_with_the_minutes_that_they_state():
    goals = rows("What they will be able to do")
    names = [re.search(r"\((\w+)\.ipynb\)", goal[0])[1] for goal in goals]
    assert names == [path.stem for path in NUMBERED]
    for goal, path in zip(goals, NUMBERED, strict=True):
        assert int(goal[2]) == stated(path)[1]


@pytest.mark.parametrize("path", NUMBERED, ids=lambda path: path.stem)
def test_the_counted_minutes_are_near_those_that_the_chapter_states(path):
    read, with_code, exercises = stated(path)
    _, sections = section_times(path)
    assert sections["Exercises"] == exercises
    assert 0.75 * read < sum(sections.values()) - exercises < 1.25 * with_code


def test_section_times_count_what_the_rule_says(tmp_path):
    words = "word " * 400
    cells = [
        markdown(f"# A title\n\n{words}"),
        markdown(f"## First\n\n{words}<details>{words}</details>\n\n```python\n# A comment\n```"),
        code("x = 1\n" * 30, image=True),
        code("x = 1\n" * 300, "hide-cell", image=True),
        code("Playground()", "hide-input"),
        markdown("## Exercises\n\n**1. Try, 20 minutes, easy.**\n\n**2. More, 5 minutes.**"),
        markdown(f"## References\n\n{words}"),
    ]
    notebook = tmp_path / "a.ipynb"
    notebook.write_text(f'{{"cells": [{",".join(cells)}]}}', "utf8")
    title, found = section_times(notebook)
    assert title == "A title"
    # First: two minutes of words, two of code, half for the figure, four for the live one.
    assert found == {OPENING: 2, "First": 9, "Exercises": 25}
    notebook.write_text('{"cells": []}', "utf8")
    with pytest.raises(ValueError, match=r"a\.ipynb: the chapter has no title"):
        section_times(notebook)


def markdown(text):
    return f'{{"cell_type": "markdown", "metadata": {{}}, "source": [{quoted(text)}]}}'


def code(text, *tags, image=False):
    listed = ",".join(map(quoted, tags))
    output = '{"data": {"image/png": ""}}' if image else ""
    return (
        f'{{"cell_type": "code", "metadata": {{"tags": [{listed}]}}, '
        f'"outputs": [{output}], "source": [{quoted(text)}]}}'
    )


def quoted(text):
    return '"' + text.replace("\n", "\\n") + '"'


def test_the_rule_is_the_one_that_counts():
    assert RULE in TEACHING


def test_there_are_ten_questions_with_four_answers_each_and_one_is_right():
    questions = re.split(r"^\d+\. ", section("Ten questions"), flags=re.MULTILINE)[1:]
    assert [re.findall(r"- ([a-d])\. ", each) for each in questions] == [list("abcd")] * 10
    right = re.findall(r"^\d+\. \*\*([a-d])\.\*\* ", ANSWERS, re.MULTILINE)
    assert len(right) == 10
    assert set(right) == set("abcd")


def answers():
    """Of each answer the chapter that it leads to, and the measured numbers in it."""
    found = re.split(r"^\d+\. ", section("The ten questions", ANSWERS), flags=re.MULTILINE)[1:]
    for each in found:
        numbers = [bold for bold in re.findall(r"\*\*(.+?)\*\*", each) if len(bold) > 2]
        yield re.search(r"\((0\d_\w+)\.ipynb#", each)[1], numbers


@pytest.mark.parametrize(("chapter", "numbers"), list(answers()))
def test_the_numbers_of_an_answer_stand_in_its_chapter(chapter, numbers):
    assert numbers
    text = (CHAPTERS / f"{chapter}.ipynb").read_text("utf8")
    for number in numbers:
        assert re.search(rf"(?<![\d.]){re.escape(number)}(?!\d)", text), number


def test_the_answers_are_of_the_sheets_curves():
    assert [run for _, run in SAID.findall(ANSWERS)] == CURVES.findall(SHEET)


@pytest.mark.parametrize(("words", "run"), SAID.findall(ANSWERS))
def test_the_answer_is_what_the_run_did_and_what_the_diagnosis_says(words, run):
    known = find(run)
    assert (known.designed or known.verdict) == WORDS[words]
    assert diagnose(known.history, n_val=known.n_val).verdict == WORDS[words]


def test_poster_and_sheet_show_different_runs():
    shown = CURVES.findall(POSTER) + CURVES.findall(SHEET)
    assert len(shown) == len(set(shown)) == 12


@pytest.mark.parametrize("run", CURVES.findall(POSTER) + CURVES.findall(SHEET))
def test_a_picture_has_both_curves_and_says_what_it_shows(run):
    svg = picture(find(run), "Two curves & more.")
    assert 'aria-label="Two curves &amp; more."' in svg
    assert svg.count("pg-curve") == 2
    assert all(len(values) > 10 for values in losses(find(run)))


def test_an_unknown_run_is_named():
    with pytest.raises(ValueError, match="moons-999 is not a run"):
        find("moons-999")


def test_a_picture_without_words_is_refused():
    directive = RunCurves.__new__(RunCurves)
    directive.options = {}
    with pytest.raises(ValueError, match="need a line `:alt:`"):
        directive.of(find(CURVES.findall(SHEET)[0]))
