"""The blocks "if you have two minutes" run as they are pasted, given arrays, in plain Keras."""

from pathlib import Path
import re

import keras
import nbformat
import numpy as np
import pytest

CHAPTERS = Path(__file__).parents[2] / "chapters"
WITH_BLOCK = sorted(CHAPTERS.glob("0[3-8]_*.ipynb"))


def block(path):
    """The Keras code of a chapter's box."""
    cells = nbformat.read(path, 4).cells
    (text,) = [c.source for c in cells if c.source.count("If you have two minutes</p>")]
    box = text.split("If you have two minutes</p>")[1].split("<details>")[0]
    (code,) = re.findall(r"^```python\n(.*?)^```$", box, re.M | re.S)
    return code


def arrays(shape, classes):
    """Few rows, as a reader would have them."""
    rng = np.random.default_rng(0)
    parts = {"train": 12, "val": 8}
    x = {f"x_{part}": rng.random((n, *shape)).astype("float32") for part, n in parts.items()}
    y = {f"y_{part}": rng.integers(0, classes, (n, 1)) for part, n in parts.items()}
    return {**x, **y}


@pytest.mark.parametrize("path", WITH_BLOCK, ids=lambda path: path.stem)
def test_the_block_to_paste_runs(path, monkeypatch, capsys, tmp_path):
    monkeypatch.chdir(tmp_path)  # one writes a log
    code = block(path)
    assert "helpers" not in code
    images = "Conv2D" in code
    given = arrays((12, 12, 1), 10) if images else arrays((2,), 2)
    if "model =" not in code:  # it speaks of the reader's own
        given["model"] = keras.Sequential([keras.layers.Dense(1, activation="sigmoid")])
        given["model"].compile("adam", "binary_crossentropy")
    fitted, fit = [], keras.Model.fit

    def few_epochs(model, *args, epochs, **options):
        fitted.extend((epochs, stopping) for stopping in options.get("callbacks", [])[:1])
        model.run_eagerly = True  # tracing would take longer
        return fit(model, *args, epochs=2, **{**options, "verbose": 0})

    monkeypatch.setattr(keras.Model, "fit", few_epochs)
    exec(code, {"keras": keras, **given})
    assert fitted
    for epochs, stopping in fitted:
        assert stopping.restore_best_weights
        assert epochs > stopping.patience >= 50
        assert np.isfinite(stopping.best)
