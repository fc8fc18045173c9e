"""Panel, playground and self-check in JupyterLab: what moves, what fails, a kernel that dies."""

import json
from pathlib import Path
import sys

from helpers.playground import script
from lab import Notebook, finished_run, served, write_notebook
import nbformat
import numpy as np
import pytest
from test_quiz import answered

PANEL = ".jp-OutputArea"
SILENCE = 2  # seconds of a busy kernel until the panel says that it may have died
IS_TRAINING = f"""() => [...document.querySelectorAll("{PANEL} [role=status]")]
    .some((status) => status.textContent.includes("training"))"""
# How an element is shown at first, and after how many milliseconds that changes.
APPEARS = """(element) => [
    element.style.visibility, ...element.getAnimations().map((a) => a.effect.getTiming().delay),
]"""
CELL = """
from helpers import widgets
from helpers.widgets import Panel
import keras
from keras import layers, regularizers
import os

widgets.SILENCE_SECONDS = SILENCE


def build(dropout=0.5, l2=0.001):
    if dropout > 0.85:
        raise RuntimeError("too much is dropped")
    if l2 == 1:
        os._exit(1)  # as if the memory were used up
    penalty = regularizers.L2(l2)
    model = keras.Sequential(
        [
            keras.Input((2,)),
            layers.Dense(500, activation="relu", kernel_regularizer=penalty),
            layers.Dropout(dropout),
            layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile(loss="binary_crossentropy", optimizer="adam")
    return model


Panel(build, epochs=400)
"""

LIVE = [
    """
from helpers.playground import Playground

playground = Playground("dropout", epochs=300, width=40)
playground
""",
    """
import json
from helpers.training import predict

points = [[-1, 0.5], [0, 0], [1, 0.5], [2, -0.5]]
found = {
    "settings": playground.trained,
    "epoch": playground.epoch,
    "losses": [playground.train_loss, playground.val_loss],
    "probabilities": predict(playground.to_keras(), points).ravel().tolist(),
}
print("FOUND" + json.dumps(found))
playground.l2 = 0.1
""",
]


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """The address of a JupyterLab with three notebooks in it."""
    folder = tmp_path_factory.mktemp("lab")
    write_notebook(folder / "panel.ipynb", CELL.replace("SILENCE\n", f"{SILENCE}\n"))
    write_notebook(folder / "playground.ipynb", *LIVE)
    write_notebook(folder / "quiz.ipynb", "1 + 1")
    quiz = nbformat.read(folder / "quiz.ipynb", as_version=4)
    quiz.cells = [nbformat.v4.new_markdown_cell(answered(1, "b")), *quiz.cells]
    nbformat.write(quiz, folder / "quiz.ipynb")
    with served(folder, Path(sys.executable).parent) as (address, _):
        yield address


def open_notebook(browser, lab, name):
    """Open a notebook in JupyterLab, and execute its first cell."""
    notebook = Notebook(browser, lab, f"{name}.ipynb")
    notebook.page.locator(".jp-Notebook .cm-content").first.click()
    notebook.page.keyboard.press("Shift+Enter")
    return notebook


@pytest.fixture(scope="module")
def page(browser, lab):
    """The notebook with the panel."""
    page = open_notebook(browser, lab, "panel").page
    page.locator(f"{PANEL} img").wait_for()
    return page


def press(page, key):
    """Press a key on the slider of dropout; return the picture from before."""
    picture = page.locator(f"{PANEL} img").get_attribute("src")
    page.locator(".widget-slider .noUi-handle").first.focus()
    page.keyboard.press(key)
    return picture


def test_a_slider_that_is_moved_shows_new_figures(page):
    assert page.locator(f"{PANEL} td", has_text="(").count() == 0
    before = press(page, "ArrowRight")
    page.locator(f"{PANEL} td", has_text="(").first.wait_for()
    assert page.locator(".widget-readout").first.inner_text() == "0.55"
    assert page.locator(f"{PANEL} img").get_attribute("src") != before
    assert page.locator(f"{PANEL} td", has_text="(").count() == 4


def test_a_callback_that_fails_shows_its_message_and_the_last_good_picture(page):
    before = press(page, "End")
    page.locator(f"{PANEL} [role=alert]", has_text="RuntimeError: too much is dropped").wait_for()
    assert page.locator(f"{PANEL} img").get_attribute("src") == before
    press(page, "Home")
    page.wait_for_function(IS_TRAINING)  # asks in every frame: the words may stand there briefly
    assert page.locator(f"{PANEL} [role=alert]").count() == 0


def test_a_kernel_that_dies_in_training_leaves_one_clear_line(page):
    """The last test of this notebook: its kernel is gone."""
    line = page.locator(f"{PANEL} [role=status]", has_text="if the kernel has died")
    page.locator(".widget-slider .noUi-handle").nth(1).focus()
    page.keyboard.press("End")
    line.wait_for()
    hidden = line.locator("span")
    assert hidden.evaluate(APPEARS) == ["hidden", 1000 * SILENCE]
    page.get_by_text("appears to have died").wait_for()  # JupyterLab says so, too
    page.get_by_role("button", name="Ok").click()
    hidden.wait_for(state="visible")
    assert len(line.inner_text().splitlines()) == 1


def in_the_engine(browser, settings, points):
    """Train with these settings in an empty page; return losses and probabilities."""
    page = browser.new_page()
    page.add_script_tag(content=script())
    return page.evaluate(
        """([settings, points]) => {
            const network = engine();
            network.configure(settings);
            while (!network.train(100).done);
            const loss = part => network.evaluate(part).crossEntropy;
            return {
                losses: [loss("train"), loss("val")],
                probabilities: [...network.predict(Float32Array.from(points.flat()))],
            };
        }""",
        [settings, points],
    )


def test_the_playground_and_the_kernel_agree(browser, lab):
    notebook = open_notebook(browser, lab, "playground")
    page = notebook.page
    first = finished_run(page)
    page.get_by_label("Dropout", exact=True).focus()
    page.keyboard.press("ArrowRight")
    second = finished_run(page, before=first)
    page.locator(".jp-Notebook .cm-content").nth(1).click()
    page.keyboard.press("Shift+Enter")
    line = page.locator(".jp-OutputArea-output", has_text="FOUND")
    found = json.loads(line.inner_text().split("FOUND")[1])
    assert found["settings"]["dropout"] == 0.05
    assert found["epoch"] == 300
    assert float(second) == pytest.approx(found["losses"][1])
    points = [[-1, 0.5], [0, 0], [1, 0.5], [2, -0.5]]
    expected = in_the_engine(browser, found["settings"], points)
    assert found["losses"] == pytest.approx(expected["losses"])
    assert np.allclose(found["probabilities"], expected["probabilities"], atol=1e-5)
    finished_run(page, before=second)  # after playground.l2 = 0.1
    assert page.get_by_label("L2 (λ)").get_attribute("aria-valuetext") == "L2 0.1"
    assert notebook.complaints == []


def test_a_self_check_shows_its_options_and_opens_its_answer(browser, lab):
    """JupyterLab's sanitizer takes the names from the radio buttons, and disables them."""
    page = Notebook(browser, lab, "quiz.ipynb").page
    cell = page.locator(".jp-RenderedMarkdown:has(fieldset)")
    cell.locator("legend").wait_for()
    assert cell.locator("label").all_inner_texts()[2].strip() == "c. nothing."
    assert [each.is_disabled() for each in cell.locator("input").all()] == [True] * 3
    cell.locator("summary").click()
    assert cell.get_by_text("Because of this.").is_visible()
