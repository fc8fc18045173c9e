"""The lines of the page about PyTorch do what the lines of Keras beside them do."""

import importlib.util
from pathlib import Path
import subprocess
import sys

from helpers.data import moons
from helpers.scores import temperature
from helpers.training import fit, logits, predict
import keras
from keras import layers
import numpy as np
import pytest

if importlib.util.find_spec("torch") is None:
    pytest.skip("PyTorch is not installed", allow_module_level=True)

SPLIT = moons(n_test=200)
EPOCHS = 300


def in_keras(optimizer="adam", l2=0.0):
    keras.utils.set_random_seed(3)
    penalty = keras.regularizers.L2(l2)
    model = keras.Sequential(
        [
            keras.Input((2,)),
            layers.Dense(500, activation="relu", kernel_regularizer=penalty),
            layers.Dense(1, activation="sigmoid"),
        ]
    )
    cross_entropy = keras.metrics.BinaryCrossentropy(name="cross_entropy")
    model.compile(optimizer, "binary_crossentropy", metrics=[cross_entropy])
    return model


def curve_in_keras(model, epochs=EPOCHS, **options):
    data = {"validation_data": (SPLIT.x_val, SPLIT.y_val), "epochs": epochs}
    history = fit(model, SPLIT.x_train, SPLIT.y_train, **data, **options)
    return np.array(history.history["val_cross_entropy"])


@pytest.fixture(scope="module")
def over_confident():
    model = in_keras(keras.optimizers.Adam(0.05))
    curve_in_keras(model, epochs=200)
    return logits(model, SPLIT.x_val)


@pytest.fixture(scope="module")
def in_pytorch(tmp_path_factory, over_confident):
    """What the page's own code gave, from the same first weights."""
    folder = tmp_path_factory.mktemp("pytorch")
    weights = {f"w{i}": values for i, values in enumerate(in_keras().get_weights())}
    np.savez(folder / "given.npz", **vars(SPLIT), **weights, epochs=EPOCHS, logits=over_confident)
    script = Path(__file__).with_name("in_pytorch.py")
    command = [sys.executable, script, folder / "given.npz", folder / "found.npz"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return dict(np.load(folder / "found.npz"))


def test_the_same_weights_have_the_same_curve(in_pytorch):
    np.testing.assert_allclose(in_pytorch["plain"], curve_in_keras(in_keras()), rtol=2e-3)


def test_the_first_weights_are_drawn_alike(in_pytorch):
    kernels = in_keras().get_weights()[::2]
    for name, kernel in zip(("first_hidden", "first_last"), kernels, strict=True):
        found = in_pytorch[name]
        assert found.T.shape == kernel.shape
        assert abs(found).max() == pytest.approx(abs(kernel).max(), rel=0.05)
        assert found.std() == pytest.approx(kernel.std(), rel=0.1)
    assert not in_pytorch["first_bias"].any()


def test_half_of_weight_decay_is_the_l2_penalty(in_pytorch):
    curve = curve_in_keras(in_keras(l2=0.01))
    np.testing.assert_allclose(in_pytorch["l2"], curve, rtol=2e-3)
    assert abs(in_pytorch["plain"] / curve - 1).max() > 0.02  # the penalty is seen


def test_adamw_is_the_same_in_both(in_pytorch):
    curve = curve_in_keras(in_keras(keras.optimizers.AdamW(0.001, weight_decay=1.0)))
    np.testing.assert_allclose(in_pytorch["adamw"], curve, rtol=5e-3)
    assert abs(in_pytorch["plain"] / curve - 1).max() > 0.02


@pytest.mark.parametrize("kind", [keras.optimizers.Adam, keras.optimizers.SGD])
def test_weight_decay_passes_the_gradient_in_every_optimizer_of_keras(kind):
    model = in_keras(kind(0.01, weight_decay=0.5))
    first = model.get_weights()[2]
    curve_in_keras(model, epochs=1)
    plain = in_keras(kind(0.01))
    curve_in_keras(plain, epochs=1)
    difference = model.get_weights()[2] - plain.get_weights()[2]
    np.testing.assert_allclose(difference, -0.01 * 0.5 * first, atol=1e-6)


def test_early_stopping_stops_at_the_same_epoch_with_the_same_weights(in_pytorch):
    stopping = keras.callbacks.EarlyStopping(
        monitor="val_cross_entropy", mode="min", patience=20, restore_best_weights=True
    )
    model = in_keras(keras.optimizers.Adam(0.01))
    curve, stopped = curve_in_keras(model, callbacks=[stopping]), in_pytorch["stopped"]
    assert len(stopped) == stopped.argmin() + 1 + 20 < EPOCHS
    assert len(stopped) == pytest.approx(len(curve), abs=2)
    np.testing.assert_allclose(in_pytorch["restored"], predict(model, SPLIT.x_test), atol=0.01)


def test_dropout_drops_in_training_only_and_keeps_the_mean(in_pytorch):
    dropped = in_pytorch["dropped"]
    assert (dropped == 0).mean() == pytest.approx(0.25, abs=0.01)
    assert dropped.max() == pytest.approx(1 / 0.75)
    assert (in_pytorch["kept"] == 1).all()


def test_jitter_is_for_training_only(in_pytorch):
    assert len(set(in_pytorch["still"].tolist())) == 1
    noise = layers.GaussianNoise(1.0)
    assert np.array_equal(noise(SPLIT.x_val, training=False), SPLIT.x_val)


def test_the_temperature_is_the_one_of_the_book(in_pytorch, over_confident):
    expected = temperature(SPLIT.y_val, over_confident)
    assert in_pytorch["temperature"] == pytest.approx(expected, rel=1e-2)


def test_everything_together_trains(in_pytorch):
    losses = in_pytorch["complete"]
    assert len(losses) == 60
    assert losses[-1] < 0.9 * losses[0]
