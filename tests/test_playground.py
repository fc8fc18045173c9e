"""The playground's Python side: settings, output, and the way to Keras."""

import gzip
from html import unescape
import json
import re
import subprocess
import sys
from types import ModuleType

from helpers.playground import SETTINGS, Playground, script, style
from helpers.playground.picture import build, draw
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
    assert not [line for line in lines if re.match(r"(import|export)\b", line)]
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
    assert len(compressed) <= 40 * 1024


def test_in_colab_nothing_competes_with_the_live_playground(monkeypatch):
    monkeypatch.setitem(sys.modules, "google.colab", ModuleType("google.colab"))
    bundle, _ = Playground(epochs=20, width=8)._repr_mimebundle_()
    assert set(bundle) == {"application/vnd.jupyter.widget-view+json", "text/plain"}


def test_the_output_holds_the_settings_and_a_picture_and_no_code(monkeypatch):
    monkeypatch.delitem(sys.modules, "google.colab", raising=False)
    playground = Playground("dropout", name="here", question="Why <so>?", epochs=20, width=8)
    bundle, _ = playground._repr_mimebundle_()
    html = bundle["text/html"]
    assert options(html) == {
        "name": "here",
        "question": "Why <so>?",
        "controls": ["dropout"],
        "sweep": "dropout",
        "settings": {"epochs": 20, "width": 8},
    }
    assert "<script" not in html
    assert (
        len(re.findall(r'<img src="data:image/png;base64,iVBOR[^"]{1000,}" alt="[^"]+"', html)) == 1
    )
    assert bundle["text/plain"] == "Playground('dropout', width=8, epochs=20)"
    again = Playground("dropout", name="here", question="Why <so>?", epochs=20, width=8)
    assert again.html() == html


@pytest.mark.parametrize("dataset", ["moons", "circles", "xor", "spiral"])
def test_the_pictures_data_are_balanced_and_as_noisy_as_said(dataset):
    x, y = draw(dataset, 0.0, 400, np.random.default_rng(0))
    noisy, _ = draw(dataset, 0.3, 400, np.random.default_rng(0))
    assert y.mean() == 0.5
    assert np.std(noisy - x) == pytest.approx(0.3, rel=0.1)
    assert x.min() > -2.5
    assert x.max() < 2.5
    nearest = np.linalg.norm(x[:, None] - x, axis=-1) + 9 * np.eye(400)
    assert (y[nearest.argmin(axis=1)] == y).mean() > 0.9, "without noise the classes lie apart"


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"dropout": 0.95}, "'dropout'.*greater than 0.9"),
        ({"l2": -1}, "'l2'.*less than 0"),
        ({"l2": 1e-7}, "l2 must be 0 or from 1e-5 to 1"),
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
