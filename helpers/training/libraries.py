"""Keras and TensorFlow, imported without their greetings."""

import contextlib
import os

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


with silence():
    import keras
    import tensorflow as tf


def release(library):
    """Return the first two numbers of a library's version."""
    return tuple(map(int, library.__version__.split(".")[:2]))


if release(tf) < (2, 19):
    raise VersionError(f"the book needs TensorFlow 2.19 or newer, and this is {tf.__version__}")

tf.get_logger().setLevel("ERROR")  # no advice on retracing: here it is meant

# Before Keras 3.13 set_random_seed left keras.random where it was: the same seed, other batches.
RESEEDS = release(keras) >= (3, 13)
RANDOM = keras.random.randint if RESEEDS else tf.random.uniform
