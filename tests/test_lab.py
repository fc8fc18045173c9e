"""A panel and a playground in a real JupyterLab: sliders that are moved, and one that fails."""

import json
from pathlib import Path
import socket
import subprocess
import sys
import time
from urllib.error import URLError
from urllib.request import urlopen

from helpers.playground import script
import nbformat
import notebooks
import numpy as np
import pytest

PANEL = ".jp-OutputArea"
START, RUN = 60_000, 120_000  # milliseconds until the server answers, until a panel shows
CELL = """
from helpers.widgets import Panel
import keras
from keras import layers, regularizers


def build(dropout=0.5, l2=0.001):
    if dropout > 0.85:
        raise RuntimeError("too much is dropped")
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


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """The address of a JupyterLab with two notebooks in it."""
    folder, port = tmp_path_factory.mktemp("lab"), free_port()
    for name, sources in {"panel": [CELL], "playground": LIVE}.items():
        cells = [nbformat.v4.new_code_cell(source.strip()) for source in sources]
        notebook = nbformat.v4.new_notebook(cells=cells)
        notebook.metadata["kernelspec"] = dict(notebooks.KERNEL)
        nbformat.write(notebook, folder / f"{name}.ipynb")
    address = f"http://127.0.0.1:{port}"
    command = [
        Path(sys.executable).with_name("jupyter"), "lab", "--no-browser", "--allow-root",
        f"--ServerApp.port={port}", "--ServerApp.port_retries=0", "--IdentityProvider.token=",
        f"--ServerApp.root_dir={folder}", "--LabApp.news_url=None",
    ]  # fmt: skip
    with open(folder / "log", "w") as log, subprocess.Popen(command, stderr=log) as server:
        try:
            wait_for(f"{address}/api", server)
            yield address
        finally:
            server.terminate()


def wait_for(url, server):
    end = time.monotonic() + START / 1000
    while server.poll() is None and time.monotonic() < end:
        try:
            return urlopen(url).close()
        except URLError:
            time.sleep(0.2)
    return pytest.fail("JupyterLab did not start")


def open_notebook(browser, lab, name):
    """Open a notebook in JupyterLab, and execute its first cell."""
    page = browser.new_page(viewport={"width": 1400, "height": 1100})
    page.set_default_timeout(RUN)
    page.goto(f"{lab}/lab/tree/{name}.ipynb?reset")
    page.get_by_text("Python 3 (ipykernel) | Idle").wait_for()
    page.locator(".jp-Notebook .cm-content").first.click()
    page.keyboard.press("Shift+Enter")
    return page


@pytest.fixture(scope="module")
def page(browser, lab):
    """The notebook with the panel."""
    page = open_notebook(browser, lab, "panel")
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
    page.locator(f"{PANEL} [role=status]", has_text="training").wait_for()
    assert page.locator(f"{PANEL} [role=alert]").count() == 0


def finished(page, before=""):
    """Wait for a run that ends in another validation loss; return that."""
    return page.wait_for_function(
        """before => {
            const {state, valLoss} = document.querySelector("[data-engine]")?.dataset ?? {};
            return state === "done" && valLoss !== before && valLoss;
        }""",
        arg=before,
    ).json_value()


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
    page = open_notebook(browser, lab, "playground")
    complaints = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    first = finished(page)
    page.get_by_label("Dropout", exact=True).focus()
    page.keyboard.press("ArrowRight")
    second = finished(page, before=first)
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
    finished(page, before=second)  # after playground.l2 = 0.1
    assert page.get_by_label("L2", exact=True).get_attribute("aria-valuetext") == "L2 0.1"
    assert complaints == []
