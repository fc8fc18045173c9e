"""What the playground says: the sentence on a run, the reading of a sweep, repeated sentences."""

from helpers.playground import join
import numpy as np
import pytest
from scipy import stats

READ = """([run, ...others]) => {
    const real = (each) => each && { ...each,
        trainLoss: Float32Array.from(each.trainLoss), valLoss: Float32Array.from(each.valLoss) };
    const [before, best = before] = others.map(real);
    return readResult(real(run), { before, best });
}"""

# Trains runs one after the other, reads each against the one before it and the best of them.
READ_ALL = """(all) => {
    let before = null, best = null;
    return all.map((given) => {
        const settings = { ...defaultSettings(), ...given }, network = engine();
        network.configure(settings);
        const points = network.points();
        const run = { settings, points, ...network.train(settings.epochs),
            train: network.evaluate("train"), val: network.evaluate("val") };
        const read = readResult(run, { before, best });
        best = betterOf(run, best);
        before = run;
        return { ...read, val: run.val.crossEntropy, train: run.train.crossEntropy };
    });
}"""
NEVER = ("Fits", "A gap", "Overfits", "Underfits", "guessing", "NaN", "undefined", "null")


def curve(*corners, epochs=200):
    """A loss curve of straight lines between corners at equal distances."""
    places = np.linspace(0, epochs - 1, len(corners))
    return np.interp(np.arange(epochs), places, corners).tolist()


def points(mean, n, jitter=0.0):
    """Losses of single points with this mean; all lists have the same spread but for the jitter."""
    spread = np.linspace(0.5, 1.5, n) * mean
    extra = jitter * np.random.default_rng(0).standard_normal(n)
    return (spread + extra - extra.mean()).tolist()


def made(val, train, jitter=0.0, wrong=0, restored=None, stopped=None, **settings):
    """A run as the page has it: its curves by their corners, its points by their mean loss."""
    val, train = curve(*val), curve(*train)
    best = int(np.argmin(val)) + 1
    end = (restored or len(val)) - 1
    known = {"dataset": "moons", "noise": 0.2, "data_seed": 1, "n_train": 30, "label_noise": 0}
    others = {"l2": 0, "dropout": 0, "width": 500, "patience": None, "weights_seed": 1}
    return {
        "settings": {**known, **others, **settings},
        "trainLoss": train, "valLoss": val,
        "bestEpoch": best, "stoppedEpoch": stopped, "restoredEpoch": restored, "diverged": False,
        "points": {"y_train": [0, 1] * 15, "y_val": [0, 1] * 35},
        "train": {"crossEntropy": train[end], "accuracy": 1 - wrong / 30,
                  "losses": points(train[end], 30)},
        "val": {"crossEntropy": val[end], "accuracy": 0.9, "losses": points(val[end], 70, jitter)},
    }  # fmt: skip


def read(page, run, before=None, *best):
    """Read a run; the one before it is the best, too, unless another is given."""
    return page.evaluate(READ, [run, before, *best])


def level(loss, train=0.02, **more):
    """A run that ends at its lowest validation loss."""
    return made((0.7, loss, loss, loss), (0.7, train, train, train), **more)


CURVES = {
    "too free": (
        {"val": (0.7, 0.2, 0.3, 0.45), "train": (0.7, 0.1, 0.03, 0.01)},
        ["its own lowest (0.20, epoch 68) it has climbed by 0.25", "fell from 0.099 to 0.010"],
    ),
    "too stiff": (
        {"val": (0.7, 0.2, 0.3, 0.35), "train": (0.7, 0.1, 0.2, 0.25), "l2": 0.1},
        ["training loss has risen, too, from 0.10 to 0.25: the penalty is too strong"],
    ),
    "too long": (
        {"val": (0.7, 0.3, 0.35, 0.4), "train": (0.7, 0.3, 0.28, 0.26)},
        ["climbed by 0.10", "fell from 0.30 to 0.26: it has trained too long."],
    ),
    "nothing learned": (
        {"val": (0.7, 0.694, 0.694), "train": (0.7, 0.692, 0.692)},
        ["0.69, is not clearly below 0.69, the cost of one answer", "learned almost nothing."],
    ),
    "still falling": (
        {"val": (0.7, 0.5, 0.3), "train": (0.7, 0.5, 0.2)},
        ["It fell by 0.04 in the last 20 epochs", "0.10 above the training loss"],
    ),
    "stopped": (
        {"val": (0.7, 0.3, 0.31), "train": (0.7, 0.3, 0.28), "restored": 100, "stopped": 150,
         "patience": 50},
        ["ended the run at epoch 150, less than 0.01 above its lowest, and went back to epoch 100"],
    ),
    "both high": (
        {"val": (0.7, 0.31, 0.31, 0.31), "train": (0.7, 0.3, 0.3, 0.3), "wrong": 4},
        ["about as high, 0.30, with 4 of 30 points wrong",
         "the points overlap, or the network is not flexible enough."],
    ),
    "gap": (
        {"val": (0.7, 0.2, 0.2, 0.2), "train": (0.7, 0.02, 0.02, 0.02)},
        ["Validation loss 0.20. There is a gap of 0.18 to the training loss, but no turn: it ends "
         "at its lowest."],
    ),
    "level": (
        {"val": (0.7, 0.2, 0.2, 0.2), "train": (0.7, 0.19, 0.19, 0.19)},
        ["Validation loss 0.20. It ends at its lowest, 0.01 above the training loss."],
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", CURVES)
def test_the_curves_of_a_run_are_read(page, kind):
    given, said = CURVES[kind]
    result = read(page, made(**given))
    assert result["kind"] == kind
    for words in said:
        assert words in result["sentence"]
    assert not [word for word in NEVER if word in result["sentence"]]


def test_a_loss_worse_than_one_constant_answer_is_said_to_be(page):
    curves = {"val": (0.7, 0.4, 0.9, 1.2), "train": (0.7, 0.1, 0.03, 0.01)}
    assert "one answer for all points would cost 0.69" in read(page, made(**curves))["sentence"]
    run = made(**curves)
    run["points"]["y_val"] = [0] * 63 + [1] * 7  # there a constant answer costs less
    assert "one answer for all points would cost 0.33" in read(page, run)["sentence"]


def test_nothing_learned_is_measured_by_the_runs_own_labels(page):
    run = made((0.7, 0.33), (0.7, 0.33))
    assert read(page, run)["kind"] != "nothing learned"
    run["points"]["y_train"] = [0] * 27 + [1] * 3
    assert read(page, run)["kind"] == "nothing learned"


def test_a_run_that_diverged_says_when(page):
    run = {**level(0.2), "diverged": True}
    assert read(page, run) == {
        "kind": "diverged",
        "sentence": "Diverged: the loss was no longer a number after 200 epochs.",
    }
    assert "the previous run diverged" in read(page, level(0.2), before=run)["sentence"]


@pytest.mark.parametrize(
    ("loss", "jitter", "said"),
    [
        (0.20, 0.0, "Validation loss 0.20: 0.07 lower than before, the lowest so far."),
        (0.34, 0.0, "Validation loss 0.34: 0.07 higher than before."),
        (0.20, 0.4, "0.07 lower than before, the lowest so far, as far as 70 points can tell."),
        (0.20, 2.0, "Validation loss 0.20: cannot be told apart from the previous run, 0.27."),
        (0.27, 0.0, "Validation loss 0.27, the same as before."),
    ],
)
def test_a_run_is_compared_with_the_one_before_point_by_point(page, loss, jitter, said):
    before = level(0.27, l2=0.01)
    assert said in read(page, level(loss, jitter=jitter), before)["sentence"]


def test_the_lowest_so_far_is_named_with_the_knob_that_gave_it(page):
    best, before = level(0.2, l2=0.01), level(0.4, l2=0.3)
    said = read(page, level(0.3, l2=0.1), before, best)["sentence"]
    assert "0.10 lower than before; the lowest so far is 0.20 with L2 0.01." in said
    said = read(page, level(0.201, l2=0.1, jitter=0.3), before, best)["sentence"]
    assert "; it cannot be told apart from the lowest so far, 0.20 with L2 0.01." in said
    said = read(page, level(0.39, l2=0.1, jitter=2.0), before, best)["sentence"]
    assert (
        "cannot be told apart from the previous run, 0.40, nor from the lowest so far, 0.20" in said
    )


def test_a_curve_that_goes_up_and_down_hides_a_small_difference(page):
    before, run = level(0.27), level(0.25)
    assert "0.02 lower than before" in read(page, run, before)["sentence"]
    run["valLoss"] = (np.array(run["valLoss"]) + 0.04 * (-1.0) ** np.arange(200)).tolist()
    assert "cannot be told apart" in read(page, run, before)["sentence"]


@pytest.mark.parametrize("other", [{"data_seed": 2}, {"noise": 0.3}, {"dataset": "xor"}])
def test_runs_on_other_points_are_not_compared(page, other):
    before = level(0.4, **other)
    said = read(page, level(0.2), before)["sentence"]
    assert said.startswith("Validation loss 0.20, on different points from the previous run.")
    assert "lowest so far" not in said
    better = "([run, best]) => betterOf(run, best).val.crossEntropy"
    assert page.evaluate(better, [level(0.6), before]) == 0.6
    assert page.evaluate(better, [level(0.6), level(0.4)]) == 0.4


@pytest.mark.parametrize(
    ("knob", "best", "value", "blame"),
    [
        ("l2", 0.01, 1, "the penalty is too strong"),
        ("dropout", 0.2, 0.9, "the dropout rate is too high"),
        ("width", 500, 2, "the network is too small"),
        ("patience", None, 1, "the patience is too short"),
        (
            "l2",
            1,
            0.01,
            "the network is not flexible enough",
        ),  # a weaker penalty cannot be to blame
    ],
)
def test_worse_than_the_best_with_a_higher_training_loss_is_too_stiff(
    page, knob, best, value, blame
):
    lowest = level(0.2, train=0.02, **{knob: best})
    result = read(page, level(0.3, train=0.25, **{knob: value}), lowest)
    assert result["kind"] == "too stiff"
    assert result["sentence"].endswith(
        f"The training loss has risen, too, from 0.020 in the best run to 0.25: {blame}."
    )


def test_worse_than_the_best_with_a_lower_training_loss_is_too_free(page):
    best = level(0.2, train=0.05, l2=0.01)
    result = read(page, level(0.3, train=0.005), best)
    assert result["kind"] == "too free"
    assert "the penalty is too weak" in result["sentence"]


@pytest.mark.parametrize(
    "run",
    [
        {"train": 0.03, "l2": 0.1},  # its training loss hardly differs
        {"train": 0.25, "weights_seed": 2},  # no knob was moved
        {"train": 0.25, "n_train": 100},  # other training points
    ],
)
def test_a_run_is_too_stiff_only_if_the_training_loss_and_a_knob_say_so(page, run):
    best = level(0.2, train=0.02, l2=0.01)
    weights = {"l2": 0.01} if "weights_seed" in run else {}
    assert read(page, level(0.3, **{**run, **weights}), best)["kind"] in ("gap", "level")


def test_a_small_gap_is_no_praise_and_a_large_one_no_blame(page):
    stiff, good = level(0.31, train=0.3, l2=1), level(0.2, train=0.001, l2=0.01)
    said = read(page, good, stiff)["sentence"]
    assert said == (
        "Validation loss 0.20: 0.11 lower than before, the lowest so far. There is a gap of 0.20 "
        "to the training loss, but no turn: it ends at its lowest."
    )
    assert "the penalty is too strong" in read(page, stiff, good)["sentence"]


REAL = [
    [{"data_seed": seed, "weights_seed": seed, "l2": l2} for l2 in (0, 0.003, 0.1, 1)]
    for seed in (13, 20)
] + [
    [{"data_seed": 20, "weights_seed": 20, "patience": patience} for patience in (50, 5, None)],
    [{"data_seed": 13, "weights_seed": 13, "dropout": dropout} for dropout in (0, 0.3, 0.9)],
    *(
        [{"dataset": name, "n_train": n} for n in (30, 300)]
        for name in ("circles", "xor", "spiral")
    ),
    [{"label_noise": 0.4}, {"label_noise": 0.4, "l2": 0.1}, {"width": 1}, {"width": 20}],
]


@pytest.mark.parametrize("runs", REAL, ids=lambda runs: str(runs[-1]))
def test_real_runs_are_never_praised_for_being_worse(page, runs):
    before, best = None, np.inf
    for result in page.evaluate(READ_ALL, [{**run, "epochs": 2000} for run in runs]):
        first, _, second = result["sentence"].partition(". ")
        assert second
        assert not [word for word in NEVER if word in result["sentence"]]
        if before is not None and " lower than before" in first:
            assert result["val"] < before
        if before is not None and " higher than before" in first:
            assert result["val"] > before
        if first.endswith(", the lowest so far"):
            assert result["val"] < best
        before, best = result["val"], min(best, result["val"])


def test_the_strongest_penalty_is_called_too_strong(page):
    runs = page.evaluate(READ_ALL, REAL[0])
    assert [run["kind"] for run in runs][0::3] == ["too free", "too stiff"]
    assert runs[3]["sentence"].endswith("the penalty is too strong.")
    assert min(runs, key=lambda run: run["val"])["kind"] == "gap"


@pytest.mark.parametrize("l2", [0.1, 0.3, 1])
def test_a_penalty_that_only_costs_training_loss_is_called_too_strong(page, l2):
    """The validation loss of the run without one is so uneven that it hides the difference."""
    start = {"data_seed": 13, "weights_seed": 13}
    _, strong = page.evaluate(READ_ALL, [start, {**start, "l2": l2}])
    assert strong["kind"] == "too stiff"
    assert "cannot be told apart" in strong["sentence"]
    assert "has risen, from less than 0.001 with L2 off to 0." in strong["sentence"]
    assert strong["sentence"].endswith(" not fallen for it: the penalty is too strong.")
    _, good = page.evaluate(READ_ALL, [start, {**start, "l2": 0.01}])
    assert "too strong" not in good["sentence"]


@pytest.mark.parametrize(
    ("start", "run"),
    [
        ({}, {"train": 0.1, "l2": 0.1}),  # less than half of the gap is paid in training loss
        ({}, {"train": 0.2, "width": 20}),  # no remedy was moved
        ({}, {"train": 0.2, "l2": 0.1, "dropout": 0.5}),  # two were
        ({"l2": 1}, {"train": 0.2, "l2": 0.1}),  # it was made weaker
        ({}, {"train": 0.2, "l2": 0.1, "n_train": 40}),  # other points
    ],
)
def test_a_remedy_is_blamed_only_for_a_rise_that_it_alone_can_explain(page, start, run):
    before = level(0.3, train=0.02, **start)
    said = read(page, level(0.299, **run, jitter=1), before)["sentence"]
    assert "cannot be told apart" in said or "same" in said or "other" in said
    assert "too strong" not in said


def test_a_penalty_may_be_what_keeps_both_losses_high_or_flat(page):
    high, flat = CURVES["both high"][0], CURVES["nothing learned"][0]
    assert read(page, made(**high, l2=1))["sentence"].endswith(
        "the points overlap, or the penalty is too strong."
    )
    said = read(page, made(**flat, dropout=0.9))["sentence"]
    assert said.endswith("learned almost nothing; perhaps the dropout rate is too high.")


def test_a_gap_is_measured_by_the_scatter_of_the_validation_points(page):
    """The same two losses: a gap, or less than these points can tell."""
    curves = {"val": (0.7, 0.2, 0.2), "train": (0.7, 0.16, 0.16)}
    assert read(page, made(**curves))["kind"] == "gap"
    assert read(page, made(**curves, jitter=0.5))["kind"] == "level"


def test_the_engine_tells_the_loss_of_every_point(page):
    parts = page.evaluate("""() => {
        const network = engine();
        network.configure({ epochs: 50, n_train: 40 });
        network.train(50);
        return ["train", "val"].map((name) => {
            const { crossEntropy, losses } = network.evaluate(name);
            return [crossEntropy, [...losses]];
        });
    }""")
    for (loss, losses), n in zip(parts, (40, 70), strict=True):
        assert len(losses) == n
        assert np.mean(losses) == pytest.approx(loss, rel=1e-6)


# ---- The sweep


def sweep(losses):
    """The runs of a sweep from validation losses: a row for each value, a column for each seed."""
    return [[{"train": 0.1, "val": float(loss)} for loss in row] for row in losses]


def say(page, knob, values, losses):
    return page.evaluate("(all) => readSweep(...all)", [knob, values, sweep(losses)])


def test_a_tie_is_called_one(page):
    off = [0.51, 0.55, 0.48, 0.6, 0.5]
    middle = [0.30, 0.42, 0.35, 0.36, 0.405]
    strong = [0.33, 0.38, 0.37, 0.35, 0.40]
    assert np.mean(strong) < np.mean(middle) < np.mean(strong) + 0.01
    said = say(page, "l2", [0, 0.01, 1], [off, middle, strong])
    assert said == (
        "Over 5 seeds the validation loss (geometric mean) is lowest, 0.36, with L2 0.01. With 1 "
        "it cannot be told apart from that; with L2 off it is higher. So few seeds show only "
        "large differences."
    )


def test_one_seed_does_not_rule(page):
    """Its plain mean is the highest, though it is the lowest on all other seeds."""
    rng = np.random.default_rng(1)
    scale = np.exp(0.3 * rng.standard_normal(10))
    losses = np.outer([0.3, 0.2, 0.36], scale) * np.exp(0.03 * rng.standard_normal((3, 10)))
    losses[1, 3] = 4.06
    assert np.argmax(losses.mean(axis=1)) == 1
    said = say(page, "l2", [0, 0.01, 1], losses)
    assert "is lowest, 0.30, with L2 0.01. No other value can be told apart from it." in said


def test_values_are_compared_seed_by_seed(page):
    """Seeds that differ a lot do not hide a difference that they all show."""
    seeds = np.exp(np.linspace(-2, 1, 10))
    losses = np.outer([1.2, 1.0, 1.5], seeds) * (1 + 0.02 * np.sin(np.arange(30)).reshape(3, 10))
    said = say(page, "dropout", [0, 0.3, 0.9], losses)
    assert said.endswith("with dropout 0.3. With 0 and 0.9 it is higher.")


def test_the_interval_is_that_of_the_paired_t_test(page):
    losses = np.exp(np.random.default_rng(3).standard_normal((4, 10)))
    for n in range(2, 11):
        found = page.evaluate("(all) => compareSweep(...all)", [[1, 2, 3, 4], sweep(losses[:, :n])])
        assert found["seeds"] == n
        logs = np.log(losses[:, :n])
        best = np.argmin(logs.mean(axis=1))
        for row, log in zip(found["rows"], logs, strict=True):
            assert row["val"] == pytest.approx(np.exp(log.mean()))
            if row["rank"] == "lowest":
                continue
            low, high = stats.ttest_rel(log, logs[best]).confidence_interval()
            assert np.log([row["low"], row["high"]]) == pytest.approx([low, high], abs=1e-3)
            assert row["rank"] == ("higher" if low > 0 else "alike")


def test_a_sweep_that_is_stopped_counts_whole_seeds_only(page):
    runs = sweep([[0.5, 0.5, 0.1], [0.4, 0.4]])
    found = page.evaluate("(runs) => compareSweep([0, 1], runs)", runs)
    assert found["seeds"] == 2
    assert [row["rank"] for row in found["rows"]] == ["higher", "lowest"]
    nothing = page.evaluate("() => readSweep('l2', [0, 1], [[], []])")
    assert nothing == "The sweep has no result yet."


def test_a_value_whose_run_diverged_is_named_and_left_out(page):
    runs = sweep([[0.5, 0.6], [0.4, 0.5]])
    runs[0][1]["val"] = None  # NaN, in JSON
    said = page.evaluate("(runs) => readSweep('l2', [0, 0.01], runs)", runs)
    assert "is lowest, 0.45, with L2 0.01. With L2 off a run ended without a usable loss." in said


def test_the_networks_of_a_sweep_are_the_same_seeds_for_every_value(page):
    jobs = page.evaluate("() => sweepJobs('l2', { ...defaultSettings(), data_seed: 999998 })")
    by_value = {}
    for job in jobs:
        settings = job["settings"]
        seeds = by_value.setdefault(settings["l2"], [])
        seeds.append((settings["data_seed"], settings["weights_seed"]))
    assert len(by_value) == 7
    assert len({tuple(seeds) for seeds in by_value.values()}) == 1
    seeds = by_value[0]
    assert len(seeds) == len(set(seeds)) == 10
    assert seeds[:3] == [(999_998, 1), (999_999, 2), (1, 3)]


# ---- Live regions, and how modules are joined


def test_saying_the_same_again_is_a_change(page):
    said = page.evaluate("""() => {
        const element = document.createElement("p"), said = [];
        for (let i = 0; i < 3; i++) {
            announce(element, "Validation loss 0.20.");
            said.push(element.textContent);
        }
        return said;
    }""")
    assert said[0] != said[1] != said[2]
    assert {text.strip() for text in said} == {"Validation loss 0.20."}


MODULE = "export const name = 1;\nexport function say() {}\nexport async function wait() {}\n"


def test_modules_are_joined_without_their_imports_and_exports():
    imports = 'import { name, say } from "./a.js";\nimport {\n  name,\n  wait,\n} from "./a.js";\n'
    code = f"/**\n * Words.\n */\n{imports}\nexport class Part {{}}"
    assert join([("a.js", MODULE), ("b.js", code)]) == [
        *("const name = 1;", "function say() {}", "async function wait() {}"),
        *("/**", " * Words.", " */", "", "class Part {}"),
    ]


def test_a_json_file_becomes_a_constant():
    line = 'import NAMES from "./names.json" with { type: "json" };'
    found = join([("names.json", '{"λ": [1e-5,\n null]}'), ("a.js", f"{line}\nsay(NAMES);")])
    assert found == ['const NAMES = {"λ": [1e-05, null]};', "say(NAMES);"]


def test_lines_of_a_template_stay():
    lines = ["const code = `", "import keras", "import numpy as np, os", "export PATH=here", "`;"]
    assert join([("a.js", "\n".join(lines))]) == lines


@pytest.mark.parametrize(
    "line",
    [
        "import {\n  name } from './a.js';",
        'import { name as other } from "./a.js";',
        'import all from "./a.js";',
        'import names from "./names.json" with { type: "json" };',
        'import NAMES from "./b.json" with { type: "json" };',
        'import * as all from "./a.js";',
        'import "./a.js";',
        'import { name } from "./b.js";',
        "import { name } from './a.js';",
        'const first = 1;\nimport { name } from "./a.js";',
        "export default say;",
        "export { name };",
        "export * from './a.js';",
        "export var old = 1;",
    ],
)
def test_what_cannot_be_joined_is_refused(line):
    with pytest.raises(ValueError, match=r"^broken\.js, line \d: write (import|export)"):
        join([("names.json", "[]"), ("a.js", MODULE), ("broken.js", line)])
