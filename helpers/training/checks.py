"""Checks of what fit, predict and evaluate are given."""

from helpers.training.libraries import keras
from helpers.training.signature import optimized
import numpy as np


def check_model(model):
    """Refuse a model that only `model.fit` can train, or none can."""
    if not isinstance(model, keras.Model):
        raise ValueError(f"model must be a keras.Model, not {type(model).__name__}")
    if not model.compiled:
        raise ValueError("model is not compiled: call model.compile(loss=..., optimizer=...) first")
    if model.run_eagerly:
        raise ValueError("model is compiled with run_eagerly=True: train with model.fit")
    for step in ("train_step", "test_step"):
        if getattr(type(model), step) is not getattr(keras.Model, step):
            raise ValueError(f"model has a {step} of its own: train with model.fit")
    if not set(map(id, model.trainable_variables)) <= set(optimized(model)):
        raise ValueError(
            "model.optimizer was built for other variables: call model.compile again, with a "
            "new optimizer"
        )
    for side in ("inputs", "outputs"):
        if len(getattr(model, side, None) or [0]) > 1:
            raise ValueError(f"model has several {side}: train with model.fit")


def check_array(name, values):
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


def check_data(x_name, x, y_name, y):
    """Return both as arrays of one length."""
    x, y = check_array(x_name, x), check_array(y_name, y)
    if len(x) != len(y):
        raise ValueError(
            f"{x_name} has {len(x)} rows and {y_name} has {len(y)}: give them the same length"
        )
    return x, y


def check_labels(model, pairs):
    """Refuse classes that the model has no output for: XLA would make NaN of them."""
    loss = model.loss
    name = loss if isinstance(loss, str) else getattr(loss, "__name__", type(loss).__name__)
    if not name.lower().replace("_", "").startswith("sparsecategorical"):
        return
    last = model.output_shape[-1] - 1
    for _, y in pairs:
        if getattr(loss, "ignore_class", None) is None and not 0 <= y.min() <= y.max() <= last:
            raise ValueError(f"y has classes {y.min():g} to {y.max():g}: the model has 0 to {last}")


def check_watched(validation_data, also_evaluate):
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
    return check_data(f"{name}[0]", pair[0], f"{name}[1]", pair[1])


def check_callbacks(callbacks):
    """Return a list of EarlyStopping; refuse every other callback."""
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


def check_monitors(stoppers, twin, watched):
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
        rehearsal.set_model(Watch(twin.model.metrics))
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
