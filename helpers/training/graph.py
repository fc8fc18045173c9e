"""A model, and the compiled graph in which it is trained."""

import contextlib
import re

from helpers.training.checks import name_of
from helpers.training.libraries import keras, tf
import numpy as np
from tensorflow.python.eager import context

REMEDY = "train with model.fit"
CHUNK = 250  # most epochs in one call of the graph: the length of its log buffer
_COMPLETE = (keras.metrics.Mean, keras.metrics.AUC, keras.metrics.Precision, keras.metrics.Recall)


def build(model, data, batch_size):
    """Build what is not built, on shapes alone: nothing runs, and no state advances."""
    rows = 1 if batch_size == 1 else None
    batch = tuple(keras.KerasTensor((rows, *a.shape[1:]), a.dtype.name) for a in data)
    with _one_line("trained on x and y"):
        if model.built and hasattr(model, "outputs"):
            _build_compiled(model, batch)
        with _optimizer_at_rest(model):
            model._symbolic_build(data_batch=batch)


@contextlib.contextmanager
def _optimizer_at_rest(model):
    """Keep from being built an optimizer that has nothing to train, as `model.fit` does."""
    optimizer = model.optimizer
    if not model.trainable_variables and model.built:
        model.optimizer = None
    try:
        yield
    finally:
        model.optimizer = optimizer


def _build_compiled(model, batch):
    """Build loss and metrics as their first call would, without tracing it."""
    output = keras.KerasTensor((batch[0].shape[0], *model.outputs[0].shape[1:]))
    loss, metrics = model._compile_loss, model._compile_metrics
    if loss is not None and not loss.built:
        loss.build(batch[1], output)
    if metrics is not None and not metrics.built:
        metrics.build(batch[1], output)
        # Other metrics make their variables when they are called.
        metrics.built = all(
            isinstance(metric, _COMPLETE) and metric.variables for metric in metrics.metrics
        )


class Graph:
    """A built model, and the graph in which it is trained, epochs at a time."""

    replays = False  # whether an epoch that runs again from the same state is the same

    def __init__(self, model, batch_size, shuffle, evaluation_batch, jit):
        self.model, self.batch_size, self.shuffle = model, batch_size, shuffle
        self.evaluation_batch = evaluation_batch
        self.has_run = False
        values = model.get_metrics_result()
        _check_values(values)
        self.names = sorted(values)
        self.graph = tf.function(self._epochs, jit_compile=jit, autograph=False)

    def load(self, model):
        """Take over the model's state: here it is the model itself."""

    def save(self, model):
        """Give the state to the model: here it has it."""

    def steps(self, data):
        """Return the number of batches in an epoch."""
        return -(-len(data[0]) // self.batch_size)

    def logged(self, parts):
        """Return the names of what an epoch logs."""
        shown = sorted(self.names + [f"val_{name}" for name in self.names if "val" in parts])
        return shown + [f"{part}_{name}" for part in parts if part != "val" for name in self.names]

    def runner(self, data, watched, steps_taken):
        """Return run(first, count), which trains and returns logs, and their names.

        The graph is traced here: what cannot be trained fails before anything is.
        """
        shuffles = self.shuffle and self.steps(data) > 1
        seed = tf.constant(shuffling_seed(steps_taken) if shuffles else [0, 0])
        data = tuple(map(tf.constant, data))
        pairs = [tuple(map(tf.constant, given)) for given in watched.values()]
        self.parts = list(watched)
        self.graph.get_concrete_function(tf.constant(0), tf.constant(1), seed, data, pairs)

        def run(first, count):
            log = self.graph(tf.constant(first), tf.constant(count), seed, data, pairs)
            return log.numpy()[:count]

        return run, self.logged(watched)

    def _epochs(self, first, count, seed, data, watched):
        """Train `count` epochs; return their logs, one row per epoch."""

        def epoch(i, log):
            rows = self._order(data[0].shape[0], seed + tf.stack([0, first + i]))
            with _one_line("trained on x and y"):
                logs = self._pass(self.model.train_step, data, self.batch_size, rows)
            logs |= self._evaluate(dict(zip(self.parts, watched, strict=True)))
            row = tf.stack([logs[name] for name in names])
            return i + 1, tf.tensor_scatter_nd_update(log, [[i]], [row])

        names = self.logged(self.parts)
        start = [tf.constant(0), tf.zeros([CHUNK, len(names)], "float64")]
        return tf.while_loop(lambda i, log: i < count, epoch, start)[1]

    def _evaluate(self, watched):
        """Return the logs of all that is watched.

        The model's metrics are left with what `model.fit` leaves in them: with the
        validation's, or else with the training's.
        """
        kept = self.model.metrics_variables if watched and "val" not in watched else []
        trained, logs = [tf.identity(variable.value) for variable in kept], {}
        for part in sorted(watched, key="val".__eq__):
            rows = tf.range(watched[part][0].shape[0])
            with _one_line(f"evaluated on {name_of(part)}"):
                found = self._pass(self.model.test_step, watched[part], self.evaluation_batch, rows)
            logs |= {f"{part}_{name}": value for name, value in found.items()}
        for variable, value in zip(kept, trained, strict=True):
            variable.assign(value)
        return logs

    def _order(self, n, seed):
        if not self.shuffle or n <= self.batch_size:
            return tf.range(n)
        return tf.argsort(tf.random.stateless_uniform([n], seed))

    def _pass(self, step, data, size, rows):
        """Take one step per batch of rows; return the values of the metrics."""
        self.model.reset_metrics()
        n, logs = data[0].shape[0], {}

        def batch(i):
            chosen = tf.slice(rows, [i * size], [size])
            logs.update(step(tuple(tf.gather(a, chosen) for a in data)))
            return [i + 1]

        if n <= size:
            logs = step(data)
        else:
            tf.while_loop(lambda i: i < n // size, batch, [tf.constant(0)])
            if n % size:
                step(tuple(tf.gather(a, rows[n - n % size :]) for a in data))
        values = self.model.get_metrics_result()
        if not set(logs) == set(values) == set(self.names):
            raise ValueError(f"model logs more than its metrics, or their number changes: {REMEDY}")
        _check_values(values)  # outside a graph older versions of Keras make floats of them
        return {name: tf.cast(value, "float64") for name, value in values.items()}


def shuffling_seed(steps_taken):
    """Return what the order of the rows is drawn from, without advancing any generator.

    It follows from the seed of `keras.utils.set_random_seed`, if one is set, and from the
    steps that the optimizer has taken, so that a second call goes on with other orders.
    """
    seed = context.global_seed()
    entropy = None if seed is None else [seed % 2**64, steps_taken]
    return np.random.SeedSequence(entropy).generate_state(2).astype("int32")


def _check_values(values):
    for name, value in values.items():
        if np.ndim(value):
            raise ValueError(f"metric {name!r} is not a single number: {REMEDY}")


@contextlib.contextmanager
def _one_line(what):
    """Say in one line, above Keras' own, what the model cannot do."""
    try:
        yield
    except (ValueError, TypeError, RuntimeError, tf.errors.OpError) as error:
        if str(error).endswith(REMEDY):  # a refusal of fit's own
            raise
        text = re.sub(r"\x1b\[\d+m", "", str(error)).rpartition("Exception encountered:")[2]
        lines = [line.strip(" '\"") for line in text.splitlines()]
        lines = [line for line in lines if line and not line.startswith("Exception encountered")]
        reason = lines[0] if lines else type(error).__name__
        raise ValueError(f"model cannot be {what}: {reason}") from error
