"""The result of a diagnosis: in words, as HTML, as a picture, as a dict."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from html import escape
import json
import math
from numbers import Integral
from pathlib import Path
import textwrap

import numpy as np

from . import measures
from .reading import read
from .verdicts import CURVES, bounded, judge, measure
from .words import RULES

ADVICE = json.loads(Path(__file__).with_name("advice.json").read_text("utf8"))
MOST_ADVICE = 4  # things to try
COLORS = {"train": "#0072B2", "val": "#D55E00"}


@dataclass(frozen=True)
class Diagnosis:
    """What a training history shows. `print` it, show it in a notebook, or call `plot`.

    verdicts: a list of `Verdict` (name, confidence, sentence, evidence), the first is the main one.
    numbers: what was measured. val_climb and gap are logarithms of ratios, val_fall a share over
    the last tenth of the epochs, *_noise and *_error standard errors, p_* probabilities.
    advice: what to try next, in order; each a dict with what, why, keras, pytorch, chapter, link.
    unknown: what such a history cannot tell. history: the curves, as they were read.
    """

    verdicts: list
    numbers: dict
    advice: list
    unknown: list
    history: object

    @property
    def verdict(self):
        """The name of the first verdict: "overfitting", "gap", "cannot tell" ..."""
        return self.verdicts[0].name

    def to_dict(self):
        """Return all of it as plain lists, dicts, strings and numbers, ready for JSON."""
        return {
            "verdict": self.verdict,
            "verdicts": [asdict(verdict) for verdict in self.verdicts],
            "numbers": {name: _plain(self.numbers.get(name)) for name in RULES["numbers"]},
            "try": self.advice,
            "unknown": self.unknown,
            "read": {"format": self.history.format, "notes": list(self.history.notes)},
            "curves": _curves(self.history),
        }

    def __repr__(self):
        first = self.verdicts[0]
        return f"<Diagnosis: {first.name} ({first.confidence} confidence). {first.sentence}>"

    def __str__(self):
        return _as_text(self)

    def _repr_html_(self):
        return _as_html(self)

    def plot(self, ax=None):
        """Draw the losses with the verdict in them: best epoch, its interval, noise, the climb.

        ax: a Matplotlib Axes; None makes one. Returns the Axes.
        """
        return _plot(self, ax)


def diagnose(history, *, n_val=None, higher_is_better=None, names=None):
    """Say what a training history shows, and what to try next.

    history: a Keras `History`, a dict of lists, a DataFrame, a path, or pasted text, of Keras,
    Lightning, Hugging Face, YOLO, fastai, TensorBoard's CSV export (two paths), scikit-learn,
    XGBoost, or a log of one's own (see `helpers.diagnosis.reading.read`).
    n_val: the number of validation rows; None estimates it from the steps of the score.
    higher_is_better: whether a higher score is better; None goes by its name.
    names: which column is what, where its name does not tell: {"val_loss": "my column"}.

    Returns a `Diagnosis`. Raises ValueError for arguments and input that cannot be used; curves
    that are too short or too noisy give the verdict "cannot tell" with its reason.
    """
    _check_rows(n_val)
    _check_better(higher_is_better)
    _check_names(names)
    curves = bounded(read(history, names=names, higher_is_better=higher_is_better))
    found = measure(curves, None if n_val is None else int(n_val))
    verdicts = judge(found)
    said = [ADVICE[verdict.name] for verdict in verdicts]
    advice = _without_repeats([item for one in said for item in one["try"]], "what")[:MOST_ADVICE]
    unknown = list(dict.fromkeys(text for one in said for text in one["unknown"]))
    return Diagnosis(verdicts, found, advice, unknown, curves)


def _check_rows(n_val):
    if n_val is None:
        return
    if isinstance(n_val, bool) or not isinstance(n_val, Integral) or n_val < 1:
        raise ValueError(f"n_val must be the number of validation rows, 1 or more; got {n_val!r}.")


def _check_better(higher_is_better):
    if higher_is_better is not None and not isinstance(higher_is_better, (bool, np.bool_)):
        raise ValueError(
            f"higher_is_better must be True, False or None (by the name); got {higher_is_better!r}."
        )


def _check_names(names):
    if names is not None and not isinstance(names, Mapping):
        raise ValueError(
            f'names must be a dict such as {{"val_loss": "my column"}}; got {names!r}.'
        )


def _without_repeats(items, key):
    kept = {}
    for item in items:
        kept.setdefault(item[key], item)
    return list(kept.values())


def _plain(value):
    """Return a number or a truth value that JSON can hold; None for what is not finite."""
    if isinstance(value, bool) or value is None:
        return value
    return value if math.isfinite(value) else None


@np.errstate(all="ignore")
def _curves(history):
    """Return each curve thinned for drawing, with its smooth line: lists of finite numbers."""
    drawn = {}
    for name in CURVES:
        curve = getattr(history, name)
        if curve is None:
            continue
        finite = np.isfinite(curve.y)
        x, y = measures.thin(curve.x[finite], curve.y[finite])
        line = measures.smooth(y, measures.window(len(y)))
        drawn[name] = {"x": x.tolist(), "y": y.tolist(), "smooth": line.tolist()}
    return drawn


def _as_text(diagnosis):
    """Return the diagnosis as lines of at most 88 characters, for a terminal."""
    lines = []
    for verdict in diagnosis.verdicts:
        lines += _wrapped(f"{verdict.name} ({verdict.confidence} confidence)", "", "  ")
        lines += _wrapped(verdict.sentence, "  ")
        lines += [line for text in verdict.evidence for line in _wrapped(text, "  - ", "    ")]
    lines += ["", "What to try next"]
    for number, item in enumerate(diagnosis.advice, 1):
        lines += _wrapped(f"{item['what']} ({_where(item)})", f"  {number}. ", "     ")
    lines += ["", "What these curves cannot tell"]
    lines += [line for text in diagnosis.unknown for line in _wrapped(text, "  - ", "    ")]
    lines += ["", f"Read as: {diagnosis.history.format}"]
    lines += [line for text in diagnosis.history.notes for line in _wrapped(text, "  - ", "    ")]
    return "\n".join(lines)


def _wrapped(text, first, rest=None):
    rest = " " * len(first) if rest is None else rest
    return textwrap.wrap(text, 88, initial_indent=first, subsequent_indent=rest) or [first]


def _as_html(diagnosis):
    """Return the diagnosis as HTML; everything that was read is escaped."""
    main, *others = diagnosis.verdicts
    title = ADVICE[main.name]["title"]
    parts = [
        f"<p><strong>{escape(title)}</strong> ({main.confidence} confidence). "
        f"{escape(main.sentence)}</p>",
        _items(main.evidence),
        *(f"<p>Also: {escape(other.sentence)}</p>" for other in others),
        "<details open><summary>What to try next</summary><ol>",
        *(_advice(item) for item in diagnosis.advice),
        "</ol></details><details><summary>What these curves cannot tell</summary>",
        _items(diagnosis.unknown),
        f"</details><details><summary>Read as: {escape(diagnosis.history.format)}</summary>",
        _items(diagnosis.history.notes),
        "</details>",
    ]
    return f'<div class="diagnosis-result">{"".join(parts)}</div>'


def _items(texts):
    return f"<ul>{''.join(f'<li>{escape(text)}</li>' for text in texts)}</ul>"


def _advice(item):
    code = "".join(
        f"<details><summary>{name}</summary><pre>{escape(item[key])}</pre></details>"
        for name, key in (("Keras", "keras"), ("PyTorch", "pytorch"))
        if item[key]
    )
    return f"<li>{escape(item['what'])} {escape(item['why'])} ({escape(_where(item))}){code}</li>"


def _where(item):
    """Return "chapter 6", or the title of a page, in quotation marks."""
    chapter = str(item["chapter"])
    return f"chapter {chapter}" if chapter.isdigit() else f"“{chapter}”"


def _plot(diagnosis, ax):
    import matplotlib.pyplot as plt  # noqa: PLC0415 - only a picture needs it, and it takes a second

    if ax is None:
        _, ax = plt.subplots(figsize=(7, 4))
    curves, numbers = _curves(diagnosis.history), diagnosis.numbers
    kind = "loss" if {"train_loss", "val_loss"} & set(curves) else "score"
    for part, label in (("train", "training"), ("val", "validation")):
        curve = curves.get(f"{part}_{kind}")
        if curve:
            color = COLORS[part]
            ax.plot(curve["x"], curve["y"], color=color, alpha=0.35, lw=1)
            ax.plot(curve["x"], curve["smooth"], color=color, lw=2, label=f"{label} {kind}")
    if "val_best_epoch" in numbers and curves.get("val_loss"):
        _mark(ax, curves["val_loss"], numbers, diagnosis.verdict)
    ax.set(xlabel="epoch", ylabel=kind, title=ADVICE[diagnosis.verdict]["title"])
    if ax.get_legend_handles_labels()[0]:
        ax.legend()
    return ax


def _mark(ax, curve, numbers, verdict):
    """Draw the best epoch, the epochs that noise cannot tell from it, and the climb since."""
    x, line = np.array(curve["x"]), np.array(curve["smooth"])
    noise = numbers["val_noise"] * numbers["val_low"]
    ax.fill_between(x, line - noise, line + noise, color=COLORS["val"], alpha=0.15, lw=0)
    ax.axvspan(numbers["val_best_low"], numbers["val_best_high"], color="0.5", alpha=0.15, lw=0)
    ax.axvline(numbers["val_best_epoch"], color="0.4", ls="--", lw=1)
    if verdict == "overfitting":
        low = numbers["val_low"] - numbers["shift"]
        since = x >= numbers["val_best_epoch"]
        ax.fill_between(
            x[since], low, line[since], color=COLORS["val"], alpha=0.3, lw=0, label="climb"
        )
