"""The call, and the loop that drives the compiled graph and Keras' EarlyStopping."""

import contextlib
import ctypes
import threading
import time

from helpers.checks import whole
from helpers.progress import progress
from helpers.training.checks import (
    Watch,
    check_callbacks,
    check_data,
    check_model,
    check_monitors,
    check_watched,
)
from helpers.training.libraries import keras
from helpers.training.twin import CHUNK, twin_of
import numpy as np

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
    check_model(model)
    epochs = whole("epochs", epochs, least=1)
    batch_size = whole("batch_size", 32 if batch_size is None else batch_size, least=1)
    data = check_data("x", x, "y", y)
    watched = check_watched(validation_data, also_evaluate)
    stoppers = check_callbacks(callbacks)
    if not model.built:
        model(data[0][:1])
    with _lock:
        twin = twin_of(model, data, watched, batch_size, bool(shuffle))
        check_monitors(stoppers, twin, watched)
        twin.load(model)
        try:
            return _train(model, twin, data, watched, epochs, stoppers, verbose)
        finally:
            twin.save(model)
            if not twin.has_run:
                _return_memory()
                twin.has_run = True


def _train(model, twin, data, watched, epochs, stoppers, verbose):
    """Run the twin in chunks of epochs, as long as EarlyStopping lets it.

    EarlyStopping sees the logs when the chunk has already run on. So the state before a
    chunk is kept, and the chunk runs again up to the epoch that is wanted.
    """
    watch = Watch(twin.model.metrics)
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


def _chunk_of(epoch, before):
    return max(start for start in before if start <= epoch)


# Keras compares floats as float32 tensors, at 0.1 ms a comparison.
_QUICK = {
    keras.ops.less: lambda a, b: np.float32(a) < np.float32(b),
    keras.ops.greater: lambda a, b: np.float32(a) > np.float32(b),
}
