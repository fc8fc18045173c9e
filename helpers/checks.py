"""Checks of arguments that more than one module needs: each returns what it has checked.

What it refuses is a ValueError of one line, which begins with the name of the argument.
"""

from decimal import Decimal
from numbers import Real
import operator

import numpy as np

ROUNDING = 1e-6  # of a probability, in float32
SUM_ROUNDING = 1e-2  # of the sum over a softmax, in float16


def shown(value):
    """Return a value as a short piece of one line: its repr, or else its type."""
    text = repr(value)
    return text if len(text) <= 60 and "\n" not in text else type(value).__name__


def whole(name, value, least, most=None):
    """Return the value as an int, if it is a whole number from `least` to `most`."""
    try:
        number = operator.index(value)
    except TypeError:
        number = None
    too_large = most is not None and number is not None and number > most
    if number is None or isinstance(value, bool) or number < least or too_large:
        limits = f"{least} or more" if most is None else f"from {least} to {most}"
        raise ValueError(f"{name} must be a whole number, {limits}, not {shown(value)}")
    return number


def number(name, value, least=-np.inf, most=np.inf):
    """Return the value as a float, if it is a finite number from `least` to `most`."""
    is_real = isinstance(value, (Real, Decimal)) and not isinstance(value, bool)
    try:
        found = float(value) if is_real else np.nan
    except (OverflowError, ValueError):  # an int of hundreds of digits, a signaling NaN
        found = np.nan
    if np.isfinite(found) and least <= found <= most:
        return found
    limits = f", {least:g} or more" if least > -np.inf else ""
    limits = f" from {least:g} to {most:g}" if most < np.inf else limits
    raise ValueError(f"{name} must be a number{limits}, not {shown(value)}")


def one_of(name, value, choices):
    """Return the value, if it is one of the choices."""
    try:
        if value in set(choices):
            return value
    except TypeError:  # a list, a table, ...: it has no hash
        pass
    raise ValueError(f"{name} must be one of {', '.join(map(str, choices))}, not {shown(value)}")


def function(name, value, what, kind=()):
    """Return the value, if it can be called and is not what the call should give.

    `what` says what the function is for, and `kind` is the class of what it should return: a
    Keras model can be called, too.
    """
    if not callable(value) or isinstance(value, kind):
        raise ValueError(f"{name} must be a function {what}, not {shown(value)}")
    return value


def array(name, values, shape=None, *, finite=True):
    """Return an array-like as an array of numbers, with at least one row.

    Parameters
    ----------
    name : str
    values : array-like
    shape : tuple, default None
        A length for each axis; a letter stands for any length. None takes any shape.
    finite : bool, default True
        Whether NaN and infinity are refused.
    """
    values = _as_array(name, values)
    if shape is not None and not _has_shape(values, shape):
        axes = ", ".join(map(str, shape)) + ("," if len(shape) == 1 else "")
        raise ValueError(f"{name} must have shape ({axes}), not {values.shape}")
    if not values.size:
        raise ValueError(f"{name} is empty: pass one row or more")
    if finite and not np.isfinite(values).all():
        raise ValueError(f"{name} contains NaN or infinity: drop or repair those rows first")
    return values


def _as_array(name, given):
    try:
        values = np.asarray(given)
    except Exception:  # whatever the library says that cannot convert what is its own
        raise ValueError(
            f"{name} must be an array of numbers, and NumPy cannot make one of this "
            f"{type(given).__name__}: rows must have one length, and a PyTorch tensor is "
            f"passed as {name}.detach().cpu().numpy()"
        ) from None
    if values.dtype.name == "bfloat16":
        values = values.astype("float32")
    if values.dtype == object and values.ndim:
        raise ValueError(
            f"{name} must be an array of numbers, not of Python objects: convert columns of a "
            "table with .astype(float), and give all rows one length"
        )
    if values.dtype.kind not in "fiub" or values.ndim == 0:
        what = "text" if values.dtype.kind in "US" and values.ndim else shown(given)
        raise ValueError(f"{name} must be an array of numbers, not {what}")
    return values


def _has_shape(values, shape):
    return values.ndim == len(shape) and all(
        isinstance(wanted, str) or length == wanted
        for length, wanted in zip(values.shape, shape, strict=True)
    )


def same_length(name, values, other_name, others):
    """Refuse two arrays of different lengths."""
    if len(values) != len(others):
        raise ValueError(
            f"{name} has {len(values)} rows and {other_name} has {len(others)}: "
            "give them the same length"
        )


def labels(name, values, classes=2):
    """Return labels of shape (n,) or (n, 1), classes from 0, as ints of shape (n,)."""
    values = array(name, values)
    if values.ndim > 2 or values.size != len(values):
        remedy = f": for one-hot rows pass {name}.argmax(axis=1)" if values.ndim == 2 else ""
        raise ValueError(
            f"{name} must have shape (n,) or (n, 1), one class for each row, "
            f"not {values.shape}{remedy}"
        )
    values = values.ravel()
    strange = values[~np.isin(values, range(classes))]
    if strange.size:
        wanted = "0 and 1" if classes == 2 else f"0 to {classes - 1}"
        raise ValueError(f"{name} must hold the classes {wanted}, not {strange[0]:g}")
    return values.astype(int)


def probabilities(name, values, *, finite=True):
    """Return probabilities of every class, an array of shape (n, classes).

    Parameters
    ----------
    name : str
    values : array-like of shape (n,), (n, 1) or (n, classes)
        Of class 1, or of every class.
    finite : bool, default True
        Whether NaN is refused: a network that has diverged says nothing else.
    """
    values = array(name, values, finite=finite)
    if values.ndim > 2:
        raise ValueError(f"{name} must have shape (n,), (n, 1) or (n, classes), not {values.shape}")
    values = values.reshape(len(values), -1).astype(float)
    if (values < -ROUNDING).any() or (values > 1 + ROUNDING).any():
        raise ValueError(f"{name} must lie between 0 and 1: apply the sigmoid or softmax")
    values = values.clip(0, 1)
    if values.shape[1] == 1:
        return np.hstack([1 - values, values])
    if (np.abs(values.sum(axis=1) - 1) > SUM_ROUNDING).any():
        raise ValueError(f"{name} must add up to 1 in each row: give a softmax over the classes")
    return values


def of_class_one(name, values, n):
    """Return n probabilities of class 1, given alone or beside those of class 0."""
    values = probabilities(name, values, finite=False)
    if np.isnan(values).any():
        raise ValueError(f"{name} contains NaN: the model has diverged")
    if values.shape != (n, 2):
        raise ValueError(
            f"{name} must give the probability of class 1 for each of {n} rows, "
            f"not {values.shape[1]} classes for {len(values)}"
        )
    return values[:, 1]
