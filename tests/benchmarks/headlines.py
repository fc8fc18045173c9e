"""Do the book's headline numbers hold on data that nobody has looked at?

    python tests/benchmarks/headlines.py [BOOK_SEEDs, default 20] [seeds each, default 60]

Measures the headline factors and changes of the moons for BOOK_SEED 0, 1, 2, ... and prints for
each: its estimate at 0, the mean of the other values of BOOK_SEED, how many of their intervals
hold the estimate at 0, how many of their estimates the interval at 0 holds, and how many of all
intervals hold the mean of all estimates. About a minute and a half for each value of BOOK_SEED.
"""

import os
import sys

from helpers.experiments import compare, repeat, summarize, train_and_score
import keras
import pandas as pd

layers = keras.layers
MEASURES = {"test_cross_entropy": "loss", "test_accuracy": "accuracy"}
ARMS = {
    "no remedy": {},
    "no remedy, logits / T": {"scale_logits": True},
    "no remedy, best epoch": {"stop": True},
    "L2 0.01": {"l2": 0.01},
    "L2 0.01, best epoch": {"l2": 0.01, "stop": True},
    "dropout 0.5": {"dropout": 0.5},
    "dropout 0.5, best epoch": {"dropout": 0.5, "stop": True},
    "L2 0.001 + dropout 0.5, best epoch": {"l2": 0.001, "dropout": 0.5, "stop": True},
    "jitter 0.2, best epoch": {"jitter": 0.2, "stop": True},
}
AGAINST = {
    "no remedy": [
        "no remedy, logits / T",
        "no remedy, best epoch",
        "L2 0.01",
        "dropout 0.5",
    ],
    "no remedy, best epoch": [
        "no remedy, logits / T",
        "L2 0.01, best epoch",
        "dropout 0.5, best epoch",
        "L2 0.001 + dropout 0.5, best epoch",
        "jitter 0.2, best epoch",
    ],
}


def build(l2=0.0, dropout=0.0, jitter=0.0):
    """Return the book's network, every remedy in place and switched off by a 0."""
    penalty = keras.regularizers.L2(l2)
    model = keras.Sequential(
        [
            keras.Input((2,)),
            layers.GaussianNoise(jitter),
            layers.Dense(500, activation="relu", kernel_regularizer=penalty),
            layers.Dropout(dropout),
            layers.Dense(1, activation="sigmoid"),
        ]
    )
    cross_entropy = keras.metrics.BinaryCrossentropy(name="cross_entropy")
    model.compile("adam", "binary_crossentropy", metrics=[cross_entropy])
    return model


def trial(seed, stop=False, scale_logits=False, **strengths):
    """Train for 4,000 epochs; with `stop` go back to the best weights by validation."""
    whole_run = keras.callbacks.EarlyStopping(
        "val_cross_entropy", mode="min", patience=4000, restore_best_weights=True
    )
    return train_and_score(
        seed,
        lambda: build(**strengths),
        epochs=4000,
        callbacks=whole_run if stop else (),
        scale_logits=scale_logits,
    )


def estimates(book_seed, n_seeds):
    """Return the headline estimates of one value of BOOK_SEED, a row for each."""
    os.environ["BOOK_SEED"] = str(book_seed)
    runs = repeat(trial, ARMS, n_seeds=n_seeds)
    levels = summarize(runs, MEASURES).xs("no remedy", level="setting", drop_level=False)
    tables = {"": levels}
    for baseline, names in AGAINST.items():
        found = compare(runs, MEASURES, baseline=baseline)
        tables[f" against {baseline}"] = found[found.index.isin(names, level="setting")]
    rows = {
        f"{measure} of {name}{against}": row
        for against, table in tables.items()
        for (measure, name), row in table.iterrows()
    }
    return pd.DataFrame(rows).T[["value", "low", "high"]].astype(float)


def count(tables):
    """Return how often the intervals of `tables`, the first that of BOOK_SEED=0, hold."""
    ours, others = tables[0], tables[1:]
    values = pd.concat([table["value"] for table in others], axis=1)
    mean = values.mean(axis=1)
    return pd.DataFrame(
        {
            "at 0": ours["value"],
            "mean of others": mean,
            "their intervals hold ours": sum(_inside(ours["value"], t) for t in others),
            "ours holds theirs": sum(_inside(t["value"], ours) for t in others),
            "all that hold the mean": sum(_inside(mean, t) for t in tables),
        }
    )


def _inside(value, table):
    return ((table["low"] <= value) & (value <= table["high"])).astype(int)


def main(n_book_seeds=20, n_seeds=60):
    """Print the table."""
    tables = [estimates(shift, n_seeds) for shift in range(n_book_seeds + 1)]
    table = count(tables)
    print(table.round(3).to_string())
    print(table.iloc[:, 2:].median().to_string())


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
