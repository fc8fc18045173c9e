"""Property: fit gives what model.fit gives, whatever the model and its options (hypothesis).

INSPECT=public tries 33 cases. `python tests/unit/fit/test_training_properties.py --examples 2000`
tries further ones, at random.
"""

import argparse
import collections
from concurrent.futures import ProcessPoolExecutor, as_completed
import functools
import multiprocessing
import os
import sys
import time
import warnings

import hypothesis
from hypothesis import strategies as st
import keras
from keras import layers, ops
import numpy as np
import pytest
from training_cases import SHAPES, Call, compare, inputs, show, targets, weights

K = keras
few = st.sampled_from


def seldom(strategy, otherwise=None, times=3):
    """Return a strategy that draws from another one time in `times + 1`."""
    return st.integers(0, times).flatmap(lambda n: strategy if n == times else st.just(otherwise))


@st.composite
def calls(draw, function, *args, **options):
    """Draw a call: each option is there or not, its value drawn from a list or a strategy."""
    given = {}
    for name, among in options.items():
        if draw(st.booleans()):
            value = draw(few(among) if isinstance(among, list) else among)
            given |= {name: value} if value is not None else {}
    args = [draw(a) if isinstance(a, st.SearchStrategy) else a for a in args]
    return Call(function, *args, **given)


# What a notebook may define


def own_activation(x):
    """A smooth one."""
    return x * ops.sigmoid(2 * x)


def own_initializer(shape, dtype=None):
    return 0.3 * keras.random.normal(shape, dtype=dtype, seed=4)


def own_penalty(weights):
    return 0.05 * ops.sum(ops.abs(weights) ** 1.5)


def own_loss(y_true, y_pred):
    return ops.mean(ops.abs(ops.cast(y_true, y_pred.dtype) - y_pred) ** 1.5)


def total_loss(y_true, y_pred):
    """Not a mean over rows."""
    error = ops.cast(y_true, y_pred.dtype) - y_pred
    return ops.sqrt(ops.sum(ops.square(error)) + 0.1)


def own_metric(y_true, y_pred):
    return ops.mean(ops.abs(ops.cast(y_true, y_pred.dtype) - y_pred), axis=-1)


def scaled_loss(y_true, y_pred, factor):
    return factor * own_loss(y_true, y_pred)


class OwnLoss(keras.losses.Loss):
    """A loss with an attribute that its configuration leaves out."""

    def __init__(self, power=1.5):
        super().__init__()
        self.power = power

    def call(self, y_true, y_pred):
        """Return a loss a row."""
        error = ops.abs(ops.cast(y_true, y_pred.dtype) - y_pred)
        return ops.mean(error**self.power, axis=-1)


class OwnMetric(keras.metrics.Metric):
    """The largest output of an epoch."""

    def __init__(self):
        super().__init__(name="largest")
        self.largest = self.add_weight(name="largest", initializer="zeros")

    def update_state(self, y_true, y_pred, sample_weight=None):
        """Take a batch."""
        self.largest.assign(ops.maximum(self.largest, ops.cast(ops.max(y_pred), self.dtype)))

    def result(self):
        """Return the largest."""
        return 1.0 * self.largest


class OwnConstraint(keras.constraints.Constraint):
    """Numbers between two bounds."""

    def __init__(self, bound=0.3):
        self.bound = bound

    def __call__(self, w):
        """Return the numbers, cut off."""
        return ops.clip(w, -self.bound, self.bound)


class OwnSchedule(keras.optimizers.schedules.LearningRateSchedule):
    """A rate that falls with the step."""

    def __init__(self, rate):
        self.rate = rate

    def __call__(self, step):
        """Return a rate."""
        return self.rate / (1 + ops.cast(step, "float32"))


class OwnSGD(keras.optimizers.SGD):
    """Gradient descent with half the step."""

    def update_step(self, gradient, variable, learning_rate):
        """Take half a step."""
        super().update_step(gradient, variable, learning_rate / 2)


class OwnLayer(layers.Layer):
    """A scale that is learned, and a loss of its own."""

    def __init__(self, loss=0.0):
        super().__init__()
        self.factor = loss

    def build(self, shape):
        """Add the scale."""
        self.scale = self.add_weight(shape=(shape[-1],), initializer="ones", name="scale")

    def call(self, x):
        """Scale, and add the loss."""
        if self.factor:
            self.add_loss(self.factor * ops.mean(ops.square(x)))
        return x * self.scale


class Counting(layers.Layer):
    """A state that every call in training changes."""

    def __init__(self):
        super().__init__()
        self.calls = self.add_weight(shape=(), initializer="zeros", trainable=False, name="calls")

    def call(self, x, training=False):
        """Count."""
        if training:
            self.calls.assign_add(1.0)
        return x + ops.cast(0.01 * self.calls, x.dtype)


def edited(base, factor):
    """Return an object of a class that is registered again, in a notebook, with other code."""
    factor = float(factor)

    class Edited(base):
        """Differs from the last of its name in its code only."""

        def __call__(self, w):
            return factor * ops.sum(ops.square(w)) if base is Penalty else ops.clip(w, -1, factor)

        def get_config(self):
            """Return nothing."""
            return {}

    Edited.__module__ = "__main__"
    return keras.saving.register_keras_serializable("notebook")(Edited)()


Penalty, Constraint = keras.regularizers.Regularizer, keras.constraints.Constraint
factors = few([0.0, 1e-3, 0.01, 0.2])

regularizers = st.one_of(
    calls(K.regularizers.L2, factors),
    calls(K.regularizers.L1, factors),
    calls(K.regularizers.L1L2, factors, factors),
    few(["l1", "l2", "L1L2", own_penalty, lambda w: 0.1 * ops.sum(w**2)]),
    st.builds(Call, st.just(edited), st.just(Penalty), few([0.01, 0.05, 0.1])),
)
kernel_regularizers = st.one_of(
    regularizers,
    calls(K.regularizers.OrthogonalRegularizer, factor=[0.1], mode=["rows", "columns"]),
)
constraints = st.one_of(
    calls(K.constraints.MaxNorm, few([0.3, 1.0]), axis=[0]),
    calls(K.constraints.MinMaxNorm, min_value=[0.2], max_value=[0.6, 1.0], rate=[0.5, 1.0]),
    calls(K.constraints.UnitNorm, axis=[0]),
    few([Call(K.constraints.NonNeg), "non_neg", "unit_norm", "max_norm"]),
    calls(OwnConstraint, few([0.2, 0.5])),
    st.builds(Call, st.just(edited), st.just(Constraint), few([0.1, 0.3])),
)
initializers = st.one_of(
    few(["he_normal", "zeros", "ones", "lecun_uniform", "orthogonal", own_initializer]),
    calls(K.initializers.RandomUniform, seed=[3], maxval=[0.2]),
    calls(K.initializers.TruncatedNormal, stddev=[0.5], seed=[5]),
    calls(K.initializers.Constant, few([0.1, -0.2])),
    calls(K.initializers.VarianceScaling, scale=[0.5], distribution=["uniform"]),
)
activations = few(
    [
        *(None, "relu", "tanh", "sigmoid", "softplus", "elu", "gelu", "silu", "leaky_relu"),
        *(own_activation, keras.activations.selu, lambda x: ops.tanh(2 * x), "softmax"),
        *(Call(layers.LeakyReLU, 0.3), Call(layers.PReLU), Call(layers.ELU, alpha=0.5)),
        functools.partial(keras.activations.leaky_relu, negative_slope=0.7),
    ]
)
widths = few([2, 3, 4, 5])
dense = calls(
    layers.Dense,
    widths,
    activation=activations,
    use_bias=[False],
    kernel_regularizer=seldom(kernel_regularizers),
    bias_regularizer=seldom(regularizers, times=6),
    activity_regularizer=seldom(regularizers, times=6),
    kernel_constraint=seldom(constraints, times=4),
    bias_constraint=seldom(constraints, times=8),
    kernel_initializer=seldom(initializers, "glorot_uniform", times=2),
    bias_initializer=seldom(initializers, "zeros", times=5),
    dtype=seldom(few(["float32", "float64", "mixed_bfloat16"]), times=12),
)
normalization = st.one_of(
    calls(
        layers.BatchNormalization,
        momentum=[0.5, 0.9],
        epsilon=[1e-2],
        scale=[False],
        center=[False],
        gamma_regularizer=regularizers,
        beta_constraint=[Call(OwnConstraint)],
        moving_variance_initializer=[Call(K.initializers.Constant, 2.0)],
    ),
    calls(layers.LayerNormalization, epsilon=[1e-2], center=[False]),
    few([Call(layers.UnitNormalization), Call(layers.GroupNormalization, groups=1)]),
)
others = st.one_of(
    calls(layers.Activation, activations),
    calls(layers.Dropout, few([0, 0.0, np.float32(0)]), seed=[7]),
    few(
        [
            *(Call(layers.ReLU, max_value=np.float32(2)), Call(layers.LeakyReLU, 0.1)),
            *(Call(layers.PReLU), Call(layers.PReLU, alpha_regularizer="l2"), Call(layers.ELU)),
            *(Call(layers.Softmax), Call(layers.Identity), Call(layers.Rescaling, 0.5, offset=0.1)),
            *(Call(layers.GaussianNoise, 0.0), Call(layers.AlphaDropout, 0.0)),
            *(Call(layers.Normalization, mean=0.5, variance=2.0), Call(layers.Lambda, ops.tanh)),
            *(Call(layers.ActivityRegularization, l2=0.1), Call(OwnLayer), Call(OwnLayer, 0.1)),
            *(Call(Counting), Call(layers.Reshape, (-1,)), Call(layers.Flatten)),
            Call(layers.SpectralNormalization, Call(layers.Dense, 3)),
        ]
    ),
)
vector_layers = st.one_of(dense, dense, dense, normalization, others)
nested = st.lists(st.one_of(dense, others), min_size=1, max_size=2).map(
    lambda parts: Call(keras.Sequential, parts)
)

# Bodies: what makes a vector of the input

images = st.lists(
    st.one_of(
        calls(
            functools.partial(layers.Conv2D, padding="same"),
            few([2, 3]),
            few([2, (2, 3)]),
            activation=activations,
            strides=[2],
            kernel_regularizer=seldom(regularizers),
            kernel_constraint=seldom(calls(K.constraints.MaxNorm, 0.3, axis=[[0, 1, 2]])),
            use_bias=[False],
        ),
        calls(layers.DepthwiseConv2D, 2, depth_multiplier=[2]),
        calls(layers.SeparableConv2D, 2, 2),
        few([Call(layers.BatchNormalization), Call(layers.MaxPooling2D, 2, padding="same")]),
        few([Call(layers.AveragePooling2D, 2, padding="same"), Call(layers.SpatialDropout2D, 0.0)]),
    ),
    min_size=1,
    max_size=2,
).flatmap(
    lambda parts: few(
        [
            [*parts, end]
            for end in (
                Call(layers.Flatten),
                Call(layers.GlobalAveragePooling2D),
                Call(layers.GlobalMaxPooling2D),
            )
        ]
    )
)
recurrent = st.one_of(
    calls(layers.SimpleRNN, widths, activation=["relu"], kernel_regularizer=regularizers),
    calls(layers.GRU, widths, reset_after=[False], go_backwards=[True], unroll=[True]),
    calls(layers.LSTM, widths, recurrent_regularizer=regularizers, unit_forget_bias=[False]),
    few(
        [
            Call(layers.Bidirectional, Call(layers.SimpleRNN, 2)),
            Call(layers.RNN, Call(layers.GRUCell, 2)),
            Call(keras.Sequential, [Call(layers.Conv1D, 3, 2), Call(layers.GlobalMaxPooling1D)]),
            Call(
                keras.Sequential,
                [Call(layers.TimeDistributed, Call(layers.Dense, 2)), Call(layers.Flatten)],
            ),
            Call(layers.GlobalAveragePooling1D),
            Call(layers.Flatten),
        ]
    ),
)
tokens = st.tuples(
    calls(
        layers.Embedding,
        6,
        few([2, 3]),
        mask_zero=[True],
        embeddings_regularizer=seldom(regularizers),
        embeddings_constraint=seldom(constraints),
    ),
    recurrent,
).map(list)
BODIES = {
    "table": st.lists(vector_layers, max_size=3),
    "series": recurrent.map(lambda layer: [layer]),
    "tokens": tokens,
    "images": images,
}


# Architectures


def sequential(shape, dtype, parts):
    """The usual model."""
    return keras.Sequential([keras.Input(shape, dtype=dtype), *parts])


def without_input(shape, dtype, parts):
    """A model that is built when it sees data."""
    return keras.Sequential(parts)


def nesting(shape, dtype, parts):
    """The body stands in a Sequential of its own."""
    body = [keras.Sequential(parts[:-1])] if parts[:-1] else []
    return keras.Sequential([keras.Input(shape, dtype=dtype), *body, parts[-1]])


def functional(shape, dtype, parts):
    """The same layers as a graph."""
    inputs = keras.Input(shape, dtype=dtype)
    return keras.Model(inputs, functools.reduce(lambda x, part: part(x), parts, inputs))


def skipping(shape, dtype, parts):
    """A graph in which the head sees its input twice, through one shared layer."""
    inputs = keras.Input(shape, dtype=dtype)
    x = functools.reduce(lambda x, part: part(x), parts[:-1], inputs)
    x = layers.Flatten()(x)
    shared = layers.Dense(x.shape[-1], activation="tanh", kernel_regularizer="l2")
    return keras.Model(inputs, parts[-1](layers.Concatenate()([x, shared(shared(x))])))


def fixed(shape, dtype, parts):
    """A model whose batches have six rows."""
    return keras.Sequential([keras.Input(batch_shape=(6, *shape), dtype=dtype), *parts])


class Subclassed(keras.Model):
    """A model whose code is its own."""

    def __init__(self, parts):
        super().__init__()
        self.parts = parts

    def call(self, x, training=False):
        """Call the layers in turn."""
        for part in self.parts:
            takes = "training" in part._call_signature.parameters
            x = part(x, training=training) if takes else part(x)
        return x


def subclassed(shape, dtype, parts):
    """The same layers, called by code."""
    return Subclassed(parts)


class Weighted(keras.Sequential):
    """A Sequential whose loss is its own."""

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        """Return twice the loss."""
        return 2 * super().compute_loss(x, y, y_pred, sample_weight, training)


def weighted(shape, dtype, parts):
    """A Sequential with a loss of its own."""
    return Weighted([keras.Input(shape, dtype=dtype), *parts])


ARCHITECTURES = [sequential] * 6 + [without_input, nesting, functional, skipping, subclassed]
ARCHITECTURES += [weighted, fixed]


# What is done to a model after it was built (before or after compile)


def _with_kernel(model):
    found = [
        layer for layer in model._flatten_layers() if getattr(layer, "kernel", None) is not None
    ]
    return [layer for layer in found if isinstance(layer, layers.Dense)][:1]


def constrain_late(model):
    """Constrain the variable, which Keras obeys."""
    for layer in _with_kernel(model):
        layer.kernel.constraint = keras.constraints.MaxNorm(0.2)


def constrain_layer_late(model):
    """Constrain the layer, which Keras ignores."""
    for layer in _with_kernel(model):
        layer.kernel_constraint = keras.constraints.MaxNorm(0.2)


def penalize_late(model):
    """Penalize the variable, which Keras obeys."""
    for layer in _with_kernel(model):
        layer.kernel.regularizer = keras.regularizers.L2(0.3)


def penalize_layer_late(model):
    """Penalize the layer, which Keras ignores."""
    for layer in _with_kernel(model):
        layer.kernel_regularizer = keras.regularizers.L2(0.3)


def activate_late(model):
    """Give a layer another activation."""
    for layer in _with_kernel(model)[:-1]:
        layer.activation = keras.activations.tanh


def freeze(model):
    """Freeze a layer."""
    for layer in _with_kernel(model):
        layer.trainable = False


def replace_call(model):
    """Replace the method of one layer."""
    for layer in _with_kernel(model):
        layer.call = functools.partial(_amplified, layer.call)


def _amplified(call, *args, **options):
    return 1.5 * call(*args, **options)


def replace_compute_loss(model):
    """Replace the method of the model."""
    original = model.compute_loss
    model.compute_loss = lambda *args, **options: 2 * original(*args, **options)


def set_rate(model):
    """Assign a learning rate."""
    if isinstance(model.optimizer, keras.optimizers.Optimizer) and not isinstance(
        model.optimizer._learning_rate, keras.optimizers.schedules.LearningRateSchedule
    ):
        model.optimizer.learning_rate = 0.02


def use_lora(model):
    """Train two factors of low rank instead of a kernel."""
    for layer in _with_kernel(model):
        layer.enable_lora(1)


BEFORE = [constrain_late, constrain_layer_late, penalize_late, penalize_layer_late]
BEFORE += [activate_late, freeze, replace_call, use_lora]
AFTER = [constrain_late, penalize_late, freeze, replace_call, replace_compute_loss, set_rate]


# Optimizers

schedules = st.one_of(
    few(
        [
            Call(K.optimizers.schedules.ExponentialDecay, 0.02, 4, 0.5, staircase=True),
            Call(K.optimizers.schedules.PiecewiseConstantDecay, [3, 6], [0.02, 0.01, 0.001]),
            Call(K.optimizers.schedules.PolynomialDecay, 0.02, 8, cycle=True),
            Call(K.optimizers.schedules.InverseTimeDecay, 0.02, 3, 0.5),
            Call(K.optimizers.schedules.CosineDecay, 0.0, 5, warmup_target=0.02, warmup_steps=3),
            Call(K.optimizers.schedules.CosineDecayRestarts, 0.02, 3),
            Call(OwnSchedule, 0.02),
        ]
    )
)
rates = st.one_of(few([0.001, 0.01, 0.02]), few([0.001, 0.01, 0.02]), schedules)
ACCUMULATION = seldom(few([2, 3]), times=2)
COMMON = {
    "learning_rate": rates,
    "clipnorm": seldom(few([0.05, 1.0]), times=5),
    "use_ema": few([False, False, True]),
    "ema_momentum": [0.5, 0.9],
    "ema_overwrite_frequency": seldom(few([2]), times=3),
    "weight_decay": seldom(few([0.01, 0.1]), times=2),
    "gradient_accumulation_steps": ACCUMULATION,
}
OPTIONS = {
    "SGD": {"momentum": [0.5, 0.9], "nesterov": [True]},
    "RMSprop": {"momentum": [0.5], "centered": [True], "rho": [0.5]},
    "Adam": {"beta_1": [0.5], "amsgrad": [True], "epsilon": [1e-3], "global_clipnorm": [0.5]},
    "AdamW": {"weight_decay": [0.1], "clipvalue": [0.1]},
    "Adadelta": {},
    "Adagrad": {"initial_accumulator_value": [0.5]},
    "Adamax": {"beta_2": [0.9]},
    "Adafactor": {"relative_step": [False], "beta_2_decay": [-0.5]},
    "Nadam": {"beta_1": [0.8]},
    "Ftrl": {"l1_regularization_strength": [0.01], "beta": [0.1]},
    "Lion": {"beta_1": [0.5]},
    "Lamb": {"beta_1": [0.5]},
    "Muon": {"adam_lr_ratio": [0.5], "exclude_embeddings": [False], "exclude_layers": [["dense"]]},
    "ScheduleFreeAdamW": {"warmup_steps": [2]},
}
OPTIMIZERS = {name: opts for name, opts in OPTIONS.items() if hasattr(K.optimizers, name)}


def excluding(optimizer):
    """Return an optimizer whose decay leaves kernels alone."""
    optimizer.exclude_from_weight_decay(var_names=["kernel"])
    return optimizer


@st.composite
def optimizers(draw):
    """Draw a name or a call of an optimizer."""
    name = draw(few(list(OPTIMIZERS)))
    if name not in ("Lamb", "ScheduleFreeAdamW") and draw(few([True] + 5 * [False])):
        return name.lower()
    options = {**COMMON, **OPTIMIZERS[name]}
    clips = [key for key in ("clipnorm", "clipvalue", "global_clipnorm") if key in options]
    for key in clips[:-1]:
        options.pop(key)  # Keras takes one
    call = draw(calls(getattr(K.optimizers, name), **options))
    if not call.kwargs.get("use_ema"):
        call.kwargs.pop("ema_overwrite_frequency", None)
    kind = draw(few(6 * [""] + ["scaled", "excluding", "own"]))
    if kind == "scaled":
        return Call(
            K.optimizers.LossScaleOptimizer,
            call,
            initial_scale=draw(few([4.0, 2.0**40])),
            dynamic_growth_steps=2,
        )
    if kind == "excluding" and name == "AdamW":
        return Call(excluding, call)
    return Call(OwnSGD, **call.kwargs) if kind == "own" and name == "SGD" else call


# Losses: what a head ends in, its targets, and what measures it

reductions = ["sum", "sum_over_batch_size", "mean_with_sample_weight"]
L = K.losses


def loss_calls(name, *args, **options):
    """Draw a loss of a class of Keras."""
    return calls(getattr(L, name), *args, **options, reduction=reductions)


either = st.one_of(
    few(["mse", "mae", "huber", "log_cosh", own_loss, total_loss, Call(OwnLoss), Call(OwnLoss, 2)]),
    few([functools.partial(scaled_loss, factor=0.5), lambda y, p: ops.mean((y - p) ** 2)]),
    loss_calls("MeanSquaredError"),
    loss_calls("Huber", delta=[0.1, 0.3]),
    loss_calls("LogCosh"),
    loss_calls("MeanAbsolutePercentageError"),
    loss_calls("MeanSquaredLogarithmicError"),
)
binary = st.one_of(
    either,
    few(["binary_crossentropy", "hinge", Call(L.Dice), Call(L.Tversky, alpha=0.3, beta=0.6)]),
    loss_calls("BinaryCrossentropy", label_smoothing=[0.1]),
    loss_calls("BinaryFocalCrossentropy", gamma=[1.0], apply_class_balancing=[True]),
    loss_calls("SquaredHinge"),
    loss_calls("Poisson"),
    loss_calls("Dice", axis=[0, -1]),
    loss_calls("Tversky", alpha=[0.3], beta=[0.4]),
)
classes = st.one_of(
    few(["sparse_categorical_crossentropy", L.sparse_categorical_crossentropy]),
    loss_calls("SparseCategoricalCrossentropy", ignore_class=[0, 1], from_logits=[True]),
)
onehot = st.one_of(
    either,
    few(["categorical_crossentropy", "kl_divergence", "categorical_hinge"]),
    loss_calls("CategoricalCrossentropy", label_smoothing=[0.1], from_logits=[True]),
    loss_calls("CategoricalFocalCrossentropy", alpha=[0.5], gamma=[1.0]),
    loss_calls("CosineSimilarity", axis=[0, 1, -1]),
    loss_calls("KLDivergence"),
    loss_calls("Dice", axis=[1, -1]),
)
regression = st.one_of(
    either, loss_calls("CosineSimilarity", axis=[0, -1]), loss_calls("MeanAbsoluteError")
)
embedding = loss_calls("Circle", gamma=[2.0], margin=[0.3])
M = K.metrics
HEADS = {
    "binary": (
        1,
        "sigmoid",
        binary,
        [
            "accuracy",
            "AUC",
            "mse",
            Call(M.Precision),
            Call(M.BinaryAccuracy, threshold=0.4),
            Call(M.F1Score),
        ],
    ),
    "classes": (3, "softmax", classes, ["accuracy", Call(M.SparseTopKCategoricalAccuracy, 2)]),
    "onehot": (
        3,
        "softmax",
        onehot,
        ["accuracy", Call(M.CategoricalCrossentropy), Call(M.Recall), Call(M.OneHotMeanIoU, 3)],
    ),
    "regression": (
        2,
        None,
        regression,
        ["mae", Call(M.RootMeanSquaredError), Call(M.R2Score), Call(M.CosineSimilarity, axis=-1)],
    ),
    "embedding": (2, "tanh", embedding, [Call(OwnMetric)]),
}
SHARED_METRICS = [
    own_metric,
    Call(OwnMetric),
    Call(M.MeanMetricWrapper, own_metric, name="wrapped"),
    Call(M.MeanSquaredError, name="squared"),
]


# Cases


def compiled(architecture, shape, dtype, parts, before=None, after=None, **compilation):
    """Return a compiled model."""
    model = architecture(shape, dtype, parts)
    if before and model.built:
        before(model)
    model.compile(**compilation)
    if after and model.built:
        after(model)
    return model


@st.composite
def stoppers(draw, names):
    """Draw an EarlyStopping."""
    monitor = draw(few(names))
    return Call(
        keras.callbacks.EarlyStopping,
        monitor,
        **draw(
            st.fixed_dictionaries(
                {"mode": few(["auto", "auto", "min", "max"])},
                optional={
                    "patience": few([0, 1, 2]),
                    "min_delta": few([0.0, 0.001, 0.05]),
                    "baseline": few([0.1, 0.6, 2.0]),
                    "start_from_epoch": few([1, 2]),
                    "restore_best_weights": few([True, True, False]),
                },
            )
        ),
    )


@st.composite
def options_of_fit(draw, kind, head, n, names, is_fixed):
    """Draw the arguments of fit."""
    flat = draw(st.booleans())
    arguments = {
        "x": Call(inputs, kind, n, draw(few(["float32", "float32", "float64"]))),
        "y": Call(targets, head, n, flat),
        "epochs": draw(few([3, 4, 6])),
        "batch_size": 6 if is_fixed else draw(few([None, 4, 5, n, n + 3])),
    }
    if (arguments["batch_size"] or 32) < n or draw(st.booleans()):
        arguments["shuffle"] = False
    validation = draw(few(["none", "pair", "pair", "triple", "split"]))
    rows = 6 if is_fixed else draw(few([5, 7]))
    pair = (Call(inputs, kind, rows), Call(targets, head, rows, flat))
    if validation == "pair":
        arguments["validation_data"] = pair
    elif validation == "triple":
        arguments["validation_data"] = (*pair, Call(weights, rows))
    elif validation == "split" and not is_fixed:
        arguments["validation_split"] = draw(few([0.2, 0.4]))
    if draw(few([True, False, False])):
        arguments["sample_weight"] = Call(weights, n)
    elif head in ("binary", "classes", "onehot") and draw(few([True, False, False])):
        arguments["class_weight"] = {0: 0.5, 1: 2.0, 2: 1.0}
    names = [
        *names,
        *(
            f"val_{name}"
            for name in names
            if {"validation_data", "validation_split"} & set(arguments)
        ),
    ]
    arguments["callbacks"] = draw(st.lists(stoppers(names), max_size=2))
    return arguments


POLICIES = 8 * ["float32"] + ["float64", "mixed_bfloat16", "mixed_float16", "bfloat16", "float16"]


@st.composite
def cases(draw):
    """Draw how a model is made, the arguments of fit, and a policy."""
    kind = draw(few(["table", "table", "table", "series", "tokens", "images"]))
    head = draw(few(list(HEADS)))
    units, activation, losses, metrics = HEADS[head]
    loss = draw(losses)
    if isinstance(loss, Call) and loss.kwargs.get("from_logits"):
        activation = None
    architecture = draw(few(ARCHITECTURES))
    parts = draw(BODIES[kind])
    if kind == "table" and draw(few([True, False, False])):
        parts = [*parts, draw(nested)]
    shared = [Call(OwnMetric)] if head == "embedding" else SHARED_METRICS
    measured = few([*metrics, *metrics, *shared])
    compilation = {
        "loss": loss,
        "optimizer": draw(optimizers()),
        "metrics": draw(st.lists(measured, max_size=2, unique_by=show)),
        "weighted_metrics": draw(seldom(st.lists(few(metrics[:1]), max_size=1), [], times=2)),
        "jit_compile": draw(few(["auto", "auto", False])),
    }
    if draw(few([True] + 7 * [False])):
        compilation["loss_weights"] = 0.5
    head_layer = Call(layers.Dense, units, activation=activation)
    make = Call(
        compiled,
        architecture,
        SHAPES[kind],
        "int32" if kind == "tokens" else None,
        [*parts, head_layer],
        before=draw(seldom(few(BEFORE), times=5)),
        after=draw(seldom(few(AFTER), times=5)),
        **compilation,
    )
    n = 12 if architecture is fixed else draw(few([7, 10, 12]))
    names = [
        "loss",
        *(name for name in compilation["metrics"] if isinstance(name, str) and name != "AUC"),
    ]
    arguments = draw(options_of_fit(kind, head, n, names, architecture is fixed))
    policy = draw(few(POLICIES))
    return make, arguments, policy


# A refusal is right for these only: a phrase of it, and what of the case it speaks of.
REFUSALS = {
    "is not a single number": "F1Score",
    "sets the weights to zero where model.fit builds it": "ScheduleFreeAdamW",
}


def tally(case, outcomes, failures):
    """Compare one case; count what came out, and keep what is wrong."""
    make, arguments, policy = case
    try:
        outcome = compare(make, arguments, policy=policy)
        kind, _, line = outcome.partition(": ")
        reasons = [p for p, word in REFUSALS.items() if p in line and word in show(make)]
        assert kind != "refused" or reasons, f"refused without need: {line}"
    except Exception as error:
        kind = "wrong"
        cause = f" ({type(error.__cause__).__name__}: {error.__cause__})" if error.__cause__ else ""
        failures.append(f"{show(make)}\nfit: {show(arguments)}\n{policy}: {error}{cause}"[:4000])
    hypothesis.event(kind)
    outcomes[kind] += 1
    if kind == "invalid" and os.environ.get("SHOW_INVALID"):
        print(outcome[:300], "\n   ", make, flush=True)


# Cases of one search, the first always the simplest. With more, hypothesis begins to repeat each
# with small changes.
EACH = 11


def search(seeds):
    """Compare EACH cases for each seed.

    Returns
    -------
    tuple
        A Counter of the outcomes of `compare` and "wrong", and a list of what is wrong.
    """
    outcomes, failures, seen = collections.Counter(), [], set()

    @hypothesis.settings(
        max_examples=EACH,
        database=None,
        deadline=None,
        phases=[hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    @hypothesis.given(cases())
    def each(case):
        if show(case) not in seen:  # every search begins with the simplest
            seen.add(show(case))
            tally(case, outcomes, failures)

    for seed in seeds:
        hypothesis.seed(seed)(each)()
    return outcomes, failures


SHARD = 3  # searches in one process: TensorFlow keeps what it has compiled, 20 MB a case


def shard(number, seed=0, count=SHARD):
    """Search by a few seeds; to be called in a process of its own."""
    warnings.simplefilter("ignore")
    first = seed + SHARD * number
    return search(range(first, first + count))


def processes(count):
    """Return a pool in which every call of shard has a new process."""
    spawn = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(count, spawn, max_tasks_per_child=1)


@pytest.mark.skipif(not os.environ.get("INSPECT"), reason="INSPECT=public searches at random")
def test_fit_gives_what_model_fit_gives():
    with processes(1) as pool:
        outcomes, failures = pool.submit(shard, 0).result()
    assert not failures, "\n\n".join(failures)
    assert outcomes.total() > 0.9 * SHARD * (EACH - 1)
    assert_most_are_equal(outcomes)


def assert_most_are_equal(outcomes):
    """A search that refuses, or finds model.fit itself unsteady, shows nothing."""
    total = sum(outcomes.values())
    assert outcomes["equal"] >= 0.8 * total, outcomes
    assert outcomes["refused"] <= 0.1 * total, outcomes


def main(arguments=None):
    """Search through many cases, and print what is wrong and the count."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=int, default=2000)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--seed", type=int, default=int(time.time()), help="repeats a search")
    given = parser.parse_args(arguments)
    total, wrong = collections.Counter(), 0
    print(f"{given.examples} examples with --seed {given.seed}", flush=True)
    count = -(-given.examples // (SHARD * (EACH - 1)))
    with processes(given.processes) as pool:
        futures = {pool.submit(shard, number, given.seed): number for number in range(count)}
        for future in as_completed(futures):
            outcomes, failures = future.result()
            total += outcomes
            wrong += len(failures)
            print(f"shard {futures[future]}: {dict(outcomes)}", flush=True)
            print("".join(f"\n{failure}\n" for failure in failures), end="", flush=True)
    print(f"{total.total()} examples: {', '.join(f'{n} {kind}' for kind, n in total.items())}")
    assert_most_are_equal(total)
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
