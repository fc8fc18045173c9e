"""What do others say of the runs that the diagnosis is judged on? Print it against the truth.

    python tests/benchmarks/diagnosis_peers.py [tune|aside|last|all, default last]
    PYTHONPATH=DIR python tests/benchmarks/diagnosis_peers.py --store

The peers are the package sk-autod and the fixed rule "the validation loss ends more than 5% above
its lowest". Both are asked one thing: is it overfitting? What the package finds stands in the
runs' file, so that nobody has to install it; `--store` asks it again, which takes seconds. It was
version 0.1.1, the newest of November 2026: `pip install --target DIR sk-autod==0.1.1`.

The package is given the training and validation loss of the validated epochs, as it wants curves
of one length. It names several findings, the gravest first. Two of them mean overfitting; one
table counts a run if either is the first, the other if either is there at all.
"""

import argparse
import gzip
import json
import math

from helpers.diagnosis.runs import FILE, PARTS, runs
from histories import compressed
import pandas as pd

MEAN_OVERFITTING = {"Classic overfitting", "Missed early stopping"}
RISE = 1.05  # of the fixed rule


def sk_autod(history):
    """Return the package's findings, joined by "; ", "none", or "refused: " and why."""
    from sk_autod import diagnose  # noqa: PLC0415 (only to store)

    try:
        findings = diagnose(*validated(history)).findings
    except ValueError as error:
        return f"refused: {error}"
    return "; ".join(finding.detector_name for finding in findings) or "none"


def validated(history):
    """Return training and validation loss of the epochs that were validated."""
    pairs = zip(history["loss"], history["val_loss"], strict=True)
    kept = [(float(loss), float(val)) for loss, val in pairs if None not in (loss, val)]
    return [loss for loss, _ in kept], [val for _, val in kept]


def any_finding(run):
    """Return "overfitting", "other" or "refused", by all of the package's findings."""
    if run.peer.startswith("refused"):
        return "refused"
    return "overfitting" if MEAN_OVERFITTING & set(run.peer.split("; ")) else "other"


def first_finding(run):
    """Return "overfitting", "other" or "refused", by the gravest of the package's findings."""
    if run.peer.startswith("refused"):
        return "refused"
    return "overfitting" if run.peer.split("; ")[0] in MEAN_OVERFITTING else "other"


def fixed_rule(run):
    """Return "overfitting" if the validation loss ends 5% above its lowest, else "other"."""
    _, val = validated(run.history)
    finite = [value for value in val if math.isfinite(value)]
    return "overfitting" if finite and val[-1] > RISE * min(finite) else "other"


PEERS = {
    "sk-autod, first finding": first_finding,
    "sk-autod, any finding": any_finding,
    "validation loss 5% above its lowest": fixed_rule,
}


def confusion(chosen, peer):
    """Return the confusion matrix of a peer.

    Parameters
    ----------
    chosen : list of Run
    peer : str
        A name of PEERS.

    Returns
    -------
    pandas.DataFrame
        A row for each truth, the designed one where there is one; a column for each answer.
    """
    truths = pd.Series([run.designed or run.verdict for run in chosen], name="truth")
    answers = pd.Series([PEERS[peer](run) for run in chosen], name=peer)
    return pd.crosstab(truths, answers)


def store():
    """Ask the package about every run in the file, and write its findings there."""
    with gzip.open(FILE, "rt", encoding="utf-8") as file:
        records = json.load(file)
    FILE.write_bytes(compressed([run | {"peer": sk_autod(run["history"])} for run in records]))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("part", nargs="?", default="last", choices=(*PARTS, "all"))
    parser.add_argument("--store", action="store_true", help="ask sk-autod again")
    arguments = parser.parse_args()
    if arguments.store:
        store()
        return
    chosen = runs(arguments.part)
    for peer in PEERS:
        print(confusion(chosen, peer).to_string(), end="\n\n")


if __name__ == "__main__":
    main()
