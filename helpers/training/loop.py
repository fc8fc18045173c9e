"""The call, and the loop that drives the compiled graph and Keras' EarlyStopping."""

import contextlib
import ctypes
import threading
import time

from helpers.checks import whole
from helpers.progress import progress
from helpers.training.checks import (
    check_labels,
    check_model,
    check_other_arguments,
    check_shapes,
    check_shuffle,
    check_watched,
    check_weighted_data,
    split_off_validation,
    weigh_classes,
)
from helpers.training.graph import CHUNK, build
from helpers.training.libraries import keras
from helpers.training.stopping import Watch, check_callbacks, check_monitors, follow, given_back
from helpers.training.twin import graph_of
from helpers.training.undo import unchanged_on_error

_lock = threading.Lock()


def fit(
    model,
    x,
    y=None,
    *,
    validation_data=None,
    validation_split=0.0,
    class_weight=None,
    sample_weight=None,
    epochs=1,
    batch_size=None,
    shuffle=True,
    callbacks=(),
    verbose=0,
    also_evaluate=None,
    **others,
):
    """Train a compiled Keras model as `model.fit` does, in one compiled graph.

    Parameters
    ----------
    model : keras.Model
        Compiled, with one input and one output. Its weights, metrics, optimizer state and
        the seeds of its layers end where `model.fit` would leave them.
    x, y : array-like of shapes (n, ...) and (n,) or (n, ...)
        Training data, finite numbers.
    validation_data : tuple (x, y) or (x, y, sample_weight), default None
        Evaluated in inference mode after every epoch.
    validation_split : float from 0 up to 1, default 0
        The share of the rows, the last ones, that is used as validation data and not
        trained on. It has no effect where validation_data is given.
    class_weight : dict of int to float, default None
        What the loss of a row of each class is multiplied by; 1 for a class that is left out.
        Validation data are not weighted by it.
    sample_weight : array-like of shape (n,), default None
        What the loss of each row is multiplied by. Either this or class_weight.
    epochs : int, default 1
    batch_size : int, default None
        Rows in a step, of training and of validation. None means 32, as in Keras.
    shuffle : bool, default True
        Whether every epoch takes the rows in a new order. The orders follow from the seed of
        `keras.utils.set_random_seed` and the steps taken so far; no generator is advanced.
    callbacks : keras.callbacks.EarlyStopping or a list of them, default ()
        All options of EarlyStopping are honored. No other callback is accepted.
    verbose : int, default 0
        1 shows a progress bar.
    also_evaluate : dict of tuples (x, y) or (x, y, sample_weight), default None
        What fit adds to `model.fit`: further data that are evaluated like the validation
        data, and logged under their name. `{"train": (x, y)}` logs `train_loss` and so on,
        in inference mode, which the running mean `loss` is not.
    **others
        Whatever else `model.fit` takes (initial_epoch, validation_freq, ...) is refused by
        name, unless it has Keras' default.

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
        model, its optimizer and the random generators are unchanged then.
    TypeError
        If an argument is not one of `model.fit` either.
    """
    check_other_arguments(others)
    check_model(model)
    epochs = whole("epochs", epochs, least=1)
    batch_size = whole("batch_size", 32 if batch_size is None else batch_size, least=1)
    shuffle = check_shuffle(shuffle)
    data = check_weighted_data("", x, y, sample_weight)
    if validation_data is None:  # otherwise, as in Keras, it stands in the place of the split
        data, validation_data = split_off_validation(data, validation_split)
    if class_weight is not None:
        data = weigh_classes(data, class_weight)
    watched = check_watched(validation_data, also_evaluate)
    stoppers = check_callbacks(callbacks)
    with _lock:
        with unchanged_on_error(model):
            check_shapes(model, {"": data, **watched})
            build(model, data, batch_size)
            check_labels(model, {"": data, **watched})
            graph = graph_of(model, data, watched, batch_size, shuffle)
            check_monitors(stoppers, graph, watched)
            run, names = graph.runner(data, watched, int(model.optimizer.iterations))
        graph.load(model)
        try:
            steps = graph.steps(data)
            history = _begin(model, {"verbose": verbose, "epochs": epochs, "steps": steps})
            with given_back(stoppers, model):
                _train(model, graph, run, names, history, stoppers)
            return history
        finally:
            graph.save(model)
            if not graph.has_run:
                _return_memory()
                graph.has_run = True


def _begin(model, parameters):
    """Return an empty History of the model."""
    history = keras.callbacks.History()
    history.set_model(model)
    history.set_params(parameters)
    history.on_train_begin()
    model.stop_training = False
    return history


def _train(model, graph, run, names, history, stoppers):
    """Run the graph in chunks of epochs, as long as EarlyStopping lets it.

    EarlyStopping sees the logs when a chunk has already run on. So the state before a chunk
    is kept, and the chunk runs again up to the epoch that is wanted. Where it might not be
    the same again, as in a layer that draws from a generator of its own, a chunk is one epoch.
    """
    watch = Watch(graph.model.metrics) if graph.replays else model
    for stopper in stoppers:
        stopper.set_model(watch)
        stopper.set_params(history.params)
        stopper.on_train_begin()
    before = {}  # first epoch of a chunk: the state before it
    epochs, first, size = history.params["epochs"], 0, 1
    with progress(total=epochs, unit="epoch", shown=history.params["verbose"]) as bar:
        while first < epochs and not watch.stop_training:
            size = min(size, epochs - first)
            if stoppers and graph.replays:
                before[first] = graph.state()
            began = time.perf_counter()
            log = run(first, size)
            model.history = history
            done = follow(stoppers, watch, first, names, log) if stoppers else size
            if done < size:
                graph.restore(before[first])
                run(first, done)
            for name, values in zip(names, log[:done].T.tolist(), strict=True):
                history.history.setdefault(name, []).extend(values)
            history.epoch.extend(range(first, first + done))
            if graph.replays:
                before = _needed(before, stoppers)
            bar.update(done)
            slow = time.perf_counter() - began > 0.3
            first, size = first + done, max(1, size // 2) if slow else min(CHUNK, 4 * size)
            size = size if graph.replays or not stoppers else 1
    graph.model.optimizer.finalize_variable_values(graph.model.trainable_variables)
    _end(graph, stoppers, before, run, reached=first - 1)
    model.stop_training = watch.stop_training


def _needed(before, stoppers):
    """Return the states from which the best epochs can be reached again."""
    best = {stopper.best_weights for stopper in stoppers} - {None}
    return {start: before[start] for start in {_chunk_of(epoch, before) for epoch in best}}


def _end(graph, stoppers, before, run, reached):
    """End EarlyStopping as Keras does: best weights, but the optimizer's last state."""
    if not graph.replays:
        for stopper in stoppers:
            stopper.on_train_end()
        return
    last, restored = graph.state(), None
    for stopper in stoppers:
        stopper.on_train_end()
        if stopper.best_weights is not None:
            if stopper.best_weights == reached:
                graph.restore(last)
            else:
                start = _chunk_of(stopper.best_weights, before)
                graph.restore(before[start])
                run(start, stopper.best_weights - start + 1)
            stopper.best_weights = restored = graph.model.get_weights()
    graph.restore(last)
    if restored is not None:
        graph.model.set_weights(restored)


def _chunk_of(epoch, before):
    return max(start for start in before if start <= epoch)


def _return_memory():
    """Give the system what compiling has freed, up to 100 MB: glibc would keep it."""
    with contextlib.suppress(AttributeError, OSError, TypeError):  # another C library
        ctypes.CDLL(None).malloc_trim(0)
