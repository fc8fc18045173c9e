"""Runs in a chapter's kernel: keeps its namespace while a solution is tried, on few seeds.

A solution runs in the chapter's own namespace, as a reader's cell would, so that the chapter's
functions see what it defines; then the namespace is put back. An experiment of 20 seeds takes up
to a minute, so it runs on the first seeds only, and the chapter's tables of runs hold these alone.
What a solution does is the same; its numbers are not, and nobody looks at them here.
"""

from helpers import experiments
from IPython import get_ipython
import pandas as pd

kept = {}
all_seeds = experiments.seeds


def enter(most_seeds=2):
    """Remember the namespace, and leave only the first seeds in it: an interval needs two."""

    def few_seeds(n=20):
        return all_seeds(n)[:most_seeds]

    namespace = get_ipython().user_ns
    kept.update(namespace)
    experiments.seeds = few_seeds
    for name, value in kept.items():
        if value is all_seeds:
            namespace[name] = few_seeds
        elif isinstance(value, pd.DataFrame) and "seed" in value.columns:
            namespace[name] = value[value["seed"].isin(few_seeds())]


def leave():
    """Put the namespace back."""
    namespace = get_ipython().user_ns
    namespace.clear()
    namespace.update(kept)
    experiments.seeds = all_seeds
