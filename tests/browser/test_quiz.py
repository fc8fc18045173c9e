"""Self-checks, boxes and trees on a page of their own, built by the book's configuration."""

from axe import broken_rules
import pytest
from test_site import NARROW, quiet, shown_in, site_of_two_pages, visited

OPTIONS = ("an L2 penalty", "dropout behind every hidden layer, at <code>0.5</code>", "nothing.")
PREDICTED, ASKED = "cba", "bac"  # the letters that are right


def fieldset(name, number):
    """A self-check as the chapters have it."""
    options = "\n".join(
        f'<li><label><input type="radio" name="{name}-{number}" value="{letter}"> '
        f"{letter}. {text}</label></li>"
        for letter, text in zip("abc", OPTIONS, strict=True)
    )
    legend = f"<legend>{number}. Which remedy lowers <code>val_loss</code> most?</legend>"
    return f'<fieldset class="quiz">\n{legend}\n<ul>\n{options}\n</ul>\n</fieldset>'


def answered(number, letter):
    """A question with its answer, which is folded."""
    answer = f"<summary>Answer</summary>\n\n**{letter}.** Because of *this*.\n\n</details>"
    return f'{fieldset("question", number)}\n\n<details class="answer">{answer}'


TWO_MINUTES = """<div class="admonition tip">
<p class="admonition-title">If you have two minutes</p>

Paste this, and watch `val_loss`.

```python
callback = keras.callbacks.EarlyStopping(monitor="val_loss", mode="min", patience=200, verbose=1)
```

<details><summary>The same in PyTorch</summary>

```python
optimizer = torch.optim.AdamW(model.parameters(), weight_decay=0.01)
```

</details>
</div>"""
CHECKED = """<div class="admonition tip checked">
<p class="admonition-title">Your predictions, checked</p>

{}

</div>"""
TREE = """<div class="tree">

- Does the training loss jump, or end as *NaN*?
  - **Yes:** [lower the rate](#a-tree).
  - **No:** does it stay where it began?
    - **Yes:** nothing is learned. Look at labels, last layer, and the scale of the inputs.
    - **No:** is the validation loss far above it?
      - **No:** it underfits.
      - **Yes:** does it turn?
        - **Yes:** [stop early](#a-tree), then add *one* of L2, dropout and augmentation.
        - **No:** leave it.

</div>"""
CELLS = [
    f"# A page\n\nIt has all of these.\n\n{TWO_MINUTES}",
    "## Three predictions\n\n" + "\n\n".join(fieldset("prediction", i) for i in (1, 2, 3)),
    "## Checked\n\n"
    + CHECKED.format("\n".join(f"{i}. **{c}.** It was 0.5." for i, c in enumerate(PREDICTED, 1))),
    "## Questions\n\n" + "\n\n".join(answered(i, c) for i, c in enumerate(ASKED, 1)),
    f"## A tree\n\n{TREE}",
]


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The folder of a site of two pages, of which the first has it all."""
    return site_of_two_pages(tmp_path_factory.mktemp("quiz"), CELLS, "Nothing to tick.")


@pytest.fixture(scope="module")
def context(browser):
    """One context for all tests: to make one takes longer than to open a page."""
    with browser.new_context(viewport={"width": 1280, "height": 800}) as context:
        yield context


@pytest.fixture
def page(context, site):
    """The page, opened anew in a tab of its own, with nothing ticked."""
    with visited(context, (site / "index.html").as_uri()) as page:
        yield page


def option(page, name, letter):
    return page.locator(f'input[name="{name}"][value="{letter}"]')


def said(page, name):
    """What the page says below a self-check."""
    return page.locator(f'fieldset:has(input[name="{name}"]) [role=status]').inner_text()


def checked(page):
    """What the box says of each prediction."""
    return page.locator(".checked li .quiz-says").all_inner_texts()


def test_the_fieldsets_pass_through_unharmed(page):
    assert page.locator("fieldset.quiz").count() == 6
    assert page.get_by_role("radio").count() == 18
    assert page.locator("fieldset.quiz > legend").count() == 6
    assert page.locator("fieldset.quiz > ul > li > label > input").count() == 18
    assert page.locator("fieldset.quiz + details.answer").count() == 3
    named = page.get_by_role("group", name="2. Which remedy lowers val_loss most?")
    assert named.count() == 2
    assert quiet(page) == []


def test_only_a_page_that_has_one_loads_the_script(site):
    found = {path.name for path in site.glob("*.html") if "quiz.js" in path.read_text("utf8")}
    assert found == {"index.html"}


def test_a_prediction_is_checked_where_the_answers_are(page):
    assert checked(page) == ["You have not ticked an answer to this question yet."] * 3
    option(page, "prediction-1", "a").check()
    option(page, "prediction-2", "b").check()
    assert said(page, "prediction-1") == "Noted: it is checked under Your predictions, checked."
    assert checked(page) == [
        "You ticked a: an L2 penalty. That is not right.",
        "You ticked b: dropout behind every hidden layer, at 0.5. That is right.",
        "You have not ticked an answer to this question yet.",
    ]
    option(page, "prediction-1", "c").check()
    assert checked(page)[0] == "You ticked c: nothing. That is right."
    page.locator(".checked li a").click()
    assert page.url.endswith("#prediction-3")
    page.locator("#prediction-1 a").click()
    assert page.locator(f"#{page.url.partition('#')[2]}.checked").count() == 1


def test_a_question_says_at_once_whether_it_is_right_and_opens_nothing(page):
    assert said(page, "question-1") == ""
    option(page, "question-1", "a").check()
    assert said(page, "question-1") == "a is not right. Tick again, or open the answer."
    option(page, "question-1", "b").check()
    assert said(page, "question-1") == "b is right."
    assert page.locator("details.answer[open]").count() == 0
    assert said(page, "question-2") == ""


def test_the_keyboard_ticks(page):
    option(page, "question-2", "a").focus()
    page.keyboard.press("Space")
    assert said(page, "question-2") == "a is right."
    page.keyboard.press("ArrowDown")
    assert said(page, "question-2").startswith("b is not right.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.locator("details.answer[open]").count() == 1


def test_what_was_ticked_is_remembered_in_the_tab_only(page):
    option(page, "prediction-2", "b").check()
    page.reload()
    assert option(page, "prediction-2", "b").is_checked()
    assert checked(page)[1].endswith("That is right.")
    kept = page.evaluate("Object.keys(localStorage)")
    assert not [name for name in kept if "quiz" in name]


def test_without_storage_or_script_it_still_works(browser, site):
    deny = """() => ["getItem", "setItem"].forEach((name) => {
        const theirs = Storage.prototype[name];
        Storage.prototype[name] = function (key, ...more) {
            if (key.startsWith("quiz")) throw new DOMException("denied", "SecurityError");
            return theirs.call(this, key, ...more);
        };
    })"""
    address = (site / "index.html").as_uri()
    with browser.new_context() as context:
        context.add_init_script(f"({deny})()")
        with visited(context, address) as page:
            option(page, "question-1", "b").check()
            assert said(page, "question-1") == "b is right."
            assert page.complaints == []
    with browser.new_context(java_script_enabled=False) as context:
        plain = context.new_page()
        plain.goto(address)
        assert plain.locator("fieldset.quiz label").first.is_visible()
        plain.locator("details.answer summary").first.click()
        assert plain.get_by_text("Because of this.").first.is_visible()


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", NARROW)])
def test_it_is_accessible_fits_and_does_not_jump(page, scheme, width):
    page.set_viewport_size({"width": width, "height": 800})
    shown_in(page, scheme)
    height = page.evaluate("document.scrollingElement.scrollHeight")
    for name in ("prediction-1", "question-1", "question-2"):
        option(page, name, "b").check()
    assert page.evaluate("document.scrollingElement.scrollWidth") <= width + 1
    assert page.evaluate("document.scrollingElement.scrollHeight") <= height + 100  # the box grows
    assert not broken_rules(page)


def test_a_tree_is_boxes_and_lines_in_any_colours(page):
    page.set_viewport_size({"width": NARROW, "height": 800})
    page.emulate_media(forced_colors="active")
    boxes = page.locator(".tree li > p")
    assert boxes.count() == 9
    for box in boxes.all():
        assert box.evaluate("e => getComputedStyle(e).borderTopWidth") == "1px"
        assert box.bounding_box()["width"] > 80
    lines = page.locator(".tree li > ul > li")
    assert lines.count() == 8
    for line in lines.all():
        assert line.evaluate("e => getComputedStyle(e, '::before').borderLeftWidth") == "2px"


def test_on_paper_it_is_a_list(page):
    option(page, "question-1", "b").check()
    page.emulate_media(media="print")
    assert page.locator("fieldset.quiz label").first.is_visible()
    assert not page.locator("fieldset.quiz [role=status]").first.is_visible()
