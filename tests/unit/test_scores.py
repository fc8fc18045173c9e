"""Scores of predictions, and the interval of a mean."""

from helpers import scores
import numpy as np
import pytest
from scipy import special, stats
from sklearn.metrics import accuracy_score, log_loss


def test_scores_agree_with_scikit_learn():
    rng = np.random.default_rng(0)
    y, probability = rng.integers(0, 2, 200), rng.random(200)
    found = scores.scores(y.reshape(-1, 1), probability.reshape(-1, 1))
    assert found["cross_entropy"] == pytest.approx(log_loss(y, probability))
    assert found["accuracy"] == accuracy_score(y, probability > 0.5)


def test_scores_of_several_classes_agree_with_scikit_learn():
    rng = np.random.default_rng(0)
    y, probability = rng.integers(0, 4, 200), rng.dirichlet(np.ones(4), 200)
    found = scores.scores(y, probability)
    assert found["cross_entropy"] == pytest.approx(log_loss(y, probability))
    assert found["accuracy"] == accuracy_score(y, probability.argmax(axis=1))


def test_a_sure_mistake_costs_what_keras_clips_it_to():
    assert scores.scores([1], [0.0])["cross_entropy"] == pytest.approx(-np.log(1e-7))


@pytest.mark.parametrize(
    ("y", "probability"),
    [([0, 1], [np.nan, 0.5]), ([0, 1], [np.nan] * 2), ([0, 1], [[np.nan, 0.5], [0.2, 0.8]])],
)
def test_scores_of_a_diverged_network_are_nan(y, probability):
    found = scores.scores(y, probability)
    assert list(found) == list(scores.scores([0, 1], [0.1, 0.9]))
    assert np.isnan(list(found.values())).all()
    assert np.isnan(scores.calibration_error(y, probability))


@pytest.mark.parametrize("bins", [0, 2.5, "ten", 10**12])
def test_the_number_of_bins_is_checked(bins):
    with pytest.raises(ValueError, match="bins must be a whole number, from 1 to 1000"):
        scores.calibration_error([0, 1], [0.2, 0.8], bins)


def test_a_calibrated_forecast_has_no_calibration_error():
    y = np.repeat([1, 1, 1, 0], 100)
    assert scores.calibration_error(y, np.full(400, 0.75)) == pytest.approx(0)


def test_the_calibration_error_is_the_surplus_of_confidence():
    y = np.repeat([1, 0], 100)
    assert scores.calibration_error(y, np.full(200, 0.9)) == pytest.approx(0.4)
    assert scores.calibration_error(y, np.full(200, 1.0)) == pytest.approx(0.5)


def test_the_interval_covers_the_mean_about_as_often_as_it_says():
    rng = np.random.default_rng(1)
    ends = np.array([scores.interval(rng.normal(3, 2, 40)) for _ in range(200)])
    covered = np.mean((ends[:, 0] < 3) & (ends[:, 1] > 3))
    assert 0.88 < covered < 0.99


def test_an_estimate_has_the_interval_of_student_s_t():
    values = np.random.default_rng(2).normal(3, 2, 12)
    found = scores.estimate(values)
    expected = stats.ttest_1samp(values, 0)
    assert found["value"] == pytest.approx(values.mean())
    assert found["value"] / found["se"] == pytest.approx(expected.statistic)
    ends = expected.confidence_interval(0.95)
    assert (found["low"], found["high"]) == pytest.approx((ends.low, ends.high))
    assert scores.interval(values) == (found["low"], found["high"])


@pytest.mark.parametrize("kind", ["geometric mean", "factor"])
def test_losses_and_their_ratios_are_averaged_by_their_logarithms(kind):
    values = np.exp(np.random.default_rng(2).normal(size=12))
    found, logs = scores.estimate(values, kind), scores.estimate(np.log(values))
    assert found["se"] == logs["se"]
    for name in ("value", "low", "high"):
        assert np.log(found[name]) == pytest.approx(logs[name])


def test_the_interval_of_a_skewed_loss_covers_its_geometric_mean_as_often_as_it_says():
    rng = np.random.default_rng(1)
    found = [scores.estimate(np.exp(rng.normal(0, 1, 20)), "geometric mean") for _ in range(400)]
    assert 0.92 < np.mean([row["low"] < 1 < row["high"] for row in found]) < 0.98


@pytest.mark.parametrize("values", [[1.0, 0.0], [1.0, -2.0]])
def test_what_is_not_above_zero_has_no_geometric_mean(values):
    with pytest.raises(ValueError, match="values must be above 0 for a factor"):
        scores.estimate(values, "factor")


def test_an_unknown_kind_is_refused():
    with pytest.raises(ValueError, match="kind must be one of mean, change"):
        scores.estimate([1.0, 2.0], "median")


def test_the_interval_of_a_constant_is_the_constant():
    assert scores.interval([2.0, 2.0, 2.0]) == (2, 2)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([], "values is empty"),
        ([1.0], "values must be one list of two .* more seeds"),
        ([[1.0, 2.0]], "values must be one list of two .* more seeds"),
        (3.0, "values must be an array of numbers, not 3.0"),
        (["a", "b"], "values must be an array of numbers"),
    ],
)
def test_one_value_has_no_interval(values, message):
    with pytest.raises(ValueError, match=message):
        scores.interval(values)


def test_the_interval_moves_and_grows_with_its_values():
    values = np.random.default_rng(3).normal(size=20)
    low, high = scores.interval(values)
    assert scores.interval(2 * values + 5) == pytest.approx((2 * low + 5, 2 * high + 5))


@pytest.mark.parametrize(
    "values",
    [
        [1e300, 2e300],
        [5e-324, 1e-323, 1e-300],
        [1, 1 + 3e-16, 1],
        [0.1 + 0.2, 0.3, 0.3, 0.3],
        [-3e200, 3e-200, 1],
    ],
)
@pytest.mark.filterwarnings("error")
def test_the_interval_of_extreme_numbers_is_that_of_numbers_near_one(values):
    found, size = scores.estimate(values), max(map(abs, values))
    usual = scores.estimate(np.array(values) / size)
    for name in ("value", "low", "high", "se"):
        assert found[name] / size == pytest.approx(usual[name])


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_run_that_diverged_has_no_interval(bad):
    with pytest.raises(ValueError, match="diverged"):
        scores.interval([1.0, bad, 2.0])


@pytest.mark.parametrize(
    ("y", "probability", "message"),
    [
        (np.zeros(10), np.full(20, 0.5), "y has 10 rows and probability has 20"),
        (np.eye(3), np.full((3, 3), 1 / 3), "one class"),
        ([0, 1], [-2.0, 3.5], "between 0 and 1"),
        ([0, 2], [0.5, 0.5], "classes 0 and 1"),
        ([-1, 1], [0.5, 0.5], "classes 0 and 1"),
        ([0.5, 1], [0.5, 0.5], "classes 0 and 1"),
        ([np.nan, 1], [0.5, 0.5], "y contains NaN"),
        ([0, 1], [[0.9, 0.8], [0.1, 0.3]], "probability must add up to 1"),
        ([0, 3], np.full((2, 3), 1 / 3), "y must hold the classes 0 to 2, not 3"),
        ([[0, 1], [1, 0]], [0.5, 0.5], r"y\.argmax\(axis=1\)"),
        (0, 0.5, "probability must be an array of numbers"),
        ([], [], "probability is empty"),
        (["a", "b"], [0.5, 0.5], "y must be an array of numbers"),
        ([0, 1], np.full((2, 2, 1), 0.5), "probability must have shape"),
    ],
)
def test_scores_refuse_what_is_no_class_or_probability(y, probability, message):
    with pytest.raises(ValueError, match=message):
        scores.scores(y, probability)


def drawn(rng, n=20_000, classes=1):
    """Return logits, and classes that are drawn with the probabilities they stand for."""
    logits = rng.normal(0, 2, (n, classes))
    if classes == 1:
        return (rng.random((n, 1)) < special.expit(logits)).astype(int), logits
    sure = special.softmax(logits, axis=1).cumsum(axis=1)
    return (rng.random((n, 1)) > sure[:, :-1]).sum(axis=1), logits


@pytest.mark.parametrize("classes", [1, 3])
def test_the_cross_entropy_of_logits_agrees_with_scikit_learn(classes):
    y, logits = drawn(np.random.default_rng(0), 200, classes)
    probability = special.expit(logits) if classes == 1 else special.softmax(logits, axis=1)
    assert scores.cross_entropy(y, logits) == pytest.approx(log_loss(y, probability))


def test_the_cross_entropy_of_a_sure_mistake_is_its_whole_logit():
    assert scores.cross_entropy([1, 0], [-1000.0, 1000.0]) == 1000
    assert scores.cross_entropy([1], [[1000.0, 0.0, 0.0]]) == 1000


@pytest.mark.parametrize("classes", [1, 3])
@pytest.mark.parametrize("too_sure", [1.5, 4])
def test_the_temperature_undoes_what_the_logits_were_multiplied_by(classes, too_sure):
    y, logits = drawn(np.random.default_rng(1), classes=classes)
    found = scores.temperature(y, too_sure * logits)
    assert found == pytest.approx(too_sure, rel=0.05)
    less, more = (
        scores.cross_entropy(y, too_sure * logits / t) for t in (0.9 * found, 1.1 * found)
    )
    assert scores.cross_entropy(y, too_sure * logits / found) < min(less, more)


def test_the_temperature_never_makes_a_model_surer():
    y, logits = drawn(np.random.default_rng(1))
    assert scores.temperature(y, 0.5 * logits) == 1
    assert scores.temperature([0, 1], [-1.0, 1.0]) == 1  # all right, as few points often are


def test_the_temperature_has_ends():
    assert scores.temperature([0, 1], [1.0, -1.0]) == pytest.approx(100, rel=0.01)
    assert np.isnan(scores.temperature([0, 1], [np.nan, 1.0]))


@pytest.mark.parametrize("function", [scores.temperature, scores.cross_entropy])
@pytest.mark.parametrize(
    ("y", "logits", "message"),
    [
        ([0, 1], [1.0], "same length"),
        ([0, 2], [1.0, 2.0], "y"),
        ([0, 1], np.zeros((2, 2, 2)), "logits must have shape"),
        ([0, 1], ["a", "b"], "logits"),
    ],
)
def test_unfit_logits_are_refused(function, y, logits, message):
    with pytest.raises(ValueError, match=message):
        function(y, logits)
