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


def kind_of(frame, now):
    """Return what a stack of frames, from the innermost, is about."""
    found = "other"
    while frame is not None:
        file, function = frame.f_code.co_filename, frame.f_code.co_name
        if "helpers/training" in file and function in ("graph_of", "runner", "build"):
            return "compilation"
        if file.endswith("training/loop.py") and function == "fit":
            return "compilation" if now["compiling"] else "training"
        found = next((kind for place, kind in PLACES.items() if place in file), found)
        frame = frame.f_back
    return found


def mark_compilation(graph, now):
    """Let each graph say when it runs for the first time, which is when XLA compiles it."""
    runner = graph.runner

    def marked(self, *given):
        run, names = runner(self, *given)

        def first_or_later(first, count):
            now["compiling"] = not self.has_run and first == 0
            try:
                return run(first, count)
            finally:
                now["compiling"] = False

        return first_or_later, names

    graph.runner = marked


def watch():
    """Begin to look at the main thread; return the counts, which go on growing."""
    main, counts, now = threading.main_thread().ident, Counter(), {"compiling": False}

    def look():
        last, marked = time.perf_counter(), False
        while True:
            time.sleep(TICK)
            module = sys.modules.get("helpers.training.graph")
            if not marked and hasattr(module, "shuffling_seed"):  # it is imported to its end
                mark_compilation(module.Graph, now)
                marked = True
            here = time.perf_counter()
            counts[kind_of(sys._current_frames().get(main), now)] += here - last
            last = here

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
