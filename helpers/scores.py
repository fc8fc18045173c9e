"""How good predictions are, and how sure a mean over seeds is. Only NumPy and SciPy are needed."""

from helpers.checks import array, labels, one_of, probabilities, same_length, whole
import numpy as np
from scipy import optimize, special, stats

LOGARITHMIC = ("geometric mean", "factor")  # kinds of estimates that average logarithms
KINDS = ("mean", "change", *LOGARITHMIC)
HIGHEST_TEMPERATURE = 100.0  # where logits say nothing of the classes, no finite one is best


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

        All are NaN if a probability is.

    Raises
    ------
    ValueError
        If the lengths differ, y has other classes, or probability does not lie between 0 and 1
        or add up to 1.
    """
    y, probability = _classes(y, probability)
    if np.isnan(probability).any():
        return dict.fromkeys(("cross_entropy", "accuracy", "calibration_error"), np.nan)
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
    weighted by its size (Guo et al. 2017). It is NaN if a probability is.

    Parameters
    ----------
    y : array of shape (n,) or (n, 1)
    probability : array of shape (n,), (n, 1) or (n, classes)
    bins : int, default 10

    Raises
    ------
    ValueError
        As in `scores`, or if bins is not a whole number from 1 to 1,000.
    """
    y, probability = _classes(y, probability)
    bins = whole("bins", bins, least=1, most=1000)
    if np.isnan(probability).any():
        return np.nan
    confidence = probability.max(axis=1)
    hit = probability.argmax(axis=1) == y
    index = np.minimum((confidence * bins).astype(int), bins - 1)
    surplus = np.bincount(index, weights=confidence - hit, minlength=bins)
    return float(np.abs(surplus).sum() / len(y))


def cross_entropy(y, logits):
    """Return the mean cross-entropy in nats of a classifier's logits.

    Parameters
    ----------
    y : array of shape (n,) or (n, 1)
        The classes, from 0.
    logits : array of shape (n,), (n, 1) or (n, classes)
        What the model gives to its last sigmoid, or to its softmax.

    Raises
    ------
    ValueError
        If the lengths differ, y has other classes, or logits has another shape.
    """
    y, logits = _logits_of_classes(y, logits)
    return float((special.logsumexp(logits, axis=1) - logits[np.arange(len(y)), y]).mean())


def temperature(y, logits):
    """Return the number, 1 or more, by which to divide logits for the lowest cross-entropy.

    Temperature scaling (Guo et al. 2017) makes a model less sure and leaves its predicted classes
    as they are. Fit it to validation data. Here it never makes a model surer: a few validation
    points that are all predicted right would ask for a temperature of 0, endless certainty.

    Parameters and errors are those of `cross_entropy`. The result lies between 1, where the model
    is not too sure, and 100. It is NaN if a logit is not finite.
    """
    y, logits = _logits_of_classes(y, logits)
    if not np.isfinite(logits).all():
        return np.nan

    def loss(log_temperature):
        return cross_entropy(y, logits / np.exp(log_temperature))

    bounds = (0, np.log(HIGHEST_TEMPERATURE))
    found = optimize.minimize_scalar(loss, bounds=bounds, method="bounded")
    return float(np.exp(found.x)) if found.fun < loss(0) else 1.0


def is_loss(measure):
    """Return whether a measure is a loss by its name: it has "loss" or "entropy" in it."""
    return "loss" in str(measure) or "entropy" in str(measure)


def interval(values):
    """Return the 95% interval of a mean, as (low, high), by Student's t.

    Raises
    ------
    ValueError
        If there are fewer than two values, or one is not finite.
    """
    found = estimate(values)
    return found["low"], found["high"]


def estimate(values, kind="mean"):
    """Estimate a mean from independent values, with its 95% interval by Student's t.

    Parameters
    ----------
    values : array of shape (n,)
        One for each seed, two or more.
    kind : "mean", "change", "geometric mean" or "factor", default "mean"
        What the values are: measurements, or differences from a baseline. The last two take
        the mean and the interval of the values' logarithms, and say them as what they are
        logarithms of: a geometric mean of losses, and of their ratios to a baseline.

    Returns
    -------
    dict
        `value`, `low`, `high`; `se`, the standard error of the mean (where logarithms are
        averaged, of their mean); `kind`.

    Raises
    ------
    ValueError
        If there are fewer than two values, one is not finite, or it has no logarithm.
    """
    one_of("kind", kind, KINDS)
    values = array("values", values, finite=False).astype(float)
    if values.ndim != 1 or len(values) < 2:
        raise ValueError("values must be one list of two numbers or more: run more seeds")
    if not np.isfinite(values).all():
        raise ValueError("values contains NaN or infinity: look at the run that diverged")
    if kind not in LOGARITHMIC:
        return {**_of_mean(values), "kind": kind}
    if (values <= 0).any():
        raise ValueError(f"values must be above 0 for a {kind}, which is a mean of logarithms")
    found = _of_mean(np.log(values))
    ends = {name: float(np.exp(found[name])) for name in ("value", "low", "high")}
    return {**ends, "se": found["se"], "kind": kind}


def _of_mean(values):
    size = np.abs(values).max() or 1.0  # the squares of huge numbers overflow
    mean, se = (values / size).mean(), stats.sem(values / size)
    reach = stats.t.ppf(0.975, len(values) - 1) * se
    found = {"value": mean, "low": mean - reach, "high": mean + reach, "se": se}
    return {name: float(size * number) for name, number in found.items()}


def _classes(y, probability):
    """Return y as ints of shape (n,) and a probability for every class, (n, classes)."""
    probability = probabilities("probability", probability, finite=False)
    y = labels("y", y, probability.shape[1])
    same_length("y", y, "probability", probability)
    return y, probability


def _logits_of_classes(y, logits):
    """Return y as ints of shape (n,) and a logit for every class, (n, classes)."""
    logits = array("logits", logits, finite=False).astype(float)
    if logits.ndim == 1:
        logits = logits[:, None]
    if logits.ndim != 2:
        raise ValueError(f"logits must have shape (n,) or (n, classes), not {logits.shape}")
    if logits.shape[1] == 1:
        logits = np.hstack([np.zeros_like(logits), logits])
    y = labels("y", y, logits.shape[1])
    same_length("y", y, "logits", logits)
    return y, logits
