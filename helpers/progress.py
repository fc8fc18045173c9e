"""A progress bar that a build can switch off."""

import os

from tqdm.auto import tqdm


def progress(iterable=None, *, shown=True, **options):
    """Return a tqdm bar: a widget in a notebook, a line of text elsewhere.

    Parameters
    ----------
    iterable : iterable, default None
        What the bar counts; without it, call the bar's `update`.
    shown : bool, default True
        The environment variable TQDM_DISABLE=1 hides every bar; tqdm's own reading of it
        does not reach the widget.
    **options
        Go to tqdm: total, unit, ...
    """
    hidden = not shown or os.environ.get("TQDM_DISABLE", "0") not in ("", "0")
    return tqdm(iterable, disable=hidden, **options)
