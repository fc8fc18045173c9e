"""Does the playground's engine count alike in three browsers, and what does dropout cost there?

    python tests/benchmarks/bench_engines.py              Chromium, Firefox, WebKit
    python tests/benchmarks/bench_engines.py --repeats 5  a longer look at the seconds

Each row is a run of the engine alone, no page around it. `loss` is the last validation loss, with
all its digits; `differs` is by how much, at most, any value of either curve differs from
Chromium's, relative to it. `seconds` are the processor's, over all processes of the browser, so
that a busy machine does not matter much; the best of the repeats. `dropout costs` is their ratio to
those of the same network without dropout: 1.5 at most is the aim. A browser that is not installed
is left out.
"""

import argparse
from contextlib import contextmanager
from pathlib import Path
import shutil
import sys
import tempfile

from helpers.playground import script
import numpy as np
import pandas as pd
from playwright.sync_api import sync_playwright
import psutil

sys.path.insert(0, str(Path(__file__).parents[1]))
from engines import missing, start

BROWSERS = ["chromium", "chromium-browser", "google-chrome", "chrome"]
RUNS = {
    "2-500-1": {},
    "2-500-1, dropout 0.5": {"dropout": 0.5},
    "2-100-100-1": {"depth": 2, "width": 100, "epochs": 500},
    "2-100-100-1, dropout 0.5": {"depth": 2, "width": 100, "epochs": 500, "dropout": 0.5},
    "300 points": {"n_train": 300, "epochs": 1000},
    "300 points, dropout 0.5": {"n_train": 300, "epochs": 1000, "dropout": 0.5},
    "spiral, L2, 20% wrong": {"dataset": "spiral", "l2": 0.001, "label_noise": 0.2},
}
TRAIN = """(settings) => {
    const network = window.network ??= engine();
    network.configure(settings);
    const { trainLoss, valLoss } = network.train(1e5);
    return { loss: network.evaluate("val").crossEntropy, curves: [...trainLoss, ...valLoss] };
}"""


@contextmanager
def chromium(address):
    """Give a function that runs JavaScript in Chromium."""
    with sync_playwright() as playwright:
        installed = next(filter(None, map(shutil.which, BROWSERS)), None)
        browser = playwright.chromium.launch(executable_path=installed)
        page = browser.new_page()
        page.goto(address)
        yield page.evaluate
        browser.close()


@contextmanager
def other(name, address):
    """Give a function that runs JavaScript in Firefox or WebKit."""
    with start(name) as driver:
        driver.go(address)
        yield driver.run


def processor_time():
    """Return the seconds that this process' children, and theirs, have spent."""
    times = [child.cpu_times() for child in psutil.Process().children(recursive=True)]
    return sum(spent.user + spent.system for spent in times)


def measure(run, repeats):
    """Return one row for each of the runs."""
    rows = {name: {"run": name, "seconds": np.inf} for name in RUNS}
    for _ in range(repeats):  # by turns, as the machine may be busy for a while
        for name, settings in RUNS.items():
            began = processor_time()
            found = run(TRAIN, {"data_seed": 13, **settings})
            seconds = min(processor_time() - began, rows[name]["seconds"])
            rows[name] |= {**found, "seconds": seconds}
    return list(rows.values())


def main():
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=3, help="of each run (default 3)")
    repeats, table = parser.parse_args().repeats, []
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder, "index.html")
        page.write_text(f'<!doctype html><meta charset="utf-8"><script>{script()}</script>', "utf8")
        with chromium(page.as_uri()) as run:
            table += [{"browser": "chromium", **row} for row in measure(run, repeats)]
        for name in ("firefox", "webkit"):
            if lacks := missing(name):
                print(f"no {lacks} on this machine")
                continue
            with other(name, page.as_uri()) as run:
                table += [{"browser": name, **row} for row in measure(run, repeats)]
    show(pd.DataFrame(table))


def show(table):
    """Print it with what follows from it."""
    curves = table.pop("curves").map(np.array)
    for i, own in curves.items():
        reference = curves[i % len(RUNS)]
        table.loc[i, "differs"] = np.max(np.abs(own / reference - 1))
        if "dropout" in table.loc[i, "run"]:
            table.loc[i, "dropout costs"] = table.seconds[i] / table.seconds[i - 1]
    formats = {"loss": "{:.16f}".format, "seconds": "{:.2f}".format, "differs": "{:.0e}".format}
    formats["dropout costs"] = lambda ratio: "" if np.isnan(ratio) else f"{ratio:.2f}"
    print(table.to_string(index=False, formatters=formats))


if __name__ == "__main__":
    main()
