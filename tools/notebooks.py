"""Execute notebooks in place and normalize them, so that a diff shows only what changed.

    python tools/notebooks.py chapters/*.ipynb            executes and writes
    python tools/notebooks.py --times chapters/*.ipynb    executes a copy in memory

Both print the time and the peak memory of every notebook.
"""

import argparse
from pathlib import Path
import sys
import threading
import time

from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
import nbformat
import psutil

KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
LANGUAGE = {"file_extension": ".py", "name": "python", "pygments_lexer": "ipython3"}
VOLATILE = {"ExecuteTime", "execution", "trusted", "vscode", "widgets"}
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"  # its model id is new in every run
POLL_SECONDS = 0.05


def normalize(notebook):
    """Remove from a notebook, in place, what differs between two equal runs."""
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


def merge_streams(outputs):
    """Join neighbouring outputs of the same stream: where they break is chance."""
    merged = []
    for output in outputs:
        last = merged[-1] if merged else None
        if last and output.output_type == last.output_type == "stream" and output.name == last.name:
            last.text += output.text
        else:
            merged.append(output)
    return merged


def execute(notebook, folder, timeout=900):
    """Execute a notebook in place; return its seconds and the kernel's peak bytes of memory."""
    start = time.perf_counter()
    client = NotebookClient(
        notebook, timeout=timeout, kernel_name="python3", record_timing=False,
        resources={"metadata": {"path": str(folder)}},
    )  # fmt: skip
    with client.setup_kernel(), PeakMemory(client.km.provisioner.pid) as memory:
        for index, cell in enumerate(notebook.cells):
            client.execute_cell(cell, index)
    return time.perf_counter() - start, memory.peak


class PeakMemory:
    """The largest resident memory of a process and its children while the block runs."""

    def __init__(self, pid):
        self.process = psutil.Process(pid)
        self.peak = 0
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._poll, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._done.set()
        self._thread.join()

    def _poll(self):
        while True:
            self.peak = max(self.peak, self._resident())
            if self._done.wait(POLL_SECONDS):
                return

    def _resident(self):
        total = 0
        try:
            for process in [self.process, *self.process.children(recursive=True)]:
                total += process.memory_info().rss
        except psutil.NoSuchProcess:
            pass  # it ended between the two calls
        return total


def main(arguments=None):
    """Execute the notebooks named on the command line; 1 if one of them fails."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("notebooks", nargs="+", type=Path)
    parser.add_argument("--times", action="store_true", help="measure only, write nothing")
    options = parser.parse_args(arguments)
    total = 0.0
    print(f"{'notebook':<28}{'seconds':>10}{'peak MiB':>10}", flush=True)
    for path in options.notebooks:
        notebook = nbformat.read(path, as_version=4)
        try:
            seconds, peak = execute(notebook, path.parent)
        except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
            print(f"{path}: {error}", file=sys.stderr)
            return 1
        if not options.times:
            nbformat.write(normalize(notebook), path)
        total += seconds
        print(f"{path.name:<28}{seconds:>10.1f}{peak / 2**20:>10.0f}", flush=True)
    print(f"{'all':<28}{total:>10.1f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
