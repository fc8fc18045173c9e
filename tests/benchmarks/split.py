"""Where the seconds of each chapter go: imports, compilation, training, evaluation, drawing.

    python tests/benchmarks/split.py [chapters/03_regularization.ipynb ...]

A thread in the kernel looks a hundred times a second at what the main thread does, and the time
counts to the first of these that it is in. "other" is everything else: pandas, scikit-learn, the
chapter's own NumPy.
"""

from collections import Counter
import json
from pathlib import Path
import sys
import threading
import time

ROOT = Path(__file__).parents[2]
KINDS = ["imports", "compilation", "training", "evaluation", "drawing", "other"]
PLACES = {  # the kind of a frame by what its file or function is
    "importlib": "imports",
    "matplotlib": "drawing",
    "helpers/plots": "drawing",
    "training/evaluation": "evaluation",
    "calibration": "evaluation",
}
TICK = 0.01  # seconds


def kind_of(frame):
    """Return what a stack of frames, from the innermost, is about."""
    found = "other"
    while frame is not None:
        file = frame.f_code.co_filename
        if file.endswith("training/loop.py") and frame.f_code.co_name == "_train":
            values = frame.f_locals
            known = getattr(values.get("graph"), "has_run", False) or values.get("first", 0) > 0
            return "training" if known else "compilation"
        if file.endswith("training/loop.py") and frame.f_code.co_name == "fit":
            return "compilation"
        found = next((kind for place, kind in PLACES.items() if place in file), found)
        frame = frame.f_back
    return found


def watch():
    """Begin to look at the main thread; return the counts, which go on growing."""
    main, counts = threading.main_thread().ident, Counter()

    def look():
        last = time.perf_counter()
        while True:
            time.sleep(TICK)
            now = time.perf_counter()
            counts[kind_of(sys._current_frames().get(main))] += now - last
            last = now

    threading.Thread(target=look, daemon=True).start()
    return counts


def split(path):
    """Execute a notebook in a kernel of its own; return the seconds of each kind."""
    from nbclient import NotebookClient  # noqa: PLC0415 (not needed in the kernel)
    import nbformat  # noqa: PLC0415

    notebook = nbformat.read(path, 4)
    begin = (
        f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r}); import split as _split"
    )
    first = nbformat.v4.new_code_cell(f"{begin}; _counts = _split.watch()")
    last = nbformat.v4.new_code_cell("import json as _json; print(_json.dumps(_counts))")
    notebook.cells = [first, *notebook.cells, last]
    options = {"metadata": {"path": str(path.parent)}}
    NotebookClient(notebook, timeout=900, kernel_name="python3", resources=options).execute()
    return json.loads(last.outputs[0]["text"])


def main(paths):
    print(f"{'notebook':<28}" + "".join(f"{kind:>13}" for kind in [*KINDS, "all"]))
    for path in map(Path, paths or sorted((ROOT / "chapters").glob("*.ipynb"))):
        found = split(path)
        seconds = [found.get(kind, 0.0) for kind in KINDS]
        row = "".join(f"{value:>13.1f}" for value in [*seconds, sum(seconds)])
        print(f"{path.stem:<28}{row}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
