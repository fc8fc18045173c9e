"""Numbers and values as the playground's page writes them in format.js."""

import math

import numpy as np


def format_number(value):
    """Write a number with up to six digits, or with separators from 1,000 on."""
    if abs(value) >= 1000:
        text = f"{value:,.3f}"
        return text.rstrip("0").rstrip(".")
    return np.format_float_positional(float(f"{value:.6g}"), trim="-")


def format_loss(value, digits=None):
    """Write a loss with as many digits as one can use, or with three."""
    if not math.isfinite(value):
        return "not a number"
    if value >= 100:
        mantissa, exponent = f"{value:.1e}".split("e")
        return f"{mantissa}e+{int(exponent)}"
    if 0 < value < 0.001:
        return "< 0.001"
    return f"{value:.{digits or (3 if value < 0.0995 else 2)}f}"


def format_percent(share):
    """Write a share of one in percent."""
    return f"{100 * share:.1f}%"


def format_change(value, digits=3):
    """Write a change with its sign, a real minus; nothing changed reads "0"."""
    if not math.isfinite(value):
        return "\N{EN DASH}"
    text = f"{abs(value):.{digits}f}"
    sign = "\N{MINUS SIGN}" if value < 0 else "+"
    return "0" if float(text) == 0 else sign + text


def value_text(knob, value):
    """Write a setting's value as it stands beside its control."""
    if "off" in knob and value == knob["off"]:
        return "off"
    if knob.get("flag"):
        return "on" if value else "off"
    return value if isinstance(value, str) else format_number(value)
