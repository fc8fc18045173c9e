"""The rows that a run is trained, validated and judged on, and the faults that they may have.

x has shape (n, features), y shape (n,): classes from 0, or real numbers in a regression.
"""

from collections import namedtuple

import numpy as np
from sklearn import datasets

N_FRESH = 6000
Parts = namedtuple("Parts", "x_train y_train x_val y_val x_fresh y_fresh unit")


def draw_moons(rng, n, noise):
    y = rng.integers(0, 2, n)
    angle = rng.uniform(0, np.pi, n)
    x = (
        np.where(y, 1 - np.cos(angle), np.cos(angle)),
        np.where(y, 0.5, 0) + np.where(y, -1, 1) * np.sin(angle),
    )
    return np.stack(x, axis=1) + noise * rng.standard_normal((n, 2)), y


def draw_circles(rng, n, noise):
    y = rng.integers(0, 2, n)
    angle = rng.uniform(0, 2 * np.pi, n)
    x = np.stack([np.cos(angle), np.sin(angle)], axis=1) * np.where(y, 0.5, 1)[:, None]
    return x + noise * rng.standard_normal((n, 2)), y


def draw_table(rng, n, noise, classes=2, informative=5, columns=20):
    """Draw Gaussian clusters, two a class, in the first columns; the others are noise."""
    centers = rng.choice([-1.0, 1.0], (2 * classes, informative)) * rng.uniform(
        0.5, 1.5, (2 * classes, informative)
    )
    cluster = rng.integers(0, 2 * classes, n)
    x = rng.standard_normal((n, columns))
    x[:, :informative] = centers[cluster] + (0.6 + noise) * x[:, :informative]
    return x, cluster % classes


def draw_curve(rng, n, noise):
    """Draw a sum of sines over one to three columns, of standard deviation near 1."""
    columns = int(rng.integers(1, 4))
    frequency, phase = rng.uniform(1, 5, columns), rng.uniform(0, 6, columns)
    x = rng.uniform(-1.7, 1.7, (n, columns))
    y = np.sin(x * frequency + phase).sum(axis=1) * np.sqrt(2 / columns)
    return x, y + noise * rng.standard_normal(n)


def draw_plane(rng, n, noise):
    """Draw a table of 5 to 40 columns, of which at most 8 matter, one of them squared."""
    columns = int(rng.integers(5, 41))
    weights = np.zeros(columns)
    weights[:8] = rng.standard_normal(min(8, columns))
    x = rng.standard_normal((n, columns))
    y = x @ (weights / np.linalg.norm(weights)) + 0.5 * (x[:, 0] ** 2 - 1)
    return x, y + noise * rng.standard_normal(n)


def load(rng, name, classes):
    """Return one of scikit-learn's own data sets, shuffled; of the digits the first classes."""
    x, y = getattr(datasets, f"load_{name}")(return_X_y=True)
    if name == "digits":
        x, y = x[y < classes] / 16, y[y < classes]
    else:
        x = (x - x.mean(axis=0)) / x.std(axis=0)
    if name == "diabetes":
        y = (y - y.mean()) / y.std()
    rows = rng.permutation(len(x))
    return x[rows], y[rows]


def draw_rows(rng, data, n, settings):
    if data in ("digits", "breast_cancer", "diabetes"):
        return load(rng, data, settings["classes"])
    noise = settings["noise"]
    if data == "table":
        columns = int(rng.integers(8, 41))
        return draw_table(rng, n, noise, settings["classes"], int(rng.integers(2, 8)), columns)
    draw = {"moons": draw_moons, "circles": draw_circles, "curve": draw_curve, "plane": draw_plane}
    return draw[data](rng, n, noise)


def draw_parts(rng, settings):
    """Draw all rows at once and cut them into training, validation and fresh rows."""
    n, n_val = settings["n"], settings["n_val"]
    x, y = draw_rows(rng, settings["data"], n + n_val + N_FRESH, settings)
    if len(x) < n + n_val + N_FRESH:  # a fixed data set: at least 30% of it stays fresh
        n, n_val = min(n, len(x) // 2), min(n_val, len(x) // 5)
    unit = float(np.var(y)) if settings["classes"] == 0 else 1.0
    cuts = [n, n + n_val]
    parts = [a for pair in zip(np.split(x, cuts), np.split(y, cuts), strict=True) for a in pair]
    parts = Parts(*parts, unit)
    parts = spoil_labels(rng, parts, settings)
    return FAULTS[settings["fault"]](rng, parts, settings) if settings["fault"] else parts


def spoilt(rng, y, share, classes):
    """Return labels of which a share is replaced by another class."""
    chosen = rng.random(y.shape) < share
    return np.where(chosen, (y + rng.integers(1, max(2, classes), y.shape)) % max(2, classes), y)


def spoil_labels(rng, parts, settings):
    share, classes = settings["wrong"], settings["classes"]
    if not share:
        return parts
    spoil = ["y_train"] + (["y_val", "y_fresh"] if settings["wrong_in"] == "all" else [])
    return parts._replace(
        **{name: spoilt(rng, getattr(parts, name), share, classes) for name in spoil}
    )


# Faults: functions of (rng, parts, settings) that return other parts


def random_labels(rng, parts, settings):
    def draw(y):
        return rng.integers(0, settings["classes"], len(y))

    return parts._replace(
        y_train=draw(parts.y_train), y_val=draw(parts.y_val), y_fresh=draw(parts.y_fresh)
    )


def constant_inputs(rng, parts, settings):
    return parts._replace(
        x_train=0 * parts.x_train, x_val=0 * parts.x_val, x_fresh=0 * parts.x_fresh
    )


def one_label(rng, parts, settings):
    return parts._replace(
        y_train=0 * parts.y_train, y_val=0 * parts.y_val, y_fresh=0 * parts.y_fresh
    )


def easier_validation(rng, parts, settings):
    """Keep the validation rows that lie nearest to the mean of their class."""
    x, y = parts.x_val, parts.y_val
    far = np.empty(len(x))
    for label in np.unique(y):
        rows = y == label
        far[rows] = np.linalg.norm(x[rows] - x[rows].mean(axis=0), axis=1)
    near = np.argsort(far)[: max(10, len(x) // 3)]
    return parts._replace(x_val=x[near], y_val=y[near])


def resplit(parts, order):
    """Put training and validation rows in this order; the last ones are held out."""
    x = np.concatenate([parts.x_train, parts.x_val])[order]
    y = np.concatenate([parts.y_train, parts.y_val])[order]
    n = len(parts.x_train)
    return parts._replace(x_train=x[:n], y_train=y[:n], x_val=x[n:], y_val=y[n:])


def sorted_by_label(rng, parts, settings):
    return resplit(parts, np.argsort(np.concatenate([parts.y_train, parts.y_val]), kind="stable"))


def sorted_by_column(rng, parts, settings):
    return resplit(parts, np.argsort(np.concatenate([parts.x_train, parts.x_val])[:, 0]))


def other_group(rng, parts, settings):
    """Shift and scale the validation rows: another group, another instrument."""
    shift = rng.uniform(1, 2.5) * rng.standard_normal(parts.x_val.shape[1])
    scale = parts.x_train.std(axis=0).mean()
    return parts._replace(x_val=1.3 * parts.x_val + scale * shift)


def duplicates(rng, parts, settings):
    """Take the validation rows from the training rows."""
    rows = rng.permutation(np.resize(np.arange(len(parts.x_train)), len(parts.x_val)))
    return parts._replace(x_val=parts.x_train[rows], y_val=parts.y_train[rows])


def label_column(rng, parts, settings):
    """Add a column that holds the label, which fresh rows do not have."""

    def add(x, y, strength=4.0):
        column = strength * (y - settings["classes"] / 2 + 0.5)
        return np.column_stack([x, column + 0.01 * rng.standard_normal(len(x))])

    return parts._replace(
        x_train=add(parts.x_train, parts.y_train),
        x_val=add(parts.x_val, parts.y_val),
        x_fresh=add(parts.x_fresh, rng.permutation(parts.y_fresh)),
    )


FAULTS = {
    "random labels": random_labels,
    "constant inputs": constant_inputs,
    "one label": one_label,
    "easier validation": easier_validation,
    "sorted by label": sorted_by_label,
    "sorted by column": sorted_by_column,
    "other group": other_group,
    "duplicates": duplicates,
    "label as a column": label_column,
    "trained on validation": lambda rng, parts, settings: parts,  # network.train does it
    "dead units": lambda rng, parts, settings: parts,  # network.initialize does it
}
