"""Train with early stopping and the remedies you choose, and judge once. Plain Keras.

    python recipe.py                about a minute
    EPOCHS=20 python recipe.py      a quick look, before training has ended

For data of your own replace `load`, the last layer and the loss (for several classes
a softmax over them and "sparse_categorical_crossentropy"), and set STEPS to 1. Choose
the other numbers by validation data or cross-validation, never by the test data.
"""

import os

import keras
import numpy as np
from sklearn.datasets import make_moons

STEPS = 10  # full batches in an epoch: Keras takes longer to begin one than for a step
EPOCHS = int(os.environ.get("EPOCHS", "400"))
PATIENCE = EPOCHS  # epochs without a new best one: the whole run, if you can wait
JITTER = 0.2  # noise on the inputs in training, which must not change a point's class
L2 = 0.0  # penalty on the hidden weights; without a jitter that fits: 0.001
DROPOUT = 0.0  # share of hidden units dropped in a step; 0.5 without such a jitter


def load():
    """Return (x, y) for training, validation and test."""
    x, y = make_moons(10_100, noise=0.2, random_state=1)
    y = y.reshape(-1, 1)
    return (x[:30], y[:30]), (x[30:100], y[30:100]), (x[100:], y[100:])


def build():
    """Return the compiled network."""
    penalty = keras.regularizers.L2(L2)
    model = keras.Sequential(
        [
            keras.Input((2,)),
            keras.layers.GaussianNoise(JITTER),
            keras.layers.Dense(500, activation="relu", kernel_regularizer=penalty),
            keras.layers.Dropout(DROPOUT),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )
    # Keras' own val_loss contains the penalty; this does not.
    cross_entropy = keras.metrics.BinaryCrossentropy(name="cross_entropy")
    model.compile("adam", "binary_crossentropy", metrics=["accuracy", cross_entropy])
    return model


def main():
    """Train until the patience is over, take the best weights, and judge them once."""
    keras.utils.set_random_seed(1)
    (x_train, y_train), validation, (x_test, y_test) = load()
    model = build()
    stopping = keras.callbacks.EarlyStopping(
        monitor="val_cross_entropy",
        mode="min",
        patience=PATIENCE,
        restore_best_weights=True,
    )
    history = model.fit(
        np.tile(x_train, (STEPS, 1)),
        np.tile(y_train, (STEPS, 1)),
        batch_size=len(x_train),
        shuffle=False,
        validation_data=validation,
        epochs=EPOCHS,
        callbacks=[stopping],
        verbose=2,
    )
    curve = history.history["val_cross_entropy"]
    print(f"epochs trained: {len(curve)}")
    print(f"best epoch: {curve.index(min(curve)) + 1}")
    print(f"validation cross-entropy there: {min(curve):.3f} (it was chosen: too good)")
    found = model.evaluate(x_test, y_test, verbose=0, return_dict=True)
    print(f"test cross-entropy: {found['cross_entropy']:.3f}")
    print(f"test accuracy: {found['accuracy']:.3f}")


if __name__ == "__main__":
    main()
