"""fit(): what `model.fit` does, with all epochs inside one compiled graph.

Keras drives its training from Python: a call for each batch, a call for the validation.
On a network as small as this book's the calls cost a thousand times more than the
arithmetic. Here Keras' own `train_step` and `test_step` stand inside a `tf.while_loop`,
so that one call of TensorFlow runs many epochs.

The graph of a Sequential of Keras' common layers belongs to a *twin*: a copy whose
penalties, dropout rates and learning rate are variables. The model's state is copied into
the twin, trained there and copied back. So the next model of the same architecture, on data
of the same shapes, compiles nothing, whatever its penalties and rates are. Any other model
is trained in a graph of its own, without XLA.
"""

import collections
import contextlib
import ctypes
import json
import os
import random
import threading
import time

from helpers import VersionError
from helpers.checks import whole
from helpers.progress import progress
import numpy as np


@contextlib.contextmanager
def _silence():
    """Send to nowhere what C++ code writes to standard error.

    TensorFlow 2.21 reports missing GPU drivers there at import, whatever its log level.
    """
    saved = os.dup(2)
    try:
        with open(os.devnull, "w") as nowhere:
            os.dup2(nowhere.fileno(), 2)
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)


with _silence():
    import keras
    import tensorflow as tf


def _release(library):
    return tuple(map(int, library.__version__.split(".")[:2]))


if _release(tf) < (2, 19):
    raise VersionError(f"the book needs TensorFlow 2.19 or newer, and this is {tf.__version__}")

tf.get_logger().setLevel("ERROR")  # no advice on retracing: here it is meant

# Before Keras 3.13 set_random_seed left keras.random where it was: the same seed, other batches.
_RESEEDS = _release(keras) >= (3, 13)
_RANDOM = keras.random.randint if _RESEEDS else tf.random.uniform

CHUNK = 250  # most epochs in one call of the graph: the length of its log buffer
EVALUATION_BATCH = 1024  # rows, where means do not depend on how they are batched
KEPT_TWINS = 32

_twins = collections.OrderedDict()
_lock = threading.Lock()


def fit(
    model,
    x,
    y,
    *,
    validation_data=None,
    epochs=1,
    batch_size=None,
    shuffle=True,
    callbacks=(),
    verbose=0,
    also_evaluate=None,
):
    """Train a compiled Keras model as `model.fit` does, in one compiled graph.

    Parameters
    ----------
    model : keras.Model
        Compiled, with one input and one output. Its weights, optimizer state and the seeds
        of its layers end where `model.fit` would leave them.
    x, y : array-like of shapes (n, ...) and (n,) or (n, ...)
        Training data, finite numbers.
    validation_data : tuple (x, y), default None
        Evaluated in inference mode after every epoch.
    epochs : int, default 1
    batch_size : int, default None
        None means 32, as in Keras.
    shuffle : bool, default True
        Whether every epoch takes the rows in a new order.
    callbacks : keras.callbacks.EarlyStopping or a list of them, default ()
        All options of EarlyStopping are honoured. No other callback is accepted.
    verbose : int, default 0
        1 shows a progress bar.
    also_evaluate : dict of tuples (x, y), default None
        What fit adds to `model.fit`: further data that are evaluated like the validation
        data, and logged under their name. `{"train": (x, y)}` logs `train_loss` and so on,
        in inference mode, which the running mean `loss` is not.

    Returns
    -------
    keras.callbacks.History
        Each quantity that Keras logs, one value per epoch: `loss` and the metrics are
        means over the epoch's batches in training mode, `val_...` are measured in
        inference mode. Both losses contain the penalties of the layers.

    Raises
    ------
    ValueError
        If an argument is unfit, or if only `model.fit` itself can do what is asked. The
        model is unchanged then.
    """
    _check_model(model)
    epochs = whole("epochs", epochs, least=1)
    batch_size = whole("batch_size", 32 if batch_size is None else batch_size, least=1)
    data = _check_data("x", x, "y", y)
    watched = _check_watched(validation_data, also_evaluate)
    stoppers = _check_callbacks(callbacks)
    if not model.built:
        model(data[0][:1])
    with _lock:
        twin = _twin_of(model, data, watched, batch_size, bool(shuffle))
        _check_monitors(stoppers, twin, watched)
        twin.load(model)
        try:
            return _train(model, twin, data, watched, epochs, stoppers, verbose)
        finally:
            twin.save(model)
            if not twin.has_run:
                _return_memory()
                twin.has_run = True


def predict(model, x):
    """Return the model's outputs for x in inference mode.

    The numbers of `model.predict(x, verbose=0)`, without the tenth of a second that it
    spends on tracing a graph for each new model.

    Parameters
    ----------
    model : keras.Model
    x : array-like of shape (n, ...)

    Returns
    -------
    numpy.ndarray of shape (n, ...)

    Raises
    ------
    ValueError
        If x is empty or has numbers that are not finite.
    """
    return np.concatenate(_outputs(model, _check_array("x", x)))


def evaluate(model, x, y):
    """Return a classifier's predictions on (x, y) and their mean cross-entropy.

    Keras computes the cross-entropy from the logits under a final sigmoid or softmax. So a
    prediction of 0.99999999 counts at its full distance from 1, which it does not when the
    loss is taken from rounded probabilities. No penalty is added.

    Parameters
    ----------
    model : keras.Model
        One sigmoid output, or a softmax over all classes.
    x : array-like of shape (n, ...)
    y : array-like of shape (n,) or (n, 1)
        The classes, from 0.

    Returns
    -------
    tuple
        The outputs, an array of shape (n, outputs), and the cross-entropy in nats, a float.

    Raises
    ------
    ValueError
        If the arrays are unfit or of different lengths, or the outputs are no probabilities.
    """
    x, y = _check_data("x", x, "y", y)
    outputs = _outputs(model, x)
    if not all(np.min(rows) >= 0 and np.max(rows) <= 1 for rows in outputs):
        raise ValueError(
            "model must end in a sigmoid or a softmax: its outputs are no probabilities"
        )
    several = outputs[0].shape[-1] > 1
    losses = keras.losses
    loss = losses.sparse_categorical_crossentropy if several else losses.binary_crossentropy
    labels = np.split(y.reshape(len(y), -1), np.cumsum([len(rows) for rows in outputs])[:-1])
    found = [loss(*pair) for pair in zip(labels, outputs, strict=True)]
    return np.concatenate(outputs), float(np.concatenate(found).mean())


def _outputs(model, x):
    """Return the model's outputs for x in inference mode, a tensor for each batch."""
    size = EVALUATION_BATCH * max(1, 16 // x[0].size)
    return [model(x[i : i + size], training=False) for i in range(0, len(x), size)]


# The loop


def _train(model, twin, data, watched, epochs, stoppers, verbose):
    """Run the twin in chunks of epochs, as long as EarlyStopping lets it.

    EarlyStopping sees the logs when the chunk has already run on. So the state before a
    chunk is kept, and the chunk runs again up to the epoch that is wanted.
    """
    watch = _Watch(twin.model.metrics)
    history = keras.callbacks.History()
    for callback in (history, *stoppers):
        callback.set_model(model if callback is history else watch)
        callback.set_params({"verbose": verbose, "epochs": epochs, "steps": twin.steps(data)})
        callback.on_train_begin()
    model.stop_training = False
    run, names = twin.runner(data, watched)
    before = {}  # first epoch of a chunk: the state before it
    first, size = 0, 1
    with progress(total=epochs, unit="epoch", shown=verbose) as bar:
        while first < epochs and not watch.stop_training:
            size = min(size, epochs - first)
            if stoppers:
                before[first] = twin.state()
            began = time.perf_counter()
            log = run(first, size)
            model.history = history
            done = _follow(stoppers, watch, first, names, log) if stoppers else size
            if done < size:
                twin.restore(before[first])
                run(first, done)
            for name, values in zip(names, log[:done].T.tolist(), strict=True):
                history.history.setdefault(name, []).extend(values)
            history.epoch.extend(range(first, first + done))
            wanted = {stopper.best_weights for stopper in stoppers} - {None}
            before = {start: before[start] for start in {_chunk_of(e, before) for e in wanted}}
            bar.update(done)
            slow = time.perf_counter() - began > 0.3
            first, size = first + done, max(1, size // 2) if slow else min(CHUNK, 4 * size)
    twin.model.optimizer.finalize_variable_values(twin.model.trainable_variables)
    _restore_best(model, twin, stoppers, before, run)
    model.stop_training = watch.stop_training
    return history


def _follow(stoppers, watch, first, names, log):
    """Show the logs of a chunk to EarlyStopping; return after how many epochs it stops."""
    for done, row in enumerate(log.tolist(), start=1):
        watch.epoch = first + done - 1
        for stopper in stoppers:
            stopper.on_epoch_end(watch.epoch, dict(zip(names, row, strict=True)))
            stopper.monitor_op = _QUICK.get(stopper.monitor_op, stopper.monitor_op)
        if watch.stop_training:
            break
    return done


def _restore_best(model, twin, stoppers, before, run):
    """End EarlyStopping as Keras does: best weights, but the optimizer's last state."""
    last, restored = twin.state(), None
    for stopper in stoppers:
        stopper.on_train_end()
        stopper.set_model(model)
        if stopper.best_weights is not None:
            start = _chunk_of(stopper.best_weights, before)
            twin.restore(before[start])
            run(start, stopper.best_weights - start + 1)
            stopper.best_weights = restored = twin.model.get_weights()
    twin.restore(last)
    if restored is not None:
        twin.model.set_weights(restored)


def _return_memory():
    """Give the system what compiling has freed, up to 100 MB: glibc would keep it."""
    with contextlib.suppress(AttributeError, OSError, TypeError):  # another C library
        ctypes.CDLL(None).malloc_trim(0)


class _Watch:
    """What EarlyStopping takes for the model: its best weights are an epoch's number."""

    def __init__(self, metrics):
        self.metrics = metrics
        self.epoch = 0
        self.stop_training = False

    def get_weights(self):
        return self.epoch

    def set_weights(self, epoch):
        """Do nothing: the weights come back when the chunk has run again."""


def _chunk_of(epoch, before):
    return max(start for start in before if start <= epoch)


# Keras compares floats as float32 tensors, at 0.1 ms a comparison.
_QUICK = {
    keras.ops.less: lambda a, b: np.float32(a) < np.float32(b),
    keras.ops.greater: lambda a, b: np.float32(a) > np.float32(b),
}


# The twin and its graph


def _twin_of(model, data, watched, batch_size, shuffle):
    """Return the twin that fits the model: a kept one, a new one, or the model itself."""
    signature = _signature(model)
    if signature is None:
        return _Twin(model, data, batch_size, shuffle)
    _check_labels(model, [data, *watched.values()])
    batch_size = min(batch_size, len(data[0]))
    pairs = [("", data), *watched.items()]
    shapes = [(name, [(a.shape, a.dtype.name) for a in pair]) for name, pair in pairs]
    key = json.dumps([signature, shapes, batch_size, shuffle])
    if key not in _twins:
        state = random.getstate()  # Keras seeds new layers from it
        try:
            _twins[key] = _Twin(_copy(model), data, batch_size, shuffle, copied=True)
        finally:
            random.setstate(state)
    _twins.move_to_end(key)
    while len(_twins) > KEPT_TWINS:
        _twins.popitem(last=False)
    return _twins[key]


class _Twin:
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
        jit = all(map(_suits_xla, _leaves(model))) if copied else model.jit_compile
        for layer in _leaves(model) if copied else ():
            if isinstance(layer, _Dropout):
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
        for ours, theirs in zip(_leaves(self.model), _leaves(model), strict=True):
            if isinstance(ours, _Dropout):
                ours.variable_rate.assign(theirs.rate)

    def save(self, model):
        """Give the state to the model."""
        if model is not self.model:
            for ours, theirs in self._pairs(model):
                theirs.assign(ours)

    def _pairs(self, model):
        for ours, theirs in zip(_leaves(self.model), _leaves(model), strict=True):
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
        seed = _RANDOM((2,), 0, 2**31 - 1, "int32") if shuffles else [0, 0]
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


class _Dropout(keras.layers.Dropout):
    """Dropout whose rate is a variable, with masks that XLA draws fast on a CPU."""

    def __init__(self, **config):
        super().__init__(**{**config, "rate": 0.5})
        self.variable_rate = tf.Variable(0.5, trainable=False)
        self.generator = "auto_select"

    def call(self, inputs, training=False):
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


# What the graph depends on

_layers = keras.layers
_KNOWN = {
    *(_layers.Dense, _layers.Dropout, _layers.BatchNormalization, _layers.GaussianNoise),
    *(_layers.Activation, _layers.ReLU, _layers.Flatten, _layers.Reshape, _layers.Rescaling),
    *(_layers.Conv2D, _layers.MaxPooling2D, _layers.AveragePooling2D),
    *(_layers.GlobalAveragePooling2D, _layers.RandomFlip, _layers.RandomTranslation),
    *(_layers.RandomRotation, _layers.RandomZoom, _layers.RandomShear),
}
_PENALTIES = {type(None), keras.regularizers.L1, keras.regularizers.L2, keras.regularizers.L1L2}
_COMPILED = ("loss", "loss_weights", "metrics", "weighted_metrics")


def _signature(model):
    """Return what decides the graph of a model, or None if its settings do not tell all.

    Settings tell all of a Sequential of known layers in which every function is Keras' own:
    only such a model is copied, and only its graph is kept.
    """
    layers = list(_leaves(model)) if type(model) is keras.Sequential else [model]
    known = (
        all(type(layer) in _KNOWN and _has_keras_activation(layer) for layer in layers)
        and all(type(weights.regularizer) in _PENALTIES for weights in model.weights)
        and model.input_shape[0] is None
        and _optimized(model) == list(map(id, model.trainable_variables))
        and not hasattr(model.optimizer, "_exclude_from_weight_decay")
    )
    if not known:
        return None
    compilation = model.get_compile_config()
    parts = [
        [(type(layer).__name__, _fixed(layer)) for layer in layers],
        [
            (tuple(w.shape), w.dtype, w.trainable, type(w.regularizer).__name__)
            for w in model.weights
        ],
        _fixed_optimizer(model.optimizer),
        [compilation[name] for name in _COMPILED],
        [model.input_shape, model.inputs[0].dtype],
    ]
    return parts if all(map(_is_keras_own, _dicts(parts))) else None


def _leaves(model):
    """Yield the layers of a Sequential, and those of every Sequential in it."""
    for layer in model.layers:
        if type(layer) is keras.Sequential:
            yield from _leaves(layer)
        else:
            yield layer


def _fixed(layer):
    """Return the settings of a layer that are constants of the graph."""
    free = {"name", "seed", "rate"} if _is_plain_dropout(layer) else {"name", "seed"}
    return {
        key: value
        for key, value in layer.get_config().items()
        if key not in free
        and not key.endswith("_initializer")
        and (key == "activity_regularizer" or not key.endswith("_regularizer"))
    }


def _fixed_optimizer(optimizer):
    """Return the settings of the optimizer, without a learning rate that is a variable."""
    settings = keras.optimizers.serialize(optimizer)
    free = {"name"} | ({"learning_rate"} if _rate_is_a_number(settings) else set())
    config = {key: value for key, value in settings["config"].items() if key not in free}
    return {**settings, "config": config}


def _rate_is_a_number(settings):
    return isinstance(settings["config"].get("learning_rate"), float)


def _optimized(model):
    """Return the identities of the variables that the optimizer was built for."""
    optimizer = getattr(model.optimizer, "inner_optimizer", model.optimizer)
    built_for = optimizer._trainable_variables if optimizer.built else model.trainable_variables
    return list(map(id, built_for))


def _has_keras_activation(layer):
    activation = getattr(layer, "activation", None)
    module = getattr(activation, "__module__", "keras")
    return module.partition(".")[0] == "keras"


def _is_keras_own(settings):
    """Whether a serialized object is Keras' own, and averages over a batch if it is a loss."""
    module = settings.get("module") or "keras"
    return (
        module.partition(".")[0] == "keras"
        and settings.get("class_name") != "__lambda__"
        and settings.get("reduction", "sum_over_batch_size") == "sum_over_batch_size"
    )


def _dicts(node):
    if isinstance(node, dict):
        yield node
        node = node.values()
    if not isinstance(node, str) and hasattr(node, "__iter__"):
        for child in node:
            yield from _dicts(child)


def _copy(model):
    """Return a compiled copy of a known model, with variables for its settings."""
    layers = []
    for layer in _leaves(model):
        config = {key: value for key, value in layer.get_config().items() if key != "name"}
        kind = _Dropout if _is_plain_dropout(layer) else type(layer)
        layers.append(kind.from_config(config))
    inputs = keras.Input(model.input_shape[1:], dtype=model.inputs[0].dtype)
    copy = keras.Sequential([inputs, *layers])
    for ours, theirs in zip(copy.weights, model.weights, strict=True):
        ours.regularizer = theirs.regularizer and _Penalty(theirs.regularizer)
        ours.trainable = theirs.trainable
    optimizer = keras.optimizers.serialize(model.optimizer)
    copy.compile_from_config({**model.get_compile_config(), "optimizer": optimizer})
    return copy


def _is_plain_dropout(layer):
    return type(layer) is keras.layers.Dropout and layer.noise_shape is None


def _suits_xla(layer):
    """Whether XLA can run the layer, and fast: Keras' own draws and convolutions are not."""
    draws = len(layer.variables) > len(layer.weights) and not isinstance(layer, _Dropout)
    return layer.supports_jit and not draws and not isinstance(layer, keras.layers.Conv2D)


# Checks


def _check_model(model):
    if not isinstance(model, keras.Model):
        raise ValueError(f"model must be a keras.Model, not {type(model).__name__}")
    if not model.compiled:
        raise ValueError("model is not compiled: call model.compile(loss=..., optimizer=...) first")
    if model.run_eagerly:
        raise ValueError("model is compiled with run_eagerly=True: train with model.fit")
    for step in ("train_step", "test_step"):
        if getattr(type(model), step) is not getattr(keras.Model, step):
            raise ValueError(f"model has a {step} of its own: train with model.fit")
    if not set(map(id, model.trainable_variables)) <= set(_optimized(model)):
        raise ValueError(
            "model.optimizer was built for other variables: call model.compile again, with a "
            "new optimizer"
        )
    for side in ("inputs", "outputs"):
        if len(getattr(model, side, None) or [0]) > 1:
            raise ValueError(f"model has several {side}: train with model.fit")


def _check_array(name, values):
    """Return finite numbers as an array, floats in Keras' precision."""
    try:
        values = np.asarray(values)
    except ValueError:  # rows of different lengths
        values = np.array(None)
    if values.dtype.kind not in "fiub" or values.ndim == 0:
        raise ValueError(
            f"{name} must be an array of numbers; for data sets and generators use model.fit"
        )
    if not len(values):
        raise ValueError(f"{name} is empty: pass one row or more")
    if values.dtype.kind == "f":
        values = values.astype(keras.backend.floatx())
        if not np.isfinite(values).all():
            raise ValueError(f"{name} contains NaN or infinity: drop or repair those rows first")
    return values


def _check_data(x_name, x, y_name, y):
    x, y = _check_array(x_name, x), _check_array(y_name, y)
    if len(x) != len(y):
        raise ValueError(
            f"{x_name} has {len(x)} rows and {y_name} has {len(y)}: give them the same length"
        )
    return x, y


def _check_labels(model, pairs):
    """Refuse classes that the model has no output for: XLA would make NaN of them."""
    loss = model.loss
    name = loss if isinstance(loss, str) else getattr(loss, "__name__", type(loss).__name__)
    if not name.lower().replace("_", "").startswith("sparsecategorical"):
        return
    last = model.output_shape[-1] - 1
    for _, y in pairs:
        if getattr(loss, "ignore_class", None) is None and not 0 <= y.min() <= y.max() <= last:
            raise ValueError(f"y has classes {y.min():g} to {y.max():g}: the model has 0 to {last}")


def _check_watched(validation_data, also_evaluate):
    """Return the data that are evaluated after each epoch: a dict of pairs, "val" first."""
    if not isinstance(also_evaluate, (dict, type(None))):
        raise ValueError('also_evaluate must be a dict such as {"train": (x, y)}')
    watched = {} if validation_data is None else {"val": ("validation_data", validation_data)}
    for name, pair in (also_evaluate or {}).items():
        if not isinstance(name, str) or not name.isidentifier() or name == "val":
            raise ValueError(f"also_evaluate: {name!r} is no name for a log: call it train or test")
        watched[name] = (f"also_evaluate[{name!r}]", pair)
    return {name: _check_pair(*given) for name, given in watched.items()}


def _check_pair(name, pair):
    if not isinstance(pair, (tuple, list)) or len(pair) != 2:
        raise ValueError(f"{name} must be a pair (x, y); for anything else use model.fit")
    return _check_data(f"{name}[0]", pair[0], f"{name}[1]", pair[1])


def _check_callbacks(callbacks):
    if isinstance(callbacks, keras.callbacks.Callback):
        callbacks = [callbacks]
    callbacks = list(callbacks or ())
    for callback in callbacks:
        if type(callback) is not keras.callbacks.EarlyStopping:
            raise ValueError(
                f"callbacks: fit honours keras.callbacks.EarlyStopping only; "
                f"with {type(callback).__name__} train with model.fit"
            )
    return callbacks


def _check_monitors(stoppers, twin, watched):
    """Refuse what EarlyStopping cannot follow, before anything is trained."""
    names = twin.logged(watched)
    for stopper in stoppers:
        name = stopper.monitor
        if name not in names:
            remedy = (
                "pass validation_data=(x, y)"
                if name.removeprefix("val_") in twin.names
                else f"monitor one of {', '.join(names)}"
            )
            raise ValueError(f"EarlyStopping monitors {name!r}, which is not logged: {remedy}")
        rehearsal = keras.callbacks.EarlyStopping(name, mode=stopper.mode)
        rehearsal.set_model(_Watch(twin.model.metrics))
        rehearsal.on_train_begin()
        rehearsal.on_epoch_end(0, {name: 0.0})
