"""The playground: the book's network, trained in the reader's browser.

One JavaScript module, two hosts. In a live kernel `Playground` is a widget whose settings and
results are traits. On a published page, which has no kernel, its output is an element with the
settings and a picture, and one script (`_ext/book_site.py`) brings every such element to
life.
"""

import base64
from functools import cache
from html import escape
import json
from pathlib import Path
import re

import anywidget
from helpers import in_colab
from helpers.playground.knobs import KNOBS, SETTINGS, check
import numpy as np
import traitlets

MODULES = (
    *("knobs.json", "state.js", "engine.js", "runner.js", "format.js", "verdict.js"),
    *("keras_code.js", "axes.js", "contour.js", "plane.js", "curves.js", "elements.js"),
    *("legend.js", "controls.js", "results.js", "run.js", "sweep_results.js", "sweep_chart.js"),
    *("sweep_view.js", "sweep.js", "view.js", "trainer.js", "hosts.js", "playground.js"),
)
# What `join` takes, and what else would be an import or an export. Python's `import keras`, which
# has no quotes, is none of these: it stands in a template.
IMPORT = re.compile(r'import \{ \w+(?:, \w+)* \} from "\./(\w+\.js)";')
BROKEN_IMPORT = re.compile(r"^import \{\n((?:  \w+,\n)+)\}(?= from )", re.M)
IMPORT_JSON = re.compile(r'import ([A-Z]+) from "\./(\w+\.json)" with \{ type: "json" \};')
LIKE_IMPORT = re.compile(r"import\s*(?:[{*\"']|.*\bfrom\s*[\"']|\w+\s*,\s*[{*])")
EXPORT = re.compile(r"^export (?=(?:async )?(?:function|class|const|let)\b)")
LIKE_EXPORT = re.compile(r"export\s*(?:default\b|[{*]|var\b)")
COMMENT_OR_BLANK = re.compile(r"\s*(?://|/?\*|$)")
HERE = Path(__file__).parent
NOT_HERE = "This figure trains in the browser: on the published page, or where this notebook runs."


@cache
def script():
    """Return the JavaScript modules as one: their own imports and exports are dropped."""
    return "\n".join(join([(name, _read(name)) for name in MODULES]))


def join(modules):
    """Return the lines of JavaScript modules as those of one script.

    Imports are `import { a, b } from "./module.js";`, before any code and broken into lines as the
    formatter does if they are long; exports stand before a declaration. Lines inside a template
    may begin with the same words. A JSON file
    becomes a constant, under which all import it:
    `import NAME from "./name.json" with { type: "json" };`.

    Parameters
    ----------
    modules : list of (str, str)
        The name of each file and its text, in the order in which they are joined.

    Raises
    ------
    ValueError
        If a module imports or exports in another form, or from a file that is not joined.
    """
    names = [name for name, _ in modules]
    return [line for name, text in modules for line in _without_modules(name, text, names)]


def _in_one_line(broken):
    names = ", ".join(re.findall(r"\w+", broken[1]))
    return f"import {{ {names} }}"


def _constant(name):
    """Return the name of the constant that a JSON file becomes."""
    return name.removesuffix(".json").upper()


def _imported(line):
    """Return the file that a line imports, or None if it does in no form that can be joined."""
    if found := IMPORT.fullmatch(line):
        return found[1]
    found = IMPORT_JSON.fullmatch(line)
    return found[2] if found and found[1] == _constant(found[2]) else None


def _without_modules(name, text, names):
    if name.endswith(".json"):
        yield f"const {_constant(name)} = {json.dumps(json.loads(text), ensure_ascii=False)};"
        return
    in_code = False
    for number, line in enumerate(BROKEN_IMPORT.sub(_in_one_line, text).splitlines(), 1):
        found = _imported(line)
        begins = LIKE_IMPORT.match(line) if in_code else line.startswith("import")
        if begins and (in_code or found not in names):
            raise ValueError(
                f'{name}, line {number}: write import {{ a, b }} from "./module.js"; before '
                f"all code, of a file in MODULES; not {line!r}"
            )
        if LIKE_EXPORT.match(line):
            raise ValueError(
                f"{name}, line {number}: write export before a function, class, const or let; "
                f"not {line!r}"
            )
        if not found:
            in_code = in_code or not COMMENT_OR_BLANK.match(line)
            yield EXPORT.sub("", line)


@cache
def style():
    """Return the style sheet: of the figures, and of the page around them."""
    return _read("figure.css") + _read("playground.css")


def _read(name):
    return (HERE / name).read_text(encoding="utf-8")


def _setting(name):
    """Return the trait of a setting: its kind, its range and its default stand in knobs.json."""
    knob = KNOBS[name]
    initial = knob["initial"]
    if knob.get("flag"):
        trait = traitlets.Bool(initial)
    elif "choices" in knob:
        trait = traitlets.Enum(knob["choices"], initial)
    else:
        least = knob["min"] if knob.get("off") is None else knob["off"]
        kind = traitlets.Int if knob.get("whole") else traitlets.Float
        trait = kind(initial, min=least, max=knob["max"], allow_none=initial is None)
    return trait.tag(sync=True)


class Playground(anywidget.AnyWidget):
    """A network that trains in the browser, with sliders.

    The network is the book's: two inputs, one or two hidden layers of ReLU units, a sigmoid;
    binary cross-entropy, Adam with Keras' defaults, full batches. Of its data set 70 points
    validate and 2,000 test.

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
        Training points, 10 to 300.
    width, depth : int, defaults 500 and 1
        Units of a hidden layer, up to 1,000, and layers, 1 or 2.
    dropout, l2 : float, defaults 0
        Rate, up to 0.9, behind each hidden layer; penalty on each hidden kernel, 0 or from
        0.00001 to 1.
    epochs : int, default 4000
        1 to 10,000.
    patience : int or None, default None
        Epochs without a better validation loss after which training stops, 1 to 2,000; None:
        never.
    min_delta : float, default 0
        By how much a loss must be lower to count as better, up to 1.
    restore : bool, default True
        Whether early stopping goes back to the best weights.
    data_seed, weights_seed : int, defaults 1
        1 to 999,999.
    state : str
        "idle", "waiting" (to be seen), "training", "done" or "error". This and what follows
        comes from the browser.
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

    dataset = _setting("dataset")
    noise = _setting("noise")
    label_noise = _setting("label_noise")
    n_train = _setting("n_train")
    width = _setting("width")
    depth = _setting("depth")
    dropout = _setting("dropout")
    l2 = _setting("l2")
    epochs = _setting("epochs")
    patience = _setting("patience")
    min_delta = _setting("min_delta")
    restore = _setting("restore")
    data_seed = _setting("data_seed")
    weights_seed = _setting("weights_seed")

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

    @traitlets.validate(*(name for name, knob in KNOBS.items() if "off" in knob))
    def _check_range(self, proposal):
        """Check what a trait cannot: a range with one more value beside it."""
        return check(proposal.trait.name, proposal.value)

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
        static = {} if in_colab() else {"text/html": self._element()}  # Colab might show only that
        return {**live, **static, "text/plain": repr(self)}, metadata

    def _element(self, inside=NOT_HERE):
        """Return the element of a page: the settings, and what it shows before its script runs."""
        options = {
            "name": self.name,
            "question": self.question,
            "controls": self.controls,
            "sweep": self.sweep,
            "settings": self._moved(),
        }
        given = escape(json.dumps(options))
        return f'<div class="playground" data-playground="{given}">{inside}</div>'

    def html(self):
        """Return the element of a page with a picture of the run, which is trained for it.

        This is what stands in a notebook that is stored: on GitHub the picture shows.
        """
        from helpers.playground.still import picture  # noqa: PLC0415 (nobody else draws)

        drawn = picture(_read("figure.css"), **self.settings)
        source = base64.b64encode(drawn.encode()).decode()
        alt = (
            "The decision boundary of a network trained with these settings, and its training "
            "and validation loss over the epochs."
        )
        return self._element(f'<img src="data:image/svg+xml;base64,{source}" alt="{alt}">')

    def skeleton(self):
        """Return the element of the published page: all that its script will replace, in place."""
        from helpers.playground.still import skeleton  # noqa: PLC0415

        return self._element(skeleton(self.settings, self.controls, self.question, self.sweep))


def from_options(options):
    """Return the playground of an element from its options, a dict."""
    options = dict(options)
    return Playground(*options.pop("controls"), **options.pop("settings"), **options)
