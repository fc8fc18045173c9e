"""The playground's engine against Keras, and its runs in a page: worker, fallback, canceling."""

from types import SimpleNamespace

from helpers.data import moons
from helpers.playground import script
from helpers.training import evaluate, fit
import keras
from keras import layers
import numpy as np
import pytest

SPLIT = moons(n_test=200)
DATA = {name: values.ravel().tolist() for name, values in vars(SPLIT).items()}
DEFAULTS = {"n_train": 30, "width": 500, "epochs": 4000}

TRAIN = """([settings, overrides]) => {
    const network = engine();
    network.configure(settings, overrides);
    const before = network.weights().map((array) => [...array]);
    const result = network.train(settings.epochs);
    const parts = Object.fromEntries(
        ["train", "val", "test"].map((name) => [name, network.evaluate(name)]));
    return {
        ...result, before, parts, after: network.weights().map((array) => [...array]),
        trainLoss: [...result.trainLoss], valLoss: [...result.valLoss],
        predicted: [...network.predict(Float32Array.of(0, 0, 1, 0.5, -1, 1))],
    };
}"""

# Which of the 60 units of two layers learn in the first step, over 150 seeds.
MASKS = """([data, dropout]) => {
    const network = engine(), width = 60, kept = [[], []];
    const sizes = [2 * width, width, width * width, width, width, 1];
    const weights = sizes.map((size) => Array(size).fill(0.5));
    for (let seed = 1; seed <= 150; seed++) {
        const settings = { width, depth: 2, dropout, weights_seed: seed };
        network.configure(settings, { data, weights });
        network.train(1);
        const [, first, , second] = network.weights();
        [first, second].forEach((biases, i) => biases.forEach((b) => kept[i].push(b !== 0.5)));
    }
    return kept;
}"""

POINTS = """(settings) => {
    const network = engine();
    network.configure(settings);
    return Object.fromEntries(
        Object.entries(network.points()).map(([name, array]) => [name, [...array]]));
}"""

# Collects what a run calls back; `runs` is a list of settings, each starts after the first
# progress of the one before.
RUN = """([runs, grid]) => new Promise((resolve) => {
    const runner = createRunner(), log = [];
    const begin = (index) => runner.train(runs[index], {
        grid: Float32Array.from(grid), every_ms: 10,
        onStart: (points) => log.push([index, "start", points.y_train.length]),
        onProgress: (update) => {
            log.push([index, "progress", update.valLoss.length]);
            if (index + 1 === runs.length) return;
            const end = performance.now() + 60; // meanwhile mail of this run piles up
            while (performance.now() < end);
            begin(index + 1);
        },
        onDone: ({ trainLoss, valLoss, grid, weights, ...rest }) => {
            log.push([index, "done", valLoss.length]);
            setTimeout(() => {
                runner.dispose();
                resolve({ log, ...rest, grid: [...grid], arrays: weights.length });
            }, 200);
        },
        onError: (message) => resolve({ log, message }),
    });
    begin(0);
})"""


@pytest.fixture(scope="module")
def context(browser):
    """One context for all pages: to make one takes longer than to open a page."""
    with browser.new_context() as context:
        yield context


@pytest.fixture
def open_page(context, tmp_path):
    """A function that opens a file with the script in it, and what a test puts before it."""
    opened = []

    def open_it(head=""):
        (tmp_path / "page.html").write_text(f"<!doctype html>{head}<script>{script()}</script>")
        opened.append(context.new_page())
        opened[-1].goto((tmp_path / "page.html").as_uri())
        return opened[-1]

    yield open_it
    for page in opened:
        page.close()


def train(page, overrides=None, **settings):
    """Train in the browser."""
    return page.evaluate(TRAIN, [{**DEFAULTS, **settings}, overrides or {}])


def build(width=500, depth=1, l2=0.0, between=lambda: [], seed=1):
    """The same network in Keras."""
    keras.utils.set_random_seed(seed)
    penalty = {"kernel_regularizer": keras.regularizers.L2(l2)}
    hidden = [
        part
        for _ in range(depth)
        for part in (layers.Dense(width, activation="relu", **penalty), *between())
    ]
    model = keras.Sequential(
        [keras.Input((2,)), *hidden, layers.Dense(1, activation="sigmoid")],
    )
    cross_entropy = keras.metrics.BinaryCrossentropy(name="cross_entropy")
    model.compile("adam", "binary_crossentropy", metrics=[cross_entropy])
    return model


def overrides(model, **more):
    """Keras' data and initial weights, for the engine."""
    weights = [w.numpy().ravel().tolist() for w in model.trainable_variables]
    return {"data": DATA, "weights": weights, **more}


def curves(model, epochs):
    """Train with Keras; return both cross-entropies after each epoch, in inference mode."""
    data = (SPLIT.x_train, SPLIT.y_train)
    logs = fit(
        model,
        *data,
        validation_data=(SPLIT.x_val, SPLIT.y_val),
        also_evaluate={"train": data},
        epochs=epochs,
        batch_size=len(data[0]),
    ).history
    return logs["train_cross_entropy"], logs["val_cross_entropy"]


# The same numbers as Keras


@pytest.mark.parametrize(
    ("settings", "epochs", "tight"),
    [
        ({}, 4000, 300),
        ({"l2": 0.001}, 4000, 300),
        ({"width": 64, "depth": 2}, 250, 100),
        ({"width": 64, "depth": 2, "l2": 0.01}, 250, 100),
    ],
)
def test_the_curves_are_those_of_keras(page, settings, epochs, tight):
    model = build(**settings)
    ours = train(page, overrides(model), epochs=epochs, **settings)
    for mine, theirs in zip(
        (ours["trainLoss"], ours["valLoss"]), curves(model, epochs), strict=True
    ):
        assert len(mine) == epochs
        np.testing.assert_allclose(mine[:tight], theirs[:tight], rtol=1e-3)
        np.testing.assert_allclose(mine, theirs, rtol=0.03)
    predicted = model(np.float32([[0, 0], [1, 0.5], [-1, 1]])).numpy().ravel()
    np.testing.assert_allclose(ours["predicted"], predicted, rtol=0.03, atol=1e-4)


class Masked(layers.Layer):
    """Inverted dropout with masks that are given."""

    def build(self, shape):
        """Make room for a mask."""
        self.mask = self.add_weight(shape=(30, shape[-1]), trainable=False)

    def call(self, x, training=False):
        """Apply it in training."""
        return x * self.mask / 0.7 if training else x


@pytest.mark.parametrize("depth", [1, 2])
def test_given_masks_give_the_curves_of_keras(page, depth):
    width, epochs = 41, 100
    kept = np.random.default_rng(1).random((epochs, depth, 30, width)) > 0.3
    model = build(width, depth, l2=0.001, between=lambda: [Masked()])
    given = overrides(model, masks=kept.reshape(epochs, depth, -1).astype(int).tolist())
    ours = train(page, given, width=width, depth=depth, l2=0.001, dropout=0.3, epochs=epochs)
    masked = [layer for layer in model.layers if isinstance(layer, Masked)]
    losses = []
    for masks in kept:
        for layer, mask in zip(masked, masks, strict=True):
            layer.mask.assign(mask.astype("float32"))
        model.train_on_batch(SPLIT.x_train, SPLIT.y_train)
        logs = evaluate(model, SPLIT.x_val, SPLIT.y_val)[1] if len(losses) % 10 == 9 else None
        losses.append(logs)
    np.testing.assert_allclose(ours["valLoss"][9::10], losses[9::10], rtol=1e-3)
    for mine, variable in zip(ours["after"], model.trainable_variables, strict=True):
        np.testing.assert_allclose(mine, variable.numpy().ravel(), atol=1e-3)


def test_random_masks_end_where_those_of_keras_do(page):
    differences = []
    for seed in range(20):
        model = build(100, between=lambda: [layers.Dropout(0.5)], seed=seed)
        settings = {"width": 100, "dropout": 0.5, "weights_seed": seed + 1, "epochs": 500}
        ours, theirs = train(page, overrides(model), **settings), curves(model, 500)
        ends = ours["trainLoss"][-1] - theirs[0][-1], ours["valLoss"][-1] - theirs[1][-1]
        differences.append(ends)
    mean, sd = np.mean(differences, axis=0), np.std(differences, axis=0, ddof=1)
    assert (np.abs(mean) < 4 * sd / np.sqrt(20)).all(), (mean, sd)
    assert (sd > 0).all()


@pytest.mark.parametrize("rate", [0.2, 0.5, 0.8])
def test_masks_are_independent_and_have_their_rate(page, rate):
    # One training point, and units that it activates all: the first step moves the bias of the
    # units whose mask is 1, and of no others.
    first, second = np.array(
        page.evaluate(MASKS, [{**DATA, "x_train": [1, 1], "y_train": [0]}, rate])
    )
    for masks in (first, second):
        assert masks.mean() == pytest.approx(1 - rate, abs=4 * (rate * (1 - rate) / 9000) ** 0.5)
    for a, b in [(first, second), (first[:-1], first[1:]), (first[::2], first[1::2])]:
        assert abs(np.corrcoef(a, b)[0, 1]) < 4 / len(a) ** 0.5


# Early stopping


def where_keras_stops(curve, patience, min_delta):
    stopper = keras.callbacks.EarlyStopping(
        "val_loss", mode="min", patience=patience, min_delta=min_delta, restore_best_weights=True
    )
    stopper.set_model(SimpleNamespace(get_weights=list, set_weights=list))
    stopper.on_train_begin()
    stopper.model.stop_training = False
    for epoch, value in enumerate(curve):
        stopper.on_epoch_end(epoch, {"val_loss": value})
        if stopper.model.stop_training:
            return {"stoppedEpoch": epoch + 1, "bestEpoch": stopper.best_epoch + 1}
    return {"stoppedEpoch": None, "bestEpoch": stopper.best_epoch + 1}


RANDOM = np.random.default_rng(1)
RECORDED = {
    "falls": np.linspace(1, 0, 100),
    "rises": np.linspace(0, 1, 100),
    "constant": np.ones(100),
    "steps": np.repeat(np.linspace(1, 0.5, 10), 10),
    "a valley": (np.arange(100) / 50 - 1) ** 2,
    "noisy valley": (np.arange(150) / 50 - 1) ** 2 + RANDOM.normal(0, 0.05, 150),
    "small steps": 1 - 0.01 * np.arange(100),  # as large as a min_delta
    "single": np.ones(1),
}


@pytest.mark.parametrize("min_delta", [0, 0.01, 0.2])
@pytest.mark.parametrize("patience", [0, 1, 2, 10, 50])
def test_stopping_is_that_of_keras(page, patience, min_delta):
    for name, curve in RECORDED.items():
        values = curve.astype("float32").tolist()
        found = page.evaluate(
            "([curve, options]) => engine().stopping(curve, options)",
            [values, {"patience": patience, "min_delta": min_delta}],
        )
        assert found == where_keras_stops(values, patience, min_delta), name


def test_a_run_stops_where_its_own_curve_says(page):
    whole = train(page, width=100, label_noise=0.2)
    options = {"patience": 50, "min_delta": 0.001}
    run = train(page, width=100, label_noise=0.2, **options)
    found = page.evaluate(
        "([curve, options]) => engine().stopping(curve, options)", [whole["valLoss"], options]
    )
    assert run["stoppedEpoch"] == run["epoch"] == found["stoppedEpoch"] < 4000
    assert run["valLoss"] == whole["valLoss"][: run["epoch"]]
    assert run["restoredEpoch"] == found["bestEpoch"]
    best = run["valLoss"][found["bestEpoch"] - 1]
    assert run["parts"]["val"]["crossEntropy"] == pytest.approx(best, rel=1e-6)
    last = train(page, width=100, label_noise=0.2, restore=False, **options)
    assert last["parts"]["val"]["crossEntropy"] == pytest.approx(last["valLoss"][-1], rel=1e-6)
    assert last["restoredEpoch"] is None


def test_the_best_weights_come_back_at_the_last_epoch_too(page):
    run = train(page, width=100, label_noise=0.2, patience=2000, epochs=1500)
    assert run["stoppedEpoch"] is None
    assert run["bestEpoch"] == np.argmin(run["valLoss"]) + 1 == run["restoredEpoch"] < 1500
    assert run["parts"]["val"]["crossEntropy"] == pytest.approx(min(run["valLoss"]), rel=1e-6)


# Data, seeds, settings


def test_a_seed_gives_the_same_run_and_another_a_different_one(page):
    settings = {"dropout": 0.5, "epochs": 50}
    first, again = train(page, **settings), train(page, **settings)
    assert first == again
    assert train(page, **settings, data_seed=2)["valLoss"] != first["valLoss"]
    assert train(page, **settings, weights_seed=2)["valLoss"] != first["valLoss"]


def test_a_run_in_pieces_is_the_run_in_one(page):
    pieces = page.evaluate("""() => {
        const network = engine(), values = [];
        network.configure({ width: 50, dropout: 0.3, epochs: 20 });
        for (const k of [1, 3, 0, 10, 99, 5]) values.push(...network.train(k).valLoss);
        return values;
    }""")
    assert pieces == train(page, width=50, dropout=0.3, epochs=20)["valLoss"]


def test_one_setting_leaves_the_draws_of_the_others_alike(page):
    few, many = (page.evaluate(POINTS, {"n_train": n}) for n in (30, 300))
    assert few["x_train"] == many["x_train"][:60]
    assert few["x_val"] == many["x_val"]
    assert len({tuple(many[name][:60]) for name in ("x_train", "x_val")}) == 2
    plain, other = train(page, epochs=1), train(page, epochs=1, dropout=0.5, n_train=50, noise=0)
    assert plain["before"] == other["before"]


def test_with_equal_seeds_the_points_are_not_in_the_initial_weights(page):
    points = page.evaluate(POINTS, {"noise": 0, "data_seed": 5})
    kernel = np.array(train(page, epochs=1, data_seed=5, weights_seed=5)["before"][0])
    drawn = np.cos(np.pi * (kernel / (6 / 502) ** 0.5 + 1) / 2)  # a moon's x from the same number
    x, label = np.array(points["x_train"])[::2], np.array(points["y_train"])
    distance = np.abs(np.where(label, 1 - x, x)[:, None] - drawn).min(axis=1)
    assert np.sum(distance < 1e-6) < 3


def test_initial_weights_are_glorot_uniform(page):
    kernel, bias, second, _, output, _ = map(
        np.array, train(page, depth=2, width=100, epochs=1)["before"]
    )
    for weights, limit in ((kernel, 6 / 102), (second, 6 / 200), (output, 6 / 101)):
        assert 0.93 * limit**0.5 < weights.max() < limit**0.5
        spread = weights.std() / (limit / 3) ** 0.5
        assert spread == pytest.approx(1, abs=3 / len(weights) ** 0.5)
        assert abs(weights.mean()) < 4 * weights.std() / len(weights) ** 0.5
    assert not bias.any()


@pytest.mark.parametrize("dataset", ["moons", "circles", "xor", "spiral"])
def test_points_are_balanced_and_have_the_noise_that_is_asked_for(page, dataset):
    clean, noisy = (
        page.evaluate(POINTS, {"dataset": dataset, "n_train": 300, "noise": noise})
        for noise in (0, 0.3)
    )
    assert (len(noisy["y_train"]), len(noisy["y_val"])) == (300, 70)
    assert (sum(noisy["y_train"]), sum(noisy["y_val"])) == (150, 35)
    noise = np.array(noisy["x_train"]) - clean["x_train"]
    assert noise.std() == pytest.approx(0.3, abs=4 * 0.3 / 1200**0.5)
    assert abs(noise.mean()) < 4 * 0.3 / 600**0.5
    assert abs(np.corrcoef(noise.reshape(-1, 2).T)[0, 1]) < 4 / 300**0.5
    assert np.abs(clean["x_train"]).max() <= 2


def test_moons_lie_on_half_circles_at_random_places(page):
    found = page.evaluate(POINTS, {"n_train": 300, "noise": 0})
    x, y = np.array(found["x_train"]).reshape(-1, 2), np.array(found["y_train"])
    angles = []
    for label, center, sign in ((0, (0, 0), 1), (1, (1, 0.5), -1)):
        side = sign * (x[y == label] - center)
        np.testing.assert_allclose(np.hypot(*side.T), 1, atol=1e-5)
        assert side[:, 1].min() > -1e-5
        angles.append(np.sort(np.arctan2(side[:, 1], side[:, 0])))
    for sorted_angles in angles:  # gaps of an even spacing were all alike
        assert np.diff(sorted_angles).std() > 0.5 * np.pi / 150
        assert sorted_angles.mean() == pytest.approx(np.pi / 2, abs=4 * 0.91 / 150**0.5)


@pytest.mark.parametrize(("share", "n", "flipped"), [(0.1, 30, 3), (0.4, 55, 22), (0.25, 11, 3)])
def test_label_noise_flips_the_share_of_training_labels(page, share, n, flipped):
    clean, noisy = (
        page.evaluate(POINTS, {"n_train": n, "label_noise": value}) for value in (0, share)
    )
    assert np.sum(np.array(clean["y_train"]) != noisy["y_train"]) == flipped
    assert (clean["x_train"], clean["y_val"]) == (noisy["x_train"], noisy["y_val"])


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"dataset": "rings"}, "dataset must be one of moons, circles, xor, spiral"),
        ({"dataset": "toString"}, "dataset must be one of moons"),
        ({"noise": 0.51}, "noise must be a number from 0 to 0.5, not 0.51"),
        ({"n_train": 9}, "n_train must be a whole number from 10 to 300, not 9"),
        ({"width": 10.5}, "width must be a whole number from 1 to 1000, not 10.5"),
        ({"depth": "1"}, "depth must be one of 1, 2, not 1"),
        ({"dropout": None}, "dropout must be a number from 0 to 0.9, not null"),
        ({"l2": 1e-6}, "l2 must be 0 or a number from 0.00001 to 1, not 0.000001"),
        ({"patience": 0}, "patience must be null or a whole number from 1 to 2000, not 0"),
        ({"restore": 1}, "restore must be true or false"),
        ({"epochs": 10001}, "epochs must be a whole number from 1 to 10000"),
    ],
)
def test_a_setting_out_of_range_is_refused(page, setting, message):
    found = page.evaluate(
        """(settings) => {
            try { engine().configure(settings); } catch (error) { return String(error); }
            return null;
        }""",
        setting,
    )
    assert found.startswith(f"RangeError: {message}")


def test_a_loss_that_is_no_number_ends_the_run(page):
    model = build(10)
    given = overrides(model)
    given["weights"][0] = [1e308] * 20
    run = train(page, given, width=10)
    assert (run["diverged"], run["done"], run["epoch"]) == (True, True, 1)


# runner.js

LONG = {"width": 500, "epochs": 10000}
SHORT = {"width": 20, "epochs": 300, "dropout": 0.5, "weights_seed": 3}
NO_WORKER = {
    "undefined": "<script>window.Worker = undefined</script>",
    "throws": "<script>window.Worker = class { constructor() { throw Error(); } }</script>",
    "forbidden": '<meta http-equiv="Content-Security-Policy" content="worker-src \'none\'">',
}

COUNT_WORKERS = """<script>
let started = 0;
window.Worker = class extends Worker { constructor(url) { super(url); started++; } };
</script>"""


@pytest.mark.parametrize("head", ["", *NO_WORKER.values()], ids=["worker", *NO_WORKER])
def test_a_run_gives_the_engines_result_with_and_without_a_worker(page, open_page, head):
    expected = train(page, **SHORT)
    run = open_page(head).evaluate(RUN, [[SHORT], [0, 0, 1, 0.5, -1, 1]])
    kinds = [kind for _, kind, _ in run["log"]]
    assert kinds == ["start", *["progress"] * (len(kinds) - 2), "done"]
    assert sum(count for _, kind, count in run["log"] if kind != "start") == 300
    assert run["grid"] == expected["predicted"]
    assert {name: run[name] for name in ("train", "val", "test")} == expected["parts"]
    assert (run["bestEpoch"], run["epoch"], run["arrays"]) == (expected["bestEpoch"], 300, 4)
    assert run["ms"] > 0


@pytest.mark.parametrize("head", ["", NO_WORKER["undefined"]], ids=["worker", "fallback"])
def test_a_new_run_silences_the_one_before(open_page, head):
    run = open_page(head).evaluate(RUN, [[LONG, LONG, SHORT], []])
    indices = [index for index, _, _ in run["log"]]
    assert indices == sorted(indices)
    assert indices.count(0) == indices.count(1) == 2  # its start and one progress
    assert [kind for _, kind, _ in run["log"][:5]] == ["start", "progress"] * 2 + ["start"]
    assert run["log"][-1][:2] == [2, "done"]


def test_a_worker_that_is_silent_is_replaced_by_the_next_run(open_page):
    # An epoch of a large network takes long, and the worker reads no mail meanwhile.
    started = open_page(COUNT_WORKERS).evaluate(
        """([large, small]) => new Promise((resolve) => {
            const runner = createRunner(), counts = [];
            const onDone = () => resolve([...counts, started]);
            const onStart = () => {
                counts.push(started);
                setTimeout(() => runner.train(small, { onDone }), 600);
            };
            runner.train(large);
            runner.train(large, { every_ms: 1e6, onStart });
        })""",
        [{"width": 1000, "depth": 2, "n_train": 300}, {"width": 1, "epochs": 1}],
    )
    assert started == [1, 2]


def test_cancel_and_dispose_silence_a_run(open_page):
    calls = open_page().evaluate(
        """(settings) => new Promise((resolve) => {
            const runner = createRunner(), calls = [];
            const note = (name) => ({
                onStart: () => calls.push(name), onDone: () => calls.push(name),
                onProgress: () => calls.push(name), onError: () => calls.push(name), every_ms: 10,
            });
            runner.train(settings, note("canceled"));
            runner.cancel();
            runner.train(settings, note("disposed"));
            runner.dispose();
            setTimeout(() => resolve(calls), 400);
        })""",
        LONG,
    )
    assert calls == []


@pytest.mark.parametrize("head", ["", NO_WORKER["undefined"]], ids=["worker", "fallback"])
def test_a_run_that_pauses_takes_a_step_and_ends_only_when_it_is_resumed(open_page, head):
    epochs = open_page(head).evaluate(
        """(settings) => new Promise((resolve) => {
            const runner = createRunner(), epochs = [];
            let waited = false, at = 0;
            const step = () => { waited = true; runner.step(at + 1); };
            runner.train(settings, {
                every_ms: 1e6, onStart: () => { runner.pause(); setTimeout(step, 800); },
                onProgress: ({ epoch }) => {
                    if (!waited) { at = epoch; return; }  // where it paused
                    epochs.push(epoch - at);
                    runner.resume();
                },
                onDone: (result) => resolve([...epochs, result.epoch]),
            });
        })""",
        {**SHORT, "epochs": 2000},
    )
    assert epochs == [1, 2000]


@pytest.mark.parametrize("head", ["", NO_WORKER["undefined"]], ids=["worker", "fallback"])
def test_a_paused_run_goes_step_by_step(open_page, head):
    epochs = open_page(head).evaluate(
        """(settings) => new Promise((resolve) => {
            const runner = createRunner(), epochs = [];
            const goOn = () => epochs.length < 3 ? runner.step(epochs.length + 1) : runner.resume();
            runner.train(settings, {
                paused: true, every_ms: 1e6, onStart: goOn,
                onProgress: ({ epoch }) => { epochs.push(epoch); setTimeout(goOn, 100); },
                onDone: (result) => resolve([...epochs, result.epoch]),
            });
        })""",
        {**SHORT, "epochs": 2000},
    )
    assert epochs == [1, 2, 3, 2000]


@pytest.mark.parametrize("head", ["", NO_WORKER["undefined"]], ids=["worker", "fallback"])
def test_an_error_arrives_with_its_message(open_page, head):
    run = open_page(head).evaluate(RUN, [[{"width": 0}], []])
    assert run["message"] == "width must be a whole number from 1 to 1000, not 0"


@pytest.mark.parametrize("head", ["", NO_WORKER["undefined"]], ids=["worker", "fallback"])
def test_the_page_gets_its_turns_while_a_network_trains(open_page, head):
    turns = open_page(head).evaluate(
        """(settings) => new Promise((resolve) => {
            const grid = new Float32Array(7200);
            let turns = 0, over = false;
            const beat = () => {
                turns++;
                if (over) resolve(turns); else setTimeout(beat);
            };
            createRunner().train(settings, { grid, onDone: () => { over = true; } });
            setTimeout(beat);
        })""",
        {"width": 500, "epochs": 4000, "dropout": 0.5},
    )
    assert turns > 20  # some 50 slices of work; a slower machine takes more of them
