"""What a trained model says: its outputs and their cross-entropy."""

from helpers.checks import SUM_ROUNDING, array, labels, same_length
from helpers.training.libraries import keras, tf
import numpy as np

EVALUATION_BATCH = 1024  # rows, where means do not depend on how they are batched
CLIPPED = 1e-7  # how far from 0 and 1 a probability without logits is kept, as in Keras


def predict(model, x):
    """Return the model's outputs for x in inference mode.

    The numbers of `model.predict(x, verbose=0)`, without the tenth of a second that it
    spends on tracing a graph for each new model.

    Parameters
    ----------
    model : keras.Model
        With one input and one output.
    x : array-like of shape (n, ...)

    Returns
    -------
    numpy.ndarray of shape (n, ...)

    Raises
    ------
    ValueError
        If x is empty, has numbers that are not finite or does not fit the model, or the model
        has several outputs.
    """
    return np.concatenate(_outputs(model, _inputs(model, x)))


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
        Both are NaN where a model has diverged.

    Raises
    ------
    ValueError
        If an array is unfit or of another length, if y has classes that the model does not
        have, or if the outputs are not the probabilities of classes that exclude each other.
    """
    x = _inputs(model, x)
    same_length("x", x, "y", array("y", y))
    outputs = _outputs(model, x)
    probability = np.concatenate(outputs)
    _check_probability(model, probability)
    several = probability.shape[1] > 1
    y = labels("y", y, probability.shape[1] if several else 2)[:, None]
    losses = keras.losses
    loss = losses.sparse_categorical_crossentropy if several else losses.binary_crossentropy
    parts = np.split(y.astype(keras.backend.floatx()), np.cumsum([len(r) for r in outputs])[:-1])
    found = [loss(*pair) for pair in zip(parts, outputs, strict=True)]
    return probability, float(np.concatenate(found).mean())


def logits(model, x):
    """Return what a classifier gives to its last sigmoid or softmax, in inference mode.

    Where Keras does not keep it (the last activation is a layer of another kind), it is taken
    from the probabilities, which are clipped to 1e-7 from 0 and 1.

    Parameters
    ----------
    model : keras.Model
        One sigmoid output, or a softmax over all classes.
    x : array-like of shape (n, ...)

    Returns
    -------
    numpy.ndarray of shape (n, outputs)
        Those of a softmax are known up to one number that is added to all.

    Raises
    ------
    ValueError
        If x is unfit, or the outputs are not the probabilities of classes that exclude each
        other.
    """
    outputs = _outputs(model, _inputs(model, x))
    _check_probability(model, np.concatenate(outputs))
    return np.concatenate([_logits_of(output) for output in outputs])


def _logits_of(output):
    kept = getattr(output, "_keras_logits", None)
    if kept is not None:
        return np.asarray(kept)
    probability = np.clip(np.asarray(output, dtype="float64"), CLIPPED, 1 - CLIPPED)
    log = np.log(probability)
    return log - np.log1p(-probability) if output.shape[1] == 1 else log


def _inputs(model, x):
    """Return x as an array that fits the model, floats in Keras' precision."""
    if not isinstance(model, keras.Model):
        raise ValueError(f"model must be a keras.Model, not {type(model).__name__}")
    x = array("x", x)
    if type(model) is keras.Sequential and not model.built:
        model.build((None, *x.shape[1:]))  # a call would take these rows for the batch size
    inputs = getattr(model, "inputs", None) or ()  # a subclass of Model does not say
    if len(inputs) > 1:
        raise ValueError("model has several inputs: use model.predict or model.evaluate")
    if inputs and not _fits(x.shape[1:], inputs[0].shape[1:]):
        wanted = ", ".join(["n", *(str(size or "any") for size in inputs[0].shape[1:])])
        raise ValueError(f"x must have shape ({wanted}), as the model takes it, not {x.shape}")
    if x.dtype.kind == "f":
        with np.errstate(over="ignore"):
            x = array("x", x.astype(keras.backend.floatx()))
    return x


def _fits(shape, expected):
    """Whether Keras takes rows of a shape: it adds or removes a last axis of length 1."""
    if len(shape) == len(expected) + 1 and shape[-1] == 1:
        shape = shape[:-1]
    elif len(shape) == len(expected) - 1 and expected[-1] == 1:
        shape = (*shape, 1)
    return len(shape) == len(expected) and all(
        wanted in (None, size) for size, wanted in zip(shape, expected, strict=True)
    )


def _outputs(model, x):
    """Return the model's outputs for x in inference mode, a tensor for each batch."""
    size = EVALUATION_BATCH * max(1, 16 // x[0].size)
    try:
        found = [model(x[i : i + size], training=False) for i in range(0, len(x), size)]
    except (ValueError, tf.errors.InvalidArgumentError) as error:
        raise ValueError(f"model cannot take x of shape {x.shape}: see the error above") from error
    if isinstance(found[0], (list, tuple, dict)):
        raise ValueError("model has several outputs: use model.predict or model.evaluate")
    return found


def _check_probability(model, probability):
    """Refuse outputs from which no cross-entropy of classes can be taken; NaN is let through."""
    if probability.ndim != 2:
        raise ValueError(
            "model must give one sigmoid, or one softmax over the classes, for each row of x, "
            f"not outputs of shape {probability.shape}"
        )
    if (probability < 0).any() or (probability > 1).any():
        raise ValueError(
            "model must end in a sigmoid or a softmax: its outputs are not probabilities"
        )
    if probability.shape[1] == 1 and _ends_in_softmax(model):
        raise ValueError("model ends in a softmax of one unit, which is always 1: use sigmoid")
    if probability.shape[1] > 1 and (abs(probability.sum(axis=1) - 1) > SUM_ROUNDING).any():
        raise ValueError(
            f"model has {probability.shape[1]} outputs that do not add up to 1: end it in one "
            "sigmoid for two classes, or in a softmax for several"
        )


def _ends_in_softmax(model):
    last = model
    while getattr(last, "layers", None):
        last = last.layers[-1]
    return (
        isinstance(last, keras.layers.Softmax)
        or getattr(last, "activation", None) is keras.activations.softmax
    )
