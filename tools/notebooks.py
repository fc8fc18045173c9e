"""Execute notebooks in place and normalize them, so that a diff shows only what changed.

    python tools/notebooks.py chapters/*.ipynb            executes and writes those out of date
    python tools/notebooks.py --all chapters/*.ipynb      executes and writes all
    python tools/notebooks.py --times chapters/*.ipynb    executes a copy of all in memory

All execute two notebooks at a time (--jobs), and print the time and the peak memory of each:
resident, and of that the process's own, without the pages of library files, which the system
can drop and read again.
"""

import argparse
from concurrent.futures import ThreadPoolExecutor
from html import unescape
import json
from pathlib import Path
import re
import sys
import threading
import time

from fingerprint import KEY, fingerprint, outdated
from helpers.playground import NOT_HERE, from_options
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
import nbformat
import psutil

import figures

KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
LANGUAGE = {"file_extension": ".py", "name": "python", "pygments_lexer": "ipython3"}
VOLATILE = {"ExecuteTime", "execution", "trusted", "vscode", "widgets"}
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"  # its model id is new in every run
PLAYGROUND = re.compile(
    rf'<div class="playground" data-playground="([^"]*)">{re.escape(NOT_HERE)}</div>'
)
POLL_SECONDS = 0.05


def normalize(notebook):
    """Remove from a notebook, in place, what differs between two equal runs; draw playgrounds."""
    _drop_volatile(notebook.metadata)
    notebook.metadata["kernelspec"] = dict(KERNEL)
    notebook.metadata["language_info"] = dict(LANGUAGE)
    for cell in notebook.cells:
        _drop_volatile(cell.metadata)
        if cell.cell_type == "code":
            cell.outputs = merge_streams(cell.outputs)
            for output in cell.outputs:
                _normalize_output(output, cell.execution_count)
    return notebook


def _drop_volatile(metadata):
    for key in VOLATILE & set(metadata):
        del metadata[key]


def _normalize_output(output, count):
    if output.output_type == "execute_result":
        output.execution_count = count
    data = output.get("data", {})
    if len(data) > 1:
        data.pop(WIDGET_VIEW, None)
    if "text/html" in data:
        data["text/html"] = PLAYGROUND.sub(_draw, data["text/html"])


def _draw(playground):
    """A notebook's picture of a playground, which a kernel leaves out: there it would be late."""
    return from_options(json.loads(unescape(playground[1]))).html()


def merge_streams(outputs):
    """Join neighboring outputs of the same stream: where they break is chance."""
    merged = []
    for output in outputs:
        last = merged[-1] if merged else None
        if last and output.output_type == last.output_type == "stream" and output.name == last.name:
            last.text += output.text
        else:
            merged.append(output)
    return merged


def execute(notebook, folder, timeout=900, draw=False):
    """Execute a notebook in place; return its seconds and its PeakMemory.

    With `draw` its figures come as drawings, too: figures.take takes them out of the outputs.
    """
    start = time.perf_counter()
    client = NotebookClient(
        notebook, timeout=timeout, kernel_name="python3", record_timing=False,
        resources={"metadata": {"path": str(folder)}},
    )  # fmt: skip
    with client.setup_kernel(), PeakMemory(client.km.provisioner.pid) as memory:
        if draw:
            _install_drawing(client)
        for index, cell in enumerate(notebook.cells):
            try:
                client.execute_cell(cell, index)
            except DeadKernelError:
                begin = cell.source.splitlines()[0]
                raise DeadKernelError(
                    f"the kernel died in the cell that begins {begin!r}: is there 1 GB of memory "
                    "for each notebook that runs? --jobs 1 runs one at a time"
                ) from None
    return time.perf_counter() - start, memory


def _install_drawing(client):
    """Let the kernel draw; that is no cell, leaves no name there and does not count."""
    code = f"__import__('runpy').run_path({figures.__file__!r})['install'](get_ipython())"
    reply = client.wait_for_reply(client.kc.execute(code, silent=True, store_history=False))
    if reply is None or reply["content"]["status"] != "ok":
        raise RuntimeError(f"the kernel cannot load {figures.__file__}: {reply}")


class PeakMemory:
    """The most bytes that a process and its children held while the block ran.

    `resident` counts all their pages in memory, `own` those that belong to no file.
    """

    def __init__(self, pid):
        self.process = psutil.Process(pid)
        self.resident = self.own = 0
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._poll, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._done.set()
        self._thread.join()
        self._look()  # a block can end between two looks

    def _poll(self):
        while not self._done.wait(POLL_SECONDS):
            self._look()

    def _look(self):
        resident, own = self._held()
        self.resident, self.own = max(self.resident, resident), max(self.own, own)

    def _held(self):
        resident = shared = 0
        try:
            for process in [self.process, *self.process.children(recursive=True)]:
                memory = process.memory_info()
                resident += memory.rss
                shared += getattr(memory, "shared", 0)  # Linux counts it
        except psutil.NoSuchProcess:
            pass  # it ended between the two calls
        return resident, resident - shared


def main(arguments=None):
    """Execute the notebooks named on the command line; 1 if one of them fails."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("notebooks", nargs="+", type=Path)
    parser.add_argument("--all", action="store_true", help="also those that are up to date")
    parser.add_argument("--times", action="store_true", help="measure only, write nothing")
    parser.add_argument("--jobs", type=int, default=2, help="notebooks at a time, default 2")
    options = parser.parse_args(arguments)

    def run(path):
        return _run(path, write=not options.times)

    chosen = [path for path in options.notebooks if options.all or options.times or _is_due(path)]
    if not chosen:
        print("all outputs are up to date: --all executes them again")
        return 0
    print(f"{'notebook':<28}{'seconds':>10}{'resident MiB':>15}{'own MiB':>10}", flush=True)
    start = time.perf_counter()
    with ThreadPoolExecutor(options.jobs) as pool:
        rows = list(pool.map(run, chosen[::-1]))  # later chapters take longer: they begin
    print(f"{'all':<28}{time.perf_counter() - start:>10.1f}")
    return 0 if all(rows) else 1


def _is_due(path):
    """Say why a notebook is out of date, if it is."""
    notebook = nbformat.read(path, as_version=4)
    reasons = outdated(notebook)
    if cells := figures.undrawn(notebook, path):
        reasons.append(f"no drawing of the picture of {', '.join(cells)}")
    if reasons:
        print(f"{path}: {', '.join(reasons)}")
    return bool(reasons)


def _run(path, write):
    """Execute one notebook and print its row; False if it fails."""
    notebook = nbformat.read(path, as_version=4)
    made_from = fingerprint(notebook)  # before it runs: the package may change meanwhile
    try:
        seconds, memory = execute(notebook, path.parent, draw=write)
    except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
        print(f"{path}: {error}", file=sys.stderr)
        return False
    if write:
        figures.write(figures.take(notebook), path)
        notebook.metadata[KEY] = made_from
        nbformat.write(normalize(notebook), path)
    held = f"{memory.resident / 2**20:>15.0f}{memory.own / 2**20:>10.0f}"
    print(f"{path.name:<28}{seconds:>10.1f}{held}", flush=True)
    return True


if __name__ == "__main__":
    sys.exit(main())
