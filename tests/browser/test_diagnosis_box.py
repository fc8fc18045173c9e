"""The box that diagnoses a log, on a page of its own, built by the book's configuration."""

import json
from pathlib import Path
import re

from axe import COLORS, broken_rules
from conftest import WATCH_SHIFTS
from helpers.diagnosis.reading import read
from helpers.diagnosis.runs import runs
from playwright.sync_api import expect
import pytest
from test_site import (
    FRAME,
    NARROW,
    ROOT,
    TRANSITIONS,
    quiet,
    shown_in,
    site_of_two_pages,
    visited,
)

EXAMPLES = json.loads((ROOT / "helpers" / "diagnosis" / "examples.json").read_text("utf8"))
RUNS = Path(__file__).parents[1] / "histories"
SMALLEST = 320  # pixels: a page at 400%
FALLBACK = """This box works on the published page. Here, use `diagnose`:

```python
from helpers.diagnosis import diagnose

diagnose("log.csv")
```"""
CELLS = [
    "# What do you see?\n\nGive your log to the box.\n\n"
    f'<div class="diagnosis">\n\n{FALLBACK}\n\n</div>\n\nThis stands below.',
    "## Validation is better than training\n\nMore of the page.",
]
# Drop files, or text, on what a selector names; tell whether the page has taken care of it.
DROP = """([selector, files, text]) => {
    const dataTransfer = new DataTransfer();
    for (const [name, content] of Object.entries(files ?? {})) {
        const bytes = Uint8Array.from(atob(content), (each) => each.charCodeAt(0));
        dataTransfer.items.add(new File([bytes], name));
    }
    if (text) dataTransfer.setData("text/plain", text);
    const target = document.querySelector(selector);
    const event = (type) => {
        const each = new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true });
        return !target.dispatchEvent(each);
    };
    return ["dragenter", "dragover", "drop"].map(event).at(-1);
}"""
DENY = """() => {
    navigator.clipboard.writeText = () => Promise.reject(new DOMException("denied"));
}"""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The folder of a site of two pages, of which the first has the box."""
    return site_of_two_pages(tmp_path_factory.mktemp("box"), CELLS, "No box.")


@pytest.fixture(scope="module")
def context(browser):
    """One context for all tests: to make one takes longer than to open a page."""
    with browser.new_context(viewport={"width": 1280, "height": 800}) as context:
        context.grant_permissions(["clipboard-read", "clipboard-write"])
        context.add_init_script(WATCH_SHIFTS)
        yield context


@pytest.fixture
def page(context, site):
    """The page, opened anew from the disk, with an empty box and nothing remembered."""
    with visited(context, (site / "index.html").as_uri()) as page:
        yield page
        page.evaluate("localStorage.clear()")


def curves(n=120, turn=40, names=("epoch", "loss", "val_loss")):
    """A log of a run whose validation loss turns, as a Keras CSVLogger writes it."""
    rows = [",".join(names)]
    for i in range(n):
        train, wave = 1 / (1 + 0.1 * i), 0.004 * (-1) ** i
        val = 0.4 + 0.6 / (1 + 0.2 * i) + 0.01 * max(0, i - turn) + wave
        rows.append(f"{i},{train:.6f},{val:.6f}")
    return "\n".join(rows) + "\n"


def drop(page, files=None, text=None, selector=".diagnosis"):
    """Drop files, by name and content (text or bytes), or text; tell whether it was taken."""
    import base64  # noqa: PLC0415

    encoded = {
        name: base64.b64encode(content.encode() if isinstance(content, str) else content).decode()
        for name, content in (files or {}).items()
    }
    return page.evaluate(DROP, [selector, encoded, text])


def paste(page, text):
    """Paste text into the field by the keyboard."""
    page.evaluate("text => navigator.clipboard.writeText(text)", text)
    page.get_by_label("or paste it as text").focus()
    page.keyboard.press("ControlOrMeta+V")


def verdict(page, expected=None):
    """Wait for a diagnosis, from a source that begins with `expected`; return its verdict."""
    page.wait_for_function(
        "expected => document.querySelector('.dg-source').textContent.startsWith(expected ?? '')"
        " && document.querySelector('.diagnosis').dataset.verdict",
        arg=expected,
    )
    return page.locator(".diagnosis").get_attribute("data-verdict")


def fault(page):
    """Wait until the box complains; return what it says."""
    page.locator(".dg-fault:not(:empty)").wait_for()
    return page.locator(".dg-fault").inner_text().strip()


def example(page, number):
    page.locator(".dg-example").nth(number).click()
    return verdict(page, f"Example: {EXAMPLES[number]['file']}")


# What the page is before anything is done


def test_only_a_page_with_a_box_loads_script_and_style(site):
    for part in ("diagnosis.js", "diagnosis.css"):
        found = {path.name for path in site.glob("*.html") if part in path.read_text("utf8")}
        assert found == {"index.html"}


def test_it_stands_where_its_words_were_and_nothing_jumps(page):
    assert page.locator(".diagnosis[data-state=empty] .dg-fields").count() == 1
    assert "published page" not in page.locator(".diagnosis").inner_text()
    assert "Nothing is uploaded" in page.locator(".diagnosis").inner_text()
    below = page.get_by_text("This stands below.").bounding_box()
    assert below["y"] > sum(page.locator(".diagnosis").bounding_box()[k] for k in ("y", "height"))
    assert quiet(page) == []
    assert page.evaluate("shift") < 0.02, page.evaluate("shifts")


def test_without_javascript_its_words_stand(browser, site):
    with browser.new_context(java_script_enabled=False) as context:
        plain = context.new_page()
        plain.goto((site / "index.html").as_uri())
        assert plain.get_by_text("This box works on the published page.").is_visible()
        assert "diagnose(" in plain.locator(".diagnosis pre").inner_text()


# How a log comes in


def test_pasted_text_is_diagnosed_at_once(page):
    paste(page, curves())
    assert verdict(page, "Pasted text") == "overfitting"
    title = page.locator(".dg-title").inner_text()
    assert title.startswith("Overfitting")
    assert re.search(r"\b(high|moderate|low) confidence$", title)
    assert "120 epochs" in page.locator(".dg-source").inner_text()
    said = page.get_by_role("status").filter(has_text="Overfitting").inner_text()
    assert page.locator(".dg-sentence").inner_text() in said
    assert page.complaints == []


def test_a_log_that_is_pasted_again_replaces_the_one_that_is_shown(page):
    paste(page, curves())
    assert verdict(page) == "overfitting"
    page.keyboard.press("End")
    paste(page, curves(n=30))
    page.wait_for_function("document.querySelector('.dg-source').textContent.includes('30 epochs')")
    assert page.get_by_label("or paste it as text").input_value() == curves(n=30)


def test_typed_text_waits_for_the_button_or_its_key(page):
    field = page.get_by_label("or paste it as text")
    field.fill(curves())
    assert page.locator(".diagnosis").get_attribute("data-state") == "empty"
    page.get_by_role("button", name="Diagnose", exact=True).click()
    assert verdict(page) == "overfitting"
    field.fill(curves(n=60))
    field.press("ControlOrMeta+Enter")
    page.wait_for_function("document.querySelector('.dg-source').textContent.includes('60 epochs')")


def test_a_file_is_dropped_anywhere_on_the_box(page):
    for selector in (".diagnosis", ".dg-log", ".dg-drop", ".dg-examples"):
        name = f"run {selector}.csv"
        assert drop(page, {name: curves()}, selector=selector), selector
        assert verdict(page, name) == "overfitting"
        assert not page.locator(".dg-over").count(), selector


def test_a_file_dropped_beside_the_box_does_not_replace_the_page(page):
    assert drop(page, {"run.csv": curves()}, selector="#validation-is-better-than-training")
    assert page.locator(".diagnosis").get_attribute("data-state") == "empty"


def test_text_is_dropped_and_files_are_pasted(page):
    drop(page, text=curves(n=130), selector=".dg-drop")
    assert verdict(page, "Pasted text") == "overfitting"
    assert page.get_by_label("or paste it as text").input_value() == curves(n=130)
    page.evaluate(
        """text => {
            const clipboardData = new DataTransfer();
            clipboardData.items.add(new File([text], "copied.csv"));
            const event = new ClipboardEvent("paste", { clipboardData, bubbles: true });
            document.querySelector(".dg-log").dispatchEvent(event);
        }""",
        curves(),
    )
    assert verdict(page, "copied.csv") == "overfitting"


def test_a_file_is_read_by_its_byte_order_mark(page):
    for encoding in ("utf-8-sig", "utf-16", "utf-8"):
        drop(page, {f"{encoding}.csv": curves().encode(encoding)})
        assert verdict(page, f"{encoding}.csv") == "overfitting"


def test_files_are_chosen_and_two_of_tensorboard_belong_together(page):
    chooser = page.get_by_label("or choose files")
    given = {"name": "log.csv", "mimeType": "text/csv", "buffer": curves().encode()}
    chooser.set_input_files([given])
    assert verdict(page, "log.csv") == "overfitting"
    rows = [line.split(",") for line in curves().splitlines()[1:]]
    chooser.set_input_files(
        [
            {
                "name": f"run-{part}-tag-epoch_loss.csv",
                "mimeType": "text/csv",
                "buffer": (
                    "Wall time,Step,Value\n"
                    + "\n".join(f"17.{row[0]},{row[0]},{row[column]}" for row in rows)
                ).encode(),
            }
            for part, column in (("validation", 2), ("train", 1))
        ]
    )
    both = "run-train-tag-epoch_loss.csv, run-validation-tag-epoch_loss.csv"
    assert verdict(page, both) == "overfitting"
    assert page.locator(".dg-curve.dg-train:not(.dg-raw)").first.get_attribute("d")


def test_an_example_is_a_real_run_and_one_click_away(page):
    for number, given in enumerate(EXAMPLES):
        assert example(page, number) == given["verdict"]
        assert page.locator(".dg-example[aria-pressed=true]").count() == 1
        assert page.get_by_label("Rows of validation data").input_value() == str(given["n_val"])
    assert page.complaints == []


@pytest.mark.parametrize("given", EXAMPLES, ids=lambda each: each["verdict"])
def test_the_truth_of_an_example_is_what_it_is_said_to_be(given):
    if (RUNS / given["run"]).exists():
        assert given["text"] == (RUNS / given["run"]).read_text("utf8")
        truth = json.loads((RUNS / "truth.json").read_text("utf8"))[given["run"]]
        assert (given["verdict"], given["n_val"]) == (truth["verdict"], truth["n_val"])
        return
    run = next(run for run in runs("tune") if run.id == given["run"])
    assert (given["verdict"], given["n_val"]) == (run.verdict, run.n_val)
    history = read(given["text"])
    for name in ("loss", "val_loss"):
        curve = history.val_loss if name == "val_loss" else history.train_loss
        assert curve.y == pytest.approx(run.history[name], rel=1e-4)


# What is shown


def log(*rows):
    """A log of losses: rows of a training and a validation loss."""
    return "epoch,loss,val_loss\n" + "\n".join(f"{i},{a},{b}" for i, (a, b) in enumerate(rows))


ODD = {
    "one epoch": log((1, 2)),
    "constant": log(*[(0.693, 0.693)] * 60),
    "below zero": log(*[(-3 + 4 / (1 + i), -2 + 3 / (1 + i)) for i in range(60)]),
    "exploding": log(*[(10 ** (i / 3), 10 ** (i / 3 + 0.2)) for i in range(60)]),
    "broken off": log(*[(1 / (1 + i), 1.1 / (1 + i)) for i in range(40)], *[("nan", "inf")] * 9),
    "only scores": log(*[(i / 80, i / 90) for i in range(60)]).replace("loss", "acc"),
    "only validation": log(*[("", 0.1 + 1 / (1 + i)) for i in range(30)]),
}


def test_odd_curves_are_drawn_too(page):
    for name, text in ODD.items():
        drop(page, {f"{name}.csv": text})
        verdict(page, f"{name}.csv")
        picture = page.locator(".dg-svg")
        assert not re.search("NaN|Infinity|undefined|null", picture.evaluate("e => e.outerHTML"))
        drawn = picture.locator(".dg-curve:not(.dg-raw), .dg-point").count()
        assert drawn == (1 if name == "only validation" else 2), name
        assert 4 <= picture.locator(".pg-axes > text").count() <= 20, name
    assert page.complaints == []


def test_the_curves_have_the_verdict_drawn_in(page):
    drop(page, {"run.csv": curves()})
    verdict(page)
    picture = page.locator(".dg-svg")
    for look in ("train:not(.dg-raw)", "val:not(.dg-raw)"):
        assert picture.locator(f".dg-{look}").count() == 1
    for look in ("noise", "climb", "interval", "best", "mark"):
        assert picture.locator(f".dg-{look}").count() == 1, look
    best = int(re.search(r"best at epoch (\d+)", picture.get_attribute("aria-label"))[1])
    assert 10 < best < 60
    assert f"best epoch {best}" in picture.text_content()
    shown = page.locator(".dg-legend li").all_inner_texts()
    assert {"training", "validation", "climb since the best epoch"} <= {s.strip() for s in shown}


def test_the_pointer_reads_the_values_off(page):
    drop(page, {"run.csv": curves()})
    verdict(page)
    says = page.locator(".dg-readout")
    hint = says.inner_text()
    place = page.locator(".dg-svg").bounding_box()
    below = page.locator(".dg-legend").bounding_box()["y"]
    page.mouse.move(place["x"] + place["width"] / 2, place["y"] + 60)
    found = re.fullmatch(r"Epoch (\d+): loss (\S+) training, (\S+) validation", says.inner_text())
    train, val = curves().splitlines()[int(found[1]) + 1].split(",")[1:]
    assert float(found[2]) == pytest.approx(float(train), rel=0.005)
    assert float(found[3]) == pytest.approx(float(val), rel=0.005)
    assert page.locator(".dg-legend").bounding_box()["y"] == below
    page.mouse.move(0, 0)
    assert says.inner_text() == hint


def test_without_a_turn_no_climb_is_drawn_and_without_losses_no_axis(page):
    example(page, [each["verdict"] for each in EXAMPLES].index("level"))
    assert page.locator(".dg-climb").count() == 0
    assert page.locator(".dg-svg").text_content().count("accuracy") == 1
    example(page, [each["verdict"] for each in EXAMPLES].index("diverging"))
    assert page.locator(".dg-svg text", has_text="loss").count() == 0
    for part in ("training", "validation"):
        said = f"{part} loss: not finite from epoch 1"
        assert said in page.locator(".dg-legend").inner_text()
        assert said in page.locator(".dg-svg").get_attribute("aria-label")


def test_advice_is_for_keras_or_pytorch_and_the_choice_is_kept(page):
    example(page, 0)
    assert page.get_by_role("heading", name="What to try next").is_visible()
    assert page.locator(".dg-keras").first.is_visible()
    page.get_by_role("radio", name="PyTorch").check()
    assert not page.locator(".dg-keras").first.is_visible()
    assert page.locator(".dg-code-of[open]").count() == 1
    folded = page.locator(".dg-code-of").nth(1)
    folded.locator("summary").click()
    assert "PyTorch code" in folded.locator("summary").inner_text()
    shown = folded.locator(".dg-pytorch")
    code = shown.locator("code").inner_text()
    shown.get_by_role("button", name="Copy").click()
    shown.get_by_text("Copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == code
    page.reload()
    example(page, 1)
    expect(page.get_by_role("radio", name="PyTorch")).to_be_checked()


def test_evidence_limits_and_what_was_read_are_said(page):
    example(page, 0)
    for heading in ("Evidence", "What it cannot know", "What was read"):
        section = page.locator(f"section:has(> h3:text-is('{heading}'))")
        assert section.locator("li").count() > 0
        assert "undefined" not in section.inner_text()
    page.get_by_text("Numbers of the curves").click()
    table = page.locator(".dg-table table")
    assert table.locator("tbody tr").count() == 12
    assert table.locator("th[scope=col]").first.inner_text() == "Epoch"


def test_rows_of_validation_data_are_taken_into_account(page):
    drop(page, {"run.csv": curves()})
    verdict(page)
    rows = page.get_by_label("Rows of validation data")
    rows.fill("60")
    rows.press("Enter")
    assert fault_free(page)
    rows.fill("1.5")
    rows.press("Tab")
    assert "Rows of validation data must be a whole number" in fault(page)
    rows.fill("60")
    rows.press("Tab")
    assert fault_free(page)


def fault_free(page):
    page.evaluate(FRAME)
    return page.locator(".dg-fault").inner_text() == ""


def test_the_rows_of_an_example_do_not_stay_for_a_log_of_ones_own(page):
    example(page, 0)
    drop(page, {"run.csv": curves()})
    verdict(page, "run.csv")
    rows = page.get_by_label("Rows of validation data")
    assert rows.input_value() == ""
    rows.fill("70")
    drop(page, {"next.csv": curves()})
    verdict(page, "next.csv")
    assert rows.input_value() == "70"


def test_clear_empties_everything(page):
    paste(page, curves())
    verdict(page)
    page.get_by_role("button", name="Clear").click()
    assert page.locator(".diagnosis").get_attribute("data-state") == "empty"
    assert page.get_by_label("or paste it as text").input_value() == ""
    assert not page.locator(".dg-result").is_visible()
    assert not page.locator(".dg-more").is_visible()


# What goes wrong


BAD = {
    "empty.csv": "",
    "picture.png": b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(range(256)) * 8,
    "page.html": "<!doctype html><title>x</title><p>Nothing of a run.",
    "notes.txt": "Bread, milk, two onions.\nCall Ann.\n",
}


def test_a_bad_file_gets_one_line_and_what_was_shown_stays(page):
    for name, content in BAD.items():
        example(page, 1)
        before = page.locator(".dg-result").inner_text()
        drop(page, {name: content})
        said = fault(page)
        assert 20 < len(said) < 420
        assert "\n" not in said
        assert page.locator(".dg-fault").get_attribute("role") == "alert"
        assert page.locator(".dg-result").inner_text() == before
        assert page.locator(".diagnosis").get_attribute("data-verdict") == EXAMPLES[1]["verdict"]
        drop(page, {f"after {name}.csv": curves()})
        assert verdict(page, f"after {name}.csv") == "overfitting"
        assert fault_free(page)
    assert page.complaints == []


def test_nothing_at_all_and_a_folder_get_a_line_too(page):
    page.get_by_role("button", name="Diagnose", exact=True).click()
    assert fault(page).startswith("There is no log yet")
    page.evaluate(
        "() => { File.prototype.arrayBuffer = () => Promise.reject(new DOMException('folder')); }"
    )
    drop(page, {"runs": ""})
    page.wait_for_function("document.querySelector('.dg-fault').textContent.startsWith('runs ')")
    assert "If it is a folder, drop the log inside it." in fault(page)


HOSTILE = [
    '<img src=x onerror="window.hacked=1">',
    "<script>window.hacked=1</script>",
    "__proto__",
    "constructor",
    '=cmd|" /C calc"!A0',
]


def test_hostile_names_are_text(page):
    quoted = ['"' + name.replace('"', '""') + '"' for name in HOSTILE]
    rows = curves(names=["epoch", "loss", "val_loss", *quoted]).splitlines()
    text = "\n".join([rows[0], *(f"{row},1,2,3,4,5" for row in rows[1:])])
    drop(page, {'<img src=x onerror="window.hacked=1">.csv': text})
    assert verdict(page) == "overfitting"
    box = page.locator(".diagnosis")
    assert "<img src=x" in page.locator(".dg-source").inner_text()
    assert box.locator("img, script, iframe, [onerror]").count() == 0
    page.get_by_role("button", name="Copy a report").click()
    page.get_by_text("Copied").wait_for()
    report = page.evaluate("navigator.clipboard.readText()")
    assert not re.search(r"(?<!\\)<\w", report)
    assert r"\_\_proto\_\_" in report
    assert "“val_loss”" in report
    drop(page, {"bad.csv": ",".join(quoted) + "\nx,y,z,a,b\n"})
    fault(page)
    assert box.locator("img, script, iframe, [onerror]").count() == 0
    assert page.evaluate("[window.hacked, {}.loss, ({}).polluted]") == [None, None, None]
    assert page.complaints == []


# Copies


def test_a_report_is_markdown_for_an_issue(page):
    example(page, 0)
    page.get_by_role("button", name="Copy a report").click()
    page.get_by_role("button", name="Copied").wait_for()
    report = page.evaluate("navigator.clipboard.readText()")
    assert report.startswith("## Overfitting\n\n")
    assert page.locator(".dg-sentence").inner_text()[:30] in report
    for heading in ("Evidence", "What to try next", "What this cannot know", "What was read"):
        assert f"\n### {heading}\n" in report
    assert report.count("```") % 2 == 0
    assert EXAMPLES[0]["file"] in report
    assert "file:" not in report


def test_a_report_says_each_evidence_once(page):
    """Two verdicts, level and validation better, rest on the same gap."""
    rows = [f"{i},{0.5 + 1.8 * 0.9**i:.5f},{0.35 + 1.8 * 0.9**i:.5f}" for i in range(100)]
    drop(page, {"run.csv": "\n".join(["epoch,loss,val_loss", *rows])})
    assert verdict(page) == "level"
    page.get_by_role("button", name="Copy a report").click()
    page.get_by_role("button", name="Copied").wait_for()
    report = page.evaluate("navigator.clipboard.readText()")
    assert report.count("At the end the validation loss is") == 1


def test_where_the_clipboard_is_closed_the_report_stands_in_a_field(page):
    example(page, 0)
    page.evaluate(DENY)
    page.get_by_role("button", name="Copy a report").click()
    page.get_by_role("button", name="Copy it below").wait_for()
    field = page.get_by_role("textbox", name="Text to copy")
    assert field.input_value().startswith("## Overfitting")
    assert field.evaluate("e => e === document.activeElement && e.selectionEnd > 100")


# For everybody


def test_the_keyboard_reaches_and_does_everything(page):
    page.locator(".dg-chooser").focus()
    seen = []
    for _ in range(10):
        ring = page.evaluate(
            """() => {
                const e = document.activeElement;
                const shown = e.matches(".dg-chooser") ? e.nextElementSibling : e;
                const { outlineStyle, outlineWidth } = getComputedStyle(shown);
                return [e.textContent || e.id || e.type, outlineStyle, parseFloat(outlineWidth)];
            }"""
        )
        seen.append(ring)
        page.keyboard.press("Tab")
    names = [name for name, _, _ in seen]
    assert names[:5] == ["dg-1-files", "dg-1-log", "dg-1-rows", "Diagnose", "Clear"]
    for name, given in zip(names[5:], EXAMPLES, strict=True):
        assert name.startswith(given["label"])
    assert all(style == "solid" and width >= 2 for _, style, width in seen), seen
    page.locator(".dg-example").first.focus()
    page.keyboard.press("Enter")
    verdict(page)
    page.get_by_role("radio", name="Keras").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("radio", name="PyTorch")).to_be_checked()
    span = page.locator(".dg-choice input:focus-visible + span")
    assert span.evaluate("e => getComputedStyle(e).outlineStyle") == "solid"
    page.get_by_role("button", name="Copy a report").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Copied").wait_for()


@pytest.mark.parametrize(
    ("scheme", "width"), [("light", 1280), ("dark", NARROW), ("light", SMALLEST)]
)
def test_it_is_accessible_and_fits(page, scheme, width):
    page.set_viewport_size({"width": width, "height": 800})
    shown_in(page, scheme)
    for act in (lambda: None, lambda: example(page, 0), lambda: drop(page, {"notes.txt": "x"})):
        act()
        page.evaluate(TRANSITIONS)
        assert page.evaluate("document.scrollingElement.scrollWidth") <= width + 1
        assert not broken_rules(page, options=COLORS if scheme == "dark" else None)
    outside = page.locator(".diagnosis :is(p, li, button, svg, textarea, h2, h3)").evaluate_all(
        """all => all.filter((e) => {
            const { left, right, width } = e.getBoundingClientRect();
            return width > 1 && (left < 0 || right > innerWidth + 1);
        }).map((e) => e.outerHTML)"""
    )
    assert outside == []


def test_on_a_telephone_the_verdict_comes_into_view(page):
    page.emulate_media(reduced_motion="reduce")
    page.set_viewport_size({"width": NARROW, "height": 640})
    example(page, 0)
    box = page.locator(".dg-title").bounding_box()
    assert 0 < box["y"] < 600


def test_forced_colours_and_paper_keep_what_matters(page):
    example(page, 0)
    page.emulate_media(forced_colors="active")
    pressed = page.locator(".dg-example[aria-pressed=true]")
    assert pressed.evaluate("e => getComputedStyle(e).outlineStyle") == "solid"
    page.emulate_media(forced_colors="none", media="print")
    for hidden in (".dg-fields", ".dg-examples", ".dg-choice", ".pg-copies"):
        assert not page.locator(hidden).first.is_visible()
    for shown in (".dg-title", ".dg-svg", ".dg-more h3"):
        assert page.locator(shown).first.is_visible()


def test_nothing_leaves_the_page(page):
    assert quiet(page) == []  # it has its icon, too
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    drop(page, {"run.csv": curves()})
    verdict(page)
    for number in range(len(EXAMPLES)):
        example(page, number)
    assert quiet(page) == []
    assert asked == []


def test_ten_thousand_epochs(page, record_property):
    times = page.evaluate(
        """async (text) => {
            const box = document.querySelector(".diagnosis");
            const times = [];
            for (let i = 0; i < 7; i += 1) {
                const dataTransfer = new DataTransfer();
                dataTransfer.items.add(new File([text], "long.csv"));
                const done = new Promise((resolve) =>
                    box.addEventListener("diagnosed", resolve, { once: true }));
                box.dispatchEvent(new DragEvent("drop", { dataTransfer, bubbles: true }));
                await done;
                times.push(Number(box.dataset.ms));
            }
            return times;
        }""",
        curves(n=10_000, turn=3_000),
    )
    assert verdict(page, "long.csv") == "overfitting"
    middle = sorted(times)[3]
    said = f"10,000 epochs in the box: {middle:.0f} ms (median of 7; the first {times[0]:.0f})"
    record_property("measured", said)
