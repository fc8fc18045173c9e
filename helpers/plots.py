"""One function for each picture of the book: each takes and returns an Axes.

The palette is Okabe and Ito's (2008), which colour-blind readers can tell apart. Train,
validation and test keep their color and line in every chapter, the classes theirs.
"""

from collections.abc import Mapping

from cycler import cycler
from helpers.checks import (
    array,
    function,
    labels,
    number,
    of_class_one,
    one_of,
    same_length,
    shown,
    whole,
)
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
import matplotlib.pyplot as plt
from matplotlib.ticker import LogLocator
import numpy as np
import pandas as pd

BLUE, VERMILION, GREEN = "#0072B2", "#D55E00", "#009E73"
SKY, ORANGE, PURPLE, GREY = "#56B4E9", "#E69F00", "#CC79A7", "#666666"
PARTS = {
    "train": {"color": BLUE, "linestyle": "-"},
    "validation": {"color": VERMILION, "linestyle": "--"},
    "test": {"color": GREEN, "linestyle": "-."},
}
CLASSES = {0: {"color": SKY, "marker": "o"}, 1: {"color": ORANGE, "marker": "^"}}
NO_CHANGE = {"change": 0, "factor": 1}
PLANE = ((-1.9, 2.9), (-1.5, 2.0))  # what a picture of the moons shows
_SHADES = LinearSegmentedColormap.from_list("classes", [SKY, "white", ORANGE])


def style():
    """Set matplotlib's defaults for the book; call it once, in the first cell."""
    plt.rcParams.update(
        {
            "figure.dpi": 110,
            "figure.figsize": (6.4, 3.8),
            "figure.constrained_layout.use": True,
            "figure.facecolor": "white",
            "font.size": 11,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.titlesize": 11,
            "axes.prop_cycle": cycler(color=[BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY]),
            "legend.frameon": False,
        }
    )


def points(x, y, *, part="train", ax=None):
    """Draw labeled points in the plane: filled for train, hollow for validation.

    Parameters
    ----------
    x : array of shape (n, 2)
    y : array of shape (n,) or (n, 1), classes 0 and 1
    part : "train", "validation" or "test", default "train"
        Test points are drawn small.
    ax : matplotlib.axes.Axes, default the current one
    """
    x, y = array("x", x, ("n", 2)), labels("y", y)
    same_length("x", x, "y", y)
    one_of("part", part, PARTS)
    ax = _axes(ax)
    size = {"train": 45, "validation": 30, "test": 4}[part]
    for label, look in CLASSES.items():
        hollow = part == "validation"
        ax.scatter(
            *x[y == label].T,
            s=size,
            marker=look["marker"],
            facecolors="none" if hollow else look["color"],
            edgecolors="none" if part == "test" else "black",
            linewidths=0.8,
            zorder=2 if hollow else 3,
            label=f"{part}, class {label}",
        )
    return _plane(ax)


def boundary(predict, *, ax=None, resolution=160):
    """Shade the plane by the predicted probability and draw the line at one half.

    Parameters
    ----------
    predict : callable
        Takes points of shape (n, 2), returns the probability of class 1, an array of shape
        (n,) or (n, 1), or of both classes, of shape (n, 2).
    ax : matplotlib.axes.Axes, default the current one
    resolution : int, default 160
        Points along each axis, 2 to 2,000.
    """
    function("predict", predict, "that returns the probability of class 1")
    resolution = whole("resolution", resolution, least=2, most=2000)
    across, up = (np.linspace(*limits, resolution) for limits in PLANE)
    plane = np.stack(np.meshgrid(across, up), axis=-1).astype("float32")
    found = of_class_one("what predict returns", predict(plane.reshape(-1, 2)), resolution**2)
    probability = found.reshape(plane.shape[:2])
    ax = _axes(ax)
    ax.imshow(
        probability,
        extent=(*PLANE[0], *PLANE[1]),
        origin="lower",
        cmap=_SHADES,
        vmin=0,
        vmax=1,
        alpha=0.55,
        aspect="auto",
    )
    if probability.min() < 0.5 < probability.max():
        ax.contour(across, up, probability, levels=[0.5], colors="black", linewidths=1.4)
    return _plane(ax)


def curves(history, metric="loss", *, ax=None, label=None, best=True):
    """Draw a metric of training and validation over the epochs.

    Parameters
    ----------
    history : keras.callbacks.History or dict of lists
    metric : str, default "loss"
        Drawn with its `val_` and `test_` twins if there are such. A `train_` twin, measured
        in inference mode, takes the place of the metric itself.
    ax : matplotlib.axes.Axes, default the current one
    label : str, default the metric's name
        What the vertical axis says.
    best : bool, default True
        Mark the epoch of the lowest validation value, if the metric is a loss or an entropy.

    Raises
    ------
    ValueError
        If the history does not have the metric.
    """
    from helpers.scores import is_loss  # noqa: PLC0415 (SciPy loads only if asked)

    logs = _logs(history, metric)
    ax = _axes(ax)
    train = f"train_{metric}" if f"train_{metric}" in logs else metric
    keys = {"train": train, "validation": f"val_{metric}", "test": f"test_{metric}"}
    for part, key in keys.items():
        if key in logs:
            ax.plot(np.arange(1, len(logs[key]) + 1), logs[key], label=part, **PARTS[part])
    values = logs.get(f"val_{metric}", [])
    if best and is_loss(metric) and np.isfinite(values).any():
        epoch = int(np.nanargmin(values))
        ax.plot(epoch + 1, values[epoch], "o", color=VERMILION, label=f"best: epoch {epoch + 1}")
    ax.set(xlabel="epoch", ylabel=label or metric)
    ax.legend()
    return ax


def _logs(history, metric):
    """Return a metric and its twins as arrays, by name."""
    logs = getattr(history, "history", history)
    if not isinstance(logs, (Mapping, pd.DataFrame)):
        raise ValueError(f"history must be a History or a dict of lists, not {shown(history)}")
    names = list(logs)
    if not names:
        raise ValueError("history is empty: train first")
    if not isinstance(metric, str) or metric not in names:
        raise ValueError(
            f"metric {shown(metric)} is not in the history: {', '.join(map(str, names))}"
        )
    twins = [metric, *(f"{part}_{metric}" for part in ("train", "val", "test"))]
    return {
        name: array(f"history[{name!r}]", logs[name], ("epochs",), finite=False)
        for name in twins
        if name in names
    }


def band(x, values, *, log=False, ax=None, **line):
    """Draw the mean of several runs with its 95% interval as a band.

    Parameters
    ----------
    x : array of shape (n,)
    values : array of shape (runs, n), of two runs or more
    log : bool, default False
        Average logarithms: a geometric mean, as for losses.
    ax : matplotlib.axes.Axes, default the current one
    **line
        Go to `Axes.plot`: label, color, ...
    """
    from helpers.scores import estimate  # noqa: PLC0415 (SciPy loads only if asked)

    x, values = array("x", x, ("n",)), array("values", values, ("runs", "n"))
    same_length("x", x, "each row of values", values[0])
    kind = "geometric mean" if log else "mean"
    found = pd.DataFrame([estimate(column, kind) for column in values.T])
    ax = _axes(ax)
    (drawn,) = ax.plot(x, found["value"], **line)
    ax.fill_between(x, found["low"], found["high"], color=drawn.get_color(), alpha=0.2, linewidth=0)
    return ax


def reliability(y, probability, *, bins=10, ax=None, label=None, **line):
    """Draw how often class 1 is true against how probable the model called it.

    Parameters
    ----------
    y : array of shape (n,) or (n, 1), classes 0 and 1
    probability : array of shape (n,) or (n, 1), of class 1, or (n, 2), of both classes
    bins : int, default 10
        1 to 1,000, of equal width; empty ones are left out.
    ax : matplotlib.axes.Axes, default the current one
    """
    from sklearn.calibration import calibration_curve  # noqa: PLC0415

    y = labels("y", y)
    probability = of_class_one("probability", probability, len(y))
    bins = whole("bins", bins, least=1, most=1000)
    true, predicted = calibration_curve(y, probability, n_bins=bins)
    ax = _axes(ax)
    if not ax.lines:
        ax.plot([0, 1], [0, 1], ":", color=GREY, label="perfect calibration")
    ax.plot(predicted, true, marker="o", label=label, **line)
    ax.set(
        xlabel="predicted probability of class 1",
        ylabel="fraction that is class 1",
        xlim=(-0.02, 1.02),
        ylim=(-0.02, 1.02),
    )
    ax.legend()
    return ax


def intervals(estimates, *, ax=None, label=None):
    """Draw a row for each setting: its mean, change or factor with its 95% interval.

    A line marks no change: 0 for a change, and 1 for a factor, whose axis is logarithmic.

    Parameters
    ----------
    estimates : pandas.DataFrame
        As `helpers.experiments.summarize` or `compare` returns it, for one measure.
    ax : matplotlib.axes.Axes, default the current one
    label : str, default the kind of the estimates, such as "change"
        What the horizontal axis says.
    """
    value, low, high = (_column(estimates, name) for name in ("value", "low", "high"))
    if ((low > value) | (value > high)).any():
        raise ValueError("estimates has a value outside of its interval")
    kinds = set(estimates["kind"]) if "kind" in estimates else {"mean"}
    if len(kinds) > 1:
        raise ValueError(f"estimates mixes {' and '.join(sorted(kinds))}: pick one measure")
    (kind,) = kinds
    rows = [str(name) if isinstance(name, tuple) else name for name in estimates.index]
    ax = _axes(ax)
    ax.errorbar(value, rows, xerr=[value - low, high - value], fmt="o", color=BLUE, capsize=3)
    if kind in NO_CHANGE:
        ax.axvline(NO_CHANGE[kind], color=GREY, linewidth=1)
    if kind == "factor":
        ax.set_xscale("log")
        ax.xaxis.set_major_locator(LogLocator(subs=(1, 1.5, 2, 3, 5, 7)))
        ax.xaxis.set_major_formatter("{x:g}")
        ax.minorticks_off()
    ax.margins(y=0.1)
    ax.yaxis.set_inverted(True)
    ax.set_xlabel(label or kind)
    return ax


def _column(estimates, name):
    if not isinstance(estimates, pd.DataFrame):
        raise ValueError(
            f"estimates must be a table as summarize returns it, not {shown(estimates)}"
        )
    if name not in estimates:
        raise ValueError(f"estimates has no column {name!r}: pass what summarize returns")
    return array(f"estimates[{name!r}]", estimates[name], ("n",))


def target(bias, spread, *, seed=0, shots=12, ax=None):
    """Draw a target with shots: their distance from the center is the bias.

    Parameters
    ----------
    bias : float
        How far the mean of the shots lies from the center; the outer ring has radius 1.
    spread : float
        Standard deviation of the shots in each direction, 0 or more.
    seed : int, default 0
    shots : int, default 12
        1 to 10,000.
    ax : matplotlib.axes.Axes, default the current one
    """
    bias, spread = number("bias", bias), number("spread", spread, least=0)
    seed, shots = whole("seed", seed, least=0), whole("shots", shots, least=1, most=10_000)
    ax = _axes(ax)
    for radius, color in ((1, "#DDDDDD"), (0.66, "white"), (0.33, "#DDDDDD"), (0.08, GREY)):
        ax.add_patch(plt.Circle((0, 0), radius, facecolor=color, edgecolor=GREY, linewidth=0.8))
    deviations = np.random.default_rng(seed).normal(size=(shots, 2))
    deviations -= deviations.mean(axis=0)
    center = bias * np.array([np.cos(0.6), np.sin(0.6)])
    ax.scatter(
        *(center + spread * deviations).T, s=28, color=VERMILION, edgecolors="black", zorder=3
    )
    ax.plot(*center, "x", color=BLUE, markersize=9, markeredgewidth=2.5, zorder=4)
    ax.set(xlim=(-1.1, 1.1), ylim=(-1.1, 1.1), aspect="equal")
    ax.axis("off")
    return ax


def _axes(ax):
    """Return the Axes to draw on; only now, when all else is in order, one may be made."""
    if ax is None:
        return plt.gca()
    if not isinstance(ax, Axes):
        raise ValueError(f"ax must be one matplotlib Axes, not {shown(ax)}: pick one, as axes[0]")
    return ax


def _plane(ax):
    ax.set(xlim=PLANE[0], ylim=PLANE[1], xlabel="$x_1$", ylabel="$x_2$")
    return ax
