"""A refused call leaves the model as it was, although it had to be built to be judged."""

import contextlib
import random

from helpers.training.libraries import keras


@contextlib.contextmanager
def unchanged_on_error(model):
    """Put back the model, its optimizer, loss and metrics, and `random`, if the block fails.

    Nothing in the block may change the value of a variable: values are not kept.
    """
    state, saved = random.getstate(), {}
    _remember(model, saved)
    try:
        yield
    except BaseException:
        random.setstate(state)
        for owner, attributes, content in saved.values():
            _put_back(owner, attributes, content)
        raise


def _remember(node, saved):
    """Save the attributes and the content of an object and of all that it holds."""
    waiting = [node]
    while waiting:
        node = waiting.pop()
        if id(node) in saved or not _is_changed_by_building(node):
            continue
        attributes = dict(vars(node)) if hasattr(node, "__dict__") else None
        content = _content(node)
        saved[id(node)] = node, attributes, content
        waiting.extend((attributes or {}).values())
        waiting.extend(content.values() if isinstance(content, dict) else content or ())


def _is_changed_by_building(node):
    if isinstance(node, (list, dict, set, tuple)):
        return True
    ours = isinstance(node, (keras.layers.Layer, keras.metrics.Metric, keras.losses.Loss))
    # Symbolic tensors and variables are made by building, and are not changed by it.
    fixed = isinstance(node, (type, keras.KerasTensor, keras.Variable))
    return ours or (type(node).__module__.startswith("keras.") and not fixed)


def _content(node):
    """Return a copy of what a container holds."""
    node = getattr(node, "__wrapped__", node)  # TensorFlow's dict is a proxy
    kind = next((kind for kind in (list, dict, set, tuple) if isinstance(node, kind)), None)
    return kind and kind(node)


def _put_back(owner, attributes, content):
    """Undo what was changed, past the hooks of Keras' own containers."""
    if attributes is not None:
        vars(owner).clear()
        vars(owner).update(attributes)
    target = getattr(owner, "__wrapped__", owner)
    if isinstance(content, list):
        list.__setitem__(target, slice(None), content)
    elif isinstance(content, (dict, set)):
        type(content).clear(target)
        type(content).update(target, content)
