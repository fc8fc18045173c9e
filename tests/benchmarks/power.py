"""What an interval covers and what the rule of four standard errors lets pass.

    python tests/benchmarks/power.py

Prints the shares that the page about evidence quotes.
"""

from helpers.scores import interval
import numpy as np
import pandas as pd
from scipy import stats

RULE = 4  # standard errors
SD_OF_LOG = 0.78  # of the untreated network's loss at epoch 4,000


def passes(true_effect, n_seeds, rule=RULE):
    """Return how often an effect of so many standard errors passes, by the noncentral t."""
    return float(stats.nct.sf(rule, n_seeds - 1, true_effect))


def false_claims(n_seeds, rule=RULE):
    """Return how often no effect at all passes, on either side."""
    return float(2 * stats.t.sf(rule, n_seeds - 1))


def coverage(n_seeds, on_logarithms, repeats=4000, seed=0):
    """Return how often the 95% interval of log-normal losses holds what it estimates."""
    logs = np.random.default_rng(seed).normal(0, SD_OF_LOG, (repeats, n_seeds))
    true = 0 if on_logarithms else np.exp(SD_OF_LOG**2 / 2)
    ends = np.array([interval(row) for row in (logs if on_logarithms else np.exp(logs))])
    return float(((ends[:, 0] <= true) & (true <= ends[:, 1])).mean())


def replications(n_seeds, n_others=20, repeats=4000, seed=0):
    """Return how many of `n_others` repeats have an interval that holds the first estimate."""
    rng = np.random.default_rng(seed)
    se = 1 / np.sqrt(n_seeds)
    reach = stats.t.ppf(0.975, n_seeds - 1) * se
    first, others = rng.normal(0, se, (repeats, 1)), rng.normal(0, se, (repeats, n_others))
    return pd.Series((abs(first - others) <= reach).sum(axis=1)).describe()


def main():
    """Print the shares."""
    rows = {
        n: {
            "no effect": false_claims(n),
            **{f"{k} standard errors": passes(k, n) for k in (2, 3, 4, 5, 6)},
        }
        for n in (10, 20, 60)
    }
    print(pd.DataFrame(rows).T.rename_axis("seeds").to_string(float_format="{:.4f}".format))
    for n in (10, 20, 60):
        found = {f"logarithms {on}": round(coverage(n, on), 3) for on in (True, False)}
        print(n, "seeds, coverage on", found)
    print(replications(60).round(1).to_string())


if __name__ == "__main__":
    main()
