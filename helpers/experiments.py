"""The same run over many seeds, compared seed by seed, with intervals."""

import os

from helpers.checks import whole
from helpers.data import moons
from helpers.progress import progress
import numpy as np
import pandas as pd
from scipy import stats


def seeds(n=20):
    """Return the n seeds of an experiment: 1000, 1001, ...

    The environment variable BOOK_SEED (a whole number, default 0) shifts them by 1000 each,
    so that the whole book can be run again on data that nobody has looked at.

    Raises
    ------
    ValueError
        If n is below 2, since one run has no interval, or BOOK_SEED is no whole number.
    """
    n = whole("n", n, least=2)
    shift = os.environ.get("BOOK_SEED") or "0"
    if not shift.isascii() or not shift.isdigit() or len(shift) > 6:
        raise ValueError(f"BOOK_SEED must be a whole number from 0 to 999999, not {shift!r}")
    first = 1000 * (int(shift) + 1)
    return list(range(first, first + n))


def repeat(trial, settings, n_seeds=20):
    """Run every setting with the same seeds.

    Parameters
    ----------
    trial : callable
        `trial(seed, **setting)` returns a dict of numbers. The seed draws everything that
        is random in it.
    settings : dict
        The name of each setting and its keyword arguments, a dict.
    n_seeds : int, default 20

    Returns
    -------
    pandas.DataFrame
        One row for each setting and seed: `setting`, `seed` and what the trial returned.

    Raises
    ------
    ValueError
        If there is no setting, or fewer than two seeds.
    """
    if not settings:
        raise ValueError("settings is empty: name at least one setting")
    runs = [(name, seed) for name in settings for seed in seeds(n_seeds)]
    return pd.DataFrame(
        {"setting": name, "seed": seed, **trial(seed, **settings[name])}
        for name, seed in progress(runs, unit="run")
    )


def train_and_score(seed, build, *, data=moons, **fit_options):
    """Train one network on one draw of the data, and score it on all three parts.

    Parameters
    ----------
    seed : int
        Draws the data and the initial weights.
    build : callable
        Returns a compiled Keras model.
    data : callable, default moons
        `data(seed=seed)` returns a Split.
    **fit_options
        Go to `helpers.training.fit`: epochs, batch_size, callbacks, ...

    Returns
    -------
    dict
        `score_model` of each part with the prefixes train_, val_ and test_, and
        `best_epoch`, the epoch (from 1) of the lowest `val_loss`.
    """
    from helpers.training import fit  # noqa: PLC0415
    import keras  # noqa: PLC0415 (TensorFlow loads only where a network is trained)

    split = data(seed=seed)
    keras.utils.set_random_seed(seed)
    model = build()
    history = fit(
        model,
        split.x_train,
        split.y_train,
        validation_data=(split.x_val, split.y_val),
        **fit_options,
    )
    parts = {
        "train": (split.x_train, split.y_train),
        "val": (split.x_val, split.y_val),
        "test": (split.x_test, split.y_test),
    }
    measured = {}
    for part, (x, y) in parts.items():
        found = score_model(model, x, y)
        measured |= {f"{part}_{name}": value for name, value in found.items()}
    losses = np.nan_to_num(history.history["val_loss"], nan=np.inf)
    return {**measured, "best_epoch": int(losses.argmin()) + 1}


def score_model(model, x, y):
    """Score a classifier: as `scores`, with the cross-entropy taken from the logits.

    Parameters and errors are those of `helpers.training.evaluate`.
    """
    from helpers.training import evaluate  # noqa: PLC0415

    probability, cross_entropy = evaluate(model, x, y)
    return {**scores(y, probability), "cross_entropy": cross_entropy}


def scores(y, probability):
    """Score predicted probabilities.

    Parameters
    ----------
    y : array of shape (n,) or (n, 1)
        The classes, from 0.
    probability : array of shape (n,), (n, 1) or (n, classes)
        Of class 1, or of every class.

    Returns
    -------
    dict
        `cross_entropy` in nats, with probabilities clipped to 1e-7 from 0 and 1 (for a Keras
        model take `score_model`, which needs no clipping); `accuracy`;
        `calibration_error`, see that function.

    Raises
    ------
    ValueError
        If the lengths differ, or a class or probability is none.
    """
    y, probability = _classes(y, probability)
    of_truth = probability[np.arange(len(y)), y]
    return {
        "cross_entropy": float(-np.log(np.clip(of_truth, 1e-7, 1 - 1e-7)).mean()),
        "accuracy": float((probability.argmax(axis=1) == y).mean()),
        "calibration_error": calibration_error(y, probability),
    }


def calibration_error(y, probability, bins=10):
    """Return the expected calibration error, from 0 (best) to 1.

    The predictions are sorted into bins of equal width by the confidence in the predicted
    class; the error is the mean distance between confidence and accuracy in a bin,
    weighted by its size (Guo et al. 2017).

    Parameters
    ----------
    y : array of shape (n,) or (n, 1)
    probability : array of shape (n,), (n, 1) or (n, classes)
    bins : int, default 10
    """
    y, probability = _classes(y, probability)
    confidence = probability.max(axis=1)
    hit = probability.argmax(axis=1) == y
    index = np.minimum((confidence * bins).astype(int), bins - 1)
    surplus = np.bincount(index, weights=confidence - hit, minlength=bins)
    return float(np.abs(surplus).sum() / len(y))


def interval(values):
    """Return the 95% bootstrap interval of a mean, as (low, high).

    Bias-corrected and accelerated (Efron 1987), 9,999 resamples with a fixed seed.

    Raises
    ------
    ValueError
        If there are fewer than two values, or one is not finite.
    """
    values = np.asarray(values, dtype=float)
    if values.ndim != 1 or len(values) < 2:
        raise ValueError("values must be one list of two numbers or more: run more seeds")
    if not np.isfinite(values).all():
        raise ValueError("values contains NaN or infinity: look at the run that diverged")
    if np.ptp(values) == 0:
        return float(values[0]), float(values[0])
    found = stats.bootstrap((values,), np.mean, batch=1000, rng=np.random.default_rng(0))
    return tuple(float(end) for end in found.confidence_interval)


def summarize(runs, measure, baseline=None):
    """Summarize one measure of each setting over the seeds.

    Parameters
    ----------
    runs : pandas.DataFrame
        As `repeat` returns it.
    measure : str
        A column of `runs`.
    baseline : str, default None
        The setting that the others are compared with, seed by seed.

    Returns
    -------
    pandas.DataFrame
        A row for each setting: `mean`, `low` and `high` (95% interval); with a baseline also
        `change`, `change_low`, `change_high` and `change_se`, the standard error of the
        mean paired difference.

    Raises
    ------
    ValueError
        If `runs` has no such measure or baseline, or a setting lacks a seed.
    """
    if measure not in runs.columns:
        raise ValueError(f"measure {measure!r} is no column of runs: {', '.join(runs.columns)}")
    if runs.duplicated(["setting", "seed"]).any():
        raise ValueError("runs has a setting twice with the same seed: run it once, or rename it")
    if runs[measure].isna().any():
        raise ValueError(f"{measure} is NaN in some runs: look at those that diverged")
    table = runs.pivot(index="seed", columns="setting", values=measure)
    table = table[runs["setting"].unique()]
    if table.isna().to_numpy().any():
        raise ValueError("some settings lack a seed: run every setting on every seed")
    if baseline is not None and baseline not in table:
        raise ValueError(f"baseline {baseline!r} is no setting: {', '.join(map(str, table))}")
    rows = {name: _row(table[name], "mean", "low", "high") for name in table}
    if baseline is not None:
        for name in table:
            change = table[name] - table[baseline]
            rows[name] |= _row(change, "change", "change_low", "change_high")
            rows[name]["change_se"] = change.sem()
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("setting")


def _row(values, mean, low, high):
    return dict(zip((mean, low, high), (values.mean(), *interval(values)), strict=True))


def _classes(y, probability):
    """Return y as ints of shape (n,) and a probability for every class, (n, classes)."""
    y, probability = np.asarray(y), np.asarray(probability, dtype=float)
    if y.size != len(y) or len(probability) != len(y):
        raise ValueError("y must have one class, and probability one row, for each example")
    y, probability = y.ravel(), probability.reshape(len(y), -1)
    if not ((probability >= 0) & (probability <= 1) | np.isnan(probability)).all():
        raise ValueError("probability must lie between 0 and 1: apply the sigmoid or softmax")
    if probability.shape[1] == 1:
        probability = np.hstack([1 - probability, probability])
    if not np.isin(y, range(probability.shape[1])).all():
        raise ValueError(f"y must hold the classes 0 to {probability.shape[1] - 1}")
    return y.astype(int), probability
