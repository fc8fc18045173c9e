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
from helpers.scores import LOGARITHMIC, cross_entropy, estimate, is_loss, scores, temperature
import joblib
import numpy as np
import pandas as pd
from scipy import special


def seeds(n=20):
    """Return the n seeds of an experiment: 1000, 1001, ...

    The environment variable BOOK_SEED (a whole number, default 0) shifts them by 1000 each,
    so that the whole book can be run again on data that nobody has looked at.

    Raises
    ------
    ValueError
        If n is below 2, since one run has no interval, or BOOK_SEED is not a whole number.
    """
    first = 1000 * (_shift() + 1)
    return list(range(first, first + whole("n", n, least=2)))


def _shift():
    shift = os.environ.get("BOOK_SEED") or "0"
    if not shift.isascii() or not shift.isdigit() or len(shift) > 6:
        raise ValueError(f"BOOK_SEED must be a whole number from 0 to 999999, not {shift!r}")
    return int(shift)


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


def train_and_score(seed, build, *, data=moons, scale_logits=False, **fit_options):
    """Train one network on one draw of the data, and score it on all three parts.

    Parameters
    ----------
    seed : int
        Draws the data and the initial weights.
    build : callable
        Returns a compiled Keras model.
    data : callable, default moons
        `data(seed=seed)` returns a Split.
    scale_logits : bool, default False
        Whether to divide the trained model's logits by the one number that fits the validation
        data best (see `helpers.scores.temperature`), before anything is scored.
    **fit_options
        Go to `helpers.training.fit`: epochs, batch_size, callbacks, ...

    Returns
    -------
    dict
        `score_model` of each part with the prefixes train_, val_ and test_, and
        `best_epoch`, the epoch (from 1) of the lowest `val_loss`; with `scale_logits` also
        `temperature`. The scores of a run that has diverged are NaN.

    Raises
    ------
    ValueError
        If data does not return a Split or scale_logits is not a bool; also what `fit` and
        `evaluate` raise.
    """
    from helpers.training import fit, logits  # noqa: PLC0415
    import keras  # noqa: PLC0415 (TensorFlow loads only where a network is trained)

    if taken := {"model", "x", "y", "validation_data"} & set(fit_options):
        raise ValueError(f"{min(taken)} comes from build and data: leave it out")
    one_of("scale_logits", scale_logits, (True, False))
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
    measured = {"best_epoch": _best_epoch(history.history["val_loss"])}
    if scale_logits:
        measured["temperature"] = temperature(split.y_val, logits(model, split.x_val))
    for part, (x, y) in parts.items():
        found = score_model(model, x, y, temperature=measured.get("temperature", 1.0))
        measured |= {f"{part}_{name}": value for name, value in found.items()}
    return measured


def _best_epoch(losses):
    """Return the epoch, from 1, of the lowest loss; NaN if every loss is."""
    return np.nan if np.isnan(losses).all() else int(np.nanargmin(losses)) + 1


def score_model(model, x, y, temperature=1.0):
    """Score a classifier: as `scores`, with the cross-entropy taken from the logits.

    Parameters and errors are those of `helpers.training.evaluate`, and `temperature` is what the
    logits are divided by first.
    """
    from helpers.training import logits  # noqa: PLC0415

    found = logits(model, x) / temperature
    outputs = special.softmax(found, axis=1) if found.shape[1] > 1 else special.expit(found)
    return {**scores(y, outputs), "cross_entropy": cross_entropy(y, found)}


def summarize(runs, measures):
    """Estimate the mean of each setting over the seeds.

    Parameters
    ----------
    runs : pandas.DataFrame
        As `repeat` returns it.
    measures : str, list of str, or dict
        Columns of `runs`, of numbers; a dict says how the table calls each. Losses, which are
        what has "loss" or "entropy" in its name, have a geometric mean.

    Returns
    -------
    pandas.DataFrame
        A row for each setting, with what `helpers.scores.estimate` returns: `value`, `low`,
        `high`, `se`, `kind`. Unless `measures` is a str, the index is (measure, setting).

    Raises
    ------
    ValueError
        If `runs` has no such measure, a setting lacks a seed, or a run diverged.
    """

    def rows(measure):
        kind = "geometric mean" if is_loss(measure) else "mean"
        return {name: (v, kind) for name, v in _by_setting(runs, measure).items()}

    return _estimates(measures, rows)


def compare(runs, measures, *, baseline):
    """Estimate the change of each setting against another one, paired by seed.

    Losses are compared by their ratio: the estimate is a factor, below 1 if the setting lowers
    the loss. Other measures are compared by their difference.

    Parameters and errors are those of `summarize`, and `baseline` is the name of the setting that
    the others are compared with. It has no row in the table.
    """

    def rows(measure):
        table = _by_setting(runs, measure)
        one_of("baseline", baseline, table)
        base = table.pop(baseline)
        if not table:
            raise ValueError(f"runs has no setting other than the baseline {shown(baseline)}")
        if not is_loss(measure):
            return {name: (values - base, "change") for name, values in table.items()}
        if (base <= 0).any():
            raise ValueError(f"{measure} must be above 0 to compare it as a factor")
        return {name: (values / base, "factor") for name, values in table.items()}

    return _estimates(measures, rows)


def _estimates(measures, rows):
    """Return a table of estimates; `rows(measure)` gives the values and the kind of each."""
    named = measures if isinstance(measures, Mapping) else {}
    several = [measures] if isinstance(measures, str) else measures
    if not isinstance(several, (list, tuple, Mapping)):
        raise ValueError(f"measures must be a name, a list or a dict, not {shown(measures)}")
    found = {
        (named.get(measure, measure), name): _named(measure, values, kind)
        for measure in several
        for name, (values, kind) in rows(measure).items()
    }
    if not found:
        raise ValueError("measures is empty: name a column of runs")
    heads, names = zip(*found, strict=True)
    index = pd.Index(names, name="setting", tupleize_cols=False)
    if not isinstance(measures, str):
        index = pd.MultiIndex.from_arrays([heads, index], names=["measure", "setting"])
    return pd.DataFrame(list(found.values()), index=index)


def _named(measure, values, kind):
    try:
        return estimate(values, kind)
    except ValueError as error:
        raise ValueError(f"{measure}: {error}") from None


def show(estimates, digits=3):
    """Return a table of estimates as text: "0.61 [0.50, 0.74]", a change with its sign.

    Parameters
    ----------
    estimates : pandas.DataFrame
        As `summarize` or `compare` returns it, or a part of it. Tables that are joined with
        `pandas.concat` can be shown, too.
    digits : int, default 3
        Decimals.

    Returns
    -------
    pandas.DataFrame
        A row for each setting and a column for each measure, whose name says whether it is a
        "factor" or a "change".

    Raises
    ------
    ValueError
        If `estimates` is not such a table, or has a setting twice.
    """
    _check_estimates(estimates)
    places = estimates.set_index("kind", append=True).index
    if places.has_duplicates:
        twice = estimates.index[places.duplicated()][0]
        raise ValueError(f"estimates has {twice!r} twice: rename one, or show it by itself")
    digits = whole("digits", digits, least=0, most=15)
    texts = [_text(row, digits) for row in estimates.to_dict("records")]
    kinds = estimates["kind"].where(estimates["kind"].isin(["change", "factor"]), "")
    if "measure" not in estimates.index.names:
        head = kinds.iloc[0] if kinds.nunique() == 1 else ""
        return pd.DataFrame({head or "mean": texts}, estimates.index)
    heads = pd.Index(
        f"{str(measure).replace('_', ' ')}{kind and f', {kind}'}"
        for measure, kind in zip(estimates.index.get_level_values("measure"), kinds, strict=True)
    )
    rows = estimates.index.droplevel("measure")
    cells = np.full((rows.nunique(), heads.nunique()), "", object)
    cells[pd.factorize(rows)[0], pd.factorize(heads)[0]] = texts
    return pd.DataFrame(cells, rows.unique(), heads.unique())


def _text(row, digits):
    sign = "+" if row["kind"] == "change" else ""
    value, low, high = (f"{row[name]:{sign}z.{digits}f}" for name in ("value", "low", "high"))
    return f"{value} [{low}, {high}]"


def _check_estimates(estimates):
    if not isinstance(estimates, pd.DataFrame):
        raise ValueError(f"estimates must be a table, not {shown(estimates)}")
    if missing := [name for name in ("value", "low", "high", "kind") if name not in estimates]:
        raise ValueError(f"estimates must be as `summarize` returns it: it lacks {missing[0]!r}")
    if estimates.empty:
        raise ValueError("estimates has no row")


def margin():
    """Return how many standard errors a claim must clear: 4, on other seeds (BOOK_SEED) 2."""
    return 4 if _shift() == 0 else 2


def claim(found, *, above=None, below=None, within=None):
    """Assert that a mean lies above, below or within bounds, by a margin of standard errors.

    The margin is `margin()`. Where an estimate is of logarithms, so is the distance.

    Parameters
    ----------
    found : pandas.Series, pandas.DataFrame or array
        A row of what `summarize` or `compare` returns, several rows, each of which must
        hold, or one value for each seed.
    above, below : float, default None
    within : (low, high), default None

    Raises
    ------
    AssertionError
        If it does not hold: the message says by how many standard errors.
    ValueError
        If no bound is given, `within` beside another, or one without a logarithm where an
        estimate is of logarithms.
    """
    if within is not None and (above is not None or below is not None):
        raise ValueError("claim takes within=(low, high) or above= and below=, not both")
    low, high = (above, below) if within is None else within
    if low is None and high is None:
        raise ValueError("claim needs a bound: above=, below= or within=(low, high)")
    for name, row in _rows_of(found):
        for bound, sign, side in ((low, 1, "above"), (high, -1, "below")):
            if bound is not None:
                distance = sign * _standard_errors(row, bound)
                assert distance >= margin(), (
                    f"{name} {row['value']:.4g} lies {distance:.1f} standard errors {side} "
                    f"{bound:g}: a claim needs {margin()}"
                )


def _rows_of(found):
    """Return the estimates that a claim is about, with what to call each."""
    if isinstance(found, pd.DataFrame):
        _check_estimates(found)
        return [(f"{name}:", row) for name, row in found.iterrows()]
    if isinstance(found, pd.Series) and "kind" in found.index:
        return [(f"{found.name}:", found)]
    return [("the mean", estimate(found))]


def _standard_errors(row, bound):
    """Return how many standard errors an estimate lies above a bound."""
    value = row["value"]
    if row["kind"] in LOGARITHMIC:
        if bound <= 0:
            raise ValueError(f"a bound of a {row['kind']} must be above 0, not {bound:g}")
        value, bound = np.log([value, bound])
    if row["se"] == 0:
        return 0.0 if value == bound else np.copysign(np.inf, value - bound)
    return (value - bound) / row["se"]


def _by_setting(runs, measure):
    """Return the values of each setting by its name, a Series with the seeds as its index."""
    missing = {"setting", "seed"} - set(getattr(runs, "columns", ()))
    if not isinstance(runs, pd.DataFrame) or missing:
        lacks = f": it lacks the column {min(missing)!r}" if missing else ""
        raise ValueError(f"runs must be a table as `repeat` returns it{lacks}")
    one_of("measures", measure, [name for name in runs if name not in ("setting", "seed")])
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
