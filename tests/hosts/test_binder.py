"""Chapters in a real JupyterLab, in the environment that Binder builds, with its memory.

`make test-hosts` builds the environment with tools/environments.py, in the folder .venv-binder. It
runs two short chapters, one of them with a panel, and with BOOK_CHAPTERS=all every one, on
BOOK_SEED=1 or another that is named: `make test` runs seed 0, and the claims have to hold there.
"""

import os
from pathlib import Path
import re
import subprocess
import sys
import tomllib

from address import ROOT
from environments import NEWEST
from environments import run as run_step
from lab import Chromium, Notebook, served, walk
import notebooks
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
import pytest

HOST = ROOT / ".venv-binder"
WHICH = "*.ipynb" if os.environ.get("BOOK_CHAPTERS") == "all" else "0[16]*.ipynb"
CHAPTERS = sorted(path.stem for path in (ROOT / "chapters").glob(WHICH))
MEMORY = 2 * 2**30  # bytes: above it Binder kills the kernel
SEED = {"BOOK_SEED": os.environ.get("BOOK_SEED", "1")}
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


def test_it_is_small(environment, record_property):
    size = sum(path.lstat().st_size for path in environment.rglob("*") if not path.is_dir())
    record_property("measured", f"Binder's environment: {size / 1e6:.0f} MB")
    assert size < MOST_ON_DISK


def test_what_the_package_needs_is_there_in_the_book_s_own_versions(environment):
    assert "No broken requirements" in run_step([environment / "bin/pip", "check"], HOST)
    if NEWEST:
        pytest.skip("the newest versions were asked for")
    listed = run_step([environment / "bin/pip", "list", "--format=freeze"], HOST)
    pairs = (line.split("==") for line in listed.split())
    held = {canonicalize_name(name): version for name, version in pairs}
    lines = (ROOT / "constraints.txt").read_text("utf8").splitlines()
    pins = dict(line.split(" ;")[0].split("==") for line in lines)
    pins["tensorflow-cpu"] = pins["tensorflow"]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf8"))["project"]
    needed = {Requirement(line).name for line in project["dependencies"]} | {"tensorflow-cpu"}
    assert {name: held.get(name) for name in needed} == {name: pins[name] for name in needed}


def test_binder_sees_its_folder_and_runs_what_is_run_here():
    repo2docker = Path(sys.executable).with_name("repo2docker")
    said = subprocess.run(
        [repo2docker, "--no-build", "--debug", ROOT], capture_output=True, text=True, check=True
    )
    assert "RUN ./binder/postBuild" in said.stdout + said.stderr
    version = (ROOT / "binder/runtime.txt").read_text("utf8").strip().removeprefix("python-")
    assert f"environment for python={version}" in said.stdout + said.stderr
