"""Proof that a copy is equal: what objects are, not what their configurations say."""

import types

from helpers.training.libraries import keras
import numpy as np

# Every layer's own bookkeeping; what is left of it decides what a layer does.
_BOOKKEEPING = set(vars(keras.layers.Layer(name="probe"))) - {
    *("_dtype_policy", "_trainable", "activity_regularizer", "autocast", "_remat_mode"),
    *("_supports_masking", "supports_jit", "_losses_override"),
}
_FREE = {
    *("name", "seed", "_initial_seed", "_tracker", "_lock", "_variables"),
    *("_trainable_variables_indices", "_distribution_strategy"),
    "_exclude_from_weight_decay_cache",  # made by the first step; what it is made from is compared
}
_FREE_ENDS = ("_initializer", "_constraint", "kernel_regularizer", "bias_regularizer")
_FREE_ENDS = (*_FREE_ENDS, "beta_regularizer", "gamma_regularizer")
_PLAIN = (bool, int, float, complex, str, bytes, type(None), type(Ellipsis))


def from_keras(kind):
    """Whether a class or function is Keras' own."""
    return (getattr(kind, "__module__", None) or "").partition(".")[0] == "keras"


def is_same(one, other):
    """Whether two objects of Keras, or plain values, are equal in all that decides what they do.

    Of a variable the shape and type count, as values are copied. Whatever is not known, such
    as code from a notebook, is not the same as anything.
    """
    for kinds, compare in _RULES:
        if isinstance(one, kinds):
            return isinstance(other, kinds) and compare(one, other)
    return type(one) is type(other) and from_keras(type(one)) and have_same_attributes(one, other)


def have_same_attributes(one, other, but=()):
    """Whether two objects have the same attributes, but for names and bookkeeping."""
    one, other = (
        {
            name: value
            for name, value in vars(node).items()
            if name not in _BOOKKEEPING | _FREE | set(but)
            and not name.startswith("_self_")
            and not name.endswith(_FREE_ENDS)
        }
        for node in (one, other)
    )
    return is_same(one, other)


def _are_same_lists(one, other):
    return len(one) == len(other) and all(map(is_same, one, other))


def _are_same_dicts(one, other):
    return one.keys() == other.keys() and all(is_same(one[key], other[key]) for key in one)


def _are_same_values(one, other):
    return type(one) is type(other) and (one == other or one != one)  # noqa: PLR0124 (NaN)


def _are_same_arrays(one, other):
    return type(one) is type(other) and one.dtype == other.dtype and np.array_equal(one, other)


def _kind(variable):
    return tuple(variable.shape), variable.dtype, variable.trainable


_CODE = (types.FunctionType, types.BuiltinFunctionType, type)
_RULES = (
    (_CODE, lambda one, other: one is other and from_keras(one)),
    (types.ModuleType, lambda one, other: one is other),
    (_PLAIN, _are_same_values),
    ((np.ndarray, np.generic), _are_same_arrays),
    (keras.Variable, lambda one, other: _kind(one) == _kind(other)),
    ((list, tuple), _are_same_lists),
    (dict, _are_same_dicts),
)
