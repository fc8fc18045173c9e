"""Seeds, repeats, scores and intervals."""

import functools

from helpers import experiments
from helpers.data import moons
from helpers.training import evaluate
import joblib
import keras
import numpy as np
import pandas as pd
import pytest


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
            "loss": np.exp(np.concatenate([drawn[0], drawn[0] + 0.1 * drawn[1] + 1])),
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
    with pytest.raises(ValueError, match="settings must be a dict that names at least one"):
        experiments.repeat(lambda seed: {}, {})


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (["one", "two"], "settings must be a dict"),
        (None, "settings must be a dict"),
        ({"one": None}, r"settings\['one'\] must be a dict"),
        ({"one": 0.5}, r"settings\['one'\] must be a dict .* not 0.5"),
        ({"one": {2: 3}}, r"settings\['one'\] must be a dict of arguments by name"),
        ({"one": {"seed": 3}}, r"settings\['one'\] has a seed"),
        ({"one": {}, "two": {"rat": 1}}, r"settings\['two'\] does not fit trial: .*'rat'"),
    ],
)
def test_repeat_refuses_unfit_settings(settings, message):
    ran = []

    def trial(seed, rate=0):
        ran.append(seed)
        return {"value": rate}

    with pytest.raises(ValueError, match=message):
        experiments.repeat(trial, settings)
    assert not ran


@pytest.mark.parametrize(
    ("found", "message"),
    [
        (0.5, "trial must return a dict of numbers, not 0.5"),
        (None, "trial must return a dict"),
        ((1, 2), "trial must return a dict"),
        ({"seed": 1}, "trial returns 'seed'"),
        ({"setting": "mine", "value": 1}, "trial returns 'setting'"),
    ],
)
def test_repeat_refuses_what_makes_no_row(found, message):
    with pytest.raises(ValueError, match=message):
        experiments.repeat(lambda seed: found, {"one": {}})


def test_repeat_refuses_a_trial_that_cannot_be_called():
    with pytest.raises(ValueError, match="trial must be a function that returns a dict"):
        experiments.repeat({"value": 1}, {"one": {}})


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"build": build()}, "build must be a function"),
        ({"build": None}, "build must be a function"),
        ({"data": moons()}, "data must be a function that returns a Split"),
        ({"data": lambda seed: (1, 2)}, "data must return a Split"),
        ({"validation_data": (1, 2)}, "validation_data comes from build and data"),
    ],
)
def test_a_network_is_trained_by_functions_only(options, message):
    with pytest.raises(ValueError, match=message):
        experiments.train_and_score(1, **{"build": build, **options})


def test_a_run_that_diverged_is_scored_as_nan_and_the_others_are_kept():
    def trial(seed, rate):
        def steep():
            model = build()
            model.compile("sgd", "binary_crossentropy")
            model.optimizer.learning_rate = rate
            return model

        data = functools.partial(moons, n_test=50)
        return experiments.train_and_score(seed, steep, data=data, epochs=8)

    runs = experiments.repeat(trial, {"calm": {"rate": 0.1}, "wild": {"rate": 1e38}}, n_seeds=2)
    scored = runs.set_index("setting").drop(columns="seed")
    assert scored.loc["calm"].notna().all(axis=None)
    found = [name for name in scored if "best_epoch" not in name]
    assert scored.loc["wild", found].isna().all(axis=None)
    with pytest.raises(ValueError, match="test_accuracy is NaN or infinite in some runs"):
        experiments.summarize(runs, "test_accuracy")


def test_the_best_epoch_is_that_of_the_lowest_loss_if_there_is_one():
    assert experiments._best_epoch([0.5, 0.3, np.nan]) == 2
    assert np.isnan(experiments._best_epoch([np.nan, np.nan]))


def test_a_trained_network_is_scored_on_all_parts():
    data = functools.partial(moons, n_test=500)
    found = experiments.train_and_score(5, build, data=data, epochs=8)
    split = moons(n_test=500, seed=5)
    keras.utils.set_random_seed(5)
    model = build()
    history = model.fit(
        split.x_train,
        split.y_train,
        validation_data=(split.x_val, split.y_val),
        epochs=8,
        verbose=0,
    )
    loss, accuracy = model.evaluate(split.x_test, split.y_test, verbose=0)
    assert found["test_cross_entropy"] == pytest.approx(loss, rel=1e-3)
    assert found["test_accuracy"] == pytest.approx(accuracy, abs=0.005)
    assert found["best_epoch"] == np.argmin(history.history["val_loss"]) + 1
    assert {name.split("_")[0] for name in found} == {"train", "val", "test", "best"}


def test_scaled_logits_are_those_of_the_same_network_divided_by_one_number():
    data = functools.partial(moons, n_test=500)
    train = functools.partial(experiments.train_and_score, 5, build, data=data, epochs=4000)
    plain, scaled = train(), train(scale_logits=True)
    assert scaled.keys() - plain.keys() == {"temperature"}
    assert scaled["val_cross_entropy"] < plain["val_cross_entropy"]
    for part in ("train", "val", "test"):
        assert scaled[f"{part}_accuracy"] == plain[f"{part}_accuracy"]
    with pytest.raises(ValueError, match="scale_logits must be"):
        train(scale_logits=4)


def test_a_network_is_the_same_for_the_same_seed():
    first, again, other = (experiments.train_and_score(s, build, epochs=5) for s in (1, 1, 2))
    assert first == again
    assert first != other


def test_the_summary_has_a_geometric_mean_of_a_loss_and_a_mean_of_others(runs):
    runs = runs.assign(right=runs["loss"] / 10)
    found = experiments.summarize(runs, ["loss", "right"])
    values = runs.pivot(index="seed", columns="setting", values="loss")
    assert list(found.index) == [("loss", "a"), ("loss", "b"), ("right", "a"), ("right", "b")]
    assert found.loc[("loss", "b"), "value"] == pytest.approx(np.exp(np.log(values["b"]).mean()))
    assert found.loc[("right", "b"), "value"] == pytest.approx(values["b"].mean() / 10)
    assert found["kind"].tolist() == 2 * ["geometric mean"] + 2 * ["mean"]


def test_losses_are_compared_as_factors_and_others_as_changes(runs):
    runs = runs.assign(right=runs["loss"] / 10)
    found = experiments.compare(runs, ["loss", "right"], baseline="a")
    values = runs.pivot(index="seed", columns="setting", values="loss")
    factor, change = found.loc[("loss", "b")], found.loc[("right", "b")]
    logs = np.log(values["b"]) - np.log(values["a"])
    assert len(found) == 2
    assert factor["value"] == pytest.approx(np.exp(logs.mean()))
    assert factor["se"] == pytest.approx(logs.std() / np.sqrt(30))
    assert change["value"] == pytest.approx((values["b"] - values["a"]).mean() / 10)
    assert found["kind"].tolist() == ["factor", "change"]


def test_one_measure_has_a_row_for_each_setting(runs):
    found = experiments.compare(runs, "loss", baseline="b")
    assert list(found.index) == ["a"]
    pd.testing.assert_series_equal(
        found.loc["a"], experiments.compare(runs, ["loss"], baseline="b").loc[("loss", "a")],
        check_names=False,
    )  # fmt: skip


def test_a_measure_may_get_another_name_and_is_averaged_by_its_own(runs):
    found = experiments.summarize(runs, {"loss": "fresh"})
    assert found.index.get_level_values("measure").unique().tolist() == ["fresh"]
    assert set(found["kind"]) == {"geometric mean"}


def test_pairing_makes_the_interval_of_the_change_narrow(runs):
    factor = experiments.compare(runs, "loss", baseline="a").loc["b"]
    alone = experiments.summarize(runs, "loss").loc["b"]
    assert factor["se"] < 0.3 * alone["se"]


def test_the_summary_keeps_the_order_of_the_settings(runs):
    backwards = runs.iloc[::-1]
    assert list(experiments.summarize(backwards, "loss").index) == ["b", "a"]


@pytest.mark.parametrize(
    ("measures", "message"),
    [
        ("lost", "measures must be one of loss, not 'lost'"),
        (["loss", "lost"], "measures must be one of loss, not 'lost'"),
        ([["loss"]], "measures must be one of loss"),
        (None, "measures must be a name, a list or a dict, not None"),
        ("setting", "measures must be one of loss"),
        (["seed"], "measures must be one of loss"),
        ([], "measures is empty: name a column of runs"),
        ({}, "measures is empty"),
    ],
)
def test_the_summary_names_the_wrong_measure(runs, measures, message):
    with pytest.raises(ValueError, match=message):
        experiments.summarize(runs, measures)
    with pytest.raises(ValueError, match=message):
        experiments.compare(runs, measures, baseline="a")


@pytest.mark.parametrize("baseline", ["c", ["a"], {}, None])
def test_a_comparison_names_the_wrong_baseline(runs, baseline):
    with pytest.raises(ValueError, match="baseline must be one of a, b, not"):
        experiments.compare(runs, "loss", baseline=baseline)


def test_one_setting_alone_cannot_be_compared(runs):
    with pytest.raises(ValueError, match="runs has no setting other than the baseline 'a'"):
        experiments.compare(runs[runs["setting"] == "a"], "loss", baseline="a")


@pytest.mark.parametrize("setting", ["a", "b"])
def test_a_loss_of_zero_has_no_factor(runs, setting):
    runs.loc[runs["setting"] == setting, "loss"] = 0.0
    with pytest.raises(ValueError, match=r"loss.* must be above 0"):
        experiments.compare(runs, "loss", baseline="a")
    with pytest.raises(ValueError, match="loss: values must be above 0 for a geometric mean"):
        experiments.summarize(runs, "loss")


ESTIMATES = pd.DataFrame(
    [
        (0.61234, 0.5, 0.7449, 0.1, "factor"),
        (0.7, 0.6, 0.8, 0.1, "factor"),
        (-0.0004, -0.0101, 0.0093, 0.01, "change"),
        (0.01, 0.001, 0.02, 0.01, "change"),
    ],
    columns=["value", "low", "high", "se", "kind"],
    index=pd.MultiIndex.from_product(
        [["test_loss", "accuracy"], ["L2", "dropout"]], names=["measure", "setting"]
    ),
)


def test_estimates_are_shown_in_brackets_under_heads_that_say_what_they_are():
    found = experiments.show(ESTIMATES, 2)
    assert found.to_dict("index") == {
        "L2": {
            "test loss, factor": "0.61 [0.50, 0.74]",
            "accuracy, change": "+0.00 [-0.01, +0.01]",
        },
        "dropout": {
            "test loss, factor": "0.70 [0.60, 0.80]",
            "accuracy, change": "+0.01 [+0.00, +0.02]",
        },
    }
    assert found.index.name == "setting"


def test_one_measure_is_shown_under_its_kind():
    found = experiments.show(ESTIMATES.loc["test_loss"])
    assert found.columns.tolist() == ["factor"]
    assert found.loc["L2", "factor"] == "0.612 [0.500, 0.745]"


def test_joined_tables_are_shown_with_a_row_for_each_of_their_names():
    joined = pd.concat({"early": ESTIMATES, "late": ESTIMATES}, names=["moment"])
    found = experiments.show(joined)
    assert list(found.index) == [
        ("early", "L2"), ("early", "dropout"), ("late", "L2"), ("late", "dropout"),
    ]  # fmt: skip
    assert found.index.names == ["moment", "setting"]
    pd.testing.assert_frame_equal(found.loc["late"], experiments.show(ESTIMATES))


def test_settings_that_are_tuples_are_shown_as_they_are(runs):
    named = runs.assign(setting=[(name, 1) for name in runs["setting"]])
    found = experiments.show(experiments.summarize(named, ["loss"]))
    assert list(found.index) == [("a", 1), ("b", 1)]


def test_a_table_with_a_hole_is_shown_with_a_blank():
    found = experiments.show(ESTIMATES.drop(("accuracy", "dropout")))
    assert found.loc["dropout", "accuracy, change"] == ""


@pytest.mark.parametrize(
    ("given", "digits", "message"),
    [
        (None, 3, "estimates must be a table"),
        (ESTIMATES.drop(columns="low"), 3, "lacks 'low'"),
        (ESTIMATES[:0], 3, "estimates has no row"),
        (ESTIMATES, -1, "digits must be a whole number"),
    ],
)
def test_only_estimates_can_be_shown(given, digits, message):
    with pytest.raises(ValueError, match=message):
        experiments.show(given, digits)


@pytest.fixture(params=["0", "7"])
def needed(request, monkeypatch):
    """The standard errors that a claim must clear, on the book's seeds and on others."""
    monkeypatch.setenv("BOOK_SEED", request.param)
    return 4 if request.param == "0" else 2


def test_a_claim_holds_by_its_margin_and_no_less(needed):
    row = pd.Series({"value": 1.0, "low": 0, "high": 2, "se": 0.1, "kind": "mean"}, name="it")
    hardly, not_quite = needed * 0.1 - 1e-9, needed * 0.1 + 1e-9
    experiments.claim(row, above=1 - not_quite)
    experiments.claim(row, below=1 + not_quite)
    experiments.claim(row, within=(1 - not_quite, 1 + not_quite))
    for wrong in ({"above": 1 - hardly}, {"below": 1 + hardly}, {"within": (0, 1 + hardly)}):
        with pytest.raises(AssertionError, match=rf"it: 1 lies .* a claim needs {needed}"):
            experiments.claim(row, **wrong)


def test_a_claim_about_a_factor_is_one_about_its_logarithm():
    row = pd.Series({"value": 0.5, "low": 0.4, "high": 0.6, "se": 0.1, "kind": "factor"})
    experiments.claim(row, below=0.5 * np.exp(0.41))
    with pytest.raises(AssertionError, match=r"lies 3\.9 standard errors below"):
        experiments.claim(row, below=0.5 * np.exp(0.39))


def test_a_claim_about_a_table_is_one_about_each_row():
    table = ESTIMATES.loc["test_loss"].assign(se=[0.01, 0.2])
    with pytest.raises(AssertionError, match=r"dropout: 0\.7 lies 1\.8 standard errors below 1"):
        experiments.claim(table, below=1)
    experiments.claim(table.iloc[:1], below=1)


def test_a_claim_may_be_about_values_by_seed():
    experiments.claim(np.array([1.0, 1.1, 0.9, 1.05]), above=0.5)
    experiments.claim([2.0, 2.0, 2.0], above=1.999)
    with pytest.raises(AssertionError, match="the mean 2 lies"):
        experiments.claim([2.0, 2.0, 2.0], above=2)


def test_a_setting_that_stands_twice_in_a_table_is_not_dropped():
    table = ESTIMATES.loc[["test_loss"]]
    with pytest.raises(ValueError, match="twice: rename one"):
        experiments.show(pd.concat([table, table]))


def test_a_claim_without_a_bound_is_none():
    with pytest.raises(ValueError, match="claim needs a bound"):
        experiments.claim([1.0, 2.0])


@pytest.mark.parametrize("bounds", [{"above": 0}, {"below": -0.5}, {"within": (0, 2)}])
def test_a_factor_is_above_zero_anyway(bounds):
    row = pd.Series({"value": 0.5, "low": 0.4, "high": 0.6, "se": 0.1, "kind": "factor"})
    with pytest.raises(ValueError, match="a bound of a factor must be above 0"):
        experiments.claim(row, **bounds)


def test_a_claim_is_within_or_on_one_side():
    with pytest.raises(ValueError, match="not both"):
        experiments.claim([1.0, 2.0], within=(0, 3), above=0)


@pytest.mark.parametrize("missing", ["setting", "seed"])
def test_the_summary_names_the_column_that_runs_lacks(runs, missing):
    with pytest.raises(ValueError, match=f"runs must be a table .* lacks the column '{missing}'"):
        experiments.summarize(runs.drop(columns=missing), "loss")


@pytest.mark.parametrize("given", [None, {"loss": [1]}, [1, 2]])
def test_the_summary_takes_a_table_only(given):
    with pytest.raises(ValueError, match="runs must be a table as `repeat` returns it"):
        experiments.summarize(given, "loss")


def test_the_summary_refuses_text(runs):
    with pytest.raises(ValueError, match=r"runs\['note'\] must be an array of numbers"):
        experiments.summarize(runs.assign(note="fine"), "note")


def test_settings_may_be_tuples():
    table = experiments.repeat(
        lambda seed, factor: {"value": factor * seed},
        {(1, "low"): {"factor": 1}, (2, "high"): {"factor": 2}},
        n_seeds=3,
    )
    found = experiments.compare(table, "value", baseline=(1, "low"))
    assert list(found.index) == [(2, "high")]
    assert found.index.nlevels == 1
    assert found["value"].iloc[0] == pytest.approx(np.mean(experiments.seeds(3)))


def test_a_measure_may_be_a_nullable_column_or_a_truth(runs):
    plain = experiments.summarize(runs, "loss")
    nullable = experiments.summarize(runs.convert_dtypes(), "loss")
    pd.testing.assert_frame_equal(nullable, plain, check_index_type=False)
    hits = runs.assign(hit=runs["loss"] > 0.5)
    assert experiments.summarize(hits, "hit").loc["b", "value"] == hits["hit"].iloc[30:].mean()


@pytest.mark.parametrize("diverged", [np.nan, np.inf])
def test_the_summary_refuses_a_run_that_diverged(runs, diverged):
    runs.loc[3, "loss"] = diverged
    with pytest.raises(ValueError, match="loss is NaN or infinite in some runs"):
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


def drawing():
    """Return a trial that goes to other processes as code, like one of a notebook.

    One of this module would have each of them import the module, and TensorFlow with it.
    """

    def draw(seed, shift):
        return {"value": np.random.default_rng(seed).random() + shift}

    return draw


SHIFTS = {"a": {"shift": 0}, "b": {"shift": 1}}


def test_processes_change_neither_rows_nor_order():
    alone, shared = (experiments.repeat(drawing(), SHIFTS, n_seeds=5, n_jobs=n) for n in (1, 2))
    pd.testing.assert_frame_equal(shared, alone)


def test_a_cluster_changes_neither_rows_nor_order():
    distributed = pytest.importorskip("distributed")
    alone = experiments.repeat(drawing(), SHIFTS, n_seeds=5)
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=None
        ) as cluster,
        distributed.Client(cluster),
        joblib.parallel_config(backend="dask"),
    ):
        found = experiments.repeat(drawing(), SHIFTS, n_seeds=5)
    pd.testing.assert_frame_equal(found, alone)
