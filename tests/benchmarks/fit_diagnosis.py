"""Fit the three questions of the diagnosis to the runs that are for that, and say how well it does.

    python tests/benchmarks/fit_diagnosis.py [--more DIR] [--write]

The runs are the part "tune" of the package, and with `--more` those of DIR/tune.json, which
`histories.py --draw more --to DIR` trains. Each probability in the table comes from weights that
were fitted to the other nine tenths of the runs. `--write` puts the weights, fitted to all of them,
into helpers/diagnosis/rules.json. Runs that are kept aside are never read here.

The table is that of judge_diagnosis.py. Limits such as sure_overfitting are chosen by hand, by it.
"""

import argparse
import json
from pathlib import Path

from helpers.diagnosis.chances import MAIN, MEASURES, MODELS, measures_of
from helpers.diagnosis.reading import read
from helpers.diagnosis.runs import run_of, runs
from helpers.diagnosis.verdicts import bounded, judge, measure
from histories import every_kth
from judge_diagnosis import table as table_of
import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

RULES = Path(__file__).parents[2] / "helpers/diagnosis/rules.json"
ASKED = {  # of which runs each question is asked
    "overfitting": MAIN,
    "improving": ("improving", "gap", "level"),
    "gap": ("gap", "level"),
}
FOLDS = 10


def examples(more):
    """Return the runs to fit on, each with its numbers."""
    chosen = runs("tune")
    if more:
        records = json.loads((more / "tune.json").read_text())
        chosen += [run_of(every_kth(record)) for record in records]
    return [(run, measure(bounded(read(run.history)), run.n_val)) for run in chosen]


def fit(table, truth, name):
    """Return a logistic regression on the runs of which a question is asked."""
    asked = np.isin(truth, ASKED[name])
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    return model.fit(table.loc[asked, list(MODELS[name]["weights"])], truth[asked] == name)


def probable(models, table):
    """Return the probability of each of MAIN for each row."""
    turned, falls, wide = (
        models[name].predict_proba(table[list(MODELS[name]["weights"])])[:, 1] for name in ASKED
    )
    rest = (1 - turned) * (1 - falls)
    return np.stack([turned, (1 - turned) * falls, rest * wide, rest * (1 - wide)], axis=1)


def held_out(table, truth, seed=0):
    """Return the probabilities of each run, from models that were fitted without it."""
    found = np.zeros((len(table), len(MAIN)))
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
    for kept, out in folds.split(table, truth):
        models = {name: fit(table.iloc[kept], truth[kept], name) for name in ASKED}
        found[out] = probable(models, table.iloc[out])
    return found


def plain(model):
    """Return base and weights of measures as they are, with four digits that count."""
    scaler, line = model[0], model[-1]
    weights = line.coef_[0] / scaler.scale_
    base = float(line.intercept_[0] - weights @ scaler.mean_)
    return float(f"{base:.4g}"), [float(f"{weight:.4g}") for weight in weights]


def write(table, truth):
    """Put the weights, and the usual values of the measures, into rules.json."""
    rules = json.loads(RULES.read_text("utf8"))
    for name in ASKED:
        base, weights = plain(fit(table, truth, name))
        names = rules["models"][name]["weights"]
        rules["models"][name] |= {"base": base, "weights": dict(zip(names, weights, strict=True))}
    for name, of in rules["measures"].items():
        of["usual"] = float(f"{table[name].median():.3g}")
    RULES.write_text(json.dumps(rules, indent=2, ensure_ascii=False) + "\n", "utf8")


def called(found, chance):
    """Return the first verdict of a run, with these probabilities of the main ones."""
    return judge(found | {f"p_{name}": float(p) for name, p in zip(MAIN, chance, strict=True)})[
        0
    ].name


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("--more", type=Path, metavar="DIR", help="the folder of more runs")
    parser.add_argument("--write", action="store_true", help="write rules.json")
    arguments = parser.parse_args()
    pairs = examples(arguments.more)
    main_ones = [i for i, (run, found) in enumerate(pairs) if "p_level" in found and "gap" in found]
    main_ones = [i for i in main_ones if pairs[i][0].verdict in MAIN]
    table = pd.DataFrame([measures_of(pairs[i][1]) for i in main_ones])[list(MEASURES)]
    truth = np.array([pairs[i][0].verdict for i in main_ones])
    chance = dict(zip(main_ones, held_out(table, truth), strict=True))
    names = [
        called(found, chance[i]) if i in chance else judge(found)[0].name
        for i, (run, found) in enumerate(pairs)
    ]
    print(pd.DataFrame(table_of([run for run, _ in pairs], names)).T.to_string())
    if arguments.write:
        write(table, truth)


if __name__ == "__main__":
    main()
