"""Checks of arguments that more than one module needs."""

import operator


def whole(name, value, least, most=None):
    """Return the value as an int.

    Raises
    ------
    ValueError
        If it is no whole number from `least` to `most`; the message names the argument.
    """
    try:
        number = operator.index(value)
    except TypeError:
        number = None
    too_large = most is not None and number is not None and number > most
    if number is None or isinstance(value, bool) or number < least or too_large:
        limits = f"{least} or more" if most is None else f"from {least} to {most}"
        raise ValueError(f"{name} must be a whole number, {limits}, not {value!r}")
    return number
