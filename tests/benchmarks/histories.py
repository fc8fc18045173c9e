"""Train the runs that the diagnosis is calibrated and judged on, and write them.

    python tests/benchmarks/histories.py                     train all; print the counts
    python tests/benchmarks/histories.py --package           write helpers/diagnosis/runs.json.gz
    python tests/benchmarks/histories.py moons cnn --to DIR  these families, with all epochs, into
                                                             DIR/tune.json and DIR/aside.json
    python tests/benchmarks/histories.py --draw more --to DIR    more runs to fit on
    python tests/benchmarks/histories.py --draw last --package   put these into the package

Most runs are small networks in plain NumPy on moons, circles, tables, digits, breast cancer and
regressions; "book" and "cnn" are Keras networks that `helpers.training.fit` trains. Further
families have a fault that is built in: nothing can be learned, the rate is at the edge, the split
is broken, the validation rows leak.

There are three draws. The runs of "first" were there from the beginning. Those of "more" are of the
same kinds, for fitting alone, and not in the package. Those of "last" were trained after the last
limit had been set, to judge it once; half of them have settings that people use.

Every run follows from the draw's seed, its family and its number alone. In "first", even numbers
are for choosing thresholds ("tune"), odd ones are kept aside, whatever the runs look like; of
"usual", settings that people use, the first 260 and the rest. What is logged is what Keras logs:
the training loss is the mean over an epoch's batches in training mode. The truth comes from fresh
rows and from the training loss in inference mode (`helpers.diagnosis.runs.truth`). Some twenty
minutes of one core for "first", ten for each other. `--package` leaves out what the peers say: run
`diagnosis_peers.py --store` after it. Prints how many runs there are of each verdict and family.
"""

import argparse
from collections import Counter
import gzip
import json
from pathlib import Path
import time
import zlib

from helpers.diagnosis.runs import FILE, PARTS, truth
import numpy as np
from threadpoolctl import threadpool_limits
from training_runs import network
from training_runs.data import draw_parts
from training_runs.settings import DEFAULTS, DESIGNED, FAMILIES

MORE = {  # how many of each family; those not named: none
    **{"usual": 156, "moons": 64, "circles": 48, "table": 76, "digits": 64, "cancer": 48},
    **{"regression": 64, "nothing": 10, "unstable": 24, "diverging": 12, "better": 20},
    **{"split": 20, "leak": 12},
}
LAST = {
    **{"usual": 200, "moons": 22, "circles": 16, "table": 26, "digits": 22, "cancer": 16},
    **{"regression": 22, "nothing": 8, "unstable": 8, "diverging": 8, "better": 8, "split": 8},
    **{"leak": 8, "constant": 4, "book": 12, "cnn": 12},
}
DRAWS = {  # seed, number of the first run of each family, how many of each
    "first": (14, 0, {family: n for family, (n, _) in FAMILIES.items()}),
    "more": (1501, 0, MORE),
    "last": (1502, 1000, LAST),
}
TUNED = 260  # runs of the family "usual" on which thresholds were chosen
MOST_EPOCHS = 400  # of a run in the package
DIGITS = 5  # of a loss or a score that count


def words(settings):
    """Return the settings in words: data and size, then what differs from the defaults."""
    named = {"data", "n", "noise", "hidden"}
    rest = (
        f"{name}={value}"
        for name, value in settings.items()
        if name not in named and value != DEFAULTS.get(name)
    )
    network = "-".join(map(str, settings["hidden"]))
    first = f"{settings['data']} n={settings['n']} noise={settings['noise']} [{network}]"
    return " ".join([first, *rest])


def seed_of(draw, family, number):
    return zlib.crc32(f"{DRAWS[draw][0]} {family} {number}".encode())


def part_of(draw, family, number):
    """Return the part that a run belongs to, whatever it looks like."""
    if draw != "first":
        return {"more": "tune", "last": "last"}[draw]
    return PARTS[number >= TUNED if family == "usual" else number % 2]


def column(log, name, scale):
    return [None if row.get(name) is None else row[name] * scale for row in log]


def numbers(values):
    """Return values with DIGITS that count, and those that JSON cannot hold as strings."""
    rounded = (None if v is None else float(f"{v:.{DIGITS}g}") for v in values)
    return [str(v) if v is not None and not np.isfinite(v) else v for v in rounded]


def bounces(inference):
    """Tell whether the training loss often rises by a tenth or more in the last half."""
    late = np.asarray(inference, float)[len(inference) // 2 :]
    return len(late) > 3 and np.isfinite(late).all() and np.mean(late[1:] > 1.1 * late[:-1]) > 0.15


def designed_of(family, verdict, inference):
    if family == "unstable":
        return "unstable" if bounces(inference) else None
    if family == "diverging":
        return "diverging" if verdict == "diverging" else None
    return DESIGNED.get(family)


def record(
    draw, family, number, what, log, curves, n_val, scores=True, unit=1.0, scale=1.0, first=0
):
    """Return a run as it is written; `scale` is what the losses are multiplied by."""
    log = [row for row in log if row["epoch"] >= first]
    curves = [point for point in curves if point[0] > first]
    epochs, fresh, inference = zip(*curves, strict=True)
    fresh, inference = (scale * np.array(values) for values in (fresh, inference))
    fresh, inference = ([float(f"{v:.{DIGITS}g}") for v in values] for values in (fresh, inference))
    unit = float(f"{unit * scale:.6g}")
    verdict, margin = truth(fresh, inference, unit)
    history = {"epoch": [row["epoch"] for row in log]}
    for prefix in ("", "val_"):
        history[f"{prefix}loss"] = numbers(column(log, f"{prefix}loss", scale))
        if scores:
            history[f"{prefix}accuracy"] = numbers(column(log, f"{prefix}accuracy", 1.0))
    return {
        "id": f"{family}-{number:03}",
        "family": family,
        "what": what,
        "seed": seed_of(draw, family, number),
        "part": part_of(draw, family, number),
        "verdict": verdict,
        "designed": designed_of(family, verdict, inference),
        "margin": numbers([margin])[0],
        "unit": unit,
        "n_val": n_val,
        "history": history,
        "fresh_at_epoch": list(epochs),
        "fresh_loss": numbers(fresh),
        "train_loss_inference": numbers(inference),
    }


def train_run(draw, family, number):
    """Train one run and return its record."""
    seed = seed_of(draw, family, number)
    rng = np.random.default_rng(seed)
    settings = FAMILIES[family][1](rng, number)
    if family in ("book", "cnn"):
        from training_runs import in_keras  # noqa: PLC0415 (TensorFlow: only when needed)

        log, curves, n_val = in_keras.train(rng, seed, settings)
        what = f"Keras {words(settings)}"
        return record(draw, family, number, what, log, network.thin(curves), n_val)
    parts = draw_parts(rng, settings)
    settings["n"] = len(parts.x_train)
    with np.errstate(all="ignore"):
        log, curves = network.train(rng, parts, settings)
    options = {
        "scores": settings["scores"] and settings["classes"] > 0,
        "unit": parts.unit,
        "scale": settings.get("report", 1.0) ** 2,
        "first": settings["first"],
    }
    return record(draw, family, number, words(settings), log, curves, len(parts.x_val), **options)


def write(records, folder):
    """Write each part into a file of a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for part in sorted({run["part"] for run in records}):
        chosen = [run for run in records if run["part"] == part]
        (folder / f"{part}.json").write_text(json.dumps(chosen, allow_nan=False))


def compressed(records):
    """Return the bytes of the package's file, the same for the same runs."""
    text = json.dumps(records, allow_nan=False, separators=(",", ":"))
    return gzip.compress(text.encode(), mtime=0)


def every_kth(run):
    """Keep at most MOST_EPOCHS epochs of a run, validated ones among them."""
    history = run["history"]
    validated = [i for i, value in enumerate(history["val_loss"]) if value is not None]
    every = validated[1] - validated[0] if len(validated) > 1 else 1
    step = every * -(-len(history["epoch"]) // (every * MOST_EPOCHS))
    if len(history["epoch"]) <= MOST_EPOCHS:
        return run
    kept = {name: values[validated[0] % step :: step] for name, values in history.items()}
    return run | {"history": kept}


def package(records):
    """Write runs into the package in place of those of the same parts, thinned to MOST_EPOCHS."""
    parts = {run["part"] for run in records}
    with gzip.open(FILE, "rt", encoding="utf-8") as file:
        others = [run for run in json.load(file) if run["part"] not in parts]
    data = compressed([*others, *(every_kth(run) for run in records)])
    FILE.write_bytes(data)
    return f"{FILE.name}: {len(data) / 1e6:.2f} MB"


def summarize(records):
    """Print how many runs there are of each verdict, by part and by family."""
    for kinds in (("part", "verdict"), ("part", "designed"), ("family", "verdict")):
        counts = Counter(tuple(str(run[kind]) for kind in kinds) for run in records)
        print(" and ".join(kinds))
        for pair, n in sorted(counts.items()):
            print(f"  {n:4} {': '.join(pair)}")


def train_all(draw, families, most):
    """Train the runs of these families, at most so many of each; print how long each takes."""
    _, begin, counts = DRAWS[draw]
    records = []
    for family in [name for name in counts if name in families]:
        start = time.perf_counter()
        n = min(counts[family], most or 1000)
        records += [train_run(draw, family, begin + number) for number in range(n)]
        print(f"{family}: {time.perf_counter() - start:.0f} s", flush=True)
    return records


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("families", nargs="*", metavar="family", help=", ".join(FAMILIES))
    parser.add_argument("--draw", default="first", choices=DRAWS, help="default: first")
    parser.add_argument("--numbers", type=int, help="at most so many of each family")
    parser.add_argument("--to", type=Path, metavar="DIR", help="write each part there")
    parser.add_argument("--package", action="store_true", help="write the package's file")
    arguments = parser.parse_args()
    unknown = set(arguments.families) - set(FAMILIES)
    if unknown:
        parser.error(f"no family {', '.join(sorted(unknown))}; there are {', '.join(FAMILIES)}")
    start = time.perf_counter()
    with threadpool_limits(1):
        records = train_all(arguments.draw, arguments.families or FAMILIES, arguments.numbers)
    if arguments.to:
        write(records, arguments.to)
    if arguments.package:
        print(package(records))
    summarize(records)
    print(f"{len(records)} runs, {time.perf_counter() - start:.0f} s")


if __name__ == "__main__":
    main()
