"""Checks of the model and the data that fit, predict and evaluate are given."""

import inspect
import math
import numbers

from helpers.checks import array, same_length
from helpers.training.libraries import keras
import numpy as np

_STEPS = ("train_step", "test_step", "make_train_function", "make_test_function", "fit", "evaluate")


def check_model(model):
    """Refuse a model that only `model.fit` can train, or none can."""
    if not isinstance(model, keras.Model):
        raise ValueError(f"model must be a keras.Model, not {type(model).__name__}")
    if not model.compiled:
        raise ValueError("model is not compiled: call model.compile(loss=..., optimizer=...) first")
    if model.run_eagerly:
        raise ValueError("model is compiled with run_eagerly=True: train with model.fit")
    for step in _STEPS:
        if getattr(getattr(model, step), "__func__", None) is not getattr(keras.Model, step):
            raise ValueError(f"model has a {step} of its own: train with model.fit")
    if getattr(model, "_distribute_strategy", None) is not None:
        raise ValueError("model is made for several devices: train with model.fit")
    _check_optimizer(model)
    for side in ("inputs", "outputs"):
        if len(getattr(model, side, None) or [0]) > 1:
            raise ValueError(f"model has several {side}: train with model.fit")
    for limit in ("max_epochs", "max_steps_per_epoch"):
        if getattr(keras.config, limit, lambda: None)() is not None:
            raise ValueError(f"keras.config.set_{limit} limits training: train with model.fit")


def _check_optimizer(model):
    if model.optimizer is None:
        raise ValueError("model is compiled without an optimizer: pass model.compile one")
    names = {type(optimizer).__name__ for optimizer in _optimizers(model.optimizer)}
    if "ScheduleFreeAdamW" in names and not model.optimizer.built:
        raise ValueError(
            "ScheduleFreeAdamW sets the weights to zero where model.fit builds it: first call "
            "model.optimizer.build(model.trainable_variables)"
        )
    if not set(map(id, model.trainable_variables)) <= set(optimized(model)):
        raise ValueError(
            "model.optimizer was built for other variables: call model.compile again, with a "
            "new optimizer"
        )


def _optimizers(optimizer):
    """Yield an optimizer and those in it: of a LossScaleOptimizer, or of a MultiOptimizer."""
    yield optimizer
    inner = [getattr(optimizer, "inner_optimizer", None)]
    for item in [*inner, *(getattr(optimizer, "_inner_optimizers", None) or ())]:
        if isinstance(item, keras.optimizers.Optimizer):
            yield from _optimizers(item)


def optimized(model):
    """Return the identities of the variables that the optimizer was built for."""
    optimizer = getattr(model.optimizer, "inner_optimizer", model.optimizer)
    built_for = optimizer._trainable_variables if optimizer.built else model.trainable_variables
    return list(map(id, built_for))


def check_other_arguments(others):
    """Refuse what fit does not take: an argument of `model.fit`, unless it asks for nothing."""
    known = inspect.signature(keras.Model.fit).parameters
    for name, value in others.items():
        if name not in known:
            raise TypeError(f"fit has no argument {name!r}")
        default = known[name].default
        if value is not default and not (isinstance(value, int) and value == default):
            raise ValueError(f"fit does not take {name}: train with model.fit")


def check_shuffle(shuffle):
    """Return the argument as a bool."""
    if not isinstance(shuffle, (bool, np.bool_)):
        raise ValueError(
            f"shuffle must be True or False, not {shuffle!r}; for other orders train with model.fit"
        )
    return bool(shuffle)


def check_array(name, values):
    """Return finite numbers as an array, floats in Keras' precision."""
    try:
        values = array(name, values)
    except ValueError as error:
        if not _may_be_for_keras(values):
            raise
        raise ValueError(f"{error}; for text, data sets and generators use model.fit") from None
    if values.dtype.kind != "f":
        return values
    return array(name, values.astype(keras.backend.floatx()))  # where huge numbers are infinite


def _may_be_for_keras(values):
    """Whether values are not numbers, but something that `model.fit` may take: text, an object."""
    try:
        found = np.asarray(values)
    except Exception:  # such as rows of different lengths
        return False
    return found.dtype.kind in "US" or found.ndim == 0


def check_weighted_data(name, x, y, weight):
    """Return arrays (x, y), or (x, y, sample_weight); `name` stands before an index, or is ""."""
    names = [f"{name}[{i}]" for i in range(3)] if name else ["x", "y", "sample_weight"]
    given = (x, y) if weight is None else (x, y, weight)
    data = tuple(map(check_array, names, given))
    same_length(names[0], data[0], names[1], data[1])
    if weight is not None:
        same_length(names[2], data[2], names[0], data[0])
    return data


def split_off_validation(data, fraction):
    """Return the first rows for training and the last `fraction` of them for validation."""
    is_number = isinstance(fraction, numbers.Real) and not isinstance(fraction, bool)
    if not is_number or not 0 <= fraction < 1:
        raise ValueError(f"validation_split must be a number from 0 up to 1, not {fraction!r}")
    if not fraction:
        return data, None
    n = len(data[0])
    first = math.floor(n * (1.0 - fraction))
    if first in (0, n):
        raise ValueError(
            f"validation_split={fraction} of {n} rows leaves one part empty: choose another share"
        )
    return tuple(a[:first] for a in data), tuple(a[first:] for a in data)


def weigh_classes(data, class_weight):
    """Return the data with a weight for each row: its class's, or 1."""
    if not isinstance(class_weight, dict):
        raise ValueError("class_weight must be a dict such as {0: 1.0, 1: 5.0}")
    if len(data) == 3:
        raise ValueError("pass either class_weight or sample_weight: a row has one weight")
    for number in (*class_weight, *class_weight.values()):
        if not isinstance(number, numbers.Real) or not math.isfinite(number):
            raise ValueError(
                f"class_weight must map classes, which are numbers, to numbers: not {number!r}"
            )
    y = data[1]
    if y.ndim > 1:
        y = y.argmax(axis=-1) if y.shape[-1] != 1 else y.squeeze(axis=-1)
    if y.ndim > 1:
        raise ValueError("class_weight needs one label per row: pass sample_weight")
    weights = [class_weight.get(int(label), 1.0) for label in np.round(y)]
    return *data, np.array(weights, keras.backend.floatx())


def check_watched(validation_data, also_evaluate):
    """Return the data that are evaluated after each epoch: a dict of tuples, "val" first."""
    if not isinstance(also_evaluate, (dict, type(None))):
        raise ValueError('also_evaluate must be a dict such as {"train": (x, y)}')
    watched = {} if validation_data is None else {"val": ("validation_data", validation_data)}
    for name, given in (also_evaluate or {}).items():
        if not isinstance(name, str) or not name.isidentifier() or name == "val":
            raise ValueError(f"also_evaluate: {name!r} cannot name a log: call it train or test")
        watched[name] = (name_of(name), given)
    return {name: _check_watched(*given) for name, given in watched.items()}


def name_of(part):
    """Return how a message calls the data of a log: the argument."""
    return {"": "", "val": "validation_data"}.get(part, f"also_evaluate[{part!r}]")


def _check_watched(name, given):
    if not isinstance(given, (tuple, list)) or len(given) not in (2, 3):
        raise ValueError(
            f"{name} must be a tuple (x, y) or (x, y, sample_weight); for anything else use "
            "model.fit"
        )
    return check_weighted_data(name, *given, *[None] * (3 - len(given)))


def check_shapes(model, parts):
    """Refuse rows that the model cannot take; say which argument they are in.

    `parts` maps "" to the training data and the names of logs to what is evaluated. A
    Sequential that is not built takes rows like those of x.
    """
    known = getattr(model, "inputs", None) if model.built else None
    if not known and not isinstance(model, keras.Sequential):
        return  # code of one's own may take rows of any shape
    wanted = tuple(known[0].shape if known else parts[""][0].shape)[1:]
    for part, data in parts.items():
        shape, name = data[0].shape[1:], f"{name_of(part)}[0]" if part else "x"
        if _fits(shape, wanted):
            continue
        taken = "the model takes" if known else "x has"
        if len(shape) == len(wanted) == 1:
            raise ValueError(
                f"{name} has {shape[0]} features in a row, and {taken} {wanted[0]}: "
                "give it the same columns"
            )
        raise ValueError(f"{name} has rows of shape {shape}, and {taken} {wanted}")


def _fits(shape, wanted):
    """Whether rows suit, where Keras adds or drops a last axis of length 1."""
    forms = [shape, (*shape, 1)] + ([shape[:-1]] if shape[-1:] == (1,) else [])
    return any(
        len(form) == len(wanted) and all(b in (None, a) for a, b in zip(form, wanted, strict=True))
        for form in forms
    )


def check_labels(model, parts):
    """Refuse classes that the model has no output for: XLA would make NaN of them."""
    loss = model.loss
    name = loss if isinstance(loss, str) else getattr(loss, "__name__", type(loss).__name__)
    outputs = getattr(model, "outputs", None)
    if not name.lower().replace("_", "").startswith("sparsecategorical") or not outputs:
        return
    last, ignored = outputs[0].shape[-1] - 1, getattr(loss, "ignore_class", None)
    for part, data in parts.items():
        classes = np.unique(data[1])
        classes = classes if ignored is None else classes[classes != ignored]
        if classes.size and not 0 <= classes[0] <= classes[-1] <= last:
            name = f"{name_of(part)}[1]" if part else "y"
            raise ValueError(
                f"{name} has classes {classes[0]:g} to {classes[-1]:g}: the model has 0 to {last}"
            )
