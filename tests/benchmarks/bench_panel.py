"""How long does a reader wait? A panel of the baseline, and an experiment over seeds.

    python tests/benchmarks/bench_panel.py

The panel has run once before it is timed, as it has when a reader first sees it.
"""

import time

from helpers.experiments import repeat, train_and_score
from helpers.widgets import STANDARD, Panel
import keras
import numpy as np
import pandas as pd

LAMBDAS = [0.0, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1.0]


def build(dropout=0.5, l2=0.001):
    """Return the baseline with both remedies, or with L2 only if dropout is None."""
    penalty = keras.regularizers.L2(l2)
    masks = [] if dropout is None else [keras.layers.Dropout(dropout)]
    model = keras.Sequential(
        [
            keras.Input((2,)),
            keras.layers.Dense(500, activation="relu", kernel_regularizer=penalty),
            *masks,
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )
    cross_entropy = keras.metrics.BinaryCrossentropy(name="cross_entropy")
    model.compile("adam", "binary_crossentropy", metrics=["accuracy", cross_entropy])
    return model


def waits(panel):
    """Return the seconds of a run for each position of the two sliders."""
    rows = []
    for name, values in (("dropout", np.linspace(0, 0.9, 10).round(2)), ("l2", STANDARD["l2"])):
        for value in values:
            began = time.perf_counter()
            panel.set(**{name: float(value)})
            rows.append({"slider": name, "all": time.perf_counter() - began, **panel.seconds})
    return pd.DataFrame(rows)


def main():
    """Print the table and the time of the experiment."""
    began = time.perf_counter()
    panel = Panel(build, epochs=4000)
    print(f"first picture, compilation included: {time.perf_counter() - began:.2f} s")
    table = waits(panel).groupby("slider").agg(["median", "max"])
    print("seconds from letting a slider go to the new picture, 4,000 epochs")
    print(table.round(2).to_string())
    settings = {penalty: {"build": lambda p=penalty: build(None, p)} for penalty in LAMBDAS}
    began = time.perf_counter()
    repeat(train_and_score, {n: {**s, "epochs": 4000} for n, s in settings.items()}, n_seeds=20)
    spent = time.perf_counter() - began
    print(f"20 seeds x {len(LAMBDAS)} lambdas x 4,000 epochs: {spent:.1f} s")


if __name__ == "__main__":
    main()
