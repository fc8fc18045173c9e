"""How long does a diagnosis take? A million epochs, ten million rows, a small file in the shell.

    python tests/benchmarks/bench_diagnosis.py

Each is timed several times, the million epochs within this process, the rest in processes of their
own; printed are the median and the slowest.
"""

from pathlib import Path
import statistics
import subprocess
import sys
import tempfile
import time

from helpers.diagnosis import diagnose
import numpy as np

MILLION = 1_000_000
SMALL = Path(__file__).parents[1] / "histories" / "00_keras_csv.csv"
ROUNDS = 5
FEW_ROUNDS = 2  # of ten million rows


def history(n):
    """Return the curves of a run that overfits, of n epochs: a dict of arrays."""
    rng = np.random.default_rng(0)
    share = np.linspace(0, 1, n)
    fall = np.exp(-10 * share)
    return {
        "loss": (0.01 + fall) * np.exp(rng.normal(0, 0.01, n)),
        "accuracy": 1 - 0.4 * fall,
        "val_loss": (0.4 + fall + 0.3 * share) * np.exp(rng.normal(0, 0.01, n)),
        "val_accuracy": np.rint(200 * (0.9 - 0.4 * fall)) / 200,
    }


def timed(work, rounds=ROUNDS):
    """Return the seconds of each round."""
    spent = []
    for _ in range(rounds):
        began = time.perf_counter()
        work()
        spent.append(time.perf_counter() - began)
    return spent


def report(what, spent):
    """Print the median and the slowest of the rounds."""
    median, slowest = statistics.median(spent), max(spent)
    print(f"{what:<48}{median:>7.2f} s, slowest of {len(spent)}: {slowest:.2f} s", flush=True)


def shell(path):
    """Diagnose a file from the shell; return what it printed first."""
    command = [sys.executable, "-m", "helpers.diagnosis", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return f"status {done.returncode}: {(done.stdout + done.stderr).splitlines()[0][:150]}"


def ten_million_rows(folder, extra):
    """Write a CSV with this many rows more than ten million; return its path."""
    path = Path(folder) / "log.csv"
    block = "".join(f"{1 / (1 + i):.4f},{0.5 + i / 1e4:.4f}\n" for i in range(1000))
    with path.open("w") as file:
        file.write("loss,val_loss\n")
        for _ in range(10 * MILLION // 1000):
            file.write(block)
        file.write("0.1,0.5\n" * extra)
    return path


def main():
    """Print the seconds of each."""
    arrays = history(MILLION)
    lists = {name: y.tolist() for name, y in arrays.items()}
    text = "loss,val_loss\n" + "\n".join(
        f"{a:.6f},{b:.6f}" for a, b in zip(lists["loss"], lists["val_loss"], strict=True)
    )
    report("1 million epochs, dict of arrays", timed(lambda: diagnose(arrays)))
    report("1 million epochs, dict of lists", timed(lambda: diagnose(lists)))
    report("1 million epochs, to_dict()", timed(diagnose(arrays).to_dict))
    report("1 million epochs, text of a CSV", timed(lambda: diagnose(text), FEW_ROUNDS))
    report("a small file, from the shell", timed(lambda: shell(SMALL)))
    with tempfile.TemporaryDirectory() as folder:
        for extra in (0, 1):
            path = ten_million_rows(folder, extra)
            print(shell(path))
            report(f"{10 * MILLION + extra:,} rows", timed(lambda p=path: shell(p), FEW_ROUNDS))


if __name__ == "__main__":
    main()
