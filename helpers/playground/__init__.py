"""The playground: the book's network, trained in the reader's browser.

One JavaScript module, two hosts. In a live kernel `Playground` is a widget whose settings and
results are traits. On a published page, which has no kernel, its output is an element with the
settings and a picture, and one script (`helpers.site`) brings every such element to
life.
"""

import base64
from functools import cache
from html import escape
import json
from pathlib import Path

import anywidget
from helpers import in_colab
import numpy as np
import traitlets

MODULES = ("engine", "run", "text", "state", "figure", "playground")
HERE = Path(__file__).parent


@cache
def script():
    """Return the JavaScript modules as one: their own imports and exports are dropped."""
    lines = [line for name in MODULES for line in _lines(f"{name}.js")]
    return "\n".join(
        line.removeprefix("export ") for line in lines if not line.startswith("import ")
    )


@cache
def style():
    """Return the style sheet."""
    return "\n".join(_lines("playground.css"))


def _lines(name):
    return (HERE / name).read_text(encoding="utf-8").splitlines()


class Playground(anywidget.AnyWidget):
    """A network that trains in the browser, with sliders.

    The network is the book's: two inputs, one or two hidden layers of ReLU units, a sigmoid;
    binary cross-entropy, Adam with Keras' defaults, full batches.

    Parameters
    ----------
    *controls : str, default "l2"
        The settings whose controls are shown, one to three; all others are folded away.
    name : str, default "playground"
        Its own name on a page, under which its settings stand in the address.
    question : str, default ""
        Stands above the figure.
    sweep : str, default the first control
        The setting that the button "Sweep" moves over its range.
    **settings
        Where the controls stand at first: any of the traits below.

    Attributes
    ----------
    dataset : str, default "moons"
        "moons", "circles", "xor" or "spiral".
    noise : float, default 0.2
        Standard deviation, up to 0.5.
    label_noise : float, default 0
        Share of the training labels that are wrong, up to 0.4.
    n_train : int, default 30
        10 to 300 training points. There are 70 validation and 2,000 test points.
    width, depth : int, defaults 500 and 1
        Units of a hidden layer, up to 1,000, and layers, 1 or 2.
    dropout, l2 : float, defaults 0
        Rate, up to 0.9, behind each hidden layer; penalty on each hidden kernel, up to 1.
    epochs : int, default 4000
        Up to 10,000.
    patience : int or None, default None
        Epochs without a better validation loss after which training stops; None: never.
    min_delta : float, default 0
        By how much a loss must be lower to count as better.
    restore : bool, default True
        Whether early stopping goes back to the best weights.
    data_seed, weights_seed : int, defaults 1
        1 to 999,999.
    state : str
        "idle", "training", "done" or "error". This and what follows comes from the browser.
    epoch, best_epoch, stopped_epoch : int
        Of the last run; None where there is none.
    train_loss, val_loss, train_accuracy, val_accuracy : float
        At its end; the losses are cross-entropies in nats without the penalty.
    history : dict
        Of the lists `train_loss` and `val_loss`, one value an epoch.
    trained : dict
        The settings of the last finished run.
    weights : bytes
        Its weights, float32 in Keras' order; see `to_keras`.

    Raises
    ------
    ValueError
        If there is no such control or setting, or one stands for nothing.
    traitlets.TraitError
        If a setting is out of its range.
    """

    _esm = script() + "\nexport default { render };\n"
    _css = style()

    dataset = traitlets.Enum(["moons", "circles", "xor", "spiral"], "moons").tag(sync=True)
    noise = traitlets.Float(0.2, min=0, max=0.5).tag(sync=True)
    label_noise = traitlets.Float(0.0, min=0, max=0.4).tag(sync=True)
    n_train = traitlets.Int(30, min=10, max=300).tag(sync=True)
    width = traitlets.Int(500, min=1, max=1000).tag(sync=True)
    depth = traitlets.Int(1, min=1, max=2).tag(sync=True)
    dropout = traitlets.Float(0.0, min=0, max=0.9).tag(sync=True)
    l2 = traitlets.Float(0.0, min=0, max=1).tag(sync=True)
    epochs = traitlets.Int(4000, min=1, max=10_000).tag(sync=True)
    patience = traitlets.Int(None, min=1, max=2000, allow_none=True).tag(sync=True)
    min_delta = traitlets.Float(0.0, min=0, max=1).tag(sync=True)
    restore = traitlets.Bool(True).tag(sync=True)
    data_seed = traitlets.Int(1, min=1, max=999_999).tag(sync=True)
    weights_seed = traitlets.Int(1, min=1, max=999_999).tag(sync=True)

    name = traitlets.Unicode("playground").tag(sync=True)
    question = traitlets.Unicode("").tag(sync=True)
    controls = traitlets.List(traitlets.Unicode()).tag(sync=True)
    sweep = traitlets.Unicode("").tag(sync=True)

    state = traitlets.Unicode("idle").tag(sync=True)
    epoch = traitlets.Int(None, allow_none=True).tag(sync=True)
    best_epoch = traitlets.Int(None, allow_none=True).tag(sync=True)
    stopped_epoch = traitlets.Int(None, allow_none=True).tag(sync=True)
    train_loss = traitlets.Float(None, allow_none=True).tag(sync=True)
    val_loss = traitlets.Float(None, allow_none=True).tag(sync=True)
    train_accuracy = traitlets.Float(None, allow_none=True).tag(sync=True)
    val_accuracy = traitlets.Float(None, allow_none=True).tag(sync=True)
    history = traitlets.Dict().tag(sync=True)
    trained = traitlets.Dict().tag(sync=True)
    weights = traitlets.CBytes(b"").tag(sync=True)  # from the browser: a memoryview

    def __init__(self, *controls, **settings):
        options = {"name", "question", "sweep"}
        for name in settings:
            if name not in {*SETTINGS, *options}:
                raise ValueError(f"there is no setting {name!r}: there are {', '.join(SETTINGS)}")
        controls = controls or ("l2",)
        for name in (*controls, *filter(None, [settings.get("sweep")])):
            if name not in SETTINGS:
                raise ValueError(f"there is no control {name!r}: there are {', '.join(SETTINGS)}")
        if len(controls) > 3:
            raise ValueError(f"controls must be one to three, not {len(controls)}")
        settings.setdefault("sweep", controls[0])
        super().__init__(controls=list(controls), **settings)

    @traitlets.validate("name")
    def _check_name(self, proposal):
        if not proposal.value.replace("-", "").isalnum():
            raise ValueError(f"name must be letters, digits and hyphens, not {proposal.value!r}")
        return proposal.value

    @traitlets.validate("l2")
    def _check_l2(self, proposal):
        if 0 < proposal.value < 1e-5:
            raise ValueError(f"l2 must be 0 or from 1e-5 to 1, not {proposal.value!r}")
        return proposal.value

    @property
    def settings(self):
        """All settings: a dict."""
        return {name: getattr(self, name) for name in SETTINGS}

    def _moved(self):
        """Return the settings that are not at their defaults."""
        return {name: value for name, value in self.settings.items() if value != SETTINGS[name]}

    def to_keras(self):
        """Return the network of the last finished run as a compiled Keras model.

        It predicts what the picture shows; its penalty, rate and initial learning rate are those
        of the run, so it can be trained on.

        Raises
        ------
        ValueError
            If no run has finished, in a browser, yet.
        """
        if not self.weights:
            raise ValueError(
                "the playground has trained nothing yet: show it in a notebook, and wait until "
                "its state is 'done'"
            )
        from helpers.playground.network import build  # noqa: PLC0415 (it loads TensorFlow)

        model = build(**{name: self.trained[name] for name in ("width", "depth", "dropout", "l2")})
        shapes = [weights.shape for weights in model.get_weights()]
        ends = np.cumsum([np.prod(shape) for shape in shapes])[:-1]
        parts = np.split(np.frombuffer(self.weights, dtype="<f4"), ends)
        model.set_weights([part.reshape(shape) for part, shape in zip(parts, shapes, strict=True)])
        return model

    def __repr__(self):
        moved = (f"{name}={value!r}" for name, value in self._moved().items())
        shown = [*map(repr, self.controls), *moved]
        return f"Playground({', '.join(shown)})"

    def _repr_mimebundle_(self, **kwargs):
        live, metadata = super()._repr_mimebundle_(**kwargs)
        static = {} if in_colab() else {"text/html": self.html()}  # Colab might show only that
        return {**live, **static, "text/plain": repr(self)}, metadata

    def html(self):
        """Return the element of a published page: the settings, and a picture of the run."""
        from helpers.playground.picture import picture  # noqa: PLC0415

        options = {
            "name": self.name,
            "question": self.question,
            "controls": self.controls,
            "sweep": self.sweep,
            "settings": self._moved(),
        }
        source = base64.b64encode(picture(**self.settings)).decode()
        alt = (
            "The decision boundary of a network trained with these settings, and its training "
            "and validation loss over the epochs. The live figure takes the place of this picture."
        )
        return (
            f'<div class="playground" data-playground="{escape(json.dumps(options))}">'
            f'<img src="data:image/png;base64,{source}" alt="{alt}"></div>'
        )


SETTINGS = {
    name: getattr(Playground, name).default_value
    for name in (
        *("dataset", "noise", "label_noise", "n_train", "width", "depth", "dropout", "l2"),
        *("epochs", "patience", "min_delta", "restore", "data_seed", "weights_seed"),
    )
}
