"""The look of a page: folds, cards, notes in the margin, measure, focus, print.

A small book with the site's configuration stands for all pages.
"""

from conftest import WATCH_SHIFTS
import nbformat
import pytest
from subset_fonts import GREEK, REGULAR
from test_site import MOST_SHIFT, ONE_SENTENCE, ROOT, SETTINGS, build_in, copy_into, quiet, visited
import yaml

MEASURE = (66, 75)  # characters a line
FACES, FONT_BYTES = {"Book Serif", "Book Sans"}, 60_000
FIGURE = "from matplotlib import pyplot\npyplot.plot([1, 2])"
HEADINGS = ["h1", "h2", "h3", "p:not(.part-of-book)"]
PIXEL = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNkYAAAAAYAAjCB0C8AAAAASUVORK5CYII="
)
SENTENCE = "The loss on new data turns and climbs, while the loss on the examples keeps falling. "
TEXT = f"""# A chapter

{SENTENCE * 12}

A model that [overfits](chapters/glossary.md#overfitting) does so. And
[overfits](chapters/glossary.md#overfitting) once more.

- A list names the [loss](chapters/glossary.md#loss).

<details><summary>More</summary>

Folded: [noise](chapters/glossary.md#noise).

</details>
"""
EXERCISES = """## Exercises

**1. In code, 15 minutes, medium.** Do this.

```python
x = 1
```

<details><summary>Solution</summary>

Done.

</details>

**2. On paper, 5 minutes, easy.** And that.

<details><summary>Solution</summary>

Done, too.

</details>

### A word at the end

It belongs to no exercise.
"""
GLOSSARY = """# Glossary

## Overfitting

Learning what is *accidental*. A second sentence.

## Loss

A number: [noise](#noise) raises it.

## Noise

What no model can know.
"""


def code(source, tag, output=None):
    """A code cell with a tag, and with a picture or text as its output."""
    cell = nbformat.v4.new_code_cell(source, metadata={"tags": [tag]})
    if output == "figure":
        cell.metadata["mystnb"] = {"image": {"alt": "A line that climbs from left to right."}}
        data = {"image/png": PIXEL, "text/plain": "<Figure>"}
        cell.outputs = [nbformat.v4.new_output("display_data", data)]
    elif output:
        cell.outputs = [nbformat.v4.new_output("stream", name="stdout", text=output)]
    return cell


def small_book(folder, exercises=EXERCISES, files=SETTINGS):
    """Write a book of three pages into a folder, and build it; return how that ended."""
    copy_into(folder, files)
    (folder / "chapters").mkdir()
    (folder / "chapters" / "references.bib").touch()
    (folder / "chapters" / "glossary.md").write_text(GLOSSARY, "utf8")
    (folder / "index.md").write_text("# A book\n\nIt begins here.\n", "utf8")
    (folder / "_toc.yml").write_text(
        "format: jb-book\nroot: index\nparts:\n"
        "  - caption: Foundations\n    numbered: 1\n    chapters:\n      - file: one\n"
        "  - caption: Appendix\n    chapters:\n      - file: chapters/glossary\n",
        "utf8",
    )
    cells = [
        nbformat.v4.new_markdown_cell(TEXT),
        code("import numpy\n", "hide-input"),
        code(FIGURE, "hide-input", "figure"),
        nbformat.v4.new_markdown_cell("*What the figure shows.*\n\nAnd what follows from it."),
        code("assert 1 < 2", "hide-cell"),
        nbformat.v4.new_markdown_cell("Two more things hold."),
        code("assert 1 < 2\nclaim(numbers, above=0)", "hide-cell"),
        code("def draw(x):\n    return x\n\nedge = draw(1)", "hide-input"),
        code("print(1)", "hide-input", "1\n"),
        nbformat.v4.new_markdown_cell(exercises),
    ]
    python = {"language_info": {"name": "python", "pygments_lexer": "ipython3"}}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=python), folder / "one.ipynb")
    pages = ("index", "one", "chapters/glossary")
    said = {name: {"description": ONE_SENTENCE} for name in pages}
    (folder / "_descriptions.yml").write_text(yaml.safe_dump(said), "utf8")
    return build_in(folder, repository="")


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The folder of the small book's site."""
    folder = tmp_path_factory.mktemp("face")
    run = small_book(folder)
    assert run.returncode == 0, run.stderr
    return folder / "_build" / "html"


@pytest.fixture(scope="module")
def context(browser):
    """A browser context that is wide enough for a margin."""
    with browser.new_context(viewport={"width": 1440, "height": 900}) as context:
        context.add_init_script(WATCH_SHIFTS)
        yield context


@pytest.fixture
def page(context, site):
    """The chapter, freshly opened."""
    with visited(context, (site / "one.html").as_uri()) as page:
        page.evaluate("document.fonts.ready.then(() => true)")
        yield page


def test_a_fold_says_what_it_is_and_says_it_to_everyone(page):
    summaries = page.locator("details.hide > summary")
    assert summaries.all_inner_texts() == [
        "Imports",
        "Code of this figure",
        "The check of this claim",
        "The checks of these claims",
        "Code that makes draw and edge",
        "Code of this output",
    ]
    assert page.locator("summary[aria-label]").count() == 0


def test_figure_caption_and_code_stand_in_this_order(page):
    cell = page.locator(".cell:has(img)")
    assert cell.locator("figcaption, .figure-caption").inner_text() == "What the figure shows."
    tops = [
        cell.locator(part).bounding_box()["y"] for part in ("img", ".figure-caption", "summary")
    ]
    assert tops == sorted(tops)
    assert page.get_by_text("And what follows from it.").count() == 1
    assert cell.get_by_text("And what follows from it.").count() == 0


def test_the_first_link_to_a_term_has_its_definition_in_the_margin(page):
    notes = page.locator(".margin-note")
    assert notes.all_inner_texts() == [
        "Overfitting. Learning what is accidental.",
        "Loss. A number: noise raises it.",
    ]
    text = page.get_by_text("A model that overfits").bounding_box()
    note = notes.first.bounding_box()
    assert note["x"] > text["x"] + text["width"]
    assert abs(note["y"] - text["y"]) < 30
    page.set_viewport_size({"width": 1000, "height": 900})
    assert not notes.first.is_visible()
    page.set_viewport_size({"width": 1440, "height": 900})


def test_a_folded_check_lies_in_the_margin_and_opens_in_the_text(page):
    check = page.locator(".cell.check").first
    claim = page.get_by_text("And what follows from it.").bounding_box()
    assert check.bounding_box()["x"] > claim["x"] + claim["width"]
    assert abs(check.bounding_box()["y"] - claim["y"]) < 40
    check.locator("summary").click()
    assert check.bounding_box()["x"] == pytest.approx(claim["x"], abs=1)
    assert check.get_by_text("assert 1 < 2").is_visible()


def test_a_note_that_reaches_down_to_a_check_ends_above_it(page):
    page.evaluate(
        """() => {
          const note = document.querySelector(".margin-note").cloneNode(true);
          note.append(" And so on, to the end of the line and beyond it.".repeat(6));
          document.querySelector(".cell.check").previousElementSibling.before(note);
        }"""
    )
    note = page.locator(".margin-note", has_text="And so on").bounding_box()
    assert page.locator(".cell.check").first.bounding_box()["y"] >= note["y"] + note["height"]


def test_exercises_are_as_wide_as_each_other_with_code_or_without(page):
    assert len({card.bounding_box()["width"] for card in page.locator(".exercise").all()}) == 1


def test_an_exercise_is_a_card_with_its_solution_inside(page):
    cards = page.locator(".exercise")
    assert [
        " ".join(each.split()) for each in cards.locator(".exercise-head").all_inner_texts()
    ] == [
        "Exercise 1 In code 15 minutes medium",
        "Exercise 2 On paper 5 minutes easy",
    ]
    assert cards.locator("details").all_inner_texts() == ["Solution"] * 2
    assert "x = 1" in cards.first.inner_text()
    assert "A word at the end" not in cards.last.inner_text()
    assert page.get_by_role("heading", name="A word at the end").count() == 1


def test_a_page_knows_its_part_and_those_of_its_neighbours(page):
    assert page.locator(".part-of-book").inner_text() == "Foundations"
    following = page.locator(".right-next")
    assert following.locator(".prev-next-subtitle").inner_text() == "Next · Appendix"
    page.locator(".right-next").click()
    previous = page.locator(".left-prev")
    assert previous.locator(".prev-next-subtitle").inner_text() == "Previous · Foundations"
    assert previous.locator(".prev-next-title").inner_text() == "1. A chapter"


def test_the_foot_names_authors_version_and_date(page):
    foot = " ".join(page.locator(".book-foot").inner_text().split())
    assert "The authors of Handling Overfitting" in foot
    assert "Version" in foot
    assert "202" in foot


def test_a_line_of_text_has_66_to_75_characters(page):
    lengths = page.locator("article p", has_text="turns and climbs").first.evaluate("""p => {
        const text = p.firstChild, range = document.createRange(), lines = {};
        for (let i = 0; i < text.length; i++) {
            range.setStart(text, i);
            range.setEnd(text, i + 1);
            const { top } = range.getBoundingClientRect();
            lines[top] = (lines[top] ?? 0) + 1;
        }
        return Object.values(lines);
    }""")
    full = lengths[:-1]
    assert MEASURE[0] <= sum(full) / len(full) <= MEASURE[1]


def test_headings_follow_their_level(page):
    sizes = [
        float(
            page.locator(f"article {name}").first.evaluate("e => getComputedStyle(e).fontSize")[:-2]
        )
        for name in ("h1", "h2", "h3", "p:not(.part-of-book)")
    ]
    assert sizes == sorted(sizes, reverse=True)
    assert len(set(sizes)) == len(sizes)


def test_88_characters_of_code_fit(page):
    box = page.locator(".exercise pre").first
    box.evaluate("pre => { pre.textContent = 'x'.repeat(88); }")
    page.locator("details.hide").first.evaluate("d => { d.open = true; }")
    wide = page.locator("details.hide pre").first
    wide.evaluate("pre => { pre.textContent = 'x'.repeat(88); }")
    assert wide.evaluate("pre => pre.scrollWidth <= pre.clientWidth")


def test_the_faces_are_the_books_own_and_move_nothing(page, site):
    loaded = page.evaluate(
        "[...document.fonts].filter(f => f.status === 'loaded').map(f => f.family)"
    )
    assert {name.strip('"') for name in loaded} >= {"Book Serif", "Book Sans"}
    assert quiet(page) == []
    assert page.evaluate("shift") < MOST_SHIFT
    fonts = list((site / "_static" / "fonts").glob("*.woff2"))
    assert sum(path.stat().st_size for path in fonts) <= FONT_BYTES
    assert (site / "_static" / "fonts" / "OFL.txt").exists()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_focus_is_seen_on_every_stop(page, scheme):
    page.emulate_media(color_scheme=scheme)
    page.reload()
    stops = 0
    while stops < 60:
        page.keyboard.press("Tab")
        found = page.evaluate("""() => {
            const each = document.activeElement, style = getComputedStyle(each);
            const ring = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
            return each === document.body ? "end" : [ring, each.outerHTML.slice(0, 200)];
        }""")
        if found == "end":
            break
        assert found[0], found[1]
        stops += 1
    assert stops > 10


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_paper_is_light_and_shows_no_folded_code(page, scheme):
    page.emulate_media(color_scheme=scheme, media="screen")
    page.reload()
    page.emulate_media(color_scheme=scheme, media="print")
    body = page.evaluate("""() => ["color", "backgroundColor"].map(
        name => getComputedStyle(document.querySelector("article")).color)""")
    assert body[0] == "rgb(27, 31, 36)"
    for hidden in ("details.hide", ".margin-note", ".copybtn"):
        assert not any(each.is_visible() for each in page.locator(hidden).all())
    page.emulate_media(media="screen")


def test_an_exercise_without_its_time_is_named_with_the_way_out(tmp_path):
    run = small_book(tmp_path, exercises=EXERCISES.replace("15 minutes, medium", "a while"))
    assert run.returncode
    assert 'exercise "1. In code, a while.": write its head as' in run.stderr


def test_a_book_without_a_citation_is_told_so(tmp_path):
    run = small_book(tmp_path, files=["_config.yml", "_ext", "_static", "_templates"])
    assert run.returncode
    assert "CITATION.cff is missing" in run.stderr


def test_the_faces_have_every_letter_of_the_text():
    covered = {*REGULAR, *GREEK, ord("\n"), *map(ord, "→√")}  # the last from the reader's own
    pages = [*ROOT.glob("*.md"), *ROOT.glob("chapters/*.md"), ROOT / "chapters" / "references.bib"]
    texts = {path.name: path.read_text("utf8") for path in pages}
    for path in [*ROOT.glob("*.ipynb"), *ROOT.glob("chapters/*.ipynb")]:
        cells = nbformat.read(path, as_version=4).cells
        texts[path.name] = "".join(c.source for c in cells if c.cell_type == "markdown")
    missing = {
        name: letters
        for name, text in texts.items()
        if (letters := sorted(letter for letter in set(text) if ord(letter) not in covered))
    }
    assert not missing, "cut the fonts anew with these letters: tools/subset_fonts.py"
