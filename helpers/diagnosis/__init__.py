"""What do you see? A training history in, a verdict with its evidence out.

    from helpers.diagnosis import diagnose
    diagnose(model.fit(...))     # or a path, a DataFrame, a dict of lists, pasted text

In a shell: `python -m helpers.diagnosis log.csv`.
"""

from .report import Diagnosis, diagnose
from .verdicts import Verdict

__all__ = ["Diagnosis", "Verdict", "diagnose"]
