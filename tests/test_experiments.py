"""Seeds, repeats, scores and intervals."""

import functools

from helpers import experiments
from helpers.data import moons
from helpers.training import evaluate
import keras
import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import accuracy_score, log_loss


def build():
    model = keras.Sequential(
        [
            keras.Input((2,)),
            keras.layers.Dense(8, activation="relu"),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile(loss="binary_crossentropy", optimizer="adam", metrics=["accuracy"])
    return model


@pytest.fixture
def runs():
    drawn = np.random.default_rng(0).normal(size=(2, 30))
    return pd.DataFrame(
        {
            "setting": ["a"] * 30 + ["b"] * 30,
            "seed": [*range(30)] * 2,
            "loss": np.concatenate([drawn[0], drawn[0] + 0.1 * drawn[1] + 1]),
        }
    )


def test_seeds_differ_and_repeat(monkeypatch):
    monkeypatch.delenv("BOOK_SEED", raising=False)
    assert experiments.seeds(20) == list(range(1000, 1020))


def test_the_book_seed_shifts_all_seeds(monkeypatch):
    monkeypatch.setenv("BOOK_SEED", "0")
    usual = experiments.seeds(1000)
    monkeypatch.setenv("BOOK_SEED", "1")
    assert not set(usual) & set(experiments.seeds(1000))


@pytest.mark.parametrize("shift", ["x", "-1", "1.5", "²", "9999999"])
def test_a_book_seed_that_is_no_whole_number_is_refused(monkeypatch, shift):
    monkeypatch.setenv("BOOK_SEED", shift)
    with pytest.raises(ValueError, match="BOOK_SEED must be"):
        experiments.seeds(2)


@pytest.mark.parametrize("n", [1, 0, -3, 2.5, "20", True, None])
def test_fewer_than_two_seeds_are_refused(n):
    with pytest.raises(ValueError, match="n must be a whole number, 2 or more"):
        experiments.seeds(n)


def test_repeat_runs_every_setting_with_the_same_seeds():
    table = experiments.repeat(
        lambda seed, factor: {"value": factor * seed},
        {"one": {"factor": 1}, "two": {"factor": 2}},
        n_seeds=3,
    )
    assert list(table.columns) == ["setting", "seed", "value"]
    one, two = (table[table["setting"] == name] for name in ("one", "two"))
    assert list(one["seed"]) == list(two["seed"]) == experiments.seeds(3)
    np.testing.assert_array_equal(two["value"], 2 * one["value"].to_numpy())


def test_repeat_refuses_an_empty_list_of_settings():
    with pytest.raises(ValueError, match="settings is empty"):
        experiments.repeat(lambda seed: {}, {})


def test_a_trained_network_is_scored_on_all_parts():
    data = functools.partial(moons, n_test=500)
    found = experiments.train_and_score(5, build, data=data, epochs=20)
    split = moons(n_test=500, seed=5)
    keras.utils.set_random_seed(5)
    model = build()
    history = model.fit(
        split.x_train,
        split.y_train,
        validation_data=(split.x_val, split.y_val),
        epochs=20,
        verbose=0,
    )
    loss, accuracy = model.evaluate(split.x_test, split.y_test, verbose=0)
    assert found["test_cross_entropy"] == pytest.approx(loss, rel=1e-3)
    assert found["test_accuracy"] == pytest.approx(accuracy, abs=0.005)
    assert found["best_epoch"] == np.argmin(history.history["val_loss"]) + 1
    assert {name.split("_")[0] for name in found} == {"train", "val", "test", "best"}


def test_a_network_is_the_same_for_the_same_seed():
    first, again, other = (experiments.train_and_score(s, build, epochs=5) for s in (1, 1, 2))
    assert first == again
    assert first != other


def test_scores_agree_with_scikit_learn():
    rng = np.random.default_rng(0)
    y, probability = rng.integers(0, 2, 200), rng.random(200)
    found = experiments.scores(y.reshape(-1, 1), probability.reshape(-1, 1))
    assert found["cross_entropy"] == pytest.approx(log_loss(y, probability))
    assert found["accuracy"] == accuracy_score(y, probability > 0.5)


def test_scores_of_several_classes_agree_with_scikit_learn():
    rng = np.random.default_rng(0)
    y, probability = rng.integers(0, 4, 200), rng.dirichlet(np.ones(4), 200)
    found = experiments.scores(y, probability)
    assert found["cross_entropy"] == pytest.approx(log_loss(y, probability))
    assert found["accuracy"] == accuracy_score(y, probability.argmax(axis=1))


def test_a_sure_mistake_costs_what_keras_clips_it_to():
    assert experiments.scores([1], [0.0])["cross_entropy"] == pytest.approx(-np.log(1e-7))


def test_a_calibrated_forecast_has_no_calibration_error():
    y = np.repeat([1, 1, 1, 0], 100)
    assert experiments.calibration_error(y, np.full(400, 0.75)) == pytest.approx(0)


def test_the_calibration_error_is_the_surplus_of_confidence():
    y = np.repeat([1, 0], 100)
    assert experiments.calibration_error(y, np.full(200, 0.9)) == pytest.approx(0.4)
    assert experiments.calibration_error(y, np.full(200, 1.0)) == pytest.approx(0.5)


def test_the_interval_covers_the_mean_about_as_often_as_it_says():
    rng = np.random.default_rng(1)
    ends = np.array([experiments.interval(rng.normal(3, 2, 40)) for _ in range(200)])
    covered = np.mean((ends[:, 0] < 3) & (ends[:, 1] > 3))
    assert 0.88 < covered < 0.99


def test_the_interval_of_a_constant_is_the_constant():
    assert experiments.interval([2.0, 2.0, 2.0]) == (2, 2)


@pytest.mark.parametrize("values", [[], [1.0], 3.0, [[1.0, 2.0]]])
def test_one_value_has_no_interval(values):
    with pytest.raises(ValueError, match="more seeds"):
        experiments.interval(values)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_run_that_diverged_has_no_interval(bad):
    with pytest.raises(ValueError, match="diverged"):
        experiments.interval([1.0, bad, 2.0])


def test_the_summary_has_means_and_paired_changes(runs):
    found = experiments.summarize(runs, "loss", baseline="a")
    values = runs.pivot(index="seed", columns="setting", values="loss")
    change = values["b"] - values["a"]
    assert list(found.index) == ["a", "b"]
    assert found.loc["b", "mean"] == pytest.approx(values["b"].mean())
    assert found.loc["b", "change"] == pytest.approx(change.mean())
    assert found.loc["b", "change_se"] == pytest.approx(change.std() / np.sqrt(30))
    assert found.loc["a", "change"] == 0


def test_pairing_makes_the_interval_of_the_change_narrow(runs):
    row = experiments.summarize(runs, "loss", baseline="a").loc["b"]
    assert row["change_high"] - row["change_low"] < 0.3 * (row["high"] - row["low"])


def test_the_summary_keeps_the_order_of_the_settings(runs):
    backwards = runs.iloc[::-1]
    assert list(experiments.summarize(backwards, "loss").index) == ["b", "a"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"measure": "lost"}, "measure 'lost' is no column"),
        ({"measure": "loss", "baseline": "c"}, "baseline 'c' is no setting"),
    ],
)
def test_the_summary_names_the_wrong_argument(runs, options, message):
    with pytest.raises(ValueError, match=message):
        experiments.summarize(runs, **options)


@pytest.mark.parametrize(
    ("y", "probability", "message"),
    [
        (np.zeros(10), np.full(20, 0.5), "one row, for each example"),
        (np.eye(3), np.full((3, 3), 1 / 3), "one class"),
        ([0, 1], [-2.0, 3.5], "between 0 and 1"),
        ([0, 2], [0.5, 0.5], "classes 0 to 1"),
        ([-1, 1], [0.5, 0.5], "classes 0 to 1"),
        ([0.5, 1], [0.5, 0.5], "classes 0 to 1"),
    ],
)
def test_scores_refuse_what_is_no_class_or_probability(y, probability, message):
    with pytest.raises(ValueError, match=message):
        experiments.scores(y, probability)


def test_the_summary_refuses_a_run_that_diverged(runs):
    runs.loc[3, "loss"] = np.nan
    with pytest.raises(ValueError, match="loss is NaN in some runs"):
        experiments.summarize(runs, "loss")


def test_the_summary_refuses_a_setting_that_ran_twice(runs):
    with pytest.raises(ValueError, match="twice with the same seed"):
        experiments.summarize(pd.concat([runs, runs]), "loss")


def test_the_summary_refuses_settings_that_cannot_be_paired(runs):
    with pytest.raises(ValueError, match="every setting on every seed"):
        experiments.summarize(runs.iloc[:-1], "loss")


def test_evaluate_takes_the_loss_from_the_logits():
    split = moons(n_test=300)
    model = build()
    for weights in model.layers[-1].weights:
        weights.assign(weights * 1e4)
    _, found = evaluate(model, split.x_test, split.y_test)
    assert found == pytest.approx(
        model.evaluate(split.x_test, split.y_test, verbose=0)[0], rel=1e-4
    )
    assert found > 50
