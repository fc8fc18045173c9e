"""A copy of a model that is trained in its place, so that its compiled graph can be kept."""

import collections
import json
import random
import warnings

from helpers.training.equality import have_same_attributes, is_same
from helpers.training.graph import Graph, build
from helpers.training.libraries import keras, tf
from helpers.training.signature import averages_rows, is_plain_dropout, leaves, signature

KEPT_TWINS = 32
EVALUATION_BATCH = 1024  # rows, where means do not depend on how they are batched

twins = collections.OrderedDict()


def graph_of(model, data, watched, batch_size, shuffle):
    """Return where a built model is trained: in a kept twin, a new one, or the model itself."""
    settings = signature(model)
    shapes = [(name, _shapes(part)) for name, part in [("", data), *watched.items()]]
    key = settings and json.dumps([settings, shapes, batch_size, shuffle])
    twin = twins.get(key) or (key and _new_twin(model, data, batch_size, shuffle))
    if not twin or not twin.equals(model):
        return Graph(model, batch_size, shuffle, batch_size, model.jit_compile)
    twins[key] = twin
    twins.move_to_end(key)
    while len(twins) > KEPT_TWINS:
        twins.popitem(last=False)
    return twin


def _shapes(part):
    return [(a.shape, a.dtype.name) for a in part]


def _new_twin(model, data, batch_size, shuffle):
    """Return a new twin, or None for a model that Keras cannot make again."""
    state = random.getstate()  # Keras seeds new layers from it
    try:
        return Twin(_copy(model, data), model, batch_size, shuffle)
    except Exception:  # whatever it is: the model itself is trained then
        return None
    finally:
        random.setstate(state)


class Twin(Graph):
    """A copy whose penalties, dropout rates and learning rate are variables."""

    replays = True

    def __init__(self, copy, model, batch_size, shuffle):
        rows = EVALUATION_BATCH if averages_rows(copy) else batch_size
        super().__init__(copy, batch_size, shuffle, rows, _jit(model, copy))
        for layer in leaves(copy):
            if isinstance(layer, Dropout):
                layer.generator = "threefry" if copy.jit_compile else "auto_select"
        optimizer = copy.optimizer
        self.variables = [*copy.variables, *optimizer.variables, *copy.metrics_variables]

    def equals(self, model):
        """Whether the copy does what the model does, once it has the model's state."""
        mine, theirs = _decisive(self.model), _decisive(model)
        return (
            is_same(mine, theirs)
            and all(map(_is_same_layer, leaves(self.model), leaves(model)))
            and all(map(_treated_alike, self.model.weights, model.weights))
            and have_same_attributes(self.model.optimizer, model.optimizer)
        )

    def load(self, model):
        """Take over the model's state and its settings."""
        for ours, theirs in self._pairs(model):
            ours.assign(theirs)
        for ours, theirs in zip(self.model.weights, model.weights, strict=True):
            if ours.regularizer is not None:
                ours.regularizer.load(theirs.regularizer)
        for ours, theirs in zip(leaves(self.model), leaves(model), strict=True):
            if isinstance(ours, Dropout):
                ours.variable_rate.assign(theirs.rate)

    def save(self, model):
        """Give the state to the model, and its metrics what they have measured last."""
        metrics = zip(self.model.metrics_variables, model.metrics_variables, strict=True)
        for ours, theirs in [*self._pairs(model), *metrics]:
            theirs.assign(ours)

    def _pairs(self, model):
        for ours, theirs in zip(leaves(self.model), leaves(model), strict=True):
            if theirs.variables:  # Dropout(0) has no seed, its twin has one
                yield from zip(ours.variables, theirs.variables, strict=True)
        yield from zip(self.model.optimizer.variables, model.optimizer.variables, strict=True)

    def state(self):
        """Return a copy of everything that training changes."""
        return [tf.identity(variable.value) for variable in self.variables]

    def restore(self, state):
        """Go back to a copy."""
        for variable, value in zip(self.variables, state, strict=True):
            variable.assign(value)


class Dropout(keras.layers.Dropout):
    """Dropout whose rate is a variable, with masks that XLA draws fast on a CPU."""

    def __init__(self, **config):
        super().__init__(**{**config, "rate": 0.5})
        self.variable_rate = tf.Variable(0.5, trainable=False)
        self.generator = "auto_select"

    def call(self, inputs, training=False):
        """Draw a mask, in training."""
        if not training:
            return inputs
        seed = tf.cast(self.seed_generator.next(), tf.int32)
        rate = self.variable_rate

        def drop():
            draws = tf.random.stateless_uniform(tf.shape(inputs), seed, alg=self.generator)
            kept = tf.cast(draws >= rate, inputs.dtype)
            return tf.math.divide_no_nan(inputs * kept, tf.cast(1 - rate, inputs.dtype))

        return tf.cond(rate > 0, drop, lambda: inputs)  # a mask takes as long as the rest


class _Penalty(keras.regularizers.Regularizer):
    """The terms of an L1, L2 or L1L2 penalty, whose factors are variables."""

    _OF = {"l1": tf.abs, "l2": tf.square}

    def __init__(self, regularizer):
        names = [name for name in self._OF if hasattr(regularizer, name)]
        self.factors = {name: tf.Variable(0.0, trainable=False) for name in names}

    def load(self, regularizer):
        for name, factor in self.factors.items():
            factor.assign(getattr(regularizer, name))

    def __call__(self, weights):
        return sum(
            tf.cast(factor, weights.dtype) * tf.reduce_sum(self._OF[name](weights))
            for name, factor in self.factors.items()
        )


def _copy(model, data):
    """Return a compiled and built copy of a known model, with variables for its settings."""
    layers = []
    for number, layer in enumerate(leaves(model)):
        config = {**layer.get_config(), "name": f"{number}_{layer.name}"}
        kind = Dropout if is_plain_dropout(layer) else type(layer)
        layers.append(kind.from_config(config))
    inputs = keras.Input(model.input_shape[1:], dtype=model.inputs[0].dtype)
    copy = keras.Sequential([inputs, *layers], name=model.name)
    for ours, theirs in zip(copy.weights, model.weights, strict=True):
        constraint = theirs.constraint
        ours.regularizer = theirs.regularizer and _Penalty(theirs.regularizer)
        ours.constraint = constraint and type(constraint).from_config(constraint.get_config())
        ours.trainable = theirs.trainable
    optimizer = keras.optimizers.serialize(model.optimizer)
    copy.compile_from_config({**model.get_compile_config(), "optimizer": optimizer})
    build(copy, data, batch_size=None)
    return copy


def _decisive(model):
    """Return what decides the losses and metrics of a compiled and built model."""
    losses = [(part.loss, part.loss_weights) for part in model._compile_loss._flat_losses]
    compiled = model._compile_metrics
    metrics = [list_ and list_.metrics for list_ in compiled._flat_metrics] if compiled else []
    weighted = [
        list_ and list_.metrics for list_ in (compiled._flat_weighted_metrics if compiled else [])
    ]
    return [losses, metrics, weighted, model._loss_tracker]


def _is_same_layer(ours, theirs):
    free = {"rate", "variable_rate", "generator", "seed_generator", "supports_masking"}
    if isinstance(ours, Dropout):
        return is_plain_dropout(theirs) and have_same_attributes(ours, theirs, but=free)
    return type(ours) is type(theirs) and have_same_attributes(ours, theirs)


def _treated_alike(ours, theirs):
    """Whether the optimizer does to both variables the same, once penalties are loaded."""
    return is_same(ours.constraint, theirs.constraint) and is_same(
        getattr(ours, "overwrite_with_gradient", False),
        getattr(theirs, "overwrite_with_gradient", False),
    )


def _jit(model, copy):
    """Whether XLA compiles the graph: as the model asks, or else where that is faster.

    A model says nothing of its own where it has what "auto" comes to, False on a CPU.
    """
    auto = any(device.device_type != "CPU" for device in tf.config.list_physical_devices())
    wanted = model.jit_compile if model.jit_compile != auto else all(map(_suits_xla, leaves(copy)))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Keras sets it to False where XLA cannot be had
        copy.jit_compile = wanted
    return copy.jit_compile


def _suits_xla(layer):
    """Whether XLA can run the layer, and fast: Keras' own draws and convolutions are not."""
    draws = len(layer.variables) > len(layer.weights) and not isinstance(layer, Dropout)
    return layer.supports_jit and not draws and not isinstance(layer, keras.layers.Conv2D)
