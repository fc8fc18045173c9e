"""What a trained model says: its outputs and their cross-entropy."""

from helpers.training.checks import check_array, check_data
from helpers.training.libraries import keras
import numpy as np

EVALUATION_BATCH = 1024  # rows, where means do not depend on how they are batched


def predict(model, x):
    """Return the model's outputs for x in inference mode.

    The numbers of `model.predict(x, verbose=0)`, without the tenth of a second that it
    spends on tracing a graph for each new model.

    Parameters
    ----------
    model : keras.Model
    x : array-like of shape (n, ...)

    Returns
    -------
    numpy.ndarray of shape (n, ...)

    Raises
    ------
    ValueError
        If x is empty or has numbers that are not finite.
    """
    return np.concatenate(_outputs(model, check_array("x", x)))


def evaluate(model, x, y):
    """Return a classifier's predictions on (x, y) and their mean cross-entropy.

    Keras computes the cross-entropy from the logits under a final sigmoid or softmax. So a
    prediction of 0.99999999 counts at its full distance from 1, which it does not when the
    loss is taken from rounded probabilities. No penalty is added.

    Parameters
    ----------
    model : keras.Model
        One sigmoid output, or a softmax over all classes.
    x : array-like of shape (n, ...)
    y : array-like of shape (n,) or (n, 1)
        The classes, from 0.

    Returns
    -------
    tuple
        The outputs, an array of shape (n, outputs), and the cross-entropy in nats, a float.

    Raises
    ------
    ValueError
        If the arrays are unfit or of different lengths, or the outputs are no probabilities.
    """
    x, y = check_data("x", x, "y", y)
    outputs = _outputs(model, x)
    if not all(np.min(rows) >= 0 and np.max(rows) <= 1 for rows in outputs):
        raise ValueError(
            "model must end in a sigmoid or a softmax: its outputs are no probabilities"
        )
    several = outputs[0].shape[-1] > 1
    losses = keras.losses
    loss = losses.sparse_categorical_crossentropy if several else losses.binary_crossentropy
    labels = np.split(y.reshape(len(y), -1), np.cumsum([len(rows) for rows in outputs])[:-1])
    found = [loss(*pair) for pair in zip(labels, outputs, strict=True)]
    return np.concatenate(outputs), float(np.concatenate(found).mean())


def _outputs(model, x):
    """Return the model's outputs for x in inference mode, a tensor for each batch."""
    size = EVALUATION_BATCH * max(1, 16 // x[0].size)
    return [model(x[i : i + size], training=False) for i in range(0, len(x), size)]
