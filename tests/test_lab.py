"""A panel in a real JupyterLab: a slider that is moved, and one that fails."""

from pathlib import Path
import socket
import subprocess
import sys
import time
from urllib.error import URLError
from urllib.request import urlopen

import nbformat
import notebooks
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


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """The address of a JupyterLab with one notebook in it."""
    folder, port = tmp_path_factory.mktemp("lab"), free_port()
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(CELL.strip())])
    notebook.metadata["kernelspec"] = dict(notebooks.KERNEL)
    nbformat.write(notebook, folder / "panel.ipynb")
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


@pytest.fixture(scope="module")
def page(browser, lab):
    """The notebook in JupyterLab, its cell executed."""
    page = browser.new_page(viewport={"width": 1400, "height": 1100})
    page.set_default_timeout(RUN)
    page.goto(f"{lab}/lab/tree/panel.ipynb?reset")
    page.locator(".jp-Notebook .cm-content").first.click()
    page.keyboard.press("Shift+Enter")
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
