"""The playground's reference in NumPy: its random numbers, and its runs against the engine's."""

from itertools import combinations, islice

from helpers.playground import SETTINGS
from helpers.playground.knobs import KNOBS
from helpers.playground.reference import (
    PURPOSES,
    drop,
    initial,
    mask_numbers,
    numbers,
    run,
    uniform,
)
import numpy as np
import pytest

TRAIN = """(settings) => {
    const network = engine();
    network.configure(settings);
    const run = network.train(settings.epochs);
    const plain = (arrays) => Object.fromEntries(
        Object.entries(arrays).map(([name, array]) => [name, [...array]]));
    return {
        ...run, trainLoss: [...run.trainLoss], valLoss: [...run.valLoss],
        points: plain(network.points()), weights: network.weights().map((array) => [...array]),
        train: network.evaluate("train"), val: network.evaluate("val"),
        predicted: [...network.predict(Float32Array.of(0, 0, 1, 0.5, -1, 1))],
    };
}"""

SMALL = {"width": 40, "epochs": 300}
RUNS = [
    {},
    *({**SMALL, "dataset": dataset} for dataset in KNOBS["dataset"]["choices"]),
    *({**SMALL, "depth": depth} for depth in KNOBS["depth"]["choices"]),
    {"data_seed": 13, "weights_seed": 999_999, "dropout": 0.5},
    {**SMALL, "dataset": "circles", "l2": 0.01},
    {**SMALL, "dataset": "circles", "noise": 0, "n_train": 300},
    {**SMALL, "dataset": "xor", "depth": 2, "width": 61, "n_train": 31, "dropout": 0.3},
    {**SMALL, "dataset": "spiral", "noise": 0.05, "depth": 2, "l2": 0.001},
    {**SMALL, "dataset": "spiral", "width": 500, "label_noise": 0.4},
    {**SMALL, "width": 33, "n_train": 25, "dropout": 0.9},
    {**SMALL, "width": 1, "n_train": 10, "label_noise": 0.25},
    {**SMALL, "depth": 2, "l2": 1, "dropout": 0.2, "data_seed": 777_777},
    {"width": 100, "label_noise": 0.3, "patience": 50, "min_delta": 0.001},
    {"width": 100, "label_noise": 0.3, "patience": 50, "restore": False},
    {"width": 100, "label_noise": 0.3, "patience": 2000, "epochs": 1500},
]


@pytest.mark.parametrize("settings", RUNS, ids=str)
def test_a_run_is_the_engines(page, settings):
    ours, engines = run(**settings), page.evaluate(TRAIN, {**SETTINGS, **settings})
    assert len(ours.weights) == 2 * settings.get("depth", 1) + 2
    for name, values in engines["points"].items():
        np.testing.assert_array_equal(np.ravel(getattr(ours, name)), values)
    for mine, its in ((ours.train_loss, "trainLoss"), (ours.val_loss, "valLoss")):
        assert len(mine) == len(engines[its])
        np.testing.assert_allclose(mine[:300], engines[its][:300], rtol=1e-6)
        np.testing.assert_allclose(mine, engines[its], rtol=0.03)
    ends = (ours.best_epoch, ours.stopped_epoch, ours.restored_epoch)
    assert ends == tuple(engines[f"{name}Epoch"] for name in ("best", "stopped", "restored"))
    assert not ours.diverged
    for mine, its in ((ours.train, engines["train"]), (ours.val, engines["val"])):
        assert mine["cross_entropy"] == pytest.approx(its["crossEntropy"], rel=0.03)
        assert mine["accuracy"] == pytest.approx(its["accuracy"])
    for mine, its in zip(ours.weights, engines["weights"], strict=True):
        np.testing.assert_allclose(np.ravel(mine), its, rtol=0.03, atol=1e-3)
    predicted = ours.predict([[0, 0], [1, 0.5], [-1, 1]])
    np.testing.assert_allclose(predicted, engines["predicted"], rtol=0.03, atol=1e-4)


def test_a_run_ends_where_a_loss_is_no_number(monkeypatch):
    huge = [np.full_like(w, 1e308) for w in initial(1, 5, 1)]
    monkeypatch.setattr("helpers.playground.reference.initial", lambda *_: huge)
    ended = run(width=5)
    assert ended.diverged
    assert len(ended.val_loss) == 1


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"dataset": "rings"}, "dataset must be one of moons, circles, xor, spiral"),
        ({"n_train": 9}, "n_train must be a whole number, from 10 to 300, not 9"),
        ({"depth": 3}, "depth must be one of 1, 2, not 3"),
        ({"data_seed": 10**6}, "data_seed must be a whole number, from 1 to 999999"),
        ({"patience": 0.5}, "patience must be a whole number, from 1 to 2000, not 0.5, or None"),
        ({"dropout": 1}, "dropout must be a number from 0 to 0.9, not 1"),
        ({"l2": float("nan")}, "l2 must be a number from 1e-05 to 1, not nan, or 0 to turn it off"),
        ({"label_noise": -1}, "label_noise must be a number from 0 to 0.4, not -1"),
        ({"restore": None}, "restore must be one of False, True, not None"),
        ({"rate": 0.5}, "a setting must be one of dataset, .*, not 'rate'"),
    ],
)
def test_a_setting_that_stands_for_nothing_is_refused(setting, message):
    with pytest.raises(ValueError, match=message):
        run(**setting)


# The random numbers


@pytest.mark.parametrize(("seed", "other"), [(1, 1), (13, 13), (1, 2), (2, 1), (999_999, 1)])
def test_no_two_purposes_share_their_numbers(seed, other):
    # Two numbers in a row, as of 32 bits some single ones are the same by chance.
    def pairs(values):
        return values[:-1].astype("uint64") << np.uint64(32) | values[1:]

    seeds = dict.fromkeys(PURPOSES[:4], seed) | dict.fromkeys(PURPOSES[4:], other)
    streams = [numbers(seeds[purpose], purpose, 20_000) for purpose in PURPOSES]
    streams += islice(mask_numbers(other, 20_000), 4)
    for a, b in combinations(streams, 2):
        assert not np.intersect1d(pairs(a), pairs(b)).size
        assert np.intersect1d(a, b).size < 8  # 0.1 expected by chance
    for values in streams:
        assert len(np.unique(values)) == len(values)


@pytest.mark.parametrize("purpose", PURPOSES)
def test_the_numbers_of_a_stream_are_uniform_and_independent(purpose):
    n = 100_000
    values = uniform(7, purpose, n)
    counts = np.histogram(values, 100, (0, 1))[0]
    assert ((counts - n / 100) ** 2 / (n / 100)).sum() < 99 + 5 * (2 * 99) ** 0.5  # chi squared
    bits = numbers(7, purpose, n)[:, None] >> np.arange(32, dtype="uint32") & 1
    assert np.abs(bits.mean(axis=0) - 0.5).max() < 5 * 0.5 / n**0.5
    neighbors = [values[1:], values[2:], values[4:]]  # the next, and the next point's
    neighbors += [uniform(8, purpose, n), uniform(7, PURPOSES[PURPOSES.index(purpose) - 1], n)]
    for other in neighbors:
        pairs = np.histogram2d(values[: len(other)], other, 10, ((0, 1), (0, 1)))[0]
        mean = len(other) / 100
        assert ((pairs - mean) ** 2 / mean).sum() < 99 + 5 * (2 * 99) ** 0.5


@pytest.mark.parametrize("rate", [0.05, 0.5, 0.9])
def test_masks_have_their_rate_and_are_independent(rate):
    epochs, n, width = 60, 30, 101
    masks = drop(3, rate, n, width, 2)
    kept = np.array([next(masks) for _ in range(epochs)]) > 0  # (epochs, layers, points, units)
    expected, spread = 1 - rate, (rate * (1 - rate)) ** 0.5
    for axes in [(0, 1, 2), (0, 1, 3), (0, 2, 3), (1, 2, 3)]:
        shares = kept.mean(axis=axes)
        error = spread / (kept.size / shares.size) ** 0.5
        assert np.abs(shares - expected).max() < 5 * error
        assert shares.std() < 2 * error
    for axis in range(4):  # of epochs, layers, points and units each with its neighbor
        first, second = (
            kept.take(range(start, kept.shape[axis] - 1 + start), axis) for start in (0, 1)
        )
        assert abs(np.corrcoef(first.ravel(), second.ravel())[0, 1]) < 5 / first.size**0.5
    assert abs(np.corrcoef(kept[0].ravel(), kept[-1].ravel())[0, 1]) < 5 / kept[0].size ** 0.5
