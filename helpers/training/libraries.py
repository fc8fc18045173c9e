"""Keras and TensorFlow, imported without their greetings."""

import contextlib
import os
import sys

from helpers import VersionError


@contextlib.contextmanager
def silence():
    """Send to nowhere what C++ code writes to standard error.

    TensorFlow 2.21 reports missing GPU drivers there at import, whatever its log level.
    """
    saved = os.dup(2)
    try:
        with open(os.devnull, "w") as nowhere:
            os.dup2(nowhere.fileno(), 2)
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)


def _need_tensorflow(backend):
    """Refuse Keras on another library."""
    if backend not in ("", "tensorflow"):
        raise VersionError(
            f"the book needs Keras on TensorFlow, and KERAS_BACKEND is {backend!r}: restart the "
            "kernel and set os.environ['KERAS_BACKEND'] = 'tensorflow' before Keras is imported"
        )


if "keras" not in sys.modules:  # its own error would name a package that is missing
    _need_tensorflow(os.environ.get("KERAS_BACKEND", ""))

with silence():
    import keras
    import tensorflow as tf

_need_tensorflow(keras.backend.backend())


def release(library):
    """Return the first two numbers of a library's version."""
    return tuple(map(int, library.__version__.split(".")[:2]))


if release(tf) < (2, 19):
    raise VersionError(f"the book needs TensorFlow 2.19 or newer, and this is {tf.__version__}")

tf.get_logger().setLevel("ERROR")  # no advice on retracing: here it is meant
