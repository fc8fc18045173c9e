"""What does the playground say? A table of runs with the sentence that each one gets.

    python tests/benchmarks/print_verdicts.py         all runs, some three minutes
    python tests/benchmarks/print_verdicts.py L2      those whose title has "L2" in it

Each block is what a reader might do one after the other on one page: a knob moved over its range,
other data, other weights. Every run is read against the one before it and the best of its block.
`test` is its loss on the 2,000 test points, which the sentence does not know: it says whether the
sentence is right. At the end stands how often the sign of a difference on the 70 validation
points is that on the test points, by how many standard errors it is.
"""

import argparse
from pathlib import Path
import shutil
import sys

import pandas as pd
from playwright.sync_api import sync_playwright

sys.path.insert(0, str(Path(__file__).parents[2]))
from helpers.playground import SETTINGS, script
from helpers.playground.knobs import KNOBS

BROWSERS = ["chromium", "chromium-browser", "google-chrome", "chrome"]

READ = """([given, first]) => {
    if (first) window.past = { before: null, best: null, runs: [] };
    const settings = { ...defaultSettings(), ...given }, network = engine();
    network.configure(settings);
    const run = { settings, points: network.points(), ...network.train(settings.epochs),
        train: network.evaluate("train"), val: network.evaluate("val") };
    const test = network.evaluate("test").crossEntropy;
    const { kind, sentence } = readResult(run, past);
    const pairs = past.runs.filter((other) => alike(run, other, SAME_VALIDATION)).map((other) => [
        run.val.crossEntropy - other.val.crossEntropy,
        standardError(run.val.losses, other.val.losses), test - other.test]);
    past.runs.push({ ...run, test });
    Object.assign(past, { before: run, best: betterOf(run, past.best) });
    return { kind, sentence, test, train: run.train.crossEntropy, pairs };
}"""

ENDS = [
    *({}, {"l2": 1}, {"dropout": 0.9}, {"width": 1}, {"width": 1000}),
    {"width": 50, "depth": 2, "epochs": 1000},
    *({"epochs": 100}, {"epochs": 10_000, "width": 100}, {"patience": 1}, {"patience": 1000}),
    *({"n_train": 10}, {"n_train": 300}, {"label_noise": 0.4}),
    *({"label_noise": 0.4, "patience": 50}, {"label_noise": 0.4, "l2": 0.1}),
    *({"noise": 0}, {"noise": 0.5}, {"noise": 0.5, "n_train": 300, "l2": 0.1}),
    *({"weights_seed": 99}, {}),
]


def seeded(seed, knob, values):
    """A knob over these values, data and weights by this seed."""
    return [{"data_seed": seed, "weights_seed": seed, knob: value} for value in values]


def blocks():
    """Return the runs of each block by its title."""
    found = {
        f"L2, seed {seed}": seeded(seed, "l2", (0, 0.001, 0.03, 1))
        for seed in (1, 2, 3, 4, 5, 6, 7, 8, 13, 20)
    }
    for seed in (13, 20):
        found[f"patience, seed {seed}"] = seeded(seed, "patience", (5, 50, None, 1))
        kept = seeded(seed, "patience", (5, 200))
        found[f"patience, last weights, seed {seed}"] = [{**run, "restore": False} for run in kept]
    found["the L2 slider, seed 20"] = seeded(20, "l2", KNOBS["l2"]["stops"])
    found["the dropout slider, seed 13"] = seeded(13, "dropout", KNOBS["dropout"]["stops"])
    found["the width slider, seed 13"] = seeded(13, "width", KNOBS["width"]["stops"])
    for dataset in KNOBS["dataset"]["choices"]:
        start = {"dataset": dataset, "data_seed": 4, "weights_seed": 4}
        found[f"the ends of all knobs, {dataset}"] = [{**start, **run} for run in ENDS]
        for seed in (5, 6, 9):
            slid = seeded(seed, "l2", (0, 0.003, 0.1))
            found[f"L2, {dataset}, seed {seed}"] = [{**run, "dataset": dataset} for run in slid]
    return found


def show(page, title, runs):
    """Print a block; return its differences as rows."""
    print(f"\n{title}")
    rows = []
    for i, run in enumerate(runs):
        read = page.evaluate(READ, [run, i == 0])
        names = [name for name in run if name not in ("dataset", "data_seed")]
        moved = [f"{name} {run[name]}" for name in names if run[name] != SETTINGS[name]]
        losses = f"train {read['train']:.3f}, test {read['test']:.2f}"
        print(f"  {', '.join(moved) or 'as it begins'} [{losses}; {read['kind']}]")
        print(f"    {read['sentence']}", flush=True)
        rows += read["pairs"]
    return rows


def main():
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("part", nargs="?", default="", help="of the titles of blocks to print")
    part = parser.parse_args().part
    rows = []
    with sync_playwright() as playwright:
        installed = next(filter(None, map(shutil.which, BROWSERS)), None)
        browser = playwright.chromium.launch(executable_path=installed)
        page = browser.new_page()
        page.add_script_tag(content=script())
        for title, runs in blocks().items():
            if part in title:
                rows += show(page, title, runs)
        browser.close()
    if not rows:
        sys.exit(f"no title has {part!r} in it")
    table = pd.DataFrame(rows, columns=["validation", "error", "test"])
    table = table[table["error"] > 0]
    errors = pd.cut(table["validation"].abs() / table["error"], [0, 1, 2, float("inf")])
    same = (table["validation"] > 0) == (table["test"] > 0)
    print("\nshare of differences with the same sign on the test points, by standard errors")
    print(same.groupby(errors, observed=True).agg(["count", "mean"]).round(2).to_string())


if __name__ == "__main__":
    main()
