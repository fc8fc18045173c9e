"""fit against model.fit: the same curves, weights, stops and refusals.

For a few epochs Keras takes its steps eagerly, as tracing them would take longer. Where there
are more, and in every comparison if INSPECT is set, it trains as readers let it train.
"""

import functools
import itertools
import os
import random
import subprocess
import sys

from helpers.data import moons
from helpers.training import evaluate, fit, graph, loop, predict
from helpers.training import twin as rooms
from helpers.training.libraries import release
import keras
from keras import layers
from keras.callbacks import EarlyStopping
import numpy as np
import pytest

SPLIT = moons(n_test=200)
TRAIN = (SPLIT.x_train, SPLIT.y_train)
VALIDATION = (SPLIT.x_val, SPLIT.y_val)
OLD_KERAS = release(keras) < (3, 13)  # Colab may have it
INSPECT = os.environ.get("INSPECT")  # set for every pull request, where more time may pass
FEW = 3  # epochs


def build(units=20, *, after=list, penalty=None, adam=None, metrics=list, **compilation):
    """A small network, the same weights at every call; functions make what it must not share."""
    keras.utils.set_random_seed(1)
    hidden = layers.Dense(units, activation="relu", kernel_regularizer=penalty)
    output = layers.Dense(1, activation="sigmoid")
    model = keras.Sequential([keras.Input((2,)), hidden, *after(), output])
    optimizer = keras.optimizers.Adam(**{"learning_rate": 0.02, **(adam or {})})
    options = {"loss": "binary_crossentropy", "optimizer": optimizer, **compilation}
    model.compile(metrics=["accuracy", *metrics()], **options)
    return model


def both(make, data=TRAIN, callbacks=list, **options):
    """Train one model with model.fit and its double with fit; return both with what they log."""
    options = {"validation_data": VALIDATION, "epochs": FEW, **options}
    models, stoppers = (make(), make()), (callbacks(), callbacks())
    models[0].run_eagerly = options["epochs"] <= FEW and not INSPECT
    keras.utils.set_random_seed(2)
    theirs = models[0].fit(*data, verbose=0, callbacks=stoppers[0], **options)
    keras.utils.set_random_seed(2)
    ours = fit(models[1], *data, callbacks=stoppers[1], **options)
    return models, (theirs, ours), stoppers


def assert_same(models, histories, rtol=1e-3):
    theirs, ours = histories
    assert list(ours.history) == list(theirs.history)
    assert ours.epoch == theirs.epoch
    assert ours.params["epochs"] == theirs.params["epochs"]
    assert ours.params["steps"] == theirs.params["steps"]
    for name, values in theirs.history.items():
        np.testing.assert_allclose(ours.history[name], values, rtol=rtol, atol=1e-6, err_msg=name)
    for their, our in zip(*(model.get_weights() for model in models), strict=True):
        np.testing.assert_allclose(our, their, rtol=5 * rtol, atol=rtol / 2)
    their, our = (int(model.optimizer.iterations) for model in models)
    assert our == their


def penalized():
    """Layers with a penalty of each kind, and a dropout that drops nothing."""
    kinds = keras.regularizers
    penalties = (kinds.L1(0.01), kinds.L1L2(0.01, 0.02), "l2", kinds.L2(0.0))
    hidden = [layers.Dense(4, "tanh", kernel_regularizer=penalty) for penalty in penalties]
    return [*hidden, layers.Dense(4, bias_regularizer=kinds.L2(0.1)), layers.Dropout(0.0)]


def normalized():
    """Batch normalization, and a weight constraint."""
    constraint = keras.constraints.MaxNorm(0.5)
    return [layers.BatchNormalization(), layers.Dense(5, kernel_constraint=constraint)]


def averaging():
    return keras.optimizers.SGD(0.5, clipnorm=0.1, use_ema=True, ema_momentum=0.8)


def decaying():
    rate = keras.optimizers.schedules.ExponentialDecay(0.05, 3, 0.5)
    return keras.optimizers.AdamW(rate, weight_decay=0.1)


SMOOTH = keras.losses.BinaryCrossentropy(label_smoothing=0.1)
SAME = {
    "plain": {},
    "one epoch": {"options": {"epochs": 1}},
    "no validation, another loss": {
        "model": lambda: build(loss=keras.losses.MeanSquaredError()),
        "options": {"validation_data": None},
    },
    "mini-batches, AdamW, a learning rate schedule": {
        "model": lambda: build(optimizer=decaying()),
        "options": {"batch_size": 10, "shuffle": False},
    },
    "a last batch that is smaller, SGD, clipped gradients, averaged weights": {
        "model": lambda: build(optimizer=averaging()),
        "options": {"batch_size": 8, "shuffle": False},
    },
    "batches of one": {
        "data": (SPLIT.x_train[:5], SPLIT.y_train[:5]),
        "options": {
            "batch_size": 1,
            "shuffle": False,
            "validation_data": (SPLIT.x_val[:4], SPLIT.y_val[:4]),
        },
    },
    "every penalty, a dropout of zero": {
        "model": lambda: build(after=penalized, penalty=keras.regularizers.L2(0.01))
    },
    "batch normalization, a weight constraint": {"model": lambda: build(after=normalized)},
    "other metrics, label smoothing": {
        "model": lambda: build(
            loss=SMOOTH, metrics=lambda: ["AUC", keras.metrics.BinaryCrossentropy(name="bce")]
        )
    },
}


@pytest.mark.parametrize("case", SAME.values(), ids=SAME)
def test_fit_is_model_fit(case):
    make, data = case.get("model", build), case.get("data", TRAIN)
    models, histories, _ = both(make, data, **case.get("options", {}))
    assert_same(models, histories)


def test_many_epochs_of_the_baseline_agree_to_a_thousandth():
    def baseline():
        return build(500, adam={"learning_rate": 0.001})

    models, histories, _ = both(baseline, epochs=300 if INSPECT else 50)
    for name, values in histories[0].history.items():
        np.testing.assert_allclose(histories[1].history[name], values, rtol=1e-3)
    assert_same(models, histories)


def functional():
    keras.utils.set_random_seed(1)
    inputs = keras.Input((2,))
    hidden = layers.Dense(6, activation="tanh")(inputs)
    inner = keras.Sequential([layers.Dense(4, kernel_regularizer="l2"), layers.ReLU()])
    outputs = layers.Dense(1, activation="sigmoid")(inner(layers.Concatenate()([inputs, hidden])))
    model = keras.Model(inputs, outputs)
    model.compile(loss="binary_crossentropy", optimizer="adam", metrics=["accuracy"])
    return model


class Subclassed(keras.Model):
    """A model whose code fit cannot copy."""

    def __init__(self):
        super().__init__()
        self.hidden = layers.Dense(6, activation="relu")
        self.last = layers.Dense(1, activation="sigmoid")

    def call(self, inputs):
        """Two layers."""
        return self.last(self.hidden(inputs))


def subclassed():
    keras.utils.set_random_seed(1)
    model = Subclassed()
    model.compile(loss="binary_crossentropy", optimizer="adam", metrics=["accuracy"])
    return model


def unbuilt():
    keras.utils.set_random_seed(1)
    model = keras.Sequential([layers.Dense(6, "relu"), layers.Dense(1, "sigmoid")])
    model.compile(loss="binary_crossentropy", optimizer="adam")
    return model


def with_own_loss():
    return build(loss=lambda y, p: keras.ops.mean(keras.ops.abs(y - p)))


def with_own_layer():
    return build(after=lambda: [layers.Lambda(lambda x: 2 * x)])


def named(name, activation):
    keras.utils.set_random_seed(1)
    hidden = layers.Dense(8, activation=activation, name=name)
    model = keras.Sequential([keras.Input((2,)), hidden, layers.Dense(1, "sigmoid")], name=name)
    model.compile(loss="binary_crossentropy", optimizer="adam")
    return model


def leaky_relu(x):
    """An activation that Keras saves under the name of its own."""
    return keras.activations.leaky_relu(x, negative_slope=0.9)


def with_own_activation():
    return build(after=lambda: [layers.Dense(5, activation=leaky_relu)])


def with_adapted_statistics():
    keras.utils.set_random_seed(1)
    statistics = layers.Normalization()
    statistics.adapt(100 * SPLIT.x_train + 50)
    model = keras.Sequential([statistics, layers.Dense(8, "relu"), layers.Dense(1, "sigmoid")])
    model.compile(loss="binary_crossentropy", optimizer="adam")
    return model


def with_penalty_set_too_late():
    model = build()
    model.layers[0].kernel_regularizer = keras.regularizers.L2(1.0)
    return model


def with_kernels_kept_from_decay():
    optimizer = keras.optimizers.AdamW(0.01, weight_decay=0.9)
    optimizer.exclude_from_weight_decay(var_names=["kernel"])
    return build(optimizer=optimizer)


def with_another_optimizer():
    model = build()
    model.optimizer = keras.optimizers.Adam(beta_1=0.1)
    return model


def with_summed_loss():
    return build(loss=keras.losses.BinaryCrossentropy(reduction="sum"))


def with_a_frozen_layer():
    model = build(after=lambda: [layers.Dense(5)])
    model.layers[0].trainable = False
    model.compile(loss="binary_crossentropy", optimizer="adam", metrics=["accuracy"])
    return model


def with_a_layer_frozen_after_compiling():
    model = build(after=lambda: [layers.Dense(5)])
    model.optimizer.build(model.trainable_variables)
    model.layers[0].trainable = False
    return model


def with_nested_models():
    return build(after=lambda: [keras.Sequential([layers.Dense(4), layers.ReLU()])])


def with_everything_dropped():
    optimizer = keras.optimizers.SGD(0.5)  # Adam makes steps of gradients that are rounding
    return build(after=lambda: [layers.Dropout(1.0)], optimizer=optimizer)


UNCACHED = [
    functional,
    subclassed,
    with_own_loss,
    with_own_layer,
    with_own_activation,
    with_adapted_statistics,
    with_kernels_kept_from_decay,
    with_a_layer_frozen_after_compiling,
]
CACHED = [
    unbuilt,
    with_penalty_set_too_late,
    with_another_optimizer,
    with_a_frozen_layer,
    with_nested_models,
    with_summed_loss,
    pytest.param(
        with_everything_dropped,
        marks=pytest.mark.skipif(
            release(keras) < (3, 14), reason="this Keras cannot drop everything"
        ),
        id="with_everything_dropped",
    ),
]


@pytest.mark.parametrize("make", UNCACHED + CACHED, ids=lambda make: make.__name__)
def test_fit_is_model_fit_for_every_kind_of_model(make):
    models, histories, _ = both(make)
    assert_same(models, histories)


def test_a_classifier_of_images_trains_the_same():
    def make():
        keras.utils.set_random_seed(1)
        model = keras.Sequential(
            [
                keras.Input((8, 8, 1)),
                layers.Conv2D(4, 3, activation="relu"),
                layers.MaxPooling2D(),
                layers.Flatten(),
                layers.Dense(3, activation="softmax"),
            ]
        )
        model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
        return model

    rng = np.random.default_rng(0)
    data = rng.random((20, 8, 8, 1)), rng.integers(0, 3, 20)
    assert_same(*both(make, data, validation_data=data)[:2])


def test_a_second_call_goes_on_where_the_first_stopped():
    at_once, in_parts = build(), build()
    whole = fit(at_once, *TRAIN, validation_data=VALIDATION, epochs=30).history
    parts = [fit(in_parts, *TRAIN, validation_data=VALIDATION, epochs=n).history for n in (7, 23)]
    np.testing.assert_allclose(parts[0]["loss"] + parts[1]["loss"], whole["loss"], rtol=1e-4)


def test_model_fit_can_go_on_where_fit_stopped():
    mixed, pure = build(), build()
    fit(mixed, *TRAIN, epochs=10)
    mixed.fit(*TRAIN, epochs=5, verbose=0)
    fit(pure, *TRAIN, epochs=15)
    for one, other in zip(mixed.get_weights(), pure.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-4)


def test_a_loss_that_turns_nan_is_in_the_history():
    def make():
        return build(optimizer=keras.optimizers.SGD(1e30), loss="mse", penalty="l2")

    _, (theirs, ours), _ = both(make, epochs=5)
    for history in (theirs, ours):
        assert np.isfinite(history.history["loss"][0])
        assert np.isnan(history.history["loss"][-1])
        assert len(history.epoch) == 5


# Further data


def test_further_data_are_measured_after_each_epoch_in_inference_mode():
    model, double = (build(after=lambda: [layers.Dropout(0.5)], penalty="l2") for _ in range(2))
    fresh = SPLIT.x_test, SPLIT.y_test
    keras.utils.set_random_seed(1)
    logs = fit(model, *TRAIN, epochs=3, also_evaluate={"train": TRAIN, "test": fresh}).history
    assert list(logs) == [
        f"{part}{name}" for part in ("", "train_", "test_") for name in ("accuracy", "loss")
    ]
    for part, data in (("train", TRAIN), ("test", fresh)):
        assert logs[f"{part}_loss"][-1] == pytest.approx(model.evaluate(*data, verbose=0)[0])
    keras.utils.set_random_seed(1)
    fit(double, *TRAIN, epochs=3)
    for one, other in zip(double.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)


def test_further_data_on_the_training_set_are_keras_validation():
    model, double = build(), build()
    model.run_eagerly = not INSPECT
    theirs = model.fit(*TRAIN, epochs=FEW, verbose=0, validation_data=TRAIN).history
    ours = fit(double, *TRAIN, epochs=FEW, also_evaluate={"train": TRAIN}).history
    np.testing.assert_allclose(ours["train_loss"], theirs["val_loss"], rtol=1e-4)


def test_early_stopping_may_watch_further_data():
    stop = EarlyStopping("test_loss", mode="min", patience=0, min_delta=1.0)
    fresh = {"test": (SPLIT.x_test, SPLIT.y_test)}
    history = fit(build(), *TRAIN, epochs=20, callbacks=stop, also_evaluate=fresh)
    assert len(history.epoch) == 2


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ([TRAIN], "also_evaluate must be a dict"),
        ({"val": TRAIN}, "also_evaluate: 'val' cannot name a log"),
        ({"my set": TRAIN}, "also_evaluate: 'my set' cannot name a log"),
        ({"test": TRAIN[0]}, r"also_evaluate\['test'\] must be a tuple"),
        ({"test": (TRAIN[0], TRAIN[1][:3])}, r"also_evaluate\['test'\]\[0\] has 30 rows"),
    ],
)
def test_unfit_further_data_are_refused(given, message):
    with pytest.raises(ValueError, match=message):
        fit(build(), *TRAIN, also_evaluate=given)


# EarlyStopping

STOPS = {
    "patience 0": {},
    "patience 1": {"patience": 1},
    "patience": {"patience": 12},
    "best weights": {"patience": 12, "restore_best_weights": True},
    "never stops": {"patience": 1000},
    "never stops, best weights": {"patience": 1000, "restore_best_weights": True},
    "min_delta": {"patience": 5, "min_delta": 0.02},
    "a late start": {"patience": 5, "start_from_epoch": 50, "restore_best_weights": True},
    "a baseline that is met": {"patience": 30, "baseline": 0.5},
    "a baseline that is not": {"patience": 9, "baseline": 0.01, "restore_best_weights": True},
    "accuracy": {"monitor": "val_accuracy", "patience": 12, "restore_best_weights": True},
    "mode max": {"monitor": "accuracy", "mode": "max", "patience": 12},
    "training loss": {"monitor": "loss", "mode": "min", "min_delta": 0.01, "patience": 3},
}


def turning():
    """A network whose validation loss turns within a few epochs."""
    return build(100, adam={"learning_rate": 0.05})


EPOCHS = 80


@functools.cache
def recorded():
    """Return a model that model.fit has trained, its logs and weights after each epoch."""
    model, logs, weights = turning(), [], []

    def record(_, epoch_logs):
        logs.append(dict(epoch_logs))
        weights.append(model.get_weights())

    keras.utils.set_random_seed(2)
    callback = keras.callbacks.LambdaCallback(on_epoch_end=record)
    options = {"validation_data": VALIDATION, "epochs": EPOCHS, "verbose": 0}
    return model, model.fit(*TRAIN, callbacks=[callback], **options), logs, weights


def stopped_by(stopper):
    """Call EarlyStopping as model.fit calls it after each epoch of the recorded training.

    Returns the model, which ends as model.fit would leave it, and the number of epochs.
    """
    model, history, logs, weights = recorded()
    model.stop_training = False
    stopper.set_model(model)
    stopper.set_params(history.params)
    stopper.on_train_begin()
    for epoch, epoch_logs in enumerate(logs):
        model.set_weights(weights[epoch])
        stopper.on_epoch_end(epoch, epoch_logs)
        if model.stop_training:
            break
    stopper.on_train_end(logs[epoch])
    return model, epoch + 1


@pytest.mark.parametrize("options", STOPS.values(), ids=STOPS)
def test_early_stopping_is_keras_own(options):
    theirs, ours = EarlyStopping(**options), EarlyStopping(**options)
    model, epochs = stopped_by(theirs)
    double = turning()
    keras.utils.set_random_seed(2)
    history = fit(double, *TRAIN, validation_data=VALIDATION, epochs=EPOCHS, callbacks=[ours])
    assert history.epoch == list(range(epochs))
    assert int(double.optimizer.iterations) == epochs
    assert (ours.stopped_epoch, ours.best_epoch) == (theirs.stopped_epoch, theirs.best_epoch)
    assert ours.best == pytest.approx(theirs.best, rel=1e-3)
    assert double.stop_training == model.stop_training
    for name, values in recorded()[1].history.items():
        np.testing.assert_allclose(history.history[name], values[:epochs], rtol=1e-3, atol=1e-6)
    for one, other in zip(double.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, rtol=0.005, atol=5e-4)
    if options.get("restore_best_weights"):
        for one, other in zip(ours.best_weights, double.get_weights(), strict=True):
            np.testing.assert_array_equal(one, other)


def test_two_early_stoppings_work_together():
    models, histories, stoppers = both(
        turning,
        callbacks=lambda: [
            EarlyStopping("val_loss", patience=12, restore_best_weights=True),
            EarlyStopping("loss", patience=2, min_delta=0.02, mode="min"),
        ],
        epochs=EPOCHS,
    )
    assert_same(models, histories)
    for theirs, ours in zip(*stoppers, strict=True):
        assert (ours.stopped_epoch, ours.best_epoch) == (theirs.stopped_epoch, theirs.best_epoch)
    assert 2 < len(histories[0].epoch) < EPOCHS


def test_a_callback_may_stand_alone_and_be_used_again():
    options = {"validation_data": VALIDATION, "epochs": EPOCHS, "verbose": 0}

    def ends(train):  # a second time some versions of Keras go on with the first time's best
        stopper = EarlyStopping(patience=0, monitor="val_loss")
        runs = (train(turning(), *TRAIN, callbacks=stopper, **options) for _ in range(2))
        return [len(run.epoch) for run in runs]

    assert ends(fit) == ends(keras.Model.fit)
    assert ends(fit)[0] < EPOCHS


def test_a_tensorflow_that_is_too_old_is_refused():
    code = "import tensorflow as tf; tf.__version__ = '2.18.1'; import helpers.training"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    last = run.stderr.strip().splitlines()[-1]
    assert last.endswith(
        "VersionError: the book needs TensorFlow 2.19 or newer, and this is 2.18.1"
    )


# Randomness


def test_the_same_seed_repeats_dropout_and_shuffling_bit_for_bit():
    def run():
        model = build(after=lambda: [layers.Dropout(0.5)])
        return fit(model, *TRAIN, epochs=20, batch_size=10).history["loss"]

    assert run() == run()


@pytest.mark.skipif(OLD_KERAS, reason="this Keras keeps keras.random when a seed is set")
def test_training_leaves_the_random_state_as_it_was_whether_it_compiles_or_not():
    drawn = []
    for _ in range(2):
        model = build(17)
        fit(model, *TRAIN, epochs=2)
        drawn.append((random.random(), float(keras.random.uniform(()))))
    assert drawn[0] == drawn[1]


def test_every_epoch_is_shuffled_anew_and_has_every_row_once():
    model = build()
    graph.build(model, TRAIN, 10)
    twin = graph.Graph(model, 10, True, 10, False)
    orders = np.array([twin._order(30, np.array([3, epoch], "int32")) for epoch in range(50)])
    assert len({tuple(order) for order in orders}) == 50
    np.testing.assert_array_equal(np.sort(orders), np.tile(np.arange(30), (50, 1)))


def test_masks_keep_the_right_share_and_scale_what_they_keep():
    model = build(after=lambda: [layers.Dropout(0.3, seed=1)])
    graph.build(model, TRAIN, 30)
    twin = rooms.graph_of(model, TRAIN, {}, 30, True)
    twin.load(model)
    (layer,) = (x for x in twin.model.layers if isinstance(x, rooms.Dropout))
    layer.generator = "auto_select"
    ones = np.ones((200, 500), "float32")
    first, second = (np.asarray(layer(ones, training=True)) for _ in range(2))
    assert np.mean(first == 0) == pytest.approx(0.3, abs=0.01)
    np.testing.assert_allclose(first[first > 0], 1 / 0.7, rtol=1e-5)
    assert np.mean(first == second) < 0.7
    assert len({tuple(row) for row in first}) == 200
    np.testing.assert_array_equal(layer(ones, training=False), ones)


def test_dropout_trains_like_keras_dropout_on_average():
    """With each row many times, and so with as many masks, an epoch is the average over masks."""
    x, y = (np.repeat(part, 200, axis=0) for part in TRAIN)

    def make(rate=0.5):
        dropout = layers.Dropout(rate, seed=1)
        return build(50, after=lambda: [dropout], adam={"learning_rate": 0.05})

    options = {"batch_size": len(x), "epochs": 20}
    _, (theirs, ours), _ = both(make, (x, y), **options)
    undropped = fit(make(0.0), x, y, validation_data=VALIDATION, **options)
    for name in ("loss", "val_loss"):
        np.testing.assert_allclose(ours.history[name], theirs.history[name], rtol=0.05)
    assert ours.history["loss"][-1] > 1.08 * undropped.history["loss"][-1]  # beyond the tolerance


def test_other_random_layers_train():
    model = build(after=lambda: [layers.GaussianNoise(0.1), layers.Dropout(0.2)])
    losses = fit(model, *TRAIN, epochs=60).history["loss"]
    assert losses[-1] < losses[0]


# The cache of compiled twins


def count_new(*models, rows=(30,)):
    """Return how many graphs the models need, as fit chooses them, for so many rows each."""
    rooms.twins.clear()
    for model, n in itertools.product(models, rows):
        data = SPLIT.x_train[:n], SPLIT.y_train[:n]
        graph.build(model, data, 32)
        rooms.graph_of(model, data, {}, 32, True)
    return len(rooms.twins)


def test_rates_penalties_and_learning_rates_share_a_graph():
    settings = ((0.0, 0.1, 0.001), (0.5, 0.0, 0.01), (0.9, 1e-5, 0.1))
    models = [
        build(
            after=lambda rate=rate: [layers.Dropout(rate)],
            penalty=keras.regularizers.L2(factor),
            adam={"learning_rate": learning_rate},
        )
        for rate, factor, learning_rate in settings
    ]
    assert count_new(*models) == 1


def test_names_do_not_matter_for_the_graph():
    assert count_new(named("relu", "relu"), named("other", "relu")) == 1


def test_fit_compiles_nothing_for_a_model_that_can_share_a_graph():
    rooms.twins.clear()
    fit(build(), *TRAIN)
    (twin,) = rooms.twins.values()
    fit(build(adam={"learning_rate": 0.1}), *TRAIN)
    assert [*rooms.twins.values()] == [twin]
    assert twin.graph.experimental_get_tracing_count() == 1


@pytest.mark.parametrize(
    "other",
    [
        {"units": 21},
        {"penalty": "l2"},
        {"optimizer": "sgd"},
        {"loss": "mse"},
        {"metrics": lambda: ["AUC"]},
        {"after": lambda: [layers.ReLU()]},
        {"adam": {"beta_1": 0.5}},
    ],
    ids=lambda other: next(iter(other)),
)
def test_what_changes_the_graph_gets_its_own(other):
    assert count_new(build(), build(**other)) == 2


def test_code_of_ones_own_is_never_taken_from_the_cache():
    assert count_new(*(make() for make in UNCACHED)) == 0


def test_equal_names_do_not_make_equal_graphs():
    rooms.twins.clear()
    for activation in ("relu", "tanh"):
        models, histories, _ = both(lambda name=activation: named(name, name))
        assert_same(models, histories)


def test_a_penalty_set_too_late_leaves_later_models_alone():
    rooms.twins.clear()
    fit(with_penalty_set_too_late(), *TRAIN, epochs=2)
    assert_same(*both(lambda: build(penalty=keras.regularizers.L2(0.1)))[:2])


def test_the_history_has_each_models_own_metric_names():
    for _ in range(2):
        metric = keras.metrics.AUC()
        history = fit(build(metrics=lambda metric=metric: [metric]), *TRAIN, epochs=1)
        assert metric.name in history.history


def test_the_cache_is_bounded_over_sizes_too(monkeypatch):
    monkeypatch.setattr(rooms, "KEPT_TWINS", 2)
    assert count_new(build(), rows=(5, 6, 7)) == 2


def test_the_cache_is_bounded(monkeypatch):
    monkeypatch.setattr(rooms, "KEPT_TWINS", 2)
    assert count_new(*(build(units) for units in (2, 3, 4))) == 2


def test_a_shared_graph_gives_each_model_its_own_result():
    strong, weak = (
        fit(build(penalty=keras.regularizers.L2(l2)), *TRAIN, epochs=50).history["loss"][-1]
        for l2 in (1.0, 1e-6)
    )
    assert strong > weak + 0.05


# Refusals


def with_nan(values):
    spoiled = values.copy()
    spoiled[3] = np.nan
    return spoiled


OWN_METRIC = keras.metrics.MeanMetricWrapper(lambda y, p: y, name="own")
REFUSED = {
    "uncompiled": ({"model": keras.Sequential([keras.Input((2,)), layers.Dense(1)])}, "compile"),
    "no model": ({"model": "a model"}, "model must be a keras.Model"),
    "eagerly": ({"model": build(run_eagerly=True)}, "run_eagerly.*model.fit"),
    "unequal lengths": ({"y": SPLIT.y_train[:-1]}, "x has 30 rows and y has 29"),
    "NaN in x": ({"x": with_nan(SPLIT.x_train)}, "x contains NaN"),
    "infinity in y": ({"y": SPLIT.y_train / 0.0 + 1}, "y contains NaN or inf"),
    "no rows": ({"x": np.zeros((0, 2)), "y": np.zeros((0, 1))}, "x is empty"),
    "text": ({"x": np.array([["a", "b"]] * 30)}, "x must be an array of numbers"),
    "a generator": ({"x": (row for row in SPLIT.x_train)}, "use model.fit"),
    "epochs 0": ({"epochs": 0}, "epochs must be a whole number, 1 or more"),
    "epochs 1.5": ({"epochs": 1.5}, "epochs must be"),
    "epochs True": ({"epochs": True}, "epochs must be"),
    "batch_size 0": ({"batch_size": 0}, "batch_size must be"),
    "NaN in validation": (
        {"validation_data": (with_nan(SPLIT.x_val), SPLIT.y_val)},
        r"validation_data\[0\] contains NaN",
    ),
    "validation of unequal lengths": (
        {"validation_data": (SPLIT.x_val, SPLIT.y_val[1:])},
        r"validation_data\[0\] has 70 rows",
    ),
    "validation of one array": (
        {"validation_data": (SPLIT.x_val,)},
        r"validation_data must be a tuple \(x, y\) or \(x, y, sample_weight\)",
    ),
    "another callback": (
        {"callbacks": [keras.callbacks.ReduceLROnPlateau()]},
        "ReduceLROnPlateau train with model.fit",
    ),
    "a changed EarlyStopping": (
        {"callbacks": [type("Mine", (EarlyStopping,), {})()]},
        "Mine train with model.fit",
    ),
    "an unknown metric": (
        {"callbacks": [EarlyStopping("val_f1")]},
        "'val_f1', which is not logged: monitor one of accuracy, loss, val_accuracy, val_loss",
    ),
    "val_loss without validation": (
        {"callbacks": [EarlyStopping()], "validation_data": None},
        "'val_loss', which is not logged: pass validation_data",
    ),
    "a metric without direction": (
        {
            "model": build(metrics=lambda: [OWN_METRIC]),
            "callbacks": [EarlyStopping("val_own")],
        },
        "mode='max'",
    ),
    "too many features": ({"x": np.zeros((30, 3))}, "x has 3 features .* takes 2"),
    "a metric of several numbers": (
        {"model": build(metrics=lambda: [keras.metrics.F1Score()])},
        "f1_score.*model.fit",
    ),
}


@pytest.mark.filterwarnings("ignore:divide by zero", "ignore:invalid value")
@pytest.mark.parametrize(("changes", "message"), REFUSED.values(), ids=REFUSED)
def test_fit_refuses_and_leaves_the_model_as_it_was(changes, message):
    arguments = {
        "model": build(),
        "x": SPLIT.x_train,
        "y": SPLIT.y_train,
        "validation_data": VALIDATION,
        "epochs": 3,
        **changes,
    }
    model, x, y = (arguments.pop(name) for name in ("model", "x", "y"))
    before = model.get_weights() if isinstance(model, keras.Model) else []
    with pytest.raises(ValueError, match=message):
        fit(model, x, y, **arguments)
    for one, other in zip(before, model.get_weights() if before else [], strict=True):
        np.testing.assert_array_equal(one, other)


def test_several_inputs_are_refused():
    inputs = [keras.Input((1,)), keras.Input((1,))]
    model = keras.Model(inputs, layers.Add()(inputs))
    model.compile("adam", "mse")
    with pytest.raises(ValueError, match=r"several inputs: train with model\.fit"):
        fit(model, *TRAIN)


def test_an_optimizer_of_another_model_is_refused():
    optimizer = keras.optimizers.Adam()
    fit(build(optimizer=optimizer), *TRAIN)
    with pytest.raises(ValueError, match="built for other variables"):
        fit(build(optimizer=optimizer), *TRAIN)


def test_a_train_step_of_ones_own_is_refused():
    class Mine(keras.Sequential):
        """Keras' train_step, overridden."""

        def train_step(self, data):
            """Do as Keras does."""
            return super().train_step(data)

    model = Mine([keras.Input((2,)), layers.Dense(1, "sigmoid")])
    model.compile("adam", "binary_crossentropy")
    with pytest.raises(ValueError, match=r"train_step of its own: train with model\.fit"):
        fit(model, *TRAIN)


@pytest.mark.parametrize(
    "loss", ["sparse_categorical_crossentropy", keras.losses.SparseCategoricalCrossentropy()]
)
def test_a_class_without_an_output_is_refused(loss):
    model = keras.Sequential([keras.Input((2,)), layers.Dense(3, "softmax")])
    model.compile("adam", loss)
    with pytest.raises(ValueError, match="y has classes 0 to 3: the model has 0 to 2"):
        fit(model, SPLIT.x_train, np.arange(30) % 4)


def test_an_interrupted_training_keeps_what_it_has_learned(monkeypatch):
    model = build()
    before = model.get_weights()
    calls, follow = [], loop.follow

    def interrupt(*arguments):
        if len(calls) == 2:
            raise KeyboardInterrupt
        calls.append(follow(*arguments))
        return calls[-1]

    monkeypatch.setattr(loop, "follow", interrupt)
    stopper = EarlyStopping(patience=400)
    with pytest.raises(KeyboardInterrupt):
        fit(model, *TRAIN, validation_data=VALIDATION, epochs=400, callbacks=stopper)
    assert len(model.history.epoch) == sum(calls)  # the third chunk has run, and is not logged
    assert not np.array_equal(before[0], model.get_weights()[0])
    assert stopper.model is model


def test_verbose_shows_a_bar(capfd, monkeypatch):
    monkeypatch.setenv("TQDM_DISABLE", "0")
    fit(build(), *TRAIN, epochs=5, verbose=1)
    assert "5/5" in capfd.readouterr().err
    fit(build(), *TRAIN, epochs=5)
    assert not capfd.readouterr().err


def test_the_environment_hides_the_bar(capfd, monkeypatch):
    monkeypatch.setenv("TQDM_DISABLE", "1")
    fit(build(), *TRAIN, epochs=5, verbose=1)
    assert not capfd.readouterr().err


# Predictions


def test_predict_is_model_predict():
    model = build(after=lambda: [layers.Dropout(0.5)])
    x = np.random.default_rng(0).normal(size=(2500, 2))
    np.testing.assert_allclose(predict(model, x), model.predict(x, verbose=0), rtol=1e-5)


def test_predict_refuses_nan():
    with pytest.raises(ValueError, match="x contains NaN"):
        predict(build(), with_nan(SPLIT.x_train))


def test_evaluate_is_the_loss_without_the_penalty():
    model = build(penalty=keras.regularizers.L2(10.0))
    outputs, found = evaluate(model, SPLIT.x_test, SPLIT.y_test)
    plain = build()
    plain.set_weights(model.get_weights())
    assert found == pytest.approx(
        plain.evaluate(SPLIT.x_test, SPLIT.y_test, verbose=0)[0], rel=1e-4
    )
    np.testing.assert_allclose(outputs, predict(model, SPLIT.x_test))


def test_evaluate_of_several_classes_is_keras_loss():
    keras.utils.set_random_seed(1)
    model = keras.Sequential([keras.Input((2,)), layers.Dense(3, activation="softmax")])
    model.compile("adam", "sparse_categorical_crossentropy")
    y = np.arange(200).reshape(-1, 1) % 3
    _, found = evaluate(model, SPLIT.x_test, y)
    assert found == pytest.approx(model.evaluate(SPLIT.x_test, y, verbose=0), rel=1e-4)


def test_evaluate_takes_flat_labels():
    model = build()
    flat, column = (
        evaluate(model, SPLIT.x_test, y)[1] for y in (SPLIT.y_test.ravel(), SPLIT.y_test)
    )
    assert flat == column


def test_evaluate_refuses_logits():
    model = keras.Sequential([keras.Input((2,)), layers.Dense(1)])
    with pytest.raises(ValueError, match="must end in a sigmoid or a softmax"):
        evaluate(model, 100 * SPLIT.x_test, SPLIT.y_test)


def test_evaluate_refuses_unequal_lengths():
    with pytest.raises(ValueError, match="x has 200 rows and y has 30"):
        evaluate(build(), SPLIT.x_test, SPLIT.y_train)
