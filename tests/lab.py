"""A JupyterLab server for tests, and what a reader does in it."""

import contextlib
import json
import os
from pathlib import Path
import shutil
import socket
import subprocess
import tempfile
import time
from urllib.request import urlopen

import nbformat
import notebooks
from playwright.sync_api import TimeoutError
import pytest

START = 180  # seconds until the server answers: it may be a busy machine
END = 20  # seconds for it to shut its kernels down
WAIT = 120_000  # milliseconds for whatever a reader waits for
FOLDERS = [
    "IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR",
    "JUPYTERLAB_SETTINGS_DIR", "JUPYTERLAB_WORKSPACES_DIR",
]  # fmt: skip
QUIET = ["--no-browser", "--allow-root", "--IdentityProvider.token=", "--LabApp.news_url=None"]


def free_port():
    """Return a port that nobody listens to."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@contextlib.contextmanager
def served(folder, commands, memory=None, variables=()):
    """Serve a folder's notebooks with JupyterLab; yield its address and its process.

    `commands` is the folder of an environment's commands. With `memory`, in bytes, the system
    refuses a process more than that of its own. `variables` are further environment variables.
    """
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    environment = {name: value for name, value in os.environ.items() if name != "JUPYTER_PATH"}
    environment |= {"PATH": f"{commands}:{os.environ['PATH']}", "JUPYTER_PREFER_ENV_PATH": "1"}
    own = Path(tempfile.mkdtemp())  # nothing of whoever runs the tests, or of another server
    environment |= {name: str(own / name.lower()) for name in FOLDERS} | dict(variables)
    limit = f"ulimit -d {memory // 1024}; " if memory else ""
    command = [
        "bash", "-c", f'{limit}exec "$@"', "bash", Path(commands, "jupyter-lab"), *QUIET,
        f"--ServerApp.port={port}", "--ServerApp.port_retries=0",
        f"--ServerApp.root_dir={folder}", "--LabApp.expose_app_in_browser=True",
    ]  # fmt: skip
    with (
        (own / "log").open("w", encoding="utf-8") as log,
        subprocess.Popen(command, env=environment, stderr=log) as server,
    ):
        try:
            _wait_for(f"{address}/api", server)
            yield address, server
        except BaseException:
            print((own / "log").read_text(encoding="utf-8"))  # pytest shows it
            raise
        finally:
            _end(server)
            shutil.rmtree(own, ignore_errors=True)


def _end(server):
    server.terminate()
    try:
        server.wait(timeout=END)
    except subprocess.TimeoutExpired:  # a thread of the server's own can keep it for ever
        server.kill()


def _wait_for(url, server):
    end = time.monotonic() + START
    while server.poll() is None and time.monotonic() < end:
        try:
            return urlopen(url).close()
        except OSError:
            time.sleep(0.2)
    return pytest.fail("JupyterLab did not start")


def write_notebook(path, *sources):
    """Write a notebook of cells of code."""
    cells = [nbformat.v4.new_code_cell(source.strip()) for source in sources]
    notebook = nbformat.v4.new_notebook(cells=cells)
    notebook.metadata["kernelspec"] = dict(notebooks.KERNEL)
    nbformat.write(notebook, path)


class Notebook:
    """A notebook that is open in JupyterLab."""

    def __init__(self, browser, address, path):
        self.address, self.path, self.complaints = address, path, []
        self.page = browser.new_page(viewport={"width": 1400, "height": 1100})
        self.page.set_default_timeout(WAIT)
        self.page.on("console", self._listen)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.goto(f"{address}/lab/tree/{path}?reset")
        try:
            self.page.get_by_text("Python 3 (ipykernel) | Idle").wait_for()
        except TimeoutError as error:
            seen = self.page.evaluate("document.body.innerText")
            error.add_note(f"JupyterLab got no kernel. {self.complaints}\n{seen}")
            raise

    def _listen(self, message):
        if message.type == "error":
            self.complaints.append(message.text)

    def command(self, name):
        """Do what a menu's entry does, and wait until it is done."""
        self.page.evaluate("name => jupyterapp.commands.execute(name).then(() => null)", name)

    def saved(self):
        """Save, and return the notebook."""
        self.command("docmanager:save")
        with urlopen(f"{self.address}/api/contents/{self.path}?type=notebook") as answer:
            return nbformat.from_dict(json.load(answer)["content"])

    def show(self, index):
        """Scroll to a cell: JupyterLab keeps on the page only what is near."""
        self.page.evaluate(
            """index => {
                const notebook = jupyterapp.shell.currentWidget.content;
                notebook.activeCellIndex = index;
                return notebook.scrollToItem(index, "start").then(() => null);
            }""",
            index,
        )


def finished_run(page, before=""):
    """Wait for a playground's run that ends in another validation loss; return that."""
    return page.wait_for_function(
        """before => {
            const {state, valLoss} = document.querySelector("[data-engine]")?.dataset ?? {};
            return state === "done" && valLoss !== before && valLoss;
        }""",
        arg=before,
    ).json_value()


# JavaScript functions about the playground of a page. Two runs can end in one loss, so they count.
PLAYGROUND = "document.querySelector('[data-engine]')"
IS_DONE = f"() => {PLAYGROUND}?.dataset.state === 'done' && {PLAYGROUND}.dataset.valLoss"
COUNT_RUNS = f"""() => {{
    window.runsSeen = 0;
    const count = () => {{ window.runsSeen += {PLAYGROUND}.dataset.state === "done"; }};
    const state = {{ attributes: true, attributeFilter: ["data-state"] }};
    new MutationObserver(count).observe({PLAYGROUND}, state);
}}"""
RAN_AGAIN = f"() => window.runsSeen && ({IS_DONE})()"
SAID = f"() => {PLAYGROUND}.querySelector('input[type=range]').getAttribute('aria-valuetext')"
FOCUS = f"""() => {{
    const slider = {PLAYGROUND}.querySelector("input[type=range]");
    slider.focus();
    return slider.value === slider.max ? "ArrowLeft" : "ArrowRight";
}}"""
SHOW = f"() => {PLAYGROUND}.scrollIntoView({{ block: 'center', behavior: 'instant' }})"
DRAWN = f"""() => {{
    const colors = (canvas) => {{
        const all = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
        return new Set(new Uint32Array(all.buffer)).size;
    }};
    return {{
        colors: Math.min(...[...{PLAYGROUND}.querySelectorAll("canvas")].map(colors)),
        lines: {PLAYGROUND}.querySelectorAll("svg path").length,
    }};
}}"""


def walk(page):
    """Let a page's playground train, then move its first slider with a key.

    `page` is a `Chromium` or an `engines.Driver`. Returns a dict: `losses` of both runs, what the
    slider `said` before and after, and what was `drawn`.
    """
    page.wait(f"() => {PLAYGROUND}")
    page.run(SHOW)
    losses = [page.wait(IS_DONE)]
    drawn, said = page.run(DRAWN), [page.run(SAID)]
    page.run(COUNT_RUNS)
    page.press(page.run(FOCUS))
    losses.append(page.wait(RAN_AGAIN))
    said.append(page.run(SAID))
    return {"losses": list(map(float, losses)), "said": said, "drawn": drawn}


class Chromium:
    """A page of Playwright's with the methods of an `engines.Driver`."""

    def __init__(self, page):
        self.page = page

    def run(self, function):
        """Call a JavaScript function, and return what it gives."""
        return self.page.evaluate(function)

    def wait(self, function):
        """Call a JavaScript function until it returns something true, and return that."""
        return self.page.wait_for_function(function, timeout=WAIT).json_value()

    def press(self, key):
        """Press a key on what has the focus."""
        self.page.keyboard.press(key)
