"""The small package behind the chapters: data, training, experiments, plots."""

import os
import sys

__version__ = "1.0.0"

# TensorFlow reads these when it is first imported; without them it greets every
# notebook with messages about the processor.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")


class VersionError(ImportError):
    """A package does not fit the book. A notebook shows one line of it."""

    def _render_traceback_(self):
        return [f"VersionError: {self}"]


def require(version):
    """Do nothing if this package fits a notebook that was written for a version of it.

    Parameters
    ----------
    version : str
        Such as "1.2", which 1.2.0 and every other 1.2.x fit.

    Raises
    ------
    VersionError
        If another version is installed.
    """
    if not f"{__version__}.".startswith(f"{version}."):
        raise VersionError(
            f"this notebook needs version {version} of the package `helpers`, and {__version__} "
            "is installed: take both from one place (in the book's folder run `pip install -e .`, "
            "in Colab open the chapter again from its page), then restart the kernel"
        )


def in_colab():
    """Return whether this kernel is Google Colab's."""
    return "google.colab" in sys.modules
