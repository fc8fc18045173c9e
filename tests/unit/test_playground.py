"""The playground's Python side: settings, output, and the way to Keras."""

import base64
import gzip
from html import unescape
import inspect
import json
import re
import subprocess
import sys
from types import ModuleType
from xml.etree import ElementTree

from helpers.playground import (
    NOT_HERE,
    SETTINGS,
    Playground,
    from_options,
    reference,
    script,
    style,
)
from helpers.playground.drawing import extent
from helpers.playground.knobs import KNOBS
from helpers.playground.network import build
from helpers.training import predict
import numpy as np
import pytest
from traitlets import TraitError


def options(html):
    return json.loads(unescape(re.search(r'data-playground="([^"]*)"', html)[1]))


def test_importing_it_does_not_load_tensorflow():
    code = "import sys, helpers.playground; sys.exit('tensorflow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_script_is_one_module_without_imports():
    lines = script().splitlines()
    assert not [line for line in lines if re.match(r"import\s*[{*\"']|export\b", line)]
    names = re.findall(r"^(?:async )?(?:function|const|let|class) (\w+)", script(), re.M)
    assert len(names) == len(set(names)), "two modules use a name"


def test_the_script_asks_nobody_for_anything():
    both = script() + style()
    for forbidden in (
        "fetch(",
        "XMLHttpRequest",
        "import(",
        "@import",
        "url(",
        "https://",
        "eval(",
    ):
        assert forbidden not in both


def test_script_and_style_are_small():
    compressed = gzip.compress(script().encode()) + gzip.compress(style().encode())
    assert len(compressed) <= 44 * 1024


def test_in_colab_nothing_competes_with_the_live_playground(monkeypatch):
    monkeypatch.setitem(sys.modules, "google.colab", ModuleType("google.colab"))
    bundle, _ = Playground(epochs=20, width=8)._repr_mimebundle_()
    assert set(bundle) == {"application/vnd.jupyter.widget-view+json", "text/plain"}


OPTIONS = {
    "name": "here",
    "question": "Why <so>?",
    "controls": ["dropout"],
    "sweep": "dropout",
    "settings": {"width": 8, "epochs": 20},
}


def test_the_output_holds_the_settings_and_no_code_and_trains_nothing(monkeypatch):
    monkeypatch.delitem(sys.modules, "google.colab", raising=False)
    monkeypatch.setattr("helpers.playground.reference.run", None)
    bundle, _ = from_options(OPTIONS)._repr_mimebundle_()
    html = bundle["text/html"]
    assert options(html) == OPTIONS
    assert "<script" not in html
    assert NOT_HERE in html
    assert bundle["text/plain"] == "Playground('dropout', width=8, epochs=20)"


def test_showing_and_drawing_it_loads_neither_tensorflow_nor_a_plot():
    code = """
import sys
from helpers.playground import Playground
playground = Playground(epochs=20, width=8)
playground._repr_mimebundle_()
assert "helpers.playground.reference" not in sys.modules
playground.html(), playground.skeleton()
sys.exit(bool({"tensorflow", "keras", "matplotlib"} & {*sys.modules}))
"""
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_stored_notebook_gets_a_picture_of_the_run():
    playground = from_options(OPTIONS)
    html = playground.html()
    assert options(html) == OPTIONS
    source = re.search(r'<img src="data:image/svg\+xml;base64,([^"]+)" alt="[^"]{20,}">', html)[1]
    picture = ElementTree.fromstring(base64.b64decode(source))
    points = [each for each in picture.iter() if "pg-point" in each.get("class", "")]
    assert len(points) == 30 + 70 + 4, "of the run and of the legend"
    assert from_options(OPTIONS).html() == html


def test_what_a_reader_writes_is_text_in_the_page():
    skeleton = from_options(OPTIONS).skeleton()
    assert "Why &lt;so&gt;?" in skeleton
    assert "<so>" not in skeleton


@pytest.mark.parametrize("dataset", ["moons", "circles", "xor", "spiral"])
@pytest.mark.parametrize("noise", [0.2, 0.5])
def test_nearly_all_points_lie_in_the_picture(dataset, noise):
    settings = {**SETTINGS, "dataset": dataset, "noise": noise}
    (x0, x1), (y0, y1) = extent(settings)
    shown = reference.run(**{**settings, "n_train": 300, "epochs": 1, "width": 1})
    x, y = np.concatenate([shown.x_train, shown.x_val]).T
    assert np.mean((x0 < x) & (x < x1) & (y0 < y) & (y < y1)) > 0.98


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"dropout": 0.95}, "'dropout'.*greater than 0.9"),
        ({"l2": -1}, "'l2'.*less than 0"),
        ({"l2": 1e-7}, "l2 must be a number from 1e-05 to 1, not 1e-07, or 0 to turn it off"),
        ({"n_train": 3}, "'n_train'.*less than 10"),
        ({"epochs": 1.5}, "'epochs'.*an int"),
        ({"dataset": "stars"}, "'dataset'.*moons"),
        ({"penalty": 1}, "there is no setting 'penalty'.*dropout"),
        ({"sweep": "penalty"}, "there is no control 'penalty'"),
        ({"name": "two words"}, "name must be letters"),
    ],
)
def test_refuses_settings_out_of_range(settings, message):
    with pytest.raises((ValueError, TraitError), match=message):
        Playground(**settings)
    if settings.keys() <= SETTINGS.keys():
        playground = Playground()
        for name, value in settings.items():
            with pytest.raises((ValueError, TraitError), match=message):
                setattr(playground, name, value)
        assert playground.settings == SETTINGS


def test_its_docstring_has_the_defaults_and_ranges_of_all_settings():
    entry = r"^([\w, ]+) : (.+\n(?: {4}.+\n)+)"
    said = {}
    for names, text in re.findall(entry, inspect.getdoc(Playground), re.M):
        said[tuple(names.split(", "))] = {
            *re.findall(r'"(\w+)"', text),
            *map(float, re.findall(r"\d+(?:\.\d+)?", re.sub(r"(?<=\d),(?=\d)", "", text))),
        }
    for names in [names for names in said if KNOBS.keys() & {*names}]:
        values = {
            value
            for knob in map(KNOBS.get, names)
            for value in (
                knob["initial"],
                *knob.get("choices", ()),
                knob.get("min"),
                knob.get("max"),
            )
            if not isinstance(value, bool | None)
        }
        assert said[names] - {0} == values - {0}, names
    assert {name for names in said for name in names} >= KNOBS.keys()


def test_refuses_controls_that_are_none():
    with pytest.raises(ValueError, match="no control 'L2'"):
        Playground("L2")
    with pytest.raises(ValueError, match="one to three, not 4"):
        Playground("l2", "dropout", "noise", "width")


def test_to_keras_gives_the_trained_network():
    source = build(width=6, depth=2, dropout=0.3, l2=0.01)
    playground = Playground()
    with pytest.raises(ValueError, match="trained nothing yet"):
        playground.to_keras()
    playground.weights = np.concatenate([w.ravel() for w in source.get_weights()]).tobytes()
    playground.trained = {**SETTINGS, "width": 6, "depth": 2, "dropout": 0.3, "l2": 0.01}
    model = playground.to_keras()
    x = np.random.default_rng(0).normal(size=(50, 2))
    assert np.array_equal(predict(model, x), predict(source, x))
    assert [layer.rate for layer in model.layers if hasattr(layer, "rate")] == [0.3, 0.3]
    assert model.layers[0].kernel_regularizer.l2 == pytest.approx(0.01)
    assert model.compiled
