"""How fast is the playground's engine? 4,000 epochs in headless Chromium, beside TensorFlow.js.

    python tests/benchmarks/bench_playground.py                 TensorFlow.js over 200 epochs
    python tests/benchmarks/bench_playground.py --epochs 4000   all of them, as the engine

Both train a 2-500-1 ReLU network on the same 30 points with Adam, full batch, and evaluate 70
validation points after every epoch, without dropout and with 0.5. The engine trains all 4,000
epochs, TensorFlow.js (its layers API on the WASM backend) fewer, scaled to 4,000. "first" is the
first run in a new page, compilation included; "next" is the best of six further runs. The last
table has the engine's time for one epoch with two hidden layers, the last lines the processor time
of its reference in NumPy. TensorFlow.js is installed with npm into a temporary folder.
"""

import argparse
import functools
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
import shutil
import subprocess
import sys
import tempfile
import threading
import time

from helpers.playground import reference, script
import pandas as pd
from playwright.sync_api import sync_playwright

EPOCHS = 4000
BARS = {0: 15, 0.5: 8}  # dropout: how many times as fast as TensorFlow.js the engine must be
BROWSERS = ["chromium", "chromium-browser", "google-chrome", "chrome"]
PACKAGES = ["tfjs-core", "tfjs-layers", "tfjs-backend-cpu", "tfjs-backend-wasm"]
VERSION = "4.22.0"
REPEATS = 6

WITH_ENGINE = """([settings, epochs]) => {
    const network = window.network ??= engine();
    network.configure({ ...settings, epochs: 4000 });
    const began = performance.now();
    network.train(epochs);
    return performance.now() - began;
}"""

WITH_TENSORFLOW = """async ([settings, epochs]) => {
    const network = engine();
    network.configure(settings);
    const points = network.points();
    tf.wasm.setWasmPaths("node_modules/@tensorflow/tfjs-backend-wasm/dist/");
    await tf.setBackend("wasm");
    await tf.ready();
    const matrix = (x) => tf.tensor2d(x, [x.length / 2, 2]);
    const column = (y) => tf.tensor2d(Float32Array.from(y), [y.length, 1]);
    const model = tf.sequential();
    model.add(tf.layers.dense({ units: 500, activation: "relu", inputShape: [2] }));
    if (settings.dropout) model.add(tf.layers.dropout({ rate: settings.dropout }));
    model.add(tf.layers.dense({ units: 1, activation: "sigmoid" }));
    model.compile({ optimizer: tf.train.adam(0.001), loss: "binaryCrossentropy" });
    const began = performance.now();
    const logs = await model.fit(matrix(points.x_train), column(points.y_train), {
        epochs, batchSize: 30, verbose: 0, yieldEvery: "never",
        validationData: [matrix(points.x_val), column(points.y_val)],
    });
    const took = performance.now() - began;
    if (!(logs.history.val_loss.at(-1) < logs.history.val_loss[0])) throw Error("nothing learnt");
    return took;
}"""


class Quiet(SimpleHTTPRequestHandler):
    """Serves the temporary folder: a page from a file must not load WASM."""

    def log_message(self, *arguments):
        """Say nothing."""


def install(folder):
    """Put TensorFlow.js and a page that loads it into a folder."""
    npm = shutil.which("npm")
    if not npm:
        sys.exit("no npm: install Node.js, which brings it, to compare with TensorFlow.js")
    names = [f"@tensorflow/{name}@{VERSION}" for name in PACKAGES]
    command = [npm, "install", "--no-audit", "--no-fund", "--silent", "--prefix", folder, *names]
    if subprocess.run(command, check=False, capture_output=True).returncode:
        sys.exit("npm could not install TensorFlow.js: is there a way to its registry?")
    scripts = [
        f"node_modules/@tensorflow/{name}/dist/{name.replace('tfjs', 'tf')}.min.js"
        for name in PACKAGES
    ]
    loads = "".join(f'<script src="{script}"></script>' for script in scripts)
    Path(folder, "index.html").write_text(
        f'<!doctype html><meta charset="utf-8">{loads}<script>{script()}</script>', "utf8"
    )


def milliseconds(page, code, settings, epochs):
    """Time a run, scaled to EPOCHS epochs."""
    return page.evaluate(code, [settings, epochs]) * EPOCHS / epochs


def measure(browser, address, dropout, epochs):
    """Return a table of milliseconds: the engine and TensorFlow.js by turns, each in its page."""
    trainers = {"the engine": (WITH_ENGINE, EPOCHS), "TensorFlow.js": (WITH_TENSORFLOW, epochs)}
    pages = {name: browser.new_page() for name in trainers}
    times = {name: [] for name in trainers}
    for page in pages.values():
        page.goto(address)
    for _ in range(1 + REPEATS):
        for name, (code, count) in trainers.items():
            times[name].append(milliseconds(pages[name], code, {"dropout": dropout}, count))
    for page in pages.values():
        page.close()
    return pd.DataFrame(
        {name: {"first": values[0], "next": min(values[1:])} for name, values in times.items()}
    ).T


def measure_two_layers(browser, address):
    """Return the engine's milliseconds for one epoch of 2-width-width-1."""
    page = browser.new_page()
    page.goto(address)
    rows = [
        {
            "width": width,
            "dropout": dropout,
            "milliseconds": milliseconds(
                page, WITH_ENGINE, {"depth": 2, "width": width, "dropout": dropout}, epochs
            )
            / EPOCHS,
        }
        for width, epochs in ((100, 500), (500, 30))
        for dropout in (0, 0.5)
    ]
    page.close()
    return pd.DataFrame(rows)


def measure_reference(dropout):
    """Return the seconds of processor time that the reference in NumPy takes, the best of three."""
    times = []
    for _ in range(3):
        began = time.process_time()
        reference.run(epochs=EPOCHS, dropout=dropout)
        times.append(time.process_time() - began)
    return min(times)


def main():
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=200, help="of TensorFlow.js (default 200)")
    epochs = parser.parse_args().epochs
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        install(folder)
        handler = functools.partial(Quiet, directory=folder)
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}/index.html"
        installed = next(filter(None, map(shutil.which, BROWSERS)), None)
        browser = playwright.chromium.launch(executable_path=installed)
        print(f"Chromium {browser.version}, TensorFlow.js {VERSION} over {epochs:,} epochs")
        for dropout, bar in BARS.items():
            table = measure(browser, address, dropout, epochs)
            ratio = table["next"]["TensorFlow.js"] / table["next"]["the engine"]
            print(f"\nmilliseconds for {EPOCHS:,} epochs of 2-500-1, dropout {dropout}")
            print(table.round(0).to_string())
            print(f"the engine is {ratio:.1f} times as fast; the bar is {bar}")
        print("\nthe engine, milliseconds for one epoch of 2-width-width-1")
        print(measure_two_layers(browser, address).round(2).to_string(index=False))
        browser.close()
        server.shutdown()
    print()
    for dropout in BARS:
        seconds = measure_reference(dropout)
        print(f"the reference in NumPy, dropout {dropout}: {seconds:.2f} s for {EPOCHS:,} epochs")


if __name__ == "__main__":
    main()
