"""Keras' EarlyStopping, beside a graph that has already run on."""

import contextlib
import numbers

from helpers.training.libraries import keras
import numpy as np

# Keras compares floats as float32 tensors, at 0.1 ms a comparison.
_QUICK = {
    keras.ops.less: lambda a, b: np.float32(a) < np.float32(b),
    keras.ops.greater: lambda a, b: np.float32(a) > np.float32(b),
}
_SLOW = {quick: slow for slow, quick in _QUICK.items()}
_NUMBERS = ("min_delta", "patience", "start_from_epoch", "baseline")


def check_callbacks(callbacks):
    """Return a list of EarlyStopping; refuse every other callback, and options of wrong types."""
    if isinstance(callbacks, (keras.callbacks.Callback, type)):
        callbacks = [callbacks]
    try:
        callbacks = list(callbacks or ())
    except TypeError as error:
        raise ValueError(f"callbacks must be a list, not {callbacks!r}") from error
    for callback in callbacks:
        if isinstance(callback, type):
            raise ValueError(f"callbacks: pass {callback.__name__}(...), not the class itself")
        if type(callback) is not keras.callbacks.EarlyStopping:
            raise ValueError(
                f"callbacks: fit honors keras.callbacks.EarlyStopping only; "
                f"with {type(callback).__name__} train with model.fit"
            )
        _check_options(callback)
    return callbacks


def _check_options(stopper):
    if not isinstance(stopper.monitor, str):
        raise ValueError(f"EarlyStopping: monitor must be a string, not {stopper.monitor!r}")
    for name in _NUMBERS:
        value = getattr(stopper, name)
        if name == "baseline" and value is None:
            continue
        if not isinstance(value, numbers.Real) or value != value:  # noqa: PLR0124 (NaN)
            raise ValueError(f"EarlyStopping: {name} must be a number, not {value!r}")


def check_monitors(stoppers, graph, watched):
    """Refuse what EarlyStopping cannot follow, before anything is trained."""
    names = graph.logged(watched)
    for stopper in stoppers:
        name = stopper.monitor
        if name not in names:
            remedy = (
                "pass validation_data=(x, y)"
                if name.removeprefix("val_") in graph.names
                else f"monitor one of {', '.join(names)}"
            )
            raise ValueError(f"EarlyStopping monitors {name!r}, which is not logged: {remedy}")
        rehearsal = keras.callbacks.EarlyStopping(name, mode=stopper.mode)
        rehearsal.set_model(Watch(graph.model.metrics))
        rehearsal.on_train_begin()
        rehearsal.on_epoch_end(0, {name: 0.0})


class Watch:
    """What EarlyStopping takes for the model: its best weights are an epoch's number."""

    def __init__(self, metrics):
        self.metrics = metrics
        self.epoch = 0
        self.stop_training = False

    def get_weights(self):
        """Return the epoch, which stands for its weights."""
        return self.epoch

    def set_weights(self, epoch):
        """Do nothing: the weights come back when the chunk has run again."""


def follow(stoppers, watch, first, names, log):
    """Show the logs of a chunk to EarlyStopping; return after how many epochs it stops."""
    for done, row in enumerate(log.tolist(), start=1):
        watch.epoch = first + done - 1
        logs = dict(zip(names, row, strict=True))
        for stopper in stoppers:
            stopper.on_epoch_end(watch.epoch, logs)
            stopper.monitor_op = _QUICK.get(stopper.monitor_op, stopper.monitor_op)
        if watch.stop_training:
            break
    return done


@contextlib.contextmanager
def given_back(stoppers, model):
    """Leave EarlyStopping as `model.fit` does: with Keras' comparison, and the model."""
    try:
        yield
    finally:
        for stopper in stoppers:
            stopper.monitor_op = _SLOW.get(stopper.monitor_op, stopper.monitor_op)
            stopper.set_model(model)
            if isinstance(stopper.best_weights, int):  # interrupted: an epoch, not its weights
                stopper.best_weights = None
