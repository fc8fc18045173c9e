"""How often is the diagnosis right? Print it for each part of the runs, and for the files given.

    python tests/benchmarks/judge_diagnosis.py

A line for each part: how many runs, the share on which it commits itself, the share of these that
it gets right, the overfitting runs that it calls level or improving (of how many), and the share of
the others that it calls overfitting. A verdict is right if it is that of the fresh loss, or the one
that the run was built for. "usual" are the runs with settings that people use, "no fault" those
into which none was built. The files of tests/histories were there to be looked at, as "tune" was.
"""

import json
from pathlib import Path
from types import SimpleNamespace

from helpers.diagnosis import diagnose
from helpers.diagnosis.runs import PARTS, runs
import numpy as np
import pandas as pd

HISTORIES = Path(__file__).parents[1] / "histories"


def shares(chosen, names):
    """Return how often the verdicts commit themselves, are right, miss and raise false alarms.

    chosen: runs, or whatever has verdict and designed; names: what each was called.
    """
    names = np.array(names)
    truth = np.array([run.verdict for run in chosen])
    built_in = np.array([run.designed or "" for run in chosen])
    sure, over = names != "cannot tell", truth == "overfitting"
    right = (names == truth) | (names == built_in)
    return {
        "runs": len(names),
        "commits": sure.mean().round(3),
        "right": right[sure].mean().round(3),
        "missed": f"{np.isin(names[over], ('level', 'improving')).sum()} of {over.sum()}",
        "false alarms": (names[~over] == "overfitting").mean().round(3),
    }


def groups(chosen):
    """Return the places of all runs, of those with usual settings and of those without a fault."""
    return {
        "all": list(range(len(chosen))),
        "usual": [i for i, run in enumerate(chosen) if run.family == "usual"],
        "no fault": [i for i, run in enumerate(chosen) if not run.designed],
    }


def table(chosen, names):
    """Return a row of `shares` for each of `groups`."""
    return {
        group: shares([chosen[i] for i in places], [names[i] for i in places])
        for group, places in groups(chosen).items()
    }


def given_files():
    """Return the files of tests/histories as runs, and what each is called."""
    truths = json.loads((HISTORIES / "truth.json").read_text("utf8"))
    names = [diagnose(HISTORIES / file, n_val=t["n_val"]).verdict for file, t in truths.items()]
    return [SimpleNamespace(verdict=t["verdict"], designed=None) for t in truths.values()], names


def main():
    rows = {}
    for part in PARTS:
        chosen = runs(part)
        found = table(chosen, [diagnose(run.history, n_val=run.n_val).verdict for run in chosen])
        rows |= {f"{part}, {group}": row for group, row in found.items()}
    rows["the files given"] = shares(*given_files())
    print(pd.DataFrame(rows).T.to_string())


if __name__ == "__main__":
    main()
