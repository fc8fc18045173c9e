"""The panel: what its sliders reach, what it shows, and what it says when something fails."""

import base64
import contextlib
from dataclasses import replace
from html import escape
import io
import sys
from types import ModuleType

from helpers import widgets
from helpers.data import Split, moons
from helpers.training import evaluate, fit
from helpers.widgets import Panel
import ipywidgets as ipw
import keras
from keras import layers, regularizers
import matplotlib.pyplot as plt
import numpy as np
import pytest

VIEW = "application/vnd.jupyter.widget-view+json"


def build(dropout=0.5, l2=0.001, units=8):
    model = keras.Sequential(
        [
            keras.Input((2,)),
            layers.Dense(units, activation="relu", kernel_regularizer=regularizers.L2(l2)),
            layers.Dropout(dropout),
            layers.Dense(1, activation="sigmoid"),
        ]
    )
    metrics = ["accuracy", keras.metrics.BinaryCrossentropy(name="cross_entropy")]
    model.compile(loss="binary_crossentropy", optimizer="adam", metrics=metrics)
    return model


def small(seed, n_train=10, noise=0.2):
    return moons(n_train, 10, 50, noise, seed)


def make(build=build, data=small, epochs=5, **options):
    return Panel(build, data=data, epochs=epochs, **options)


def below(widget):
    """Every widget in a widget."""
    for child in getattr(widget, "children", ()):
        yield child
        yield from below(child)


def find(panel, kind, description=None):
    (found,) = (
        w for w in below(panel)
        if isinstance(w, kind) and description in (None, getattr(w, "description", None))
    )  # fmt: skip
    return found


def slider(panel, name):
    return find(panel, (ipw.FloatSlider, ipw.IntSlider, ipw.SelectionSlider), name)


def picture(panel):
    return find(panel, ipw.Image).value


def text(panel):
    return " ".join(w.value for w in below(panel) if isinstance(w, ipw.HTML))


def test_starts_at_the_defaults_of_build():
    panel = make()
    assert panel.settings == {"dropout": 0.5, "l2": 0.001}
    assert repr(panel) == "Panel(dropout=0.5, l2=0.001)"
    assert (slider(panel, "dropout").min, slider(panel, "dropout").max) == (0, 0.9)
    choices = [value for _, value in slider(panel, "l2").options]
    assert (choices[0], choices[1], choices[-1]) == (0.0, 1e-5, 1.0)
    assert slider(panel, "l2").options[0][0] == "off"


def test_sliders_wait_until_they_are_let_go():
    panel = make(sliders={"units": (2, 20, 2), "n_train": [10, 20]})
    assert not any(slider(panel, name).continuous_update for name in panel.settings)


def test_the_static_picture_goes_with_the_widget(monkeypatch):
    monkeypatch.delitem(sys.modules, "google.colab", raising=False)
    panel = make()
    shown = panel._repr_mimebundle_(include=None, exclude=None)  # as IPython calls it
    assert base64.b64decode(shown["image/png"]) == picture(panel)
    assert shown["text/plain"] == repr(panel)
    shows_itself_otherwise = ipw.__version__.startswith("7.")
    assert (VIEW in shown) != shows_itself_otherwise
    assert all(shown.values())
    assert plt.imread(io.BytesIO(picture(panel))).shape[1] >= 800


def test_the_figure_is_that_of_the_picture():
    panel = make()
    size = panel.figure.get_size_inches() * panel.figure.dpi
    assert plt.imread(io.BytesIO(picture(panel))).shape[:2] == pytest.approx(size[::-1], abs=1)
    before = panel.figure
    panel.set(dropout=0.1)
    assert panel.figure is not before
    assert "dropout 0.1" in panel.figure.get_suptitle()


def test_in_colab_nothing_competes_with_the_live_panel(monkeypatch):
    monkeypatch.setitem(sys.modules, "google.colab", ModuleType("google.colab"))
    assert "image/png" not in make()._repr_mimebundle_()


def test_while_it_works_the_panel_holds_a_line_for_the_case_that_the_kernel_dies():
    seen = []
    panel = make()
    panel._status.observe(lambda change: seen.append(change.new), "value")
    panel.set(dropout=0.1)
    busy = [text for text in seen if "⏳" in text]
    assert len(busy) == 2
    for text in busy:
        assert "visibility: hidden" in text
        assert "if the kernel has died" in text
    assert "died" not in panel._status.value


def test_moving_a_slider_trains_anew():
    panel = make()
    before = picture(panel), text(panel)
    slider(panel, "dropout").value = 0.0
    assert panel.settings["dropout"] == 0
    assert picture(panel) != before[0]
    assert text(panel) != before[1]
    assert all(seconds > 0 for seconds in panel.seconds.values())


def test_the_figures_are_those_of_the_model_and_show_the_change():
    panel = make()
    panel.set(dropout=0.0, l2=0.0)
    losses = {}
    for dropout in (0.5, 0.0):
        keras.utils.set_random_seed(1)
        split = small(1)
        model = build(dropout, l2=0.001 if dropout else 0.0)
        fit(model, split.x_train, split.y_train, epochs=5)
        losses[dropout] = evaluate(model, split.x_val, split.y_val)[1]
    assert f"{losses[0.0]:.3f} ({losses[0.0] - losses[0.5]:+.3f})" in text(panel)


def test_set_moves_several_sliders_and_trains_once(monkeypatch):
    panel = make(sliders={"units": [8, 16]})
    trained = []
    monkeypatch.setattr(widgets, "fit", lambda *a, **k: trained.append(a) or fit(*a, **k))
    panel.set(dropout=0.25, l2=0.0, units=16)
    assert len(trained) == 1
    assert panel.settings == {"dropout": 0.25, "l2": 0.0, "units": 16}


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"dropout": 1.0}, r"dropout must be from 0\.0 to 0\.9, not 1\.0"),
        ({"dropout": -0.1}, "dropout must be from"),
        ({"dropout": 0.25, "l2": -1.0}, "l2 must be one of 0, 1e-05"),
        ({"rate": 0.5}, "no slider 'rate': there are dropout, l2"),
    ],
)
def test_set_refuses_what_is_no_position(settings, message):
    panel = make()
    before = panel.settings, picture(panel)
    with pytest.raises(ValueError, match=message):
        panel.set(**settings)
    assert (panel.settings, picture(panel)) == before


def test_a_setting_goes_wherever_an_argument_has_its_name():
    seen = {}

    def data(seed, noise=0.1):
        seen["noise"] = noise
        return small(seed, noise=noise)

    def stop(patience=3):
        seen["patience"] = patience
        return keras.callbacks.EarlyStopping(patience=patience)

    own = {"noise": (0.1, 0.5, 0.1), "patience": [1, 3], "epochs": [2, 4], "units": [8, 4]}
    panel = make(data=data, callbacks=stop, epochs=4, sliders=own)
    assert seen == {"noise": 0.1, "patience": 3}
    assert panel.settings["epochs"] == 4
    panel.set(noise=0.5, patience=1, epochs=2, units=4)
    assert seen == {"noise": 0.5, "patience": 1}


def test_a_setting_without_a_default_starts_at_the_first_choice():
    panel = make(lambda units: build(units=units), sliders={"units": [6, 3]})
    assert panel.settings == {"units": 6}


@pytest.mark.parametrize(
    ("sliders", "message"),
    [
        ({"units": []}, "sliders: units must be a list of choices or"),
        ({"units": (1, 2)}, "sliders: units must be a list of choices or"),
        ({"units": (9, 2, 1)}, r"sliders: units must be \(least, most, step\)"),
        ({"units": [4, 16]}, "units must be one of 4, 16, not 8"),
        ({"dropout": (0.0, 1.0, 0.1)}, "sliders: dropout must be from 0 to below 1"),
        ({"l2": [-0.001, 0.001]}, "sliders: l2 must be 0 or more"),
        ({"l2": [0.001, -0.001, 0.1]}, "sliders: l2 must be 0 or more"),
        ({"width": [1, 2]}, "neither build nor data nor a fit option takes 'width'"),
    ],
)
def test_refuses_unfit_sliders(sliders, message):
    with pytest.raises(ValueError, match=message):
        make(sliders=sliders)


def test_the_first_run_raises():
    with pytest.raises(ValueError, match="model is not compiled"):
        make(lambda: keras.Sequential([keras.Input((2,)), layers.Dense(1, "sigmoid")]))


def classifier(units, activation, loss="mse"):
    def made():
        model = keras.Sequential([keras.Input((2,)), layers.Dense(units, activation)])
        model.compile("adam", loss)
        return model

    return made


def labeled(change):
    """A `data` function whose labels are changed."""

    def data(seed):
        split = small(seed)
        new = {name: change(getattr(split, name)) for name in ("y_train", "y_val", "y_test")}
        return replace(split, **new)

    return data


def one_hot(y):
    return np.eye(2)[y.ravel().astype(int)]


SPLIT = small(1)
WRONG = [
    ({"build": None}, "build must be a function that returns a compiled model, not None"),
    ({"build": build()}, "build must be a function that returns a compiled model, not <Sequ"),
    ({"build": lambda: None}, "model must be a keras.Model, not NoneType"),
    ({"build": lambda units: build(units=units)}, "build needs 'units': give it a default, or a"),
    ({"build": lambda seed: build()}, "build needs 'seed': give it a default, or a slider"),
    ({"build": classifier(1, None)}, "model must end in a sigmoid or a softmax"),
    ({"build": classifier(1, "softmax")}, "model ends in a softmax of one unit"),
    ({"build": classifier(2, "sigmoid")}, "model has 2 outputs that do not add up to 1"),
    ({"build": classifier(3, "softmax")}, "model has 3 classes, .* pass a picture of your own"),
    ({"data": None}, "data must be a function that returns a Split, not None"),
    ({"data": SPLIT}, "data must be a function that returns a Split, not Split"),
    ({"data": lambda seed: (1, 2)}, "data must return a Split, not "),
    ({"data": labeled(lambda y: 2 * y - 1)}, "y must hold the classes 0 and 1, not -1"),
    ({"data": labeled(lambda y: y + 0.37)}, "y must hold the classes 0 and 1, not "),
    ({"data": labeled(one_hot), "build": classifier(2, "softmax")}, "y must have .*argmax"),
    ({"draw": "left"}, "draw must be a function of ax, model and split, not 'left'"),
    ({"sliders": ["units"]}, "sliders must be a dict of settings by name"),
    ({"callbacks": lambda patience: ()}, "callbacks needs 'patience'"),
]


@pytest.mark.parametrize(("wrong", "message"), WRONG, ids=lambda value: str(value)[:30])
@pytest.mark.filterwarnings("ignore:You are using a softmax over axis")
def test_a_panel_that_cannot_be_drawn_is_refused_before_anything_is_trained(
    wrong, message, monkeypatch
):
    monkeypatch.setattr(widgets, "fit", lambda *a, **k: pytest.fail("trained"))
    with pytest.raises(ValueError, match=f"^{message}"):
        make(**wrong)


def test_a_softmax_of_two_draws_the_boundary_of_class_one():
    panel = make(classifier(2, "softmax", "sparse_categorical_crossentropy"))
    first = panel._run
    points, probability = first.plane
    outputs = first.model.predict(points.reshape(-1, 2), verbose=0)[:, 1]
    np.testing.assert_allclose(probability.ravel(), outputs, atol=1e-5)
    panel.set()  # with the run before as a ghost
    assert panel._run is not first


def test_set_takes_settings_by_name_only():
    panel = make()
    with pytest.raises(ValueError, match=r"set takes settings by name, such as dropout=0\.5"):
        panel.set({"dropout": 0.1})


def shown(panel):
    """Everything that a panel says of a run."""
    return panel.settings, picture(panel), panel._table.value, panel._run, dict(panel._seeds)


@pytest.mark.parametrize(
    "act",
    [
        lambda panel: panel.set(dropout=0.9),
        lambda panel: setattr(slider(panel, "dropout"), "value", 0.9),
        lambda panel: slider(panel, "dropout").set_state({"value": 0.9}),  # as the browser does
        lambda panel: find(panel, ipw.Button, "new data").click(),
    ],
)
@pytest.mark.parametrize("error", [RuntimeError("out of <luck>"), KeyboardInterrupt()])
def test_a_picture_that_fails_loses_nothing(act, error):
    fails = []

    def draw(ax, model, split):
        if fails:
            raise error

    panel = make(draw=draw)
    before = shown(panel)
    fails.append(True)
    with contextlib.suppress(type(error)):
        act(panel)
    said = panel._status.value
    assert escape(f"{type(error).__name__}") in said
    assert escape(str(error)) in said
    assert "died" not in said
    assert "⏳" not in said
    assert shown(panel) == before
    fails.clear()
    panel.set(dropout=0.0)
    assert "alert" not in panel._status.value
    assert panel.settings["dropout"] == 0


def test_new_data_go_on_behind_a_draw_that_failed():
    tried = []

    def data(seed):
        tried.append(seed)
        if seed == 2:
            raise RuntimeError("an unlucky draw")
        return small(seed)

    panel = make(data=data)
    for _ in range(2):
        find(panel, ipw.Button, "new data").click()
    assert tried == [1, 2, 3]
    assert "alert" not in panel._status.value


@pytest.mark.parametrize(
    ("choices", "texts"),
    [
        ([1000000, 1000001], ["1000000", "1000001"]),
        ([1e6, 1e6 + 1], ["1000000", "1000001"]),
        ([0.1, 0.1 + 1e-9], ["0.1", "0.100000001"]),
        ([1e-5, 3e300, 0.1 + 0.2], ["1e-05", "3e+300", "0.3"]),
        ([True, False], ["True", "False"]),
    ],
)
def test_choices_that_differ_read_differently(choices, texts):
    recipe = widgets._Recipe(lambda size: build(), small, None, {})
    made = widgets._sliders(recipe, {"size": choices})["size"]
    assert [text for text, _ in made.options] == texts
    assert widgets._label("size", made) == texts[0]


def test_an_error_shows_and_leaves_the_last_good_picture():
    def fragile(dropout=0.5):
        if dropout > 0.8:
            raise RuntimeError("out of <luck>")
        return build(dropout)

    panel = make(fragile)
    good = picture(panel)
    slider(panel, "dropout").value = 0.9
    assert "RuntimeError: out of &lt;luck&gt;" in text(panel)
    assert picture(panel) == good
    slider(panel, "dropout").value = 0.0
    assert "RuntimeError" not in text(panel)
    assert picture(panel) != good


def test_a_diverged_run_is_an_error():
    def steep(rate=0.01):
        model = build()
        model.compile(loss="mse", optimizer=keras.optimizers.SGD(rate))
        return model

    panel = make(steep, sliders={"rate": [0.01, 1e30]})
    slider(panel, "rate").value = 1e30
    assert "the loss is no longer finite" in text(panel)


def test_the_same_settings_give_the_same_run_and_reset_goes_back():
    panel = make()
    first = text(panel)
    find(panel, ipw.Button, "new data").click()
    find(panel, ipw.Button, "new weights").click()
    panel.set(dropout=0.0)
    find(panel, ipw.Button, "reset").click()
    assert panel.settings == {"dropout": 0.5, "l2": 0.001}
    figures = [cell.split(" ")[0] for cell in text(panel).split("<td>")[1:]]
    assert figures == [cell.split("<")[0] for cell in first.split("<td>")[1:]]


@pytest.mark.parametrize("name", ["new data", "new weights"])
def test_new_data_and_new_weights_change_the_run(name):
    panel = make()
    good = picture(panel)
    find(panel, ipw.Button, name).click()
    assert picture(panel) != good


def test_fresh_data_stay_hidden_until_they_are_asked_for():
    panel = make()
    assert "Fresh data" not in text(panel)
    find(panel, ipw.Button, "reveal fresh data").click()
    assert "(50 examples)" in text(panel)
    assert "it can no longer judge" in text(panel)
    panel.set(dropout=0.0)
    assert "Fresh data" not in text(panel)
    find(panel, ipw.Button, "reveal fresh data").click()
    assert "Look number 2" in text(panel)


def test_other_inputs_than_the_plane_have_curves_or_a_picture_of_their_own():
    def images(seed):
        rng = np.random.default_rng(seed)
        x, y = rng.random((6, 4, 4, 1), "float32"), np.arange(6.0).reshape(-1, 1) % 3
        return Split(x, y, x, y, x, y)

    def classifier(dropout=0.0):
        output = layers.Dense(3, activation="softmax")
        model = keras.Sequential(
            [keras.Input((4, 4, 1)), layers.Flatten(), layers.Dropout(dropout), output]
        )
        model.compile("adam", "sparse_categorical_crossentropy")
        return model

    drawn = []
    make(classifier, data=images)
    make(classifier, data=images, draw=lambda *given: drawn.append(given))
    ((ax, model, split),) = drawn
    assert ax.figure is not None
    assert isinstance(model, keras.Sequential)
    assert isinstance(split, Split)


def test_leaves_no_figure_open():
    before = plt.get_fignums()
    make()
    assert plt.get_fignums() == before


def test_a_new_panel_starts_anew():
    one, other = make(), make()
    one.set(dropout=0.0)
    assert other.settings["dropout"] == 0.5
