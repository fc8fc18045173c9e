"""What is measured on a training history: smooth curves, their noise, lowest points and trends.

All functions are pure. A long curve is first thinned to block means, so that what follows costs
the same for 50 epochs and for a million. Sums run from the first value to the last, so that
measures.js comes to the same numbers to the last bit.
"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

MOST_POINTS = 1000  # of a thinned curve
TO_SD = 1.4826  # a normal variable's standard deviation, by its median absolute deviation
SMOOTHED = 0.05  # of the points, as the running mean of the truth
END = 0.1  # of the points: what is called the end of a run


def whole(number):
    """Return the nearest whole number, halves upward, and what is a half but for rounding errors.

    Python and JavaScript then agree: their logarithms differ in the last digit.
    """
    return int(np.floor(number + (0.5 + 1e-9)))


def mean(values):
    """Return the mean of `values`, shape (n,): of equal ones, exactly theirs."""
    return values[0] + np.cumsum(values - values[0])[-1] / len(values)


def thin(x, y, most=MOST_POINTS):
    """Return `x` and `y`, of shape (n,), as means over blocks of equal length, at most `most`.

    The last block may be shorter. A curve of at most `most` points comes back as it is.
    """
    size = -(-len(y) // most)
    if size <= 1:
        return x, y
    return _block_means(x, size), _block_means(y, size)


def _block_means(values, size):
    first = values[::size]
    total = np.zeros(len(first))
    for place in range(1, size):
        here = values[place::size]
        total[: len(here)] += here - first[: len(here)]
    lengths = np.full(len(first), size)
    lengths[-1] = len(values) - size * (len(first) - 1)
    return first + total / lengths


def window(n, share=SMOOTHED):
    """Return the odd number next to `share` of `n`, at least 1."""
    return 2 * whole((share * n - 1) / 2) + 1 if share * n > 1 else 1


def smooth(y, width):
    """Return a running mean of a running median of `y`, each over `width` points (odd).

    The median takes no notice of single jumps. Beyond the ends the curve is mirrored: a repeated
    last value would fill half of the window and make the ends as noisy as a single point.
    """
    if width <= 1:
        return np.array(y, dtype=float)
    middle = np.median(sliding_window_view(_extended(y, width), width), axis=1)
    around = _extended(middle, width)
    total = sum(around[place : place + len(y)] - middle for place in range(width))
    return middle + total / width


def _extended(y, width):
    return np.pad(y, width // 2, mode="reflect")


def noise(y):
    """Return the standard deviation of `y` from one point to the next, without its trend.

    By the median of the absolute second differences; those of independent noise have six times
    its variance. 0 for fewer than four points.
    """
    if len(y) < 4:
        return 0.0
    return float(TO_SD * np.median(np.abs(np.diff(y, 2))) / np.sqrt(6))


def fall(y, share=0.2):
    """Return by how much `y` falls over its last tenth, as a share of where it ends.

    0.02 is a fall by 2%, a rise is negative. The line is that of the median slope (Theil and Sen)
    through the last `share` of the points, at least four; it takes no notice of outliers.
    """
    last = y[-max(4, whole(share * len(y))) :]
    n = len(last)
    if n < 2:
        return 0.0
    i, j = np.triu_indices(n, 1)
    slope = np.median((last[j] - last[i]) / (j - i))
    end = np.median(last) + slope * (n - 1) / 2
    return float(-slope * END * len(y) / end) if end > 0 else 0.0


def by_rule(y):
    """Return the log climb of `y` and its last fall, each from single points of a smooth curve.

    As the rule of the truth takes them from the loss on fresh rows: the last point over the lowest,
    and over the one a tenth before. Epochs that were unlucky for all rows are in both alike.
    """
    width, tail = max(1, whole(SMOOTHED * len(y))), max(1, whole(END * len(y)))
    around = np.pad(y, (width // 2, width - 1 - width // 2), mode="edge")
    curve = y + sum(around[place : place + len(y)] - y for place in range(width)) / width
    last = curve[-1]
    return float(np.log(last / curve.min())), float(1 - last / curve[max(0, len(y) - 1 - tail)])


def turn(x, y):
    """Return where `y` is lowest and where it ends, on a smooth curve, with their noise.

    `best_epoch` and the epochs `best_low` to `best_high` that the noise cannot tell from it, the
    levels `first`, `middle`, `low`, `end` (the mean of the last tenth) and `risen` (that of its
    part since the lowest point), `last` and `expected`, the last value and the curve there,
    `climb` = log(risen / low), `last_climb` and `last_fall` of `by_rule`, `since`, the share of the
    points that come after the lowest, `noise` from point to point and `climb_noise`, the standard
    error of the climb by noise alone, both relative to `low`, and `jumps`, the noise of log(y).
    """
    width = window(len(y))
    curve = smooth(y, width)
    at, last = int(np.argmin(curve)), max(1, whole(END * len(y)))
    low, end, sigma = float(curve[at]), float(mean(curve[-last:])), noise(y)
    risen = float(mean(curve[max(at, len(y) - last) :]))  # what still falls has not risen
    last_climb, last_fall = by_rule(y)
    close = np.flatnonzero(curve <= low + 2 * sigma / np.sqrt(width))
    return {
        "best_epoch": float(x[at]),
        "best_low": float(x[close[0]]),
        "best_high": float(x[close[-1]]),
        "first": float(y[0]),
        "middle": float(curve[len(curve) // 2]),
        "low": low,
        "end": end,
        "risen": risen,
        "last": float(y[-1]),
        "expected": float(curve[-1]),
        "climb": float(np.log(risen / low)),
        "last_climb": last_climb,
        "last_fall": last_fall,
        "since": 1 - at / len(y),
        "noise": sigma / low,
        "jumps": noise(np.log(y)) if y.min() > 0 else np.inf,
        "climb_noise": float(sigma / low * np.sqrt(1 / width + 1 / max(width, last))),
        "fall": fall(y),
        "fall_noise": float(sigma / low * np.sqrt(12 / max(4, whole(0.2 * len(y)))) / 2),
    }


def rows(scores, most=20_000):
    """Return the fewest rows of which all `scores` are whole shares, None if that says nothing.

    A share of right answers among 13 rows is a multiple of 1/13. Scores are compared as far as
    their digits go; too few different values could be shares of almost any number of rows.
    """
    values = np.unique(scores[np.isfinite(scores) & (scores > 0) & (scores < 1)])
    if len(values) < 2:
        return None
    values = values[np.linspace(0, len(values) - 1, min(len(values), 40)).astype(int)]
    half_digit = _half_digit(values)
    counts = np.arange(2, min(most, int(0.25 / half_digit)) + 1)
    shares = values[:, None] * counts
    fits = (np.abs(shares - np.rint(shares)) <= half_digit * counts + 1e-9).all(axis=0)
    if not fits.any():
        return None
    found = int(counts[fits][0])
    others = counts[fits & (counts < 2 * found)]  # 198 and 200: too few digits to tell
    if len(others) > 1:
        return None
    by_chance = found * (2 * half_digit * found + 1e-9) ** len(values)
    return found if by_chance < 0.01 else None


def _half_digit(values):
    """Return half a unit of the last digit that all `values` show: of at most seven."""
    shown = [d for d in range(1, 7) if np.all(np.abs(values - np.round(values, d)) < 1e-9)]
    return 0.5001 * 10.0 ** -(shown[0] if shown else 7)
