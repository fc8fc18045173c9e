"""How good predictions are, and how sure a mean over seeds is. Only NumPy and SciPy are needed."""

from helpers.checks import array, labels, probabilities, same_length, whole
import numpy as np
from scipy import stats

NEARLY_EQUAL = 1e-6  # the range of numbers whose largest is near 1


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


def interval(values):
    """Return the 95% bootstrap interval of a mean, as (low, high).

    Bias-corrected and accelerated (Efron 1987), 9,999 resamples with a fixed seed.

    Raises
    ------
    ValueError
        If there are fewer than two values, or one is not finite.
    """
    values = array("values", values, finite=False).astype(float)
    if values.ndim != 1 or len(values) < 2:
        raise ValueError("values must be one list of two numbers or more: run more seeds")
    if not np.isfinite(values).all():
        raise ValueError("values contains NaN or infinity: look at the run that diverged")
    if (values == values[0]).all():
        return float(values[0]), float(values[0])
    # The bootstrap of huge or nearly equal numbers overflows or rounds to NaN. The interval
    # moves with its values, so it is taken of numbers near 1, which a power of 2 leaves exact.
    power = np.frexp(np.abs(values).max())[1]
    scaled = np.ldexp(values, -power)
    origin = scaled[0] if np.ptp(scaled) < NEARLY_EQUAL else 0.0
    found = stats.bootstrap(
        (scaled - origin,), np.mean, batch=1000, rng=np.random.default_rng(0)
    ).confidence_interval
    return tuple(float(np.ldexp(end + origin, power)) for end in found)


def _classes(y, probability):
    """Return y as ints of shape (n,) and a probability for every class, (n, classes)."""
    probability = probabilities("probability", probability, finite=False)
    y = labels("y", y, probability.shape[1])
    same_length("y", y, "probability", probability)
    return y, probability
