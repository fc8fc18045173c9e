"""How long a reader waits: importing the data, and each chapter from its start to its first figure.

    python tests/benchmarks/bench_start.py

Every chapter runs in a kernel of its own, one after the other. "Cold" would also read TensorFlow
from the disk: drop the system's file cache first to measure that.
"""

from pathlib import Path
import subprocess
import sys
import time

from nbclient import NotebookClient
import nbformat

CHAPTERS = sorted((Path(__file__).parents[2] / "chapters").glob("*.ipynb"))


def first_figure(path):
    """Return the seconds from the first cell to the first picture of a notebook."""
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(notebook, kernel_name="python3", resources={"metadata": {"path": "."}})
    with client.setup_kernel():
        start = time.perf_counter()
        for index, cell in enumerate(notebook.cells):
            client.execute_cell(cell, index)
            if any("image/png" in output.get("data", {}) for output in cell.get("outputs", [])):
                break
        return time.perf_counter() - start


def main():
    """Print the seconds of each."""
    start = time.perf_counter()
    code = "import sys, helpers.data; print('tensorflow' in sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    ).stdout.strip()
    print(f"import helpers.data   {time.perf_counter() - start:.2f} s, TensorFlow loaded: {loaded}")
    for path in CHAPTERS:
        print(f"{path.stem:<20}{first_figure(path):>6.1f} s to the first figure", flush=True)


if __name__ == "__main__":
    main()
