"""The model in which training happens, and its compiled graph."""

import collections
import json
import random

from helpers.training.checks import check_labels
from helpers.training.evaluation import EVALUATION_BATCH
from helpers.training.libraries import RANDOM, keras, tf
from helpers.training.signature import is_plain_dropout, leaves, signature
import numpy as np

CHUNK = 250  # most epochs in one call of the graph: the length of its log buffer
KEPT_TWINS = 32

twins = collections.OrderedDict()


def twin_of(model, data, watched, batch_size, shuffle):
    """Return the twin that fits the model: a kept one, a new one, or the model itself."""
    settings = signature(model)
    if settings is None:
        return Twin(model, data, batch_size, shuffle)
    check_labels(model, [data, *watched.values()])
    batch_size = min(batch_size, len(data[0]))
    pairs = [("", data), *watched.items()]
    shapes = [(name, [(a.shape, a.dtype.name) for a in pair]) for name, pair in pairs]
    key = json.dumps([settings, shapes, batch_size, shuffle])
    if key not in twins:
        state = random.getstate()  # Keras seeds new layers from it
        try:
            twins[key] = Twin(_copy(model), data, batch_size, shuffle, copied=True)
        finally:
            random.setstate(state)
    twins.move_to_end(key)
    while len(twins) > KEPT_TWINS:
        twins.popitem(last=False)
    return twins[key]


class Twin:
    """A model in which training happens, and its compiled graph."""

    def __init__(self, model, data, batch_size, shuffle, copied=False):
        self.model, self.batch_size, self.shuffle = model, batch_size, shuffle
        self.has_run = False
        self.evaluation_batch = EVALUATION_BATCH if copied else batch_size
        model.optimizer.build(model.trainable_variables)
        x, y = (a[:1] for a in data)
        outputs = model(x, training=False)
        model.compute_loss(x, y, outputs)
        self.names = sorted(model.compute_metrics(x, y, outputs))
        model.reset_metrics()
        jit = all(map(_suits_xla, leaves(model))) if copied else model.jit_compile
        for layer in leaves(model) if copied else ():
            if isinstance(layer, Dropout):
                layer.generator = "threefry" if jit else "auto_select"
        self.variables = [*model.variables, *model.optimizer.variables]
        self.graph = tf.function(self._epochs, jit_compile=jit, autograph=False)

    def load(self, model):
        """Take over the model's state and its settings."""
        if model is self.model:
            return
        model.optimizer.build(model.trainable_variables)
        for ours, theirs in self._pairs(model):
            ours.assign(theirs)
        for ours, theirs in zip(self.model.weights, model.weights, strict=True):
            if ours.regularizer is not None:
                ours.regularizer.load(theirs.regularizer)
        for ours, theirs in zip(leaves(self.model), leaves(model), strict=True):
            if isinstance(ours, Dropout):
                ours.variable_rate.assign(theirs.rate)

    def save(self, model):
        """Give the state to the model."""
        if model is not self.model:
            for ours, theirs in self._pairs(model):
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

    def steps(self, data):
        """Return the number of batches in an epoch."""
        return -(-len(data[0]) // self.batch_size)

    def logged(self, watched):
        """Return the names of what an epoch logs."""
        return self.names + [f"{part}_{name}" for part in watched for name in self.names]

    def runner(self, data, watched):
        """Return run(first, count), which trains and returns logs, and their names."""
        shuffles = self.shuffle and self.steps(data) > 1
        seed = RANDOM((2,), 0, 2**31 - 1, "int32") if shuffles else [0, 0]
        seed = tf.constant(np.asarray(seed, "int32"))
        data = tuple(map(tf.constant, data))
        pairs = [tuple(map(tf.constant, pair)) for pair in watched.values()]

        def run(first, count):
            log = self.graph(tf.constant(first), tf.constant(count), seed, data, pairs)
            return log.numpy()[:count]

        return run, self.logged(watched)

    def _epochs(self, first, count, seed, data, watched):
        """Train `count` epochs; return their logs, one row per epoch."""

        def epoch(i, log):
            rows = self._order(data[0].shape[0], seed + tf.stack([0, first + i]))
            logs = self._pass(self.model.train_step, data, self.batch_size, rows)
            for pair in watched:
                rows = tf.range(pair[0].shape[0])
                logs += self._pass(self.model.test_step, pair, self.evaluation_batch, rows)
            return i + 1, tf.tensor_scatter_nd_update(log, [[i]], [tf.stack(logs)])

        width = len(self.names) * (1 + len(watched))
        start = [tf.constant(0), tf.zeros([CHUNK, width])]
        return tf.while_loop(lambda i, log: i < count, epoch, start)[1]

    def _order(self, n, seed):
        if not self.shuffle or n <= self.batch_size:
            return tf.range(n)
        return tf.argsort(tf.random.stateless_uniform([n], seed))

    def _pass(self, step, data, size, rows):
        """Take one step per batch of rows; return the values of the metrics."""
        self.model.reset_metrics()
        n = data[0].shape[0]

        def batch(i):
            chosen = tf.slice(rows, [i * size], [size])
            step(tuple(tf.gather(a, chosen) for a in data))
            return [i + 1]

        if n <= size:
            step(data)
        else:
            tf.while_loop(lambda i: i < n // size, batch, [tf.constant(0)])
            if n % size:
                step(tuple(tf.gather(a, rows[n - n % size :]) for a in data))
        values = self.model.get_metrics_result()
        for name, value in values.items():
            if np.ndim(value):
                raise ValueError(f"metric {name!r} is not a single number: train with model.fit")
        return [tf.cast(values[name], tf.float32) for name in self.names]


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
        draws = tf.random.stateless_uniform(tf.shape(inputs), seed, alg=self.generator)
        kept = tf.cast(draws >= self.variable_rate, inputs.dtype)
        return tf.math.divide_no_nan(inputs * kept, tf.cast(1 - self.variable_rate, inputs.dtype))


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


def _copy(model):
    """Return a compiled copy of a known model, with variables for its settings."""
    layers = []
    for layer in leaves(model):
        config = {key: value for key, value in layer.get_config().items() if key != "name"}
        kind = Dropout if is_plain_dropout(layer) else type(layer)
        layers.append(kind.from_config(config))
    inputs = keras.Input(model.input_shape[1:], dtype=model.inputs[0].dtype)
    copy = keras.Sequential([inputs, *layers])
    for ours, theirs in zip(copy.weights, model.weights, strict=True):
        ours.regularizer = theirs.regularizer and _Penalty(theirs.regularizer)
        ours.trainable = theirs.trainable
    optimizer = keras.optimizers.serialize(model.optimizer)
    copy.compile_from_config({**model.get_compile_config(), "optimizer": optimizer})
    return copy


def _suits_xla(layer):
    """Whether XLA can run the layer, and fast: Keras' own draws and convolutions are not."""
    draws = len(layer.variables) > len(layer.weights) and not isinstance(layer, Dropout)
    return layer.supports_jit and not draws and not isinstance(layer, keras.layers.Conv2D)
