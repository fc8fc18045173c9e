"""The data sets: what they promise, and what they refuse."""

from dataclasses import FrozenInstanceError, astuple
from decimal import Decimal
from fractions import Fraction
import subprocess
import sys

from helpers.data import bayes_rule, digits, moons
import numpy as np
import pytest
from sklearn.datasets import make_moons


@pytest.fixture(scope="module")
def few_digits():
    return digits(per_class=10, val_per_class=50, seed=3)


def test_importing_the_data_does_not_import_tensorflow():
    code = "import sys, helpers, helpers.data; sys.exit('tensorflow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_moons_without_noise_lie_on_the_half_circles_of_make_moons():
    x, y = make_moons(10_000, noise=0, shuffle=False)
    split = moons(noise=0, n_train=500)
    for label in (0, 1):
        points = split.x_train[split.y_train.ravel() == label]
        nearest = np.abs(points[:, None] - x[None, y == label]).max(axis=2).min(axis=1)
        assert nearest.max() < 1e-6


def test_the_parts_of_moons_do_not_depend_on_each_others_size():
    few, many = moons(n_train=5, n_val=7, n_test=11), moons(n_train=50, n_val=70, n_test=20_000)
    np.testing.assert_array_equal(few.x_train, many.x_train[:5])
    np.testing.assert_array_equal(few.x_val, many.x_val[:7])


def test_validation_points_do_not_lie_in_the_gaps_of_the_training_points():
    """Along the arcs, which a split of one small call to make_moons spaces evenly."""
    places = []
    for seed in range(200):
        split = moons(n_train=30, n_val=70, noise=0, seed=seed)
        x, y = np.vstack([split.x_train, split.x_val]), np.vstack([split.y_train, split.y_val])
        outer = x[y.ravel() == 0]
        places.append(np.diff(np.sort(np.arctan2(*outer.T[::-1]))).std() * len(outer) / np.pi)
    assert 0.9 < np.mean(places) < 1.1  # gaps between independent places: as long as they vary


def test_moons_have_the_promised_shapes_and_types():
    split = moons(n_train=8, n_val=5, n_test=12)
    shapes = [a.shape for a in astuple(split)]
    assert shapes == [(8, 2), (8, 1), (5, 2), (5, 1), (12, 2), (12, 1)]
    assert {a.dtype.name for a in astuple(split)} == {"float32"}
    with pytest.raises(FrozenInstanceError):
        split.x_train = None


def test_moons_are_the_same_for_a_seed_and_differ_between_seeds():
    for first, again, other in zip(*map(astuple, (moons(), moons(), moons(seed=2))), strict=True):
        np.testing.assert_array_equal(first, again)
        assert not np.array_equal(first, other) or first.size == 0


def test_test_points_are_none_of_the_others():
    split = moons(noise=0.2)
    seen = {tuple(row) for row in np.vstack([split.x_train, split.x_val])}
    assert not seen & {tuple(row) for row in split.x_test}


def test_moons_without_noise_lie_on_the_half_circles():
    split = moons(noise=0)
    outer = split.x_test[split.y_test.ravel() == 0]
    np.testing.assert_allclose(np.hypot(*outer.T), 1, rtol=1e-5)


@pytest.mark.parametrize(
    ("wrong", "name"),
    [
        ({"n_train": 1}, "n_train"),
        ({"n_train": 30.5}, "n_train"),
        ({"n_train": True}, "n_train"),
        ({"n_val": 0}, "n_val"),
        ({"n_test": -1}, "n_test"),
        ({"noise": -1}, "noise"),
        ({"noise": float("nan")}, "noise"),
        ({"noise": "much"}, "noise"),
        ({"noise": None}, "noise"),
        ({"noise": True}, "noise"),
        ({"noise": [0.2]}, "noise"),
        ({"noise": Fraction(-1, 5)}, "noise"),
        ({"noise": Decimal("Infinity")}, "noise"),
        ({"noise": 10**400}, "noise"),
        ({"noise": 1e300}, "noise"),
        ({"n_train": 10**12}, "n_train"),
        ({"n_val": 10**12}, "n_val"),
        ({"n_test": 10**12}, "n_test"),
        ({"n_test": np.zeros((3, 3))}, "n_test"),
        ({"seed": 1.5}, "seed"),
        ({"seed": "one"}, "seed"),
        ({"seed": None}, "seed"),
        ({"seed": -1}, "seed"),
        ({"seed": 2**32}, "seed"),
    ],
)
def test_moons_name_the_wrong_argument(wrong, name):
    with pytest.raises(ValueError, match=rf"^{name} must be .*\Z"):
        moons(**wrong)


@pytest.mark.parametrize("noise", [Fraction(1, 5), Decimal("0.2"), np.float64(0.2)])
def test_noise_may_be_any_kind_of_number(noise):
    np.testing.assert_array_equal(moons(noise=noise).x_test, moons().x_test)
    point = np.array([[0.5, 0.25]])
    assert bayes_rule(point, noise) == pytest.approx(bayes_rule(point))


def test_the_bayes_rule_is_calibrated():
    split = moons(n_test=40_000)
    probability, y = bayes_rule(split.x_test), split.y_test.ravel()
    for low in (0, 0.25, 0.5, 0.75):
        chosen = (probability >= low) & (probability <= low + 0.25)
        error = 4 * np.sqrt(0.25 / chosen.sum())
        assert y[chosen].mean() == pytest.approx(probability[chosen].mean(), abs=error)


def test_the_bayes_rule_reaches_its_known_scores():
    split = moons(n_test=40_000)
    probability, y = bayes_rule(split.x_test), split.y_test.ravel()
    assert np.mean((probability > 0.5) == y) == pytest.approx(0.97, abs=0.005)
    assert -np.log(np.where(y == 1, probability, 1 - probability)).mean() == pytest.approx(
        0.078, abs=0.006
    )


def test_the_bayes_rule_is_sure_far_away():
    np.testing.assert_allclose(bayes_rule(np.array([[-9.0, 9.0], [9.0, -9.0]])), [0, 1], atol=1e-9)


@pytest.mark.parametrize("noise", [0, -1, 1e-200, 1e200, float("nan"), "0.2", None])
def test_the_bayes_rule_needs_noise(noise):
    with pytest.raises(ValueError, match=r"noise must be a number from 1e-06 to 1e\+06"):
        bayes_rule(np.zeros((1, 2)), noise)


@pytest.mark.parametrize("shape", [(5, 1), (1, 5), (2,), (5, 3), (5, 2, 1), (5, 1, 2), ()])
def test_the_bayes_rule_takes_points_in_the_plane_only(shape):
    with pytest.raises(ValueError, match=r"^x must"):
        bayes_rule(np.zeros(shape))


@pytest.mark.parametrize(
    ("x", "message"),
    [
        (np.zeros((0, 2)), "x is empty"),
        ([[0, np.nan]], "x contains NaN"),
        ([[0, 1], [2]], "x must be an array of numbers"),
        ([["a", "b"]], "x must be an array of numbers"),
        (None, "x must be an array of numbers, not None"),
    ],
)
def test_the_bayes_rule_says_what_is_wrong_with_the_points(x, message):
    with pytest.raises(ValueError, match=message):
        bayes_rule(x)


def test_digits_have_the_promised_shapes(few_digits):
    assert few_digits.x_train.shape == (100, 28, 28, 1)
    assert few_digits.x_val.shape == (500, 28, 28, 1)
    assert few_digits.x_test.shape == (4400, 28, 28, 1)
    assert few_digits.y_train.shape == (100, 1)
    assert {a.dtype.name for a in astuple(few_digits)} == {"float32"}


def test_digits_have_every_class_equally_often(few_digits):
    for y, count in ((few_digits.y_train, 10), (few_digits.y_val, 50), (few_digits.y_test, 440)):
        np.testing.assert_array_equal(np.bincount(y.ravel().astype(int)), [count] * 10)


def test_digits_are_images_from_black_to_white(few_digits):
    assert few_digits.x_train.min() == 0
    assert few_digits.x_train.max() == 1


def test_no_digit_is_in_two_parts(few_digits):
    parts = (few_digits.x_train, few_digits.x_val, few_digits.x_test)
    sets = [{image.tobytes() for image in part} for part in parts]
    assert not sets[0] & sets[1]
    assert not sets[0] & sets[2]
    assert not sets[1] & sets[2]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"per_class": 0}, "per_class must be"),
        ({"val_per_class": 2.5}, "val_per_class must be"),
        ({"seed": "x"}, "seed must be"),
        ({"seed": -1}, "seed must be"),
        ({"per_class": 10**12}, "per_class=1000000000000 .* at most 499"),
        ({"per_class": [10]}, "per_class must be"),
        ({"per_class": 450, "val_per_class": 50}, "per_class=450 .* at most 499"),
    ],
)
def test_digits_name_the_wrong_argument(wrong, message):
    with pytest.raises(ValueError, match=message):
        digits(**wrong)
