"""Every public layer, loss, optimizer and metric of Keras: equal to model.fit, or without a twin.

What the book trains is inspected in any case, all that is public if INSPECT=public, and if
INSPECT=all what gets no twin is trained, too.
"""

import functools
import os
import types

from helpers.training import fit, loop
from helpers.training.libraries import release
from helpers.training.twin import Twin
import keras
from keras import layers, losses, metrics, optimizers
import numpy as np
import pytest
from training_cases import Call, compare, refusal, targets, trained

INSPECT = os.environ.get("INSPECT")
ALL = INSPECT == "all"
pytestmark = pytest.mark.filterwarnings("ignore")

# What cannot stand in a model alone, and why.
EXCEPT = {
    layers: {
        **dict.fromkeys(("Layer", "Wrapper"), "a base class"),
        **dict.fromkeys(("Input", "InputSpec"), "describes an input"),
        **dict.fromkeys(("JaxLayer", "FlaxLayer", "TorchModuleWrapper"), "of another library"),
        "TFSMLayer": "needs a model saved to a disk",
        "MaxNumBoundingBoxes": "takes boxes, which are no array",
    },
    losses: {"Loss": "a base class"},
    optimizers: {
        "Optimizer": "a base class",
        "OptimizerMap": "a part of MultiOptimizer",
        **dict.fromkeys(("legacy", "schedules"), "a module"),
    },
    metrics: {
        "Metric": "a base class",
        **dict.fromkeys(("Mean", "Sum"), "measures values, not a pair of targets and outputs"),
    },
}
CONVERSIONS = {"get", "serialize", "deserialize"}  # of a configuration
# What the book trains: to lose its twin would cost a thousandfold.
TWINS = {
    layers: {
        *("Activation", "AveragePooling2D", "BatchNormalization", "Conv2D", "Dense", "Dropout"),
        *("Flatten", "GaussianNoise", "GlobalAveragePooling2D", "MaxPooling2D", "ReLU"),
        *("RandomFlip", "RandomRotation", "RandomTranslation", "RandomZoom", "Rescaling"),
        *("Reshape",),
    },
    losses: {"BinaryCrossentropy", "MeanSquaredError", "SparseCategoricalCrossentropy"},
    optimizers: {"SGD", "RMSprop", "Adam", "AdamW"},
    metrics: {"AUC", "BinaryAccuracy", "BinaryCrossentropy", "Precision", "Recall"},
}


def public(module):
    """Return the public objects of a module of Keras with all their names."""
    found = {}
    for name in sorted(set(dir(module)) - set(EXCEPT[module]) - CONVERSIONS):
        if not name.startswith("_"):
            found.setdefault(id(getattr(module, name)), []).append(name)
    return list(found.values())


def chosen(module):
    """Return those to inspect: what the book trains, or if INSPECT is set all."""
    return [names for names in public(module) if INSPECT or TWINS[module] & set(names)]


def every(module):
    """Run a test once for each chosen object of a module, whatever names it has."""
    return pytest.mark.parametrize("names", chosen(module), ids=" ".join)


@pytest.mark.parametrize("module", EXCEPT, ids=lambda module: module.__name__)
def test_no_name_is_left_out(module):
    names = {name for name in dir(module) if not name.startswith("_")}
    tested = {name for names in public(module) for name in names}
    assert tested | set(EXCEPT[module]) | CONVERSIONS >= names
    assert not tested & (set(EXCEPT[module]) | CONVERSIONS)
    assert all(callable(getattr(module, name)) for name in tested)
    modules = {n for n in names if isinstance(getattr(module, n), types.ModuleType)}
    assert modules <= set(EXCEPT[module])
    if release(keras) >= (3, 15):
        assert set(EXCEPT[module]) <= names


# How each is made


TABLE, SERIES, IMAGE, VOLUME = (4,), (6, 3), (8, 8, 3), (4, 4, 4, 2)
ARGUMENTS = {
    **{name: [0.1] for name in ("AlphaDropout", "GaussianDropout", "GaussianNoise")},
    **{f"SpatialDropout{n}D": [0.1] for n in (1, 2, 3)},
    **{f"AveragePooling{n}D": [2] for n in (1, 2, 3)},
    **{f"Random{name}": [0.1] for name in ("Brightness", "ColorDegeneration", "Contrast", "Hue")},
    **{f"Random{name}": [0.1] for name in ("Rotation", "Saturation", "Sharpness", "Zoom")},
    "RandomTranslation": [0.1, 0.1],
    "RandomCrop": [5, 5],
    "RandomPosterization": [4],
    "Activation": ["tanh"],
    "ActivityRegularization": [0.1],
    "Bidirectional": [Call(layers.SimpleRNN, 2)],
    "CategoryEncoding": [6],
    "CenterCrop": [5, 5],
    "Cropping2D": [2],
    "Dense": [3],
    "Discretization": [[-0.5, 0.5]],
    "Dropout": [0.0],  # its twin draws other masks than Keras
    "EinsumDense": ["ab,bc->ac", 3],
    "Embedding": [6, 3],
    "GroupQueryAttention": [2, 2, 1],
    "GroupNormalization": [2],
    "HashedCrossing": [5],
    "Hashing": [5],
    "InputLayer": [TABLE],
    "IntegerLookup": [None, 1, None, -1, [1, 2, 3]],
    "Lambda": [keras.ops.tanh],
    "MultiHeadAttention": [2, 2],
    "Normalization": [-1, 0.5, 2.0],
    "Permute": [(2, 1)],
    "Pipeline": [[Call(layers.Rescaling, 0.5), Call(layers.RandomFlip)]],
    "RepeatVector": [2],
    "Rescaling": [0.5],
    "Reshape": [(2, 2)],
    "Resizing": [5, 5],
    "ReversibleEmbedding": [6, 3],
    "RNN": [Call(layers.GRUCell, 2)],
    "SpectralNormalization": [Call(layers.Dense, 3)],
    "StackedRNNCells": [[Call(layers.GRUCell, 2), Call(layers.LSTMCell, 2)]],
    "StringLookup": [None, 1, "[UNK]", ["a", "b"]],
    "TimeDistributed": [Call(layers.Dense, 2)],
    "TextVectorization": [None, "lower_and_strip_punctuation", "whitespace", None, "int", 4],
}
KEYWORDS = {
    "STFTSpectrogram": {"frame_length": 16, "frame_step": 8, "fft_length": 16},
    "MelSpectrogram": {"fft_length": 16, "sequence_stride": 8, "num_mel_bins": 4},
    "TextVectorization": {"vocabulary": ["a", "b"]},
    "Dot": {"axes": 1},
    "dot": {"axes": 1},
}
INTEGERS = {"CategoryEncoding", "Embedding", "Hashing", "HashedCrossing", "IntegerLookup"}
INTEGERS |= {"ReversibleEmbedding"}
TEXTS = {"StringLookup", "TextVectorization"}
DRAWN = ("Random", "Rand", "Aug", "CutMix", "MixUp", "AutoContrast", "Equalization", "Contrast")
IMAGES = (*DRAWN, "Solarization", "Resizing", "CenterCrop", "Pipeline")
SERIAL = ("LSTM", "GRU", "SimpleRNN", "RNN", "Stacked", "TimeDistributed", "Bidirectional")
SERIAL = (
    *SERIAL,
    "Permute",
    "Masking",
    "Attention",
    "AdditiveAttention",
    "MultiHead",
    "GroupQuery",
)
PAIRS = ("Add", "Average", "Concatenate", "Dot", "Maximum", "Minimum", "Multiply", "Subtract")
PAIRS = (*PAIRS, *map(str.lower, PAIRS), "Attention", "AdditiveAttention", "HashedCrossing")
TWICE = ("MultiHeadAttention", "GroupQueryAttention")  # of arguments, not of a list
UNITS = ("LSTM", "GRU", "SimpleRNN", "LSTMCell", "GRUCell", "SimpleRNNCell")


def shape_of(name):
    """Return the shape of the rows that a layer takes."""
    if name.endswith("Spectrogram"):
        return (64,) if name.startswith("Mel") else (64, 1)
    if name.startswith("ConvLSTM"):
        return {"1": (3, 6, 2), "2": (3, 5, 5, 1), "3": (2, 4, 4, 4, 1)}[name[-2]]
    for ending, shape in (("1D", SERIES), ("2D", IMAGE), ("3D", VOLUME)):
        if name.endswith((ending, f"{ending}Transpose")):
            return shape
    if name.startswith(IMAGES) or "Histogram" in name:
        return IMAGE
    return SERIES if name.startswith(SERIAL) else TABLE


def given_to(name):
    """Return the arguments of a layer."""
    if name in ARGUMENTS:
        return ARGUMENTS[name]
    if name in UNITS:
        return [2]
    if name.startswith("Adaptive"):
        return [2]
    if name.startswith("Depthwise"):
        return [2]
    if "Conv" in name:
        return [2, 2]
    return []


def model_with(name):
    """Return a compiled model with a layer of that name."""
    kind = getattr(layers, name)
    layer = functools.partial(kind, **KEYWORDS.get(name, {}))
    if isinstance(kind, type):
        made = Call(layer, *given_to(name))()
        made = layers.RNN(made) if name.endswith(("Cell", "Cells")) else made
        call = made
    else:
        call = layer
    dtype = "int32" if name in INTEGERS else "string" if name in TEXTS else None
    shape = (1,) if name in TEXTS or name == "HashedCrossing" else shape_of(name)
    head = [layers.Flatten(), layers.Dense(1, "sigmoid", dtype="float32")]
    if name in PAIRS or name in TWICE:
        x = keras.Input(shape, dtype=dtype)
        y = call(x, x) if name in TWICE else call([x, x])
        y = y[0] if isinstance(y, tuple) else y
        model = keras.Model(x, head[1](head[0](y)))
    else:
        first = [] if name == "InputLayer" else [keras.Input(shape, dtype=dtype)]
        model = keras.Sequential([*first, made, *head])
    model.compile(optimizer=keras.optimizers.SGD(0.01), loss="binary_crossentropy")
    return model


def rows_for(name, n=8):
    """Return n rows of what a layer takes."""
    rng = np.random.default_rng(1)
    if name in TEXTS:
        return np.array([["a"], ["b"]] * (n // 2))
    shape = (1,) if name == "HashedCrossing" else shape_of(name)
    if name in INTEGERS:
        return rng.integers(1, 4, (n, *shape))
    scale = 255 if shape == IMAGE else 1
    return (scale * rng.uniform(size=(n, *shape))).astype("float32")


# What fit does with each


class _DecidedError(Exception):
    """Ends fit before it trains."""


def is_twin(make, arguments, monkeypatch):
    """Return whether fit trains a copy of the model; it is asked, and not let train."""
    found, original = [], loop.graph_of

    def ask(*given):
        found.append(original(*given))
        raise _DecidedError

    monkeypatch.setattr(loop, "graph_of", ask)
    run = trained(fit, make, arguments)
    monkeypatch.undo()
    if not isinstance(run["error"], _DecidedError):
        refusal(run)
        return False
    return isinstance(found[0], Twin)


def check(module, names, make, arguments, monkeypatch):
    """Assert that what gets a twin is trained as model.fit trains it; the rest if INSPECT=all.

    A function is what a class calls: it is trained if INSPECT=all.
    """
    copied = is_twin(make, arguments, monkeypatch)
    assert copied or not TWINS[module] & set(names)
    if (copied and isinstance(getattr(module, names[0]), type)) or ALL:
        outcome = compare(make, arguments)
        assert not copied or outcome == "equal"
        assert outcome.startswith(("equal", "refused"))


@every(layers)
def test_layer(names, monkeypatch):
    name = names[0]
    arguments = {"x": rows_for(name), "y": targets("binary", 8), "epochs": 2, "shuffle": False}
    check(layers, names, Call(model_with, name), arguments, monkeypatch)


# Heads: what a loss or a metric is of


HEADS = {  # what the names begin with, small
    "classes": ("sparse", "categoricalgeneralized", "categorical_generalized"),
    "onehot": ("categorical", "onehot", "top", "kl", "cosine", "f1", "fbeta"),
    "embedding": ("circle",),
    "paths": ("ctc",),
}
UNITS_OF = {"binary": (1, "sigmoid"), "classes": (3, "softmax"), "onehot": (3, "softmax")}
UNITS_OF |= {"embedding": (2, "tanh"), "paths": (4, "softmax")}


def head_of(name):
    """Return the kind of outputs and targets that a loss or metric takes."""
    small = name.lower()
    return next((head for head, begins in HEADS.items() if small.startswith(begins)), "binary")


def small_model(head, loss=None, optimizer=None, **compilation):
    """Return a compiled model."""
    shape = (6, 3) if head == "paths" else TABLE
    hidden = layers.Dense(3, activation="relu")
    output = layers.Dense(UNITS_OF[head][0], activation=UNITS_OF[head][1])
    model = keras.Sequential([keras.Input(shape), hidden, output])
    steep = head == "embedding"  # the circle loss, whose gradients are a thousand times others'
    optimizer = optimizer or keras.optimizers.SGD(5e-5 if steep else 0.05)
    model.compile(loss=loss or "mse", optimizer=optimizer, **compilation)
    return model


def arguments_for(head, n=7):
    """Return arguments of fit: batches of unequal size, and rows that are sorted by target."""
    rng = np.random.default_rng(3)
    x = rng.normal(size=(n, *((6, 3) if head == "paths" else TABLE))).astype("float32")
    y = rng.integers(1, 4, (n, 2)) if head == "paths" else targets(head, n)
    options = {"epochs": 2, "shuffle": False, "batch_size": 4, "validation_data": (x, y)}
    return {"x": x, "y": y, **options}


@every(losses)
def test_loss(names, monkeypatch):
    loss, head = getattr(losses, names[0]), head_of(names[0])
    loss = Call(loss) if isinstance(loss, type) else loss
    make = Call(small_model, head, loss)
    check(losses, names, make, arguments_for(head), monkeypatch)


def one_each(variable):
    """Return an optimizer for a variable."""
    return optimizers.SGD(0.01) if "kernel" in variable.path else optimizers.Adam()


OPTIMIZER_ARGUMENTS = {
    "LossScaleOptimizer": [Call(optimizers.Adam)],
    "MultiOptimizer": [one_each],
}


@every(optimizers)
def test_optimizer(names, monkeypatch):
    kind = getattr(optimizers, names[0])
    optimizer = Call(kind, *OPTIMIZER_ARGUMENTS.get(names[0], []))
    make = Call(small_model, "binary", optimizer=optimizer)
    check(optimizers, names, make, arguments_for("binary"), monkeypatch)


METRIC_ARGUMENTS = {
    "IoU": [2, [0, 1]],
    "MeanIoU": [2],
    "OneHotIoU": [3, [0, 2]],
    "OneHotMeanIoU": [3],
    "MeanMetricWrapper": [keras.metrics.mean_absolute_error],
    "PrecisionAtRecall": [0.5],
    "RecallAtPrecision": [0.5],
    "SensitivityAtSpecificity": [0.5],
    "SpecificityAtSensitivity": [0.5],
}


def metric_of(name):
    """Return a metric: a call of a class, or a function."""
    metric = getattr(metrics, name)
    return Call(metric, *METRIC_ARGUMENTS.get(name, [])) if isinstance(metric, type) else metric


BY_HEAD = {}  # the metrics to inspect
for each in chosen(metrics):
    BY_HEAD.setdefault(head_of(each[0]), []).append(each[0])


@pytest.mark.parametrize("head", BY_HEAD)
def test_metrics(head, monkeypatch):
    """All metrics that get a twin are trained in one model, which gets one, too."""
    copied = []
    for name in BY_HEAD[head]:
        make = Call(small_model, head, metrics=[metric_of(name)])
        if is_twin(make, arguments_for(head), monkeypatch):
            copied.append(name)
        if ALL:
            assert compare(make, arguments_for(head)).startswith(("equal", "refused")), name
    assert {name for name in TWINS[metrics] if head_of(name) == head} <= set(copied)
    if copied:
        make = Call(small_model, head, metrics=list(map(metric_of, copied)))
        assert is_twin(make, arguments_for(head), monkeypatch)
        assert compare(make, arguments_for(head)) == "equal"
