"""The book's own networks, trained by `helpers.training.fit`: the moons' 2-500-1 and CNNs."""

from helpers import data
from helpers.training import fit
import keras
from training_runs.data import N_FRESH, spoilt

FRESH_IMAGES = 1500
layers = keras.layers


def train(rng, seed, settings):
    """Train one network; return its log, by epoch, the curves of its truth and n_val."""
    keras.utils.set_random_seed(seed)
    split, fresh = draw_split(settings, seed)
    y = spoilt(rng, split.y_train, settings["wrong"], settings["classes"])
    model = build(settings)
    logs = fit(
        model,
        split.x_train,
        y,
        validation_data=(split.x_val, split.y_val),
        epochs=settings["epochs"],
        callbacks=stopping(settings),
        also_evaluate={"train": (split.x_train, y), "fresh": fresh},
    ).history
    names = ("loss", "accuracy", "val_loss", "val_accuracy")
    epochs = range(len(logs["loss"]))
    log = [{"epoch": i} | {name: logs[name][i] for name in names} for i in epochs]
    curves = [(i + 1, logs["fresh_plain"][i], logs["train_plain"][i]) for i in epochs]
    return log, curves, len(split.x_val)


def draw_split(settings, seed):
    """Return the book's split, and the fresh rows."""
    n, n_val = settings["n"], settings["n_val"]
    if settings["data"] == "moons":
        split = data.moons(n, n_val, N_FRESH, seed=seed)
        return split, (split.x_test, split.y_test)
    split = data.digits(n // 10, n_val // 10, seed=seed)
    return split, (split.x_test[:FRESH_IMAGES], split.y_test[:FRESH_IMAGES])


def build(settings):
    """Return the compiled model; its metric `plain` is the loss without the penalty."""
    front, last, loss, metric = (moons if settings["data"] == "moons" else images)(settings)
    penalty = keras.regularizers.L2(settings["l2"])
    hidden = layers.Dense(settings["hidden"][0], activation="relu", kernel_regularizer=penalty)
    model = keras.Sequential([*front, hidden, layers.Dropout(settings["dropout"]), last])
    optimizer = keras.optimizers.Adam(settings["rate"])
    model.compile(optimizer, loss, metrics=["accuracy", metric(name="plain")])
    return model


def moons(settings):
    front = [keras.Input((2,)), layers.GaussianNoise(settings["input_noise"])]
    last = layers.Dense(1, activation="sigmoid")
    return front, last, "binary_crossentropy", keras.metrics.BinaryCrossentropy


def images(settings):
    shift = [layers.RandomTranslation(0.1, 0.1)] if settings.get("augment") else []
    front = [keras.Input((28, 28, 1)), *shift]
    for filters in (8, 16):
        front += [layers.Conv2D(filters, 3, activation="relu"), layers.MaxPooling2D()]
    last = layers.Dense(10, activation="softmax")
    metric = keras.metrics.SparseCategoricalCrossentropy
    return [*front, layers.Flatten()], last, "sparse_categorical_crossentropy", metric


def stopping(settings):
    patience = settings["stop"]
    return [keras.callbacks.EarlyStopping(patience=patience)] if patience else []
