"""Chapters in a real JupyterLab, in the environment that Binder builds, with its memory.

`make test-hosts` builds the environment with tools/like_binder.py, in the folder .venv-binder. It
runs two short chapters, one of them with a panel, and with BOOK_CHAPTERS=all every one.
"""

import os
import re
import sys
import tomllib

from lab import Chromium, Notebook, served, walk
import launch
import like_binder
import notebooks
import pytest

HOST = launch.ROOT / ".venv-binder"
WHICH = "*.ipynb" if os.environ.get("BOOK_CHAPTERS") == "all" else "0[16]*.ipynb"
CHAPTERS = sorted(path.stem for path in (launch.ROOT / "chapters").glob(WHICH))
MEMORY = 2 * 2**30  # bytes: above it Binder kills the kernel
SEED = {"BOOK_SEED": "1"}  # the claims have to hold on these data, too: `make test` runs seed 0
MOST_OWN_MEMORY = 2**30
MOST_ON_DISK = 1.8e9
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Binder runs Linux")
TRAINED = re.compile(r"training \d+\.\d+ s, drawing")
PICTURE = ".jp-OutputArea-output .widget-image"


@pytest.fixture(scope="module")
def environment():
    """The folder of Binder's environment."""
    if not (HOST / "built-from").exists():
        pytest.fail("no environment like Binder's: run `make hosts`")
    return HOST / "environment"


class Run:
    """A chapter that was run in JupyterLab from its first cell to its last."""

    def __init__(self, browser, address, stem, server):
        self.notebook = Notebook(browser, address, f"chapters/{stem}.ipynb")
        with notebooks.PeakMemory(server.pid) as self.memory:
            self.notebook.command("notebook:run-all-cells")
        self.cells = self.notebook.saved().cells

    def place_of(self, name):
        """The number of the cell that shows a Panel or a Playground; None if there is none."""
        places = [
            place
            for place, cell in enumerate(self.cells)
            if cell.cell_type == "code" and re.search(rf"^{name}\(", cell.source, re.M)
        ]
        return places[0] if places else None


@pytest.fixture(scope="module", params=CHAPTERS)
def run(request, browser, environment):
    """One chapter, run."""
    with served(HOST / "book", environment / "bin", MEMORY, SEED) as (address, server):
        run = Run(browser, address, request.param, server)
        yield run
        run.notebook.page.close()


def test_every_cell_runs_without_an_error(run):
    code = [cell for cell in run.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    outputs = [output for cell in code for output in cell.outputs]
    assert not [o for o in outputs if o.output_type == "error" or o.get("name") == "stderr"]


def test_the_memory_suffices(run, record_property):
    own, resident = (size / 2**20 for size in (run.memory.own, run.memory.resident))
    line = f"{run.notebook.path} with JupyterLab: own {own:.0f} MiB, resident {resident:.0f} MiB"
    record_property("measured", line)
    assert run.memory.own < MOST_OWN_MEMORY


def test_each_slider_of_the_panel_answers_the_keyboard(run):
    place = run.place_of("Panel")
    if place is None:
        pytest.skip("this chapter has no panel")
    run.notebook.show(place + 1)
    page = run.notebook.page
    handles = page.locator(".widget-slider .noUi-handle")
    handles.first.wait_for()
    assert handles.count() >= 2
    for number in range(handles.count()):
        slider = page.locator(".widget-slider").nth(number)
        readout, picture = slider.locator(".widget-readout"), page.locator(PICTURE).last
        before = readout.inner_text(), picture.get_attribute("src")
        handles.nth(number).focus()
        page.keyboard.press("ArrowRight")
        if readout.inner_text() == before[0]:  # it stands at its end
            page.keyboard.press("ArrowLeft")
        page.wait_for_function(
            "([image, before]) => image.src !== before", arg=[picture.element_handle(), before[1]]
        )
        page.locator(".jp-OutputArea [role=status]", has_text=TRAINED).wait_for()
        assert readout.inner_text() != before[0]
    assert page.locator(".jp-OutputArea [role=alert]").count() == 0


def test_the_playground_trains_and_answers_the_keyboard(run):
    run.notebook.show(run.place_of("Playground"))
    found = walk(Chromium(run.notebook.page))
    assert min(found["losses"]) > 0
    assert found["said"][0] != found["said"][1]


def test_the_console_is_clean(run):
    assert run.notebook.complaints == []


def test_it_is_small_and_the_book_s_own_versions(environment, record_property):
    record_property("measured", f"Binder's environment\n{like_binder.report(environment)}")
    assert like_binder.disk(environment) < MOST_ON_DISK
    pins = (launch.ROOT / "constraints.txt").read_text("utf8").splitlines()
    (tensorflow,) = [pin for pin in pins if pin.startswith("tensorflow==")]
    pins.append(tensorflow.replace("tensorflow", "tensorflow-cpu"))
    allowed = {pin.split(" ;")[0] for pin in pins}
    lines = (launch.ROOT / "binder" / "packages.txt").read_text("utf8").splitlines()
    assert {line.split(" ;")[0] for line in lines} <= allowed


def test_it_has_what_the_package_needs():
    pinned = (launch.ROOT / "binder" / "packages.txt").read_text("utf8")
    project = tomllib.loads((launch.ROOT / "pyproject.toml").read_text("utf8"))["project"]
    names = {re.match(r"[\w-]+", line)[0] for line in project["dependencies"]}
    assert names <= set(re.findall(r"^([\w-]+)==", pinned, re.M))
