"""The same run over many seeds, compared seed by seed, with intervals."""

from collections.abc import Mapping
import inspect
import os

from helpers.checks import (
    array,
    function,
    one_of,
    shown,
    whole,
)
from helpers.data import Split, moons
from helpers.progress import progress
from helpers.scores import interval, scores
import joblib
import numpy as np
import pandas as pd


def seeds(n=20):
    """Return the n seeds of an experiment: 1000, 1001, ...

    The environment variable BOOK_SEED (a whole number, default 0) shifts them by 1000 each,
    so that the whole book can be run again on data that nobody has looked at.

    Raises
    ------
    ValueError
        If n is below 2, since one run has no interval, or BOOK_SEED is not a whole number.
    """
    n = whole("n", n, least=2)
    shift = os.environ.get("BOOK_SEED") or "0"
    if not shift.isascii() or not shift.isdigit() or len(shift) > 6:
        raise ValueError(f"BOOK_SEED must be a whole number from 0 to 999999, not {shift!r}")
    first = 1000 * (int(shift) + 1)
    return list(range(first, first + n))


def repeat(trial, settings, n_seeds=20, n_jobs=None):
    """Run every setting with the same seeds.

    Parameters
    ----------
    trial : callable
        `trial(seed, **setting)` returns a dict of numbers. The seed draws everything that
        is random in it.
    settings : dict
        The name of each setting and its keyword arguments, a dict.
    n_seeds : int, default 20
    n_jobs : int, default None
        Processes, as in scikit-learn: None means one, or what `joblib.parallel_config` says,
        and -1 all cores. The rows and their order do not depend on it. A process needs about
        700 MB and loads TensorFlow once.

    Returns
    -------
    pandas.DataFrame
        One row for each setting and seed: `setting`, `seed` and what the trial returned.

    Raises
    ------
    ValueError
        If there is no setting, a setting does not fit the trial, there are fewer than two seeds,
        or the trial does not return a dict that leaves the names `setting` and `seed` alone.
    """
    function("trial", trial, "that returns a dict of numbers")
    if not isinstance(settings, Mapping) or not settings:
        raise ValueError(
            "settings must be a dict that names at least one setting, such as "
            f'{{"dropout": {{"rate": 0.5}}}}, not {shown(settings)}'
        )
    for name, setting in settings.items():
        _check_setting(f"settings[{name!r}]", setting, trial)
    runs = [(name, seed) for name in settings for seed in seeds(n_seeds)]
    parallel = joblib.Parallel(n_jobs=n_jobs, return_as="generator")
    trials = parallel(joblib.delayed(trial)(seed, **settings[name]) for name, seed in runs)
    found = progress(trials, total=len(runs), unit="run")
    return pd.DataFrame(
        {"setting": name, "seed": seed, **_measured(measured)}
        for (name, seed), measured in zip(runs, found, strict=True)
    )


def _check_setting(name, setting, trial):
    """Refuse before the first run what the trial would refuse in the last."""
    if not isinstance(setting, Mapping) or not all(isinstance(key, str) for key in setting):
        raise ValueError(f"{name} must be a dict of arguments by name, not {shown(setting)}")
    if "seed" in setting:
        raise ValueError(f"{name} has a seed, which repeat itself gives to every trial")
    try:
        inspect.signature(trial).bind(0, **setting)
    except TypeError as error:
        raise ValueError(f"{name} does not fit trial: {error}") from None
    except ValueError:  # some of what is written in C has no signature
        pass


def _measured(found):
    if not isinstance(found, Mapping):
        raise ValueError(f"trial must return a dict of numbers, not {shown(found)}")
    if taken := {"setting", "seed"} & set(found):
        raise ValueError(f"trial returns {taken.pop()!r}, a column of its own: rename it")
    return found


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
        `best_epoch`, the epoch (from 1) of the lowest `val_loss`. The scores of a run that has
        diverged are NaN.

    Raises
    ------
    ValueError
        If data does not return a Split; also what `fit` and `evaluate` raise.
    """
    from helpers.training import fit  # noqa: PLC0415
    import keras  # noqa: PLC0415 (TensorFlow loads only where a network is trained)

    if taken := {"model", "x", "y", "validation_data"} & set(fit_options):
        raise ValueError(f"{min(taken)} comes from build and data: leave it out")
    split = function("data", data, "that returns a Split")(seed=seed)
    if not isinstance(split, Split):
        raise ValueError(f"data must return a Split, not {shown(split)}")
    keras.utils.set_random_seed(seed)
    model = function("build", build, "that returns a compiled model", keras.Model)()
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
    return {**measured, "best_epoch": _best_epoch(history.history["val_loss"])}


def _best_epoch(losses):
    """Return the epoch, from 1, of the lowest loss; NaN if every loss is."""
    return np.nan if np.isnan(losses).all() else int(np.nanargmin(losses)) + 1


def score_model(model, x, y):
    """Score a classifier: as `scores`, with the cross-entropy taken from the logits.

    Parameters and errors are those of `helpers.training.evaluate`.
    """
    from helpers.training import evaluate  # noqa: PLC0415

    probability, cross_entropy = evaluate(model, x, y)
    return {**scores(y, probability), "cross_entropy": cross_entropy}


def summarize(runs, measure, baseline=None):
    """Summarize one measure of each setting over the seeds.

    Parameters
    ----------
    runs : pandas.DataFrame
        As `repeat` returns it.
    measure : str
        A column of `runs`, of numbers.
    baseline : default None
        The name of the setting that the others are compared with, seed by seed.

    Returns
    -------
    pandas.DataFrame
        A row for each setting: `mean`, `low` and `high` (95% interval); with a baseline also
        `change`, `change_low`, `change_high` and `change_se`, the standard error of the
        mean paired difference.

    Raises
    ------
    ValueError
        If `runs` has no such measure or baseline, a setting lacks a seed, or a run diverged.
    """
    table = _by_setting(runs, measure)
    if baseline is not None:
        one_of("baseline", baseline, table)
    rows = {name: _row(table[name], "mean", "low", "high") for name in table}
    if baseline is not None:
        for name in table:
            change = table[name] - table[baseline]
            rows[name] |= _row(change, "change", "change_low", "change_high")
            rows[name]["change_se"] = change.sem()
    names = pd.Index(list(rows), name="setting", tupleize_cols=False)
    return pd.DataFrame(list(rows.values()), index=names)


def _by_setting(runs, measure):
    """Return the values of each setting by its name, a Series with the seeds as its index."""
    missing = {"setting", "seed"} - set(getattr(runs, "columns", ()))
    if not isinstance(runs, pd.DataFrame) or missing:
        lacks = f": it lacks the column {min(missing)!r}" if missing else ""
        raise ValueError(f"runs must be a table as `repeat` returns it{lacks}")
    one_of("measure", measure, [name for name in runs if name not in ("setting", "seed")])
    if runs.duplicated(["setting", "seed"]).any():
        raise ValueError("runs has a setting twice with the same seed: run it once, or rename it")
    values = array(f"runs[{measure!r}]", runs[measure], ("n",), finite=False).astype(float)
    if not np.isfinite(values).all():
        raise ValueError(f"{measure} is NaN or infinite in some runs: look at those that diverged")
    seeds_of = runs.assign(value=values).groupby("setting", sort=False, dropna=False)
    table = {name: part.set_index("seed")["value"].sort_index() for name, part in seeds_of}
    first = next(iter(table.values()))
    if not all(part.index.equals(first.index) for part in table.values()):
        raise ValueError("some settings lack a seed: run every setting on every seed")
    return table


def _row(values, mean, low, high):
    return dict(zip((mean, low, high), (values.mean(), *interval(values)), strict=True))
