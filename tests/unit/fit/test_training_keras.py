"""What Keras' own tests of EarlyStopping and of its trainer ask, asked of fit.

Only what the comparison with model.fit does not ask already.
"""

from helpers.training import fit
import keras
from keras import layers, ops
from keras.callbacks import EarlyStopping
import numpy as np
import pytest

ONES = np.ones((12, 3), "float32")


def exact(units=4, **compilation):
    """A model of known numbers: every output is the sum of three weights of 1 and a bias of 0."""
    model = keras.Sequential([keras.Input((3,)), layers.Dense(units, kernel_initializer="ones")])
    model.compile(**{"optimizer": keras.optimizers.SGD(0.1), "loss": "mse", **compilation})
    return model


def small(**compilation):
    keras.utils.set_random_seed(1)
    hidden = layers.Dense(4, activation="relu")
    model = keras.Sequential([keras.Input((3,)), hidden, layers.Dense(1, activation="sigmoid")])
    options = {"optimizer": keras.optimizers.SGD(0.1), "loss": "mse", **compilation}
    model.compile(**options)
    return model


def labels():
    return (np.arange(12) % 3 == 0).astype("float32")[:, None]


# EarlyStopping


@pytest.mark.parametrize(
    ("monitor", "mode", "wanted"),
    [
        ("val_mse", "max", ops.greater),
        ("val_loss", "min", ops.less),
        ("val_mse", "auto", ops.less),
        ("loss", "auto", ops.less),
        ("acc", "auto", ops.greater),
        ("val_accuracy", "auto", ops.greater),
        ("hinge", "auto", ops.less),
        ("named", "auto", ops.greater),
    ],
)
def test_a_direction_is_found_as_keras_finds_it(monitor, mode, wanted):
    named = keras.metrics.AUC(name="named")
    model = small(metrics=["mse", "acc", "accuracy", "hinge", named])
    stopper = EarlyStopping(monitor, mode=mode)
    fit(model, ONES, labels(), validation_data=(ONES, labels()), epochs=2, callbacks=stopper)
    assert stopper.monitor_op is wanted


def scripted(values):
    """A model whose loss follows a script, epoch by epoch, when every epoch is one batch."""
    script = ops.convert_to_tensor(np.array([*values, values[-1]], "float32"))
    model = keras.Sequential([keras.Input((3,)), layers.Dense(1, kernel_initializer="zeros")])
    optimizer = keras.optimizers.SGD(1.0)

    def loss(y_true, y_pred):
        at = script[ops.minimum(ops.cast(optimizer.iterations, "int32"), len(values))]
        # Each step adds 1 to the bias, so that weights tell the epoch.
        return at + ops.mean(ops.stop_gradient(y_pred) - y_pred)

    model.compile(optimizer=optimizer, loss=loss)
    return model


@pytest.mark.parametrize("patience", [0, 1, 2, 3])
def test_patience_counts_the_epochs_without_an_improvement(patience):
    model = scripted([10.0, 9.0, 8.0, 9.0, 8.9, 8.8, 8.7, 8.6, 8.5])
    stopper = EarlyStopping("loss", mode="min", patience=patience)
    history = fit(model, ONES, labels(), epochs=9, callbacks=stopper)
    assert stopper.stopped_epoch == max(patience, 1) + 2
    assert len(history.epoch) == stopper.stopped_epoch + 1


@pytest.mark.parametrize(
    ("values", "options", "trained", "best"),
    [
        ([0.2, 0.15, 0.1, 0.11, 0.12, 0.13], {"patience": 2}, 5, 2),
        ([0.9, 0.8, 0.7, 0.71, 0.72, 0.73], {"patience": 5, "baseline": 0.5}, 5, 2),
        ([0.9, 0.1, 0.7, 0.71, 0.05, 0.73], {"patience": 2, "start_from_epoch": 2}, 6, 4),
    ],
    ids=[
        "the best of five",
        "no epoch beats the baseline",
        "what came before the start is ignored",
    ],
)
def test_the_weights_that_come_back_are_those_of_the_best_epoch(values, options, trained, best):
    model = scripted(values)
    stopper = EarlyStopping("loss", mode="min", restore_best_weights=True, **options)
    history = fit(model, ONES, labels(), epochs=6, callbacks=stopper)
    np.testing.assert_allclose(history.history["loss"], values[:trained], rtol=1e-6)
    assert (len(history.epoch), stopper.best_epoch) == (trained, best)
    np.testing.assert_allclose(model.get_weights()[1], [best + 1])
    assert int(model.optimizer.iterations) == trained


def test_an_earlier_run_leaves_nothing_in_an_early_stopping():
    stopper = EarlyStopping("loss", mode="min", patience=3)
    stopper.set_model(small())
    stopper.on_train_begin()
    stopper.best, stopper.wait, stopper.stopped_epoch, stopper.best_epoch = -1.0, 3, 5, 5
    stopper.best_weights = [np.zeros(1)]
    history = fit(scripted([3.0, 2.0, 1.0]), ONES, labels(), epochs=3, callbacks=stopper)
    assert len(history.epoch) == 3
    assert (stopper.best, stopper.best_epoch, stopper.wait) == (1.0, 2, 0)
    assert (stopper.stopped_epoch, stopper.best_weights) == (0, None)


# The trainer


@pytest.mark.parametrize("units", [1, 4])
def test_loss_and_metrics_of_known_outputs(units):
    model = exact(units, metrics=["mse"], optimizer=keras.optimizers.SGD(0.0))
    logs = fit(model, ONES, -np.ones((12, units)), epochs=1, batch_size=5).history
    assert (logs["loss"], logs["mse"]) == ([16.0], [16.0])


def test_metrics_of_a_model_inside_are_not_logged():
    inner = exact(metrics=["mae"])
    model = keras.Sequential([keras.Input((3,)), inner, layers.Dense(1)])
    model.compile("sgd", "mse", metrics=["mse"])
    assert sorted(fit(model, ONES, labels()).history) == ["loss", "mse"]


def test_a_model_that_is_compiled_again_trains_by_the_last_call():
    model = exact()
    fit(model, ONES, np.zeros((12, 4)))
    model.compile(keras.optimizers.SGD(0.0), "mae", metrics=["mse"])
    before = model.get_weights()
    logs = fit(model, ONES, np.zeros((12, 4))).history
    assert set(logs) == {"loss", "mse"}
    for one, other in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_losses_of_layers_alone_can_be_trained_or_are_refused():
    class Penalized(layers.Layer):
        """A loss, and a sum of squares as its only purpose."""

        def build(self, shape):
            """Add weights."""
            self.scale = self.add_weight(shape=(shape[-1],), initializer="ones")

        def call(self, x):
            """Add the loss."""
            self.add_loss(ops.sum(ops.square(x * self.scale)))
            return x

    def make():
        model = keras.Sequential([keras.Input((3,)), Penalized()])
        model.compile(optimizer=keras.optimizers.SGD(0.01))
        return model

    theirs, ours = make(), make()
    logs = theirs.fit(ONES, ONES, epochs=3, verbose=0).history
    assert fit(ours, ONES, ONES, epochs=3).history["loss"] == pytest.approx(logs["loss"], rel=1e-5)


def test_the_loss_does_not_depend_on_the_batch_size_where_nothing_is_learned():
    x = np.random.default_rng(0).normal(size=(12, 3))
    losses = [
        fit(
            small(optimizer=keras.optimizers.SGD(0.0)),
            *(x, labels()),
            batch_size=size,
            validation_data=(x, labels()),
        ).history
        for size in (1, 5, 12)
    ]
    for name in ("loss", "val_loss"):
        np.testing.assert_allclose(*([log[name] for log in losses[i:][:2]] for i in (0, 1)), 1e-5)


def test_mixed_precision_adds_loss_scaling_once_and_gradients_do_not_vanish():
    policy = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_float16")
    try:
        model = keras.Sequential([keras.Input((3,)), layers.Dense(1, kernel_initializer="ones")])
        model.compile(keras.optimizers.SGD(1e9), loss=lambda y, p: ops.mean(1e-8 * (y - p)))
        assert isinstance(model.optimizer, keras.optimizers.LossScaleOptimizer)
        before = model.get_weights()[0]
        for _ in range(2):
            fit(model, ONES, labels())
        count = len(model.optimizer.variables)
        fit(model, ONES, labels())
        assert len(model.optimizer.variables) == count
    finally:
        keras.config.set_dtype_policy(policy)
    # 1e-8 is below the smallest half of 6e-8: without scaling nothing would move.
    assert np.abs(model.get_weights()[0] - before).min() > 1


@pytest.mark.filterwarnings("ignore:The model does not have any trainable")
def test_layers_are_told_whether_they_are_trained():
    class Told(layers.Layer):
        """Outputs 1 in training and 0 else."""

        def call(self, x, training=None):
            """Say it."""
            return ops.ones_like(x) if training else ops.zeros_like(x)

    model = keras.Sequential([keras.Input((3,)), Told()])
    model.compile(loss=lambda y, p: ops.mean(p), optimizer="sgd")
    logs = fit(model, ONES, ONES, validation_data=(ONES, ONES)).history
    assert (logs["loss"], logs["val_loss"]) == ([1.0], [0.0])


def test_constraints_hold_after_training():
    model = keras.Sequential(
        [keras.Input((3,)), layers.Dense(2, kernel_constraint=keras.constraints.UnitNorm())]
    )
    model.compile("sgd", "mse")
    fit(model, ONES, np.ones((12, 2)), epochs=2)
    np.testing.assert_allclose(np.linalg.norm(model.get_weights()[0], axis=0), 1, rtol=1e-5)


def test_a_loss_weight_multiplies_the_loss():
    once, thrice = (
        fit(exact(loss_weights=weight), ONES, np.zeros((12, 4))).history["loss"][0]
        for weight in (None, 3.0)
    )
    assert thrice == pytest.approx(3 * once)


@pytest.mark.parametrize("fraction", [0.25, 0.3])
def test_a_split_takes_the_last_rows_and_never_trains_on_them(fraction):
    x = np.concatenate([np.zeros((8, 3)), np.ones((4, 3))])
    model = exact(1, optimizer=keras.optimizers.SGD(0.5))
    before = model.get_weights()[0]
    logs = fit(model, x, np.zeros((12, 1)), validation_split=fraction, epochs=2).history
    rows = int(12 * (1 - fraction))
    assert logs["val_loss"][0] > 0
    learned = rows > 8
    assert learned != np.array_equal(model.get_weights()[0], before)


def test_another_model_trains_after_one_was_deleted():
    for size in (2, 3):
        model = small()
        fit(model, ONES, labels(), batch_size=size)
        del model
        keras.utils.clear_session()
    assert len(fit(small(), ONES, labels(), batch_size=3).epoch) == 1
