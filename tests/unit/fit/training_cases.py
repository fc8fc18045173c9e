"""Cases for fit: one model built twice, trained by model.fit and by fit, and compared."""

import contextlib
import os
import random

from helpers.training import fit
from helpers.training.libraries import release
import keras
import numpy as np

# What a few dozen steps of rounding may come to: some 100 units in the last place of single
# precision for a typical number (2e-4 relative, as errors add up and cancel against each other),
# as many in double precision (but logs are single), and a few units of the half precisions,
# which have 8 and 11 bits.
TOLERANCES = {
    "float32": (2e-4, 2e-5),
    "float64": (2e-6, 1e-7),
    "mixed_bfloat16": (4e-2, 2e-2),
    "bfloat16": (4e-2, 2e-2),
    "mixed_float16": (1e-2, 4e-3),
    "float16": (1e-2, 4e-3),
}
EPSILONS = {"float32": 2e-7, "float64": 2e-16, "mixed_float16": 1e-3, "float16": 1e-3}
BFLOAT16_EPSILON = 8e-3
AMPLIFIED = 20  # times what model.fit itself changes by when its input changes by rounding


class Call:
    """A call that is made anew for each model, as two models must not share an object."""

    def __init__(self, function, *args, **kwargs):
        self.function, self.args, self.kwargs = function, args, kwargs

    def __call__(self):
        """Make the call."""
        return self.function(*fresh(self.args), **fresh(self.kwargs))

    def __repr__(self):
        given = [*map(show, self.args), *(f"{k}={show(v)}" for k, v in self.kwargs.items())]
        return f"{show(self.function)}({', '.join(given)})"


def show(value):
    """Return a value as it is written in code, and a function by its name."""
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(show, value)) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key!r}: {show(v)}" for key, v in value.items()) + "}"
    return getattr(value, "__qualname__", None) or repr(value)


def fresh(value):
    """Return a value in which every Call has been made."""
    if isinstance(value, Call):
        return value()
    if isinstance(value, (list, tuple)):
        return type(value)(map(fresh, value))
    if isinstance(value, dict):
        return {key: fresh(v) for key, v in value.items()}
    return value


SHAPES = {"table": (3,), "series": (4, 2), "tokens": (4,), "images": (5, 5, 1)}


def inputs(kind, n, dtype="float32"):
    """Return n rows of a kind of input."""
    rng = np.random.default_rng(n)
    if kind == "tokens":
        return rng.integers(0, 6, (n, *SHAPES[kind]))
    return rng.normal(size=(n, *SHAPES[kind])).astype(dtype)


def targets(kind, n, flat=False):
    """Return n targets: sorted, so that a batch is not like another."""
    rng = np.random.default_rng(n + 1)
    if kind == "regression":
        return rng.uniform(0.1, 2, (n, 2)).astype("float32")
    if kind == "binary":
        y = np.sort(rng.integers(0, 2, n)).astype("float32")
    else:
        y = np.sort(np.arange(n) % 3)
    if kind == "onehot":
        return np.eye(3, dtype="float32")[y]
    return y if flat or kind == "embedding" else y[:, None]


def weights(n):
    """Return a weight for each row."""
    return np.random.default_rng(n + 2).uniform(0.2, 2, n).astype("float32")


@contextlib.contextmanager
def precision(policy):
    """Build and train in a policy of Keras."""
    floatx, before = keras.config.floatx(), keras.config.dtype_policy()
    keras.config.set_floatx("float64" if policy == "float64" else "float32")
    keras.config.set_dtype_policy(policy)
    try:
        yield
    finally:
        keras.config.set_floatx(floatx)
        keras.config.set_dtype_policy(before)


def trained(train, make, arguments, disturbed=None):
    """Build a model and train it.

    Parameters
    ----------
    train : callable
        `train(model, x, y, **options)`, fit or the like.
    make : callable
        Returns a compiled model.
    arguments : dict
        x, y and the options of fit; calls in it are made.
    disturbed : tuple (seed, size), default None
        Relative size of random changes of x and of the initial weights.

    Returns
    -------
    dict
        "model", "history", "stoppers" and "random", what the generators have come to. Where
        training raises, "error" and "changed", what of the model was not as it had been.
    """
    keras.utils.clear_session(free_memory=False)  # so that metrics of two models have equal names
    keras.utils.set_random_seed(1)
    model, arguments = make(), fresh(arguments)
    if disturbed:
        _disturb(model, arguments, *disturbed)
    keras.utils.set_random_seed(2)
    before = snapshot(model)
    try:
        history = train(model, **arguments)
    except Exception as error:  # what and how is for the caller to judge
        after = snapshot(model)
        changed = [name for name in before if not _alike(before[name], after[name])]
        return {"error": error, "changed": changed}
    stoppers = [c for c in arguments.get("callbacks", ()) if hasattr(c, "best_epoch")]
    return {"model": model, "history": history, "stoppers": stoppers, "random": _drawn()}


def snapshot(model):
    """Return what a refused call must leave as it is."""
    return {
        "built": model.built,
        "weights": model.get_weights() if model.built else [],
        "seeds": [np.asarray(v) for v in model.variables if is_seed(v)],
        "optimizer": [np.asarray(v) for v in model.optimizer.variables],
        "random numbers": random.getstate(),
    }


def _alike(before, after):
    if not isinstance(before, list):
        return before == after
    same = len(before) == len(after)
    return same and all(np.array_equal(*p) for p in zip(before, after, strict=True))


def _disturb(model, arguments, seed, size):
    rng = np.random.default_rng(seed)
    if model.built:
        model.set_weights([_disturbed(rng, w, size) for w in model.get_weights()])
    arguments["x"] = _disturbed(rng, arguments["x"], size)


def _disturbed(rng, values, size):
    values = np.asarray(values)
    if values.dtype.kind != "f" and values.dtype.name != "bfloat16":
        return values
    factors = 1 + size * rng.uniform(-1, 1, values.shape)
    return (values.astype("float64") * factors).astype(values.dtype)


def _drawn():
    drawn = [random.random(), np.random.get_state()[2]]  # noqa: NPY002 (Keras seeds it)
    return [*drawn, float(keras.random.uniform(()))] if release(keras) >= (3, 13) else drawn


def by_keras(model, **arguments):
    """Train with model.fit: its steps eagerly, as tracing takes longer, unless INSPECT is set."""
    model.run_eagerly = not (os.environ.get("INSPECT") or model.jit_compile)
    try:
        return model.fit(verbose=0, **arguments)
    finally:
        model.run_eagerly = False


def facts(run):
    """Return what is compared exactly, by name: counts, names, stops, seeds."""
    model, history = run["model"], run["history"]
    optimizer = model.optimizer
    found = {
        "names of the logs": list(history.history),
        "epochs": history.epoch,
        "params": {key: history.params[key] for key in ("epochs", "steps")},
        "stop_training": model.stop_training,
        "iterations": int(optimizer.iterations),
        "optimizer variables": [(v.name, tuple(v.shape), v.dtype) for v in optimizer.variables],
        "weights": [(w.path.split("/")[-1], tuple(w.shape), w.dtype) for w in model.weights],
        # Keras leaves the number of rows in a batch in some models that it builds.
        "input shape": (getattr(model, "input_shape", None) or ())[1:],
        "random numbers": run["random"],
        "seeds": [np.asarray(v).tolist() for v in model.variables if is_seed(v)],
    }
    for number, stopper in enumerate(run["stoppers"]):
        for name in ("stopped_epoch", "best_epoch", "wait", "patience", "min_delta"):
            found[f"stopper {number} {name}"] = getattr(stopper, name)
        found[f"stopper {number} has best weights"] = stopper.best_weights is not None
    return found


def is_seed(variable):
    """Whether a variable is the state of a seed generator."""
    return "seed" in variable.path


def numbers(run):
    """Return the arrays that are compared within a tolerance, by name."""
    model, history = run["model"], run["history"]
    found = {f"log {name}": values for name, values in history.history.items()}
    for group, variables in (("weight", model.weights), ("state", model.optimizer.variables)):
        found |= {f"{group} {i} {v.name}": v for i, v in enumerate(variables) if not is_seed(v)}
    for number, stopper in enumerate(run["stoppers"]):
        best = stopper.best
        found[f"stopper {number} best"] = np.nan if best is None else best
        for i, weights in enumerate(stopper.best_weights or ()):
            found[f"stopper {number} best weight {i}"] = weights
    found |= {f"metric {name}": value for name, value in model.get_metrics_result().items()}
    return {name: np.asarray(value).astype("float64") for name, value in found.items()}


def differences(theirs, ours, policy):
    """Return what differs between two runs: lines on facts, and the names of numbers."""
    exact = _pairs(facts(theirs), facts(ours))
    lines = {name: f"{name}: {a!r}, with fit {b!r}" for name, a, b in exact if a != b}
    rtol, atol = TOLERANCES[policy]
    return lines | {
        name: f"{name}: {_short(a)}, with fit {_short(b)}"
        for name, a, b in _pairs(numbers(theirs), numbers(ours))
        if a is None
        or b is None
        or a.shape != b.shape
        or not np.allclose(a, b, rtol, atol, equal_nan=True)
    }


def _pairs(theirs, ours):
    return [(name, theirs.get(name), ours.get(name)) for name in {**theirs, **ours}]


def _short(values):
    return np.array2string(np.asarray(values), threshold=12, precision=6).replace("\n", "")


STOPS = ("epochs", "iterations", "stop_training", "seeds", "stopper")


def is_ill_conditioned(theirs, ours, differing, repeat):
    """Whether model.fit itself, when its input is disturbed, moves nearly as far as fit is off.

    Adam's step for a gradient of zero that rounding makes 1e-9 is a full one, and a threshold
    is crossed or is not: such a run says nothing about fit.

    Parameters
    ----------
    theirs, ours : dict
        Runs of model.fit and of fit.
    differing : iterable of str
        The names of what differs.
    repeat : callable
        `repeat(seed)` trains with model.fit on disturbed input.
    """
    exact = facts(theirs)
    if any(name in exact and not name.startswith(STOPS) for name in differing):
        return False
    runs = [repeat(seed) for seed in range(3)]
    if any("error" in run for run in runs):
        return True
    if any(facts(run)["epochs"] != exact["epochs"] for run in runs):
        return True  # it stops elsewhere
    if any(
        name in exact and all(facts(r)[name] == exact[name] for r in runs) for name in differing
    ):
        return False
    ours, theirs, moved = numbers(ours), numbers(theirs), [numbers(run) for run in runs]

    def near(name):
        far = max(np.max(np.abs(run[name] - theirs[name]), initial=0) for run in moved)
        return np.max(np.abs(ours[name] - theirs[name]), initial=0) <= AMPLIFIED * far

    return all(near(name) for name in differing if name not in exact)


def compare(make, arguments, *, policy="float32", train=fit):
    """Train twice and compare.

    Parameters
    ----------
    make : callable
        Returns a compiled model.
    arguments : dict
        x, y and the options of fit, with a Call for what must not be shared.
    policy : str, default "float32"
        Keras' dtype policy.
    train : callable, default fit

    Returns
    -------
    str
        "equal", "ill-conditioned", "invalid: " with the error of model.fit, or "refused: "
        with fit's line.

    Raises
    ------
    AssertionError
        If fit gives something else, raises where model.fit does not, or changes a model that
        it refuses.
    """
    with precision(policy):
        theirs = trained(by_keras, make, arguments)
        ours = trained(train, make, arguments)
        if "error" in theirs:
            return f"invalid: {theirs['error']}"
        if "error" in ours:
            return refusal(ours)
        differing = differences(theirs, ours, policy)
        if not differing:
            return "equal"
        size = 8 * EPSILONS.get(policy, BFLOAT16_EPSILON)

        def repeat(seed):
            return trained(by_keras, make, arguments, disturbed=(seed, size))

        if is_ill_conditioned(theirs, ours, differing, repeat):
            return "ill-conditioned"
        raise AssertionError("fit is not model.fit:\n" + "\n".join(differing.values()))


def refusal(run):
    """Return the one line of a refusal; raise if it is none, or if the model is changed."""
    error = run["error"]
    message = str(error)
    if type(error) is not ValueError or "model.fit" not in message:
        raise AssertionError("fit fails where model.fit trains") from error
    assert "\n" not in message, message
    assert not run["changed"], f"refused, but changed: {run['changed']}"
    return f"refused: {message}"
