"""What the graph of a model depends on, as far as its configuration tells."""

import json

from helpers.training.checks import optimized
from helpers.training.equality import from_keras
from helpers.training.libraries import keras
import numpy as np

_layers, _optimizers = keras.layers, keras.optimizers
_KNOWN = {
    *(_layers.Dense, _layers.Dropout, _layers.BatchNormalization, _layers.GaussianNoise),
    *(_layers.Activation, _layers.ReLU, _layers.Flatten, _layers.Reshape, _layers.Rescaling),
    *(_layers.Conv2D, _layers.MaxPooling2D, _layers.AveragePooling2D),
    *(_layers.GlobalAveragePooling2D, _layers.RandomFlip, _layers.RandomTranslation),
    *(_layers.RandomRotation, _layers.RandomZoom, _layers.RandomShear),
}
_PENALTIES = {type(None), keras.regularizers.L1, keras.regularizers.L2, keras.regularizers.L1L2}
_OPTIMIZERS = {  # none asks for the names of variables, as Muon does
    *(_optimizers.SGD, _optimizers.RMSprop, _optimizers.Adam, _optimizers.AdamW),
    *(_optimizers.Adadelta, _optimizers.Adagrad, _optimizers.Adamax, _optimizers.Nadam),
    *(_optimizers.Ftrl, _optimizers.Lion, _optimizers.Adafactor),
}
_COMPILED = ("loss", "loss_weights", "metrics", "weighted_metrics")
_PLAIN_MODEL = set(vars(keras.Sequential(name="probe")))


def signature(model):
    """Return what decides the graph of a built model, or None if its settings cannot tell all.

    Only a Sequential of known layers, with nothing added, has one. Whether its settings do
    tell all is proven on a copy that is made from them.
    """
    if not _is_known(model):
        return None
    layers = list(leaves(model))
    try:
        compilation = model.get_compile_config()
        parts = [
            [(type(layer).__name__, _fixed(layer)) for layer in layers],
            [(tuple(w.shape), w.dtype, w.trainable, _of(w)) for w in model.weights],
            _fixed_optimizer(model.optimizer),
            [compilation[name] for name in _COMPILED],
            [model.input_shape, model.inputs[0].dtype, model.jit_compile],
        ]
        return json.dumps(parts, default=_plain)
    except (AttributeError, NotImplementedError, TypeError, ValueError):  # no configuration
        return None


def leaves(model):
    """Yield the layers of a Sequential, and those of every Sequential in it."""
    for layer in model.layers:
        if type(layer) is keras.Sequential:
            yield from leaves(layer)
        else:
            yield layer


def is_plain_dropout(layer):
    """Whether the layer is Keras' Dropout with a mask for every number."""
    return type(layer) is keras.layers.Dropout and layer.noise_shape is None


def _is_known(model):
    if type(model) is not keras.Sequential or not model._compile_loss:
        return False
    if not all(map(_is_plain, _models(model))):
        return False
    layers = list(leaves(model))
    variables = sum(len(layer.variables) for layer in layers)
    return (
        len(set(map(id, layers))) == len(layers)
        and variables == len(model.variables)
        and all(type(layer) in _KNOWN and _adds_nothing(layer) for layer in layers)
        and all(type(weights.regularizer) in _PENALTIES for weights in model.weights)
        and model.input_shape[0] is None
        and not getattr(model.inputs[0], "sparse", False)
        and optimized(model) == list(map(id, model.trainable_variables))
        and type(model.optimizer) in _OPTIMIZERS
        and not hasattr(model.optimizer, "_exclude_from_weight_decay")
    )


def _models(model):
    """Yield a Sequential and every Sequential in it."""
    yield model
    for layer in model.layers:
        if type(layer) is keras.Sequential:
            yield from _models(layer)


def _is_plain(model):
    """Whether a Sequential is no more than its layers."""
    own = set(vars(model)) - _PLAIN_MODEL
    return _adds_nothing(model) and not any(hasattr(keras.Sequential, name) for name in own)


def _adds_nothing(layer):
    return not (layer._metrics or layer._losses or layer._loss_ids)


def _fixed(layer):
    """Return the settings of a layer that are constants of the graph."""
    free = {"name", "seed", "rate"} if is_plain_dropout(layer) else {"name", "seed"}
    return {
        key: value
        for key, value in layer.get_config().items()
        if key not in free
        and not key.endswith(("_initializer", "_constraint"))
        and (key == "activity_regularizer" or not key.endswith("_regularizer"))
    }


def _of(weights):
    """Return what the optimizer and the loss read from a variable."""
    constraint = weights.constraint
    kind = type(constraint).__name__
    return type(weights.regularizer).__name__, kind, constraint and constraint.get_config()


def _fixed_optimizer(optimizer):
    """Return the settings of the optimizer, without a learning rate that is a variable."""
    settings = keras.optimizers.serialize(optimizer)
    config = {key: value for key, value in settings["config"].items() if key != "name"}
    if isinstance(config.get("learning_rate"), float):
        del config["learning_rate"]
    return {**settings, "config": config}


def _plain(value):
    """Return what JSON can write for a setting that is NumPy's."""
    if isinstance(value, (np.ndarray, np.generic)):
        return [type(value).__name__, value.dtype.name, value.tolist()]
    raise TypeError(f"{value!r} is not a plain setting")


# What is a mean over rows does not depend on how they are batched.
_MEANS = {
    getattr(keras.losses, name)
    for name in ("binary_crossentropy", "categorical_crossentropy", "mean_squared_error")
} | {keras.losses.sparse_categorical_crossentropy, keras.losses.mean_absolute_error}
_COUNTS = {
    *(keras.metrics.BinaryAccuracy, keras.metrics.CategoricalAccuracy, keras.metrics.AUC),
    *(keras.metrics.SparseCategoricalAccuracy, keras.metrics.BinaryCrossentropy),
    *(keras.metrics.CategoricalCrossentropy, keras.metrics.MeanSquaredError),
    *(keras.metrics.MeanAbsoluteError, keras.metrics.Precision, keras.metrics.Recall),
}


def averages_rows(model):
    """Whether loss and metrics of a copied model are the same however the rows are batched."""
    losses = [part.loss for part in model._compile_loss._flat_losses]
    metrics = model._compile_metrics.metrics if model._compile_metrics else []
    return (
        all(_is_mean(loss) and loss.reduction == "sum_over_batch_size" for loss in losses)
        and all(type(metric) in _COUNTS or _is_mean(metric) for metric in metrics)
        and all(layer.activity_regularizer is None for layer in leaves(model))
        and all(layer.compute_dtype in ("float32", "float64") for layer in leaves(model))
    )


def _is_mean(node):
    settings = getattr(node, "_fn_kwargs", None)
    if settings is None:
        settings = getattr(node, "fn_kwargs", {})
    function = getattr(node, "fn", None) or getattr(node, "_fn", None)
    return from_keras(type(node)) and function in _MEANS and settings.get("ignore_class") is None
