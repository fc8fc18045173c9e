"""How fast are long logs read? Processor time in Python and in Node.js.

    python tests/benchmarks/bench_reading.py                  10,000 and 1,000,000 epochs
    python tests/benchmarks/bench_reading.py --epochs 100     as many as you say

Logs with an epoch a line: a dict of lists, JSON, a plain CSV (which pandas reads), a CSV with a nan
in each column (which it does not), and lines of a log. In Python import is not counted; in Node.js
the first reading is, with its compilation.
"""

import argparse
import json
from pathlib import Path
import shutil
import subprocess
import tempfile
import time

from helpers.diagnosis.reading import read
import numpy as np

READER = Path(__file__).parents[2] / "helpers/diagnosis/reading.js"
SCRIPT = """
import fs from "node:fs";
const { read } = await import(process.argv[1]);
const bytes = fs.readFileSync(process.argv[2]);
const start = process.cpuUsage();
read(bytes);
const { user, system } = process.cpuUsage(start);
console.log((user + system) / 1e6);
"""


def make_logs(epochs):
    """Write one run in several formats."""
    loss = np.exp(-np.arange(epochs) / epochs)
    rows = [f"{e},{v:.9g},{v * 1.1:.9g}" for e, v in enumerate(loss.tolist())]
    lines = [
        f"Epoch {e}: loss {v:.4f}, val_loss {v * 1.1:.4f}" for e, v in enumerate(loss.tolist())
    ]
    header = "epoch,loss,val_loss"
    return {
        "dict": {"loss": loss.tolist(), "val_loss": loss.tolist()},
        "JSON": json.dumps({"loss": loss.tolist(), "val_loss": loss.tolist()}),
        "CSV": "\n".join([header, *rows]),
        "CSV with nan": "\n".join([header, "0,nan,nan", *rows[1:]]),
        "log": "\n".join(lines),
    }


def time_python(source):
    """Return the seconds that Python takes."""
    data = source.encode() if isinstance(source, str) else source
    start = time.process_time()
    read(data)
    return time.process_time() - start


def time_node(source, path):
    """Return the seconds that Node.js takes for a text."""
    path.write_text(source)
    command = ["node", "--no-warnings", "--input-type=module", "--eval", SCRIPT, READER, path]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def main():
    """Print the times."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--epochs", type=int, nargs="*", default=[10_000, 1_000_000])
    epochs = parser.parse_args().epochs
    read({"loss": [1.0, 0.5]})
    print(f"{'epochs':>10}  {'format':<14}{'Python':>8}{'Node.js':>9}  (seconds)")
    with tempfile.TemporaryDirectory() as folder:
        for count in epochs:
            for name, source in make_logs(count).items():
                in_node = isinstance(source, str) and shutil.which("node")
                node = f"{time_node(source, Path(folder) / 'log'):9.2f}" if in_node else f"{'-':>9}"
                print(f"{count:>10,}  {name:<14}{time_python(source):8.2f}{node}")


if __name__ == "__main__":
    main()
