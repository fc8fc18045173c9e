"""A panel of sliders that retrains a Keras model when one is let go.

    def build(dropout=0.5, l2=0.001):
        ...  # returns a compiled model

    Panel(build, epochs=2000)

Where no kernel runs (the published page, GitHub) the panel is the picture of its first run.
"""

import base64
from collections.abc import Mapping
import contextlib
from dataclasses import dataclass
from html import escape
import inspect
import io
from numbers import Real
import time

from helpers import in_colab, plots
from helpers.checks import function, of_class_one, shown
from helpers.data import Split, moons
from helpers.experiments import score_model
from helpers.training import evaluate, fit, predict
import ipywidgets as ipw
import keras
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
import numpy as np
from traitlets import TraitError

STANDARD = {
    "dropout": (0.0, 0.9, 0.05),
    "l2": [0.0, *(float(f"{base}e{power}") for power in range(-5, 0) for base in (1, 3)), 1.0],
}
FIT_OPTIONS = ("epochs", "batch_size")
RESOLUTION = 120  # points along each axis of the plane
GHOST = {"color": plots.GREY, "linewidth": 1.2, "alpha": 0.8}
MEASURES = {"cross_entropy": "cross-entropy", "accuracy": "accuracy"}
WIDTH = {"width": "330px"}
WRAPPED = {"flex_flow": "row wrap"}
PICTURE = {"max_width": "100%", "align_self": "flex-start"}
VARIADIC = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
SILENCE_SECONDS = 30  # of a kernel that is busy, until the panel says that it may have died


class Panel(ipw.VBox):
    """Sliders, and what the network that they set does with the data.

    Parameters
    ----------
    build : callable
        Returns a compiled Keras model that ends in a sigmoid or a softmax. Its keyword
        arguments `dropout` and `l2` get the standard sliders: 0 to 0.9, and off or 1e-5 to
        1 on a log scale. Keep both in the model when they are 0: then nothing is compiled
        anew, whatever their values.
    data : callable, default helpers.data.moons
        `data(seed=...)` returns a Split.
    sliders : dict, default None
        Further settings by name: a list of choices, or (least, most, step). A setting goes
        wherever an argument has its name: to `build`, to `data`, to a fit option that is a
        function, or to `fit` itself (`epochs`, `batch_size`). It starts at the default of
        that argument, or else at the first choice.
    draw : callable, default None
        `draw(ax, model, split)` makes the picture on the left. None draws the decision
        boundary if the inputs are points in the plane, and nothing if they are not. With
        more than two classes in the plane it is needed.
    epochs : int, default 4000
    **fit_options
        Go to `helpers.training.fit`; a function among them is called with the settings that
        it takes: `callbacks=lambda patience=100: keras.callbacks.EarlyStopping(...)`.

    Raises
    ------
    ValueError
        If a slider is unfit or nothing takes it, or the model cannot be scored on the data;
        also what the first run raises. What a later run raises shows in the panel, which goes
        back to the run before.
    """

    def __init__(self, build, *, data=moons, sliders=None, draw=None, epochs=4000, **fit_options):
        self._recipe = _Recipe(build, data, draw, {"epochs": epochs, **fit_options})
        self._recipe.check()
        self._sliders = _sliders(self._recipe, sliders)
        self._start = self.settings
        self._seeds = {"data": 1, "weights": 1}
        self._last_seeds = dict(self._seeds)
        self._run, self._looks, self._moving = None, 0, False
        self._picture = ipw.Image(format="png", layout=PICTURE)
        self._status, self._table, self._fresh = ipw.HTML(), ipw.HTML(), ipw.HTML()
        actions = {
            "new data": lambda: self._redraw("data"),
            "new weights": lambda: self._redraw("weights"),
            "reset": self._reset,
            "reveal fresh data": self._reveal,
        }
        buttons = [self._button(name, action) for name, action in actions.items()]
        self._train()
        for slider in self._sliders.values():
            slider.observe(self._moved, "value")
        knobs, row = (
            ipw.Box(list(each), layout=WRAPPED) for each in (self._sliders.values(), buttons)
        )
        super().__init__([knobs, row, self._status, self._picture, self._table, self._fresh])

    def __repr__(self):
        return f"Panel({', '.join(f'{name}={value!r}' for name, value in self.settings.items())})"

    def _repr_mimebundle_(self, **kwargs):
        live = getattr(super(), "_repr_mimebundle_", _nothing)(**kwargs) or {}
        picture = base64.b64encode(self._picture.value).decode()
        static = {} if in_colab() else {"image/png": picture}  # nobody says which Colab would show
        return {**live, **static, "text/plain": repr(self)}

    @property
    def settings(self):
        """What the sliders say: a dict."""
        return {name: slider.value for name, slider in self._sliders.items()}

    @property
    def figure(self):
        """The picture of the last run: a matplotlib.figure.Figure."""
        return self._run.figure

    @property
    def seconds(self):
        """How long the last run took: a dict of `training` and `drawing`."""
        return dict(self._run.seconds)

    def set(self, *unnamed, **settings):
        """Move sliders, and train once.

        Raises
        ------
        ValueError
            If there is no such slider, or it has no such position; also what the run raises.
            The panel stays as it was.
        """
        if unnamed:
            raise ValueError(f"set takes settings by name, such as {repr(self)[6:-1]}")
        for name in settings:
            if name not in self._sliders:
                raise ValueError(f"no slider {name!r}: there are {', '.join(self._sliders)}")
        before = self.settings
        try:
            self._move(settings)
        except ValueError:
            self._move(before)
            raise
        self._train()

    def _move(self, settings):
        """Set sliders without a run for each."""
        self._moving = True
        try:
            for name, value in settings.items():
                _position(name, self._sliders[name], value)
        finally:
            self._moving = False

    def _moved(self, _):
        if not self._moving:
            self._attempt(self._train)

    def _redraw(self, what):
        self._last_seeds[what] += 1
        self._seeds[what] = self._last_seeds[what]
        self._train()

    def _reset(self):
        self._seeds = dict.fromkeys(self._seeds, 1)
        self.set(**self._start)
        self._last_seeds = dict(self._seeds)

    def _button(self, name, action):
        button = ipw.Button(description=name)
        button.on_click(lambda _: self._attempt(action))
        return button

    def _attempt(self, action):
        """Act on a click or a slider. An error shows in the panel."""
        try:
            action()
        except Exception as error:
            self._tell(error)

    def _tell(self, error):
        said = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        self._status.value = (
            f'<span role="alert" style="color: {plots.VERMILION}"><b>{escape(said)}</b> '
            "The sliders and the picture are those of the previous run.</span>"
        )

    def _train(self):
        """Train with the sliders as they are; if it fails, go back to the run before."""
        try:
            self._show(self._tried())
        except BaseException as error:  # an interrupt, too
            if self._run:
                self._seeds = dict(self._run.seeds)
                self._move(self._run.settings)
            self._tell(error)
            raise

    def _tried(self):
        """Return a run of the sliders' settings, drawn."""
        self._status.value = _busy("training")
        run = self._recipe.train(dict(self._seeds), self.settings, is_first=self._run is None)
        self._status.value = _busy("drawing")
        began = time.perf_counter()
        title = ", ".join(f"{name} {_label(name, s)}" for name, s in self._sliders.items())
        run.figure = _draw(run, self._run, self._recipe.draw, title)
        run.picture = _png(run.figure)
        run.seconds["drawing"] = time.perf_counter() - began
        return run

    def _show(self, run):
        self._picture.value = run.picture
        self._table.value = _table(run, self._run)
        self._fresh.value = ""
        self._run = run
        spent = ", ".join(f"{what} {seconds:.2f} s" for what, seconds in run.seconds.items())
        self._status.value = f'<span role="status">{spent}</span>'

    def _reveal(self):
        self._looks += 1
        split = self._run.split
        found = score_model(self._run.model, split.x_test, split.y_test)
        figures = ", ".join(f"{text} {found[name]:.3f}" for name, text in MEASURES.items())
        self._fresh.value = (
            f"<b>Fresh data</b> ({len(split.x_test):,} examples): {figures}. Look number "
            f"{self._looks}: what you choose by this figure, it can no longer judge."
        )


@dataclass
class _Run:
    """A trained model, what made it, and what it was measured on."""

    seeds: dict
    settings: dict
    model: keras.Model
    history: keras.callbacks.History
    split: Split
    found: dict  # part: its scores
    seconds: dict
    plane: tuple = ()  # points and probabilities, once drawn
    figure: Figure | None = None
    picture: bytes = b""  # the figure's PNG


@dataclass(frozen=True)
class _Recipe:
    """What a panel runs, but for the settings."""

    build: callable
    data: callable
    draw: callable
    options: dict

    def functions(self):
        """Return every function that settings go to, by name."""
        options = {name: option for name, option in self.options.items() if callable(option)}
        return {"build": self.build, "data": self.data, **options}

    def check(self):
        """Refuse what is not a function where one is needed."""
        function("build", self.build, "that returns a compiled model", keras.Model)
        function("data", self.data, "that returns a Split", Split)
        if self.draw is not None:
            function("draw", self.draw, "of ax, model and split")

    def train(self, seeds, settings, is_first):
        """Train and measure one model."""
        split = _call(self.data, {**settings, "seed": seeds["data"]})
        if not isinstance(split, Split):
            raise ValueError(f"data must return a Split, not {shown(split)}")
        keras.utils.set_random_seed(seeds["weights"])
        model = _call(self.build, settings)
        options = {
            name: _call(option, settings) if callable(option) else option
            for name, option in self.options.items()
        }
        options |= {name: settings[name] for name in FIT_OPTIONS if name in settings}
        train, validation = (split.x_train, split.y_train), (split.x_val, split.y_val)
        if is_first:
            _check_scored(model, (train, validation), _is_planar(split) and not self.draw)
        watched = {"validation_data": validation, "also_evaluate": {"train": train}}
        began = time.perf_counter()
        history = fit(model, *train, **watched, **options)
        seconds = {"training": time.perf_counter() - began}
        if not np.isfinite(history.history["loss"][-1]):
            raise ValueError("the loss is no longer finite: lower the learning rate")
        found = {"train": score_model(model, *train), "validation": score_model(model, *validation)}
        return _Run(seeds, settings, model, history, split, found, seconds)


def _check_scored(model, parts, in_plane):
    """Refuse, before it is trained, a model that cannot be scored or whose boundary not drawn."""
    for x, y in parts:
        outputs, _ = evaluate(model, x, y)
    if in_plane and outputs.shape[1] > 2:
        raise ValueError(
            f"model has {outputs.shape[1]} classes, and the decision boundary is drawn for two: "
            "pass a picture of your own, draw=..."
        )


def _is_planar(split):
    return split.x_train.shape[1:] == (2,)


def _call(called, settings):
    """Call a function with those settings that it has an argument for."""
    takes = inspect.signature(called).parameters
    return called(**{name: value for name, value in settings.items() if name in takes})


# The sliders


def _sliders(recipe, wanted):
    """Return a widget for each setting: the standard ones that `build` takes, and the wanted."""
    if not isinstance(wanted, (Mapping, type(None))):
        raise ValueError(f"sliders must be a dict of settings by name, not {shown(wanted)}")
    standard = {
        n: s for n, s in STANDARD.items() if n in inspect.signature(recipe.build).parameters
    }
    specs = {**standard, **(wanted or {})}
    for role, called in recipe.functions().items():
        for name, argument in inspect.signature(called).parameters.items():
            given = name in specs or (role, name) == ("data", "seed")
            needed = argument.default is argument.empty and argument.kind not in VARIADIC
            if needed and not given:
                raise ValueError(f"{role} needs {name!r}: give it a default, or a slider")
    return {name: _slider(name, spec, recipe) for name, spec in specs.items()}


def _slider(name, spec, recipe):
    """Return the widget of one setting, at its start."""
    look = {"description": name, "continuous_update": False, "layout": WIDTH}
    start = _start(name, recipe)
    if isinstance(spec, list) and spec:
        labels = [_text(choice, name) for choice in spec]
        if len(set(labels)) < len(labels):  # rounding made two choices alike
            labels = list(map(str, spec))
        slider = ipw.SelectionSlider(options=list(zip(labels, spec, strict=True)), **look)
        lowest, highest = (min(spec), max(spec)) if name in STANDARD else (0, 0)
        start = spec[0] if start is None else start
    elif isinstance(spec, tuple) and len(spec) == 3 and all(isinstance(n, Real) for n in spec):
        lowest, highest, step = spec
        if not (lowest < highest and step > 0):
            raise ValueError(f"sliders: {name} must be (least, most, step), not {spec!r}")
        kind = ipw.IntSlider if all(isinstance(n, int) for n in spec) else ipw.FloatSlider
        slider = kind(min=lowest, max=highest, step=step, **look)
        start = lowest if start is None else start
    else:
        raise ValueError(
            f"sliders: {name} must be a list of choices or (least, most, step), not {spec!r}"
        )
    if name in STANDARD and not 0 <= lowest <= highest < (1 if name == "dropout" else np.inf):
        limits = "from 0 to below 1" if name == "dropout" else "0 or more"
        raise ValueError(f"sliders: {name} must be {limits}, not {spec!r}")
    _position(name, slider, start)
    return slider


def _start(name, recipe):
    """Return the default of the argument that takes a setting, None if it has no default."""
    signatures = [inspect.signature(called).parameters for called in recipe.functions().values()]
    takers = [arguments[name] for arguments in signatures if name in arguments]
    if not takers and name not in FIT_OPTIONS:
        raise ValueError(f"sliders: neither build nor data nor a fit option takes {name!r}")
    defaults = [taker.default for taker in takers if taker.default is not taker.empty]
    return defaults[0] if defaults else recipe.options.get(name)


def _position(name, slider, value):
    """Move a slider, or say why it cannot go there."""
    with contextlib.suppress(TraitError):
        slider.value = value
    if slider.value != value:
        where = (
            f"one of {', '.join(map(_text, (choice for _, choice in slider.options)))}"
            if hasattr(slider, "options")
            else f"from {slider.min} to {slider.max}"
        )
        raise ValueError(f"{name} must be {where}, not {value!r}")


def _text(value, name=None):
    if name == "l2" and value == 0:
        return "off"
    if not isinstance(value, (float, np.floating)):
        return str(value)
    return f"{value:.0f}" if value % 1 == 0 and abs(value) < 1e15 else f"{value:g}"


def _label(name, slider):
    return slider.label if hasattr(slider, "options") else _text(slider.value, name)


def _nothing(**kwargs):
    """Stand in for what ipywidgets 7, which shows its widgets by another method, does not have."""
    return {}


def _busy(what):
    """Return the status while the kernel works.

    A kernel that dies says nothing more. So the browser gets the last word with it, hidden.
    """
    remedy = (
        "Restart session and run all in the menu Runtime"
        if in_colab()
        else "Restart Kernel and Run All Cells in the menu Kernel"
    )
    return (
        "<style>@keyframes silence { to { visibility: visible } }</style>"
        f'<span role="status">⏳ {what} …<span style="visibility: hidden; '
        f'animation: silence 0s {SILENCE_SECONDS}s forwards"> no answer for {SILENCE_SECONDS} s: '
        f"if the kernel has died, perhaps for lack of memory, choose {remedy}.</span></span>"
    )


# The picture


def _draw(run, before, draw, title):
    """Return the picture of a run, with the run before as a ghost."""
    planar = _is_planar(run.split)
    figure = Figure(figsize=(8, 3.9), dpi=110, layout="constrained", facecolor="white")
    axes = figure.subplots(1, 2 if draw or planar else 1, squeeze=False)[0]
    if draw:
        draw(axes[0], run.model, run.split)
    elif planar:
        _draw_plane(axes[0], run, before)
    _draw_curves(axes[-1], run, before)
    figure.suptitle(title)
    return figure


def _png(figure):
    FigureCanvasAgg(figure).print_png(png := io.BytesIO())
    return png.getvalue()


def _draw_plane(ax, run, before):
    def remembered(x):
        probability = of_class_one("what the model predicts", predict(run.model, x), len(x))
        run.plane = (x.reshape(RESOLUTION, RESOLUTION, 2), probability.reshape(RESOLUTION, -1))
        return probability

    plots.boundary(remembered, ax=ax, resolution=RESOLUTION)
    if before and before.plane:
        points, probability = before.plane
        if probability.min() < 0.5 < probability.max():
            ax.contour(
                points[..., 0], points[..., 1], probability, levels=[0.5],
                colors=GHOST["color"], linewidths=1.2, linestyles="dashed",
            )  # fmt: skip
    split = run.split
    plots.points(split.x_val, split.y_val, part="validation", ax=ax)
    plots.points(split.x_train, split.y_train, ax=ax)
    accuracy = {part: found["accuracy"] for part, found in run.found.items()}
    figures = ", ".join(f"{part} {value:.3f}" for part, value in accuracy.items())
    ax.set_title(f"accuracy: {figures}")


def _draw_curves(ax, run, before):
    logs = run.history.history
    metric = "cross_entropy" if "cross_entropy" in logs else "loss"
    label = "cross-entropy (nats)" if metric == "cross_entropy" else "loss, penalties included"
    if before:
        for key, line in ((f"train_{metric}", "-"), (f"val_{metric}", "--")):
            values = before.history.history[key]
            ax.plot(np.arange(1, len(values) + 1), values, line, **GHOST)
        ax.plot([], [], **GHOST, label="previous run")
    plots.curves(run.history, metric, ax=ax, label=label)
    ax.set_ylim(bottom=0)


def _table(run, before):
    """Return the figures of a run as an HTML table, with the change from the previous run."""
    rows = [f"<th></th>{''.join(f'<th>{text}</th>' for text in MEASURES.values())}"]
    for part, found in run.found.items():
        cells = "".join(
            f"<td>{found[name]:.3f}{_change(found, before and before.found[part], name)}</td>"
            for name in MEASURES
        )
        rows.append(f"<th>{part}</th>{cells}")
    style = 'style="border-spacing: 1em 0.2em; border-collapse: separate"'
    return f"<table {style}>{''.join(f'<tr>{row}</tr>' for row in rows)}</table>"


def _change(found, before, name):
    return f" ({found[name] - before[name]:+.3f})" if before else ""
