"""Which data seed does each playground open with? Print what the engine finds on many of them.

    python tests/benchmarks/draws.py                      all playgrounds, seeds 1 to 100
    python tests/benchmarks/draws.py dropout combining    these only
    python tests/benchmarks/draws.py --seeds 30           seeds 1 to 30
    python tests/benchmarks/draws.py --cache draws.jsonl  keep the runs there; go on from them

Each table has a row for each seed: the losses that the playground's question is about, the rank of
the opening's last validation loss, and whether the question has its usual answer, which stands
above the table. A playground opens on a draw that has it and whose opening ranks near the middle;
the last lines list those first whose worst rank, over all columns, is nearest to it.
Losses are validation cross-entropies
in nats. Needs Node.js; all of it takes some twenty minutes of one core.
"""

import argparse
from collections.abc import Callable
from dataclasses import dataclass
import json
from pathlib import Path
import shutil
import subprocess
import sys

from helpers.playground import script
import numpy as np
import pandas as pd

PATIENCES = (1, 5, 10, 20, 50, 100, 200, 500, 1000)  # the slider's
MEASURE = f"""(network, settings) => {{
  network.configure(settings);
  const {{ trainLoss, valLoss, bestEpoch }} = network.train(1e5);
  const stops = Object.fromEntries({list(PATIENCES)}.map((patience) => [
    patience, valLoss[network.stopping(valLoss, {{ patience }}).bestEpoch - 1]]));
  return {{
    train: trainLoss.at(-1), last: valLoss.at(-1), best: valLoss[bestEpoch - 1],
    best_epoch: bestEpoch, stops,
  }};
}}"""
RUN = f"""
import fs from "node:fs";
const [source, wanted] = JSON.parse(fs.readFileSync(0, "utf8"));
const network = new Function(source + "; return engine();")();
for (const [settings, seed] of wanted) {{
  const found = ({MEASURE})(network, {{ ...settings, data_seed: seed }});
  console.log(JSON.stringify({{ settings, seed, ...found }}));
}}"""


@dataclass(frozen=True)
class Question:
    """What one playground asks: its runs by name, the opening first, and what counts."""

    runs: dict
    columns: Callable  # the numbers that the question is about, from the runs' results
    usual: Callable  # whether they are the usual answer
    answer: str


def last(results):
    """Return the last loss of each run."""
    return {name: result["last"] for name, result in results.items()}


def best(results):
    """Return the lowest loss of each run."""
    return {name: result["best"] for name, result in results.items()}


def climb(result):
    """Return how many times its lowest loss the last one is."""
    return result["last"] / result["best"]


def gap(result):
    """Return how far above the training loss the validation loss ends."""
    return result["last"] - result["train"]


def enough(result):
    """Return the least patience of the slider that ends within 5% of the lowest loss; or inf."""
    near = (p for p in PATIENCES if result["stops"][str(p)] < 1.05 * result["best"])
    return next(near, np.inf)


def penalties(*values):
    """Return runs with these penalties."""
    return {f"L2 {value:g}": {"l2": value} if value else {} for value in values}


QUESTIONS = {
    "start": Question(
        penalties(0, 0.001, 0.01, 1),
        last,
        lambda r: (
            min(last(r).values()) in (r["L2 0.001"]["last"], r["L2 0.01"]["last"])
            and r["L2 0"]["last"] > 1.5 * min(last(r).values())
            and r["L2 1"]["last"] > 1.2 * min(last(r).values())
        ),
        "0.001 or 0.01 end lowest; none ends 1.5 times as high, 1 ends 1.2 times as high",
    ),
    "bias-variance": Question(
        {f"width {n}": {"width": n} for n in (1, 10, 1000)},
        lambda r: {**last(r), "width 1, train": r["width 1"]["train"]},
        lambda r: (
            r["width 1"]["train"] > 0.15
            and r["width 1"]["last"] - r["width 1"]["train"] < r["width 1000"]["last"] / 2
            and r["width 1000"]["last"] > 1.5 * r["width 1000"]["best"]
            and min(last(r), key=last(r).get) == "width 10"
        ),
        "1 unit misses training points and has a small gap; 1,000 miss none, climb; 10 is best",
    ),
    "baseline": Question(
        {f"{n} points": {"epochs": 1000, "n_train": n} for n in (30, 100, 300)},
        lambda r: {**last(r), "climb with 30": climb(r["30 points"])},
        lambda r: (
            climb(r["30 points"]) > 1.15
            and climb(r["100 points"]) < 1.1
            and climb(r["300 points"]) < 1.1
        ),
        "with 30 points the loss climbs by 15% at least, with 100 and 300 by 10% at most",
    ),
    "regularization": Question(
        penalties(0.3, 0.03, 0),
        lambda r: {**last(r), **{f"gap, {name}": gap(r[name]) for name in r}},
        lambda r: (
            r["L2 0.03"]["last"] < 0.8 * r["L2 0.3"]["last"]
            and gap(r["L2 0.03"]) > gap(r["L2 0.3"])
            and r["L2 0"]["last"] > 1.2 * r["L2 0.03"]["last"]
        ),
        "0.03 ends a fifth lower than 0.3 at least, with a wider gap; none ends 1.2 times as high",
    ),
    "dropout": Question(
        {
            "wrong": {"label_noise": 0.2},
            "wrong, dropout": {"label_noise": 0.2, "dropout": 0.5},
            "clean": {},
            "clean, dropout": {"dropout": 0.5},
        },
        last,
        lambda r: (
            r["wrong, dropout"]["last"] < 0.8 * r["wrong"]["last"]
            and 0.8 < r["clean, dropout"]["best"] / r["clean"]["best"] < 1.25
            and r["clean, dropout"]["last"] < r["clean"]["last"]
        ),
        "with wrong labels dropout ends a fifth lower at least, with clean ones lower; "
        "the best of the clean ones stays within a fifth",
    ),
    "augmentation": Question(
        {f"{n} points": {"dataset": "circles", "noise": 0.1, "n_train": n} for n in (10, 30, 100)},
        best,
        lambda r: (
            r["30 points"]["best"] < 0.5 * r["10 points"]["best"]
            and r["10 points"]["best"] - r["30 points"]["best"]
            > 0.8 * (r["10 points"]["best"] - r["100 points"]["best"])
        ),
        "30 points halve the lowest loss of 10 at least: four fifths of what 100 points do",
    ),
    "early-stopping": Question(
        {"dropout": {"dropout": 0.5}},
        lambda r: {
            "patience 5": r["dropout"]["stops"]["5"],
            "lowest": r["dropout"]["best"],
            "enough": enough(r["dropout"]),
        },
        lambda r: (
            r["dropout"]["stops"]["5"] > 1.05 * r["dropout"]["best"]
            and 10 <= enough(r["dropout"]) <= 1000
        ),
        "a patience of 5 ends 5% above the lowest loss or more, a longer one within 5% of it",
    ),
    "combining": Question(
        {"both": {"l2": 0.001, "dropout": 0.5}, "neither": {}},
        lambda r: {
            **{f"both, patience {p}": r["both"]["stops"][str(p)] for p in (50, 200, 1000)},
            "neither": r["neither"]["best"],
        },
        lambda r: (
            r["both"]["stops"]["50"] > 1.05 * r["neither"]["stops"]["50"]
            and r["both"]["stops"]["1000"] < 0.95 * r["neither"]["stops"]["1000"]
        ),
        "both end 5% above neither at least with a patience of 50, 5% below with 1,000",
    ),
    "beyond": Question(
        {"width 20": {"width": 20}, "width 1000": {"width": 1000}},
        lambda r: {
            **last(r),
            "lowest, 20": r["width 20"]["best"],
            "lowest, 1000": r["width 1000"]["best"],
        },
        lambda r: (
            r["width 1000"]["last"] > 1.3 * r["width 20"]["last"]
            and 0.85 < r["width 1000"]["best"] / r["width 20"]["best"] < 1.15
        ),
        "the last loss rises by 30% at least, the lowest stays within 15%",
    ),
}


def train(wanted, cache):
    """Train what the cache lacks; return a result for each (settings, seed), settings as JSON."""
    known = {}
    if cache and cache.exists():
        for line in cache.read_text().splitlines():
            result = json.loads(line)
            known[json.dumps(result["settings"], sort_keys=True), result["seed"]] = result
    lacking = [
        [json.loads(settings), seed] for settings, seed in wanted if (settings, seed) not in known
    ]
    node = shutil.which("node")
    if not node:
        sys.exit("no node: install Node.js, which runs the engine here")
    command = [node, "--input-type=module", "--eval", RUN]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        process.stdin.write(json.dumps([script(), lacking]))
        process.stdin.close()
        for line in process.stdout:
            result = json.loads(line)
            known[json.dumps(result["settings"], sort_keys=True), result["seed"]] = result
            if cache:
                with cache.open("a") as file:
                    file.write(line)
    if process.returncode:
        sys.exit("the engine failed: its error stands above")
    return known


def table(question, seeds, known):
    """Return a row for each seed, and how far from the middle its worst rank is."""
    rows = []
    for seed in seeds:
        results = {
            name: known[json.dumps(settings, sort_keys=True), seed]
            for name, settings in question.runs.items()
        }
        opening = next(iter(results.values()))
        ends = {name: opening[name] for name in ("last", "best", "best_epoch")}
        rows.append(
            {"seed": seed, **ends, **question.columns(results), "usual": question.usual(results)}
        )
    found = pd.DataFrame(rows).set_index("seed")
    ranks = found.drop(columns=["best_epoch", "usual"]).rank()
    found.insert(1, "rank", ranks["last"])
    return found.assign(off_middle=(ranks - (len(found) + 1) / 2).abs().max(axis=1))


def main():
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help=f"of {', '.join(QUESTIONS)} (default: all)")
    parser.add_argument("--seeds", type=int, default=100, help="how many (default 100)")
    parser.add_argument("--cache", type=Path, help="a file to keep the runs in")
    options = parser.parse_args()
    if unknown := set(options.names) - set(QUESTIONS):
        parser.error(
            f"no playground {', '.join(sorted(unknown))}: there are {', '.join(QUESTIONS)}"
        )
    seeds = range(1, options.seeds + 1)
    for name in options.names or QUESTIONS:
        question = QUESTIONS[name]
        wanted = [
            (json.dumps(settings, sort_keys=True), seed)
            for settings in question.runs.values()
            for seed in seeds
        ]
        found = table(question, seeds, train(wanted, options.cache))
        print(f"\n{name}, from {next(iter(question.runs))}. Usual: {question.answer}")
        print(found.round(3).to_string())
        usual = found[found["usual"]].sort_values("off_middle")
        print(f"usual in {len(usual)} of {len(found)}; the most central:")
        print(usual.head(5).round(3).to_string())


if __name__ == "__main__":
    main()
