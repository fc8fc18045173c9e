"""How fast is fit? 4,000 full-batch epochs of the baseline, side by side in one run.

    python tests/benchmarks/bench_fit.py           model.fit runs 300 epochs, scaled to 4,000
    python tests/benchmarks/bench_fit.py --full    model.fit runs all 4,000 (about 10 minutes)

Every trainer gets the same 30 points, 2-500-1 ReLU network and Adam; all but scikit-learn's also
evaluate 70 validation points after every epoch. "first" contains tracing and compilation, "next"
is a further model of the same architecture, the best of three. PyTorch is left out where it is
not installed.
"""

import argparse
import importlib.util
import time
import warnings

from helpers.data import moons
from helpers.training import fit
import keras
import pandas as pd
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier

EPOCHS = 4000
SPLIT = moons(n_test=1)


def build(dropout):
    """Return the baseline, with dropout or without."""
    between = [keras.layers.Dropout(dropout)] if dropout else []
    model = keras.Sequential(
        [
            keras.Input((2,)),
            keras.layers.Dense(500, activation="relu"),
            *between,
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile(loss="binary_crossentropy", optimizer="adam", metrics=["accuracy"])
    return model


def seconds(train, *arguments):
    """Return how long a call takes."""
    start = time.perf_counter()
    train(*arguments)
    return time.perf_counter() - start


def with_fit(dropout):
    """Train with helpers.training.fit."""
    validation = (SPLIT.x_val, SPLIT.y_val)
    fit(build(dropout), SPLIT.x_train, SPLIT.y_train, validation_data=validation, epochs=EPOCHS)


def with_keras(dropout, epochs):
    """Train with keras.Model.fit; return the seconds for EPOCHS epochs."""
    model = build(dropout)
    data = (SPLIT.x_train, SPLIT.y_train)
    options = {"validation_data": (SPLIT.x_val, SPLIT.y_val), "verbose": 0}
    first = seconds(lambda: model.fit(*data, epochs=1, **options))
    return first + seconds(lambda: model.fit(*data, epochs=epochs, **options)) * EPOCHS / epochs


def with_scikit_learn():
    """Train scikit-learn's network, which evaluates no validation points."""
    model = MLPClassifier((500,), alpha=0, batch_size=30, max_iter=EPOCHS, tol=0)
    model.n_iter_no_change = EPOCHS
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(SPLIT.x_train, SPLIT.y_train.ravel())


def with_pytorch(dropout):
    """Train with PyTorch's usual loop."""
    import torch  # noqa: PLC0415 (may not be installed)

    x, y, x_val, y_val = map(
        torch.from_numpy, (SPLIT.x_train, SPLIT.y_train, SPLIT.x_val, SPLIT.y_val)
    )
    layers = [torch.nn.Linear(2, 500), torch.nn.ReLU()]
    layers += [torch.nn.Dropout(dropout)] if dropout else []
    model = torch.nn.Sequential(*layers, torch.nn.Linear(500, 1))
    optimizer, loss = torch.optim.Adam(model.parameters()), torch.nn.BCEWithLogitsLoss()
    for _ in range(EPOCHS):
        model.train()
        optimizer.zero_grad()
        loss(model(x), y).backward()
        optimizer.step()
        model.eval()
        with torch.no_grad():
            loss(model(x_val), y_val)


def measure(dropout, keras_epochs):
    """Return a table of seconds, and of how many times as fast as model.fit."""
    rows = {"helpers.fit, first": seconds(with_fit, dropout)}
    rows["helpers.fit, next"] = min(seconds(with_fit, dropout) for _ in range(3))
    if not dropout:
        rows["scikit-learn MLPClassifier"] = seconds(with_scikit_learn)
    if importlib.util.find_spec("torch"):
        rows["PyTorch, eager"] = seconds(with_pytorch, dropout)
    rows["keras model.fit"] = with_keras(dropout, keras_epochs)
    table = pd.Series(rows, name="seconds").to_frame()
    table["times as fast as model.fit"] = table.loc["keras model.fit", "seconds"] / table["seconds"]
    return table


def main():
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--full", action="store_true", help="let model.fit run all epochs")
    epochs = EPOCHS if parser.parse_args().full else 300
    for dropout in (0, 0.5):
        print(
            f"\n{EPOCHS:,} epochs of 2-500-1, dropout {dropout}, model.fit over {epochs:,} epochs"
        )
        print(measure(dropout, epochs).round({"seconds": 3, "times as fast as model.fit": 0}))


if __name__ == "__main__":
    main()
