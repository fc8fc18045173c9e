"""What the graph of a model depends on."""

from helpers.training.libraries import keras

_layers = keras.layers
_KNOWN = {
    *(_layers.Dense, _layers.Dropout, _layers.BatchNormalization, _layers.GaussianNoise),
    *(_layers.Activation, _layers.ReLU, _layers.Flatten, _layers.Reshape, _layers.Rescaling),
    *(_layers.Conv2D, _layers.MaxPooling2D, _layers.AveragePooling2D),
    *(_layers.GlobalAveragePooling2D, _layers.RandomFlip, _layers.RandomTranslation),
    *(_layers.RandomRotation, _layers.RandomZoom, _layers.RandomShear),
}
_PENALTIES = {type(None), keras.regularizers.L1, keras.regularizers.L2, keras.regularizers.L1L2}
_COMPILED = ("loss", "loss_weights", "metrics", "weighted_metrics")


def signature(model):
    """Return what decides the graph of a model, or None if its settings do not tell all.

    Settings tell all of a Sequential of known layers in which every function is Keras' own:
    only such a model is copied, and only its graph is kept.
    """
    layers = list(leaves(model)) if type(model) is keras.Sequential else [model]
    known = (
        all(type(layer) in _KNOWN and _has_keras_activation(layer) for layer in layers)
        and all(type(weights.regularizer) in _PENALTIES for weights in model.weights)
        and model.input_shape[0] is None
        and optimized(model) == list(map(id, model.trainable_variables))
        and not hasattr(model.optimizer, "_exclude_from_weight_decay")
    )
    if not known:
        return None
    compilation = model.get_compile_config()
    parts = [
        [(type(layer).__name__, _fixed(layer)) for layer in layers],
        [
            (tuple(w.shape), w.dtype, w.trainable, type(w.regularizer).__name__)
            for w in model.weights
        ],
        _fixed_optimizer(model.optimizer),
        [compilation[name] for name in _COMPILED],
        [model.input_shape, model.inputs[0].dtype],
    ]
    return parts if all(map(_is_keras_own, _dicts(parts))) else None


def leaves(model):
    """Yield the layers of a Sequential, and those of every Sequential in it."""
    for layer in model.layers:
        if type(layer) is keras.Sequential:
            yield from leaves(layer)
        else:
            yield layer


def _fixed(layer):
    """Return the settings of a layer that are constants of the graph."""
    free = {"name", "seed", "rate"} if is_plain_dropout(layer) else {"name", "seed"}
    return {
        key: value
        for key, value in layer.get_config().items()
        if key not in free
        and not key.endswith("_initializer")
        and (key == "activity_regularizer" or not key.endswith("_regularizer"))
    }


def _fixed_optimizer(optimizer):
    """Return the settings of the optimizer, without a learning rate that is a variable."""
    settings = keras.optimizers.serialize(optimizer)
    free = {"name"} | ({"learning_rate"} if _rate_is_a_number(settings) else set())
    config = {key: value for key, value in settings["config"].items() if key not in free}
    return {**settings, "config": config}


def _rate_is_a_number(settings):
    return isinstance(settings["config"].get("learning_rate"), float)


def optimized(model):
    """Return the identities of the variables that the optimizer was built for."""
    optimizer = getattr(model.optimizer, "inner_optimizer", model.optimizer)
    built_for = optimizer._trainable_variables if optimizer.built else model.trainable_variables
    return list(map(id, built_for))


def _has_keras_activation(layer):
    activation = getattr(layer, "activation", None)
    module = getattr(activation, "__module__", "keras")
    return module.partition(".")[0] == "keras"


def _is_keras_own(settings):
    """Whether a serialized object is Keras' own, and averages over a batch if it is a loss."""
    module = settings.get("module") or "keras"
    return (
        module.partition(".")[0] == "keras"
        and settings.get("class_name") != "__lambda__"
        and settings.get("reduction", "sum_over_batch_size") == "sum_over_batch_size"
    )


def _dicts(node):
    if isinstance(node, dict):
        yield node
        node = node.values()
    if not isinstance(node, str) and hasattr(node, "__iter__"):
        for child in node:
            yield from _dicts(child)


def is_plain_dropout(layer):
    """Whether the layer is Keras' Dropout with a mask for every number."""
    return type(layer) is keras.layers.Dropout and layer.noise_shape is None
