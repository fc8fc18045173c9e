"""The settings of a playground: their defaults and ranges, which stand in knobs.json."""

import json
from pathlib import Path

from helpers.checks import number, one_of, whole

KNOBS = json.loads(Path(__file__).with_name("knobs.json").read_text(encoding="utf-8"))
SETTINGS = {name: knob["initial"] for name, knob in KNOBS.items()}


def check(name, value):
    """Return the value of a setting.

    Raises
    ------
    ValueError
        If there is no such setting, or its range does not hold the value.
    """
    knob = KNOBS[one_of("a setting", name, KNOBS)]
    if "choices" in knob or "flag" in knob:
        return one_of(name, value, knob.get("choices", (False, True)))
    if "off" in knob and value == knob["off"]:
        return value
    kind = whole if "whole" in knob else number
    try:
        return kind(name, value, knob["min"], knob["max"])
    except ValueError as error:
        remedy = f", or {knob['off']} to turn it off" if "off" in knob else ""
        raise ValueError(f"{error}{remedy}") from None


def complete(settings):
    """Return all settings, those that are given checked and the others at their defaults."""
    return SETTINGS | {name: check(name, value) for name, value in settings.items()}
