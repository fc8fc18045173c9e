"""fit where a model's configuration does not tell all, or a call asks for what fit cannot do."""

import functools
import os
import random
import subprocess
import sys

from helpers.training import fit, graph
from helpers.training import twin as rooms
import keras
from keras import layers
from keras.callbacks import EarlyStopping
from keras.src.random.seed_generator import global_seed_generator
import numpy as np
import pandas as pd
import pytest
from training_cases import by_keras

RNG = np.random.default_rng(0)
X, X_VAL = (RNG.normal(size=(n, 3)).astype("float32") for n in (24, 17))
Y, Y_VAL = ((x[:, :1] + x[:, 1:2] > 0).astype("float32") for x in (X, X_VAL))
CLASSES, CLASSES_VAL = np.arange(24) % 3, np.arange(17) % 3
WEIGHTS, WEIGHTS_VAL = (RNG.random(n).astype("float32") for n in (24, 17))


def net(*hidden, loss="binary_crossentropy", optimizer=None, outputs=(1, "sigmoid"), **compiled):
    keras.utils.set_random_seed(1)
    made = [make() for make in hidden]
    model = keras.Sequential(
        [keras.Input((3,)), layers.Dense(4, "relu"), *made, layers.Dense(*outputs)]
    )
    optimizer = optimizer or keras.optimizers.Adam(0.02)
    model.compile(optimizer=optimizer, loss=loss, **compiled)
    return model


def both(make, data=(X, Y), **options):
    """Train one model with model.fit and its double with fit; return both, and their logs.

    In two batches of equal size, unless batches matter: the step for a smaller one at the end
    would be traced and compiled as well.
    """
    options = {"validation_data": (X_VAL, Y_VAL), "epochs": 2, "batch_size": 12, **options}
    found = []
    for train in (by_keras, fit):
        model = make()
        keras.utils.set_random_seed(2)
        x, y = data
        found.append((model, train(model, x=x, y=y, shuffle=False, **options).history))
    return found


def assert_same(found, rtol=1e-3):
    (theirs, their_logs), (ours, our_logs) = found
    assert list(our_logs) == list(their_logs)
    for name, values in their_logs.items():
        np.testing.assert_allclose(our_logs[name], values, rtol=rtol, atol=1e-6, err_msg=name)
    for one, other in zip(ours.variables, theirs.variables, strict=True):
        np.testing.assert_allclose(one, other, rtol=0.02, atol=2e-3)
    for one, other in zip(ours.optimizer.variables, theirs.optimizer.variables, strict=True):
        np.testing.assert_allclose(one, other, rtol=0.05, atol=2e-3)
    left, expected = ours.get_metrics_result(), theirs.get_metrics_result()
    assert left.keys() == expected.keys()
    for name, value in expected.items():
        np.testing.assert_allclose(left[name], value, rtol=rtol, atol=1e-6, err_msg=name)


def with_a_constraint_on_the_variable():
    model = net()
    model.layers[0].kernel.constraint = keras.constraints.MaxNorm(0.1)
    return model


def with_a_constraint_on_the_built_layer():
    model = net()
    model.layers[0].kernel_constraint = keras.constraints.MaxNorm(0.1)
    return model


def with_an_added_loss():
    model = net()
    model.add_loss(keras.ops.convert_to_tensor(3.0))
    return model


def counting():
    layer = layers.Dense(3)
    layer.extra = keras.metrics.Mean(name="extra")
    return layer


def with_another_call():
    model = net()
    call = model.layers[0].call
    model.layers[0].call = lambda inputs, training=None: 3 * call(inputs)
    return model


def with_another_compute_loss():
    model = net()
    model.compute_loss = lambda x, y, y_pred, sample_weight=None, training=True: keras.ops.mean(
        (y - y_pred) ** 4
    )
    return model


class OwnLoss(keras.Sequential):
    """A Sequential that computes its loss itself."""

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        """Return the fourth power."""
        return keras.ops.mean((y - y_pred) ** 4)


def with_a_loss_in_a_subclass():
    keras.utils.set_random_seed(1)
    model = OwnLoss([keras.Input((3,)), layers.Dense(1, "sigmoid")])
    model.compile("adam", "mse")
    return model


def with_one_layer_twice():
    keras.utils.set_random_seed(1)
    shared = layers.Dense(3, "relu")
    halves = [keras.Sequential([shared]), keras.Sequential([shared])]
    model = keras.Sequential([keras.Input((3,)), *halves, layers.Dense(1, "sigmoid")])
    model.compile("adam", "mse")
    return model


def with_a_fixed_batch():
    keras.utils.set_random_seed(1)
    model = keras.Sequential([keras.Input(batch_shape=(8, 3)), layers.Dense(1, "sigmoid")])
    model.compile("adam", "mse")
    return model


def in_half_precision():
    keras.utils.set_random_seed(1)
    policy = keras.DTypePolicy("mixed_float16")
    inputs = keras.Input((3,))
    outputs = layers.Dense(1, "sigmoid", dtype=policy)(inputs)
    model = keras.Model(inputs, outputs)
    model.compile(keras.optimizers.LossScaleOptimizer(keras.optimizers.Adam()), "mse")
    return model


class Flat(keras.Model):
    """A model whose outputs have shape (n,)."""

    def __init__(self):
        super().__init__()
        self.last = layers.Dense(1, "sigmoid")

    def call(self, inputs):
        """Return a flat array."""
        return self.last(inputs)[:, 0]


def with_flat_outputs():
    keras.utils.set_random_seed(1)
    model = Flat()
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    return model


class Halving(keras.optimizers.schedules.LearningRateSchedule):
    """A schedule that Keras cannot write down."""

    def __call__(self, step):
        """Halve."""
        return 0.1 / (1 + keras.ops.cast(step, "float32"))


def squared(y, y_pred):
    return keras.ops.mean(keras.ops.square(y - y_pred), axis=-1)


def ones(shape, dtype=None):
    return keras.ops.ones(shape, dtype=dtype)


class Penalty(keras.regularizers.Regularizer):
    """A penalty that Keras cannot write down."""

    def __call__(self, x):
        """Return a tenth of the sum of squares."""
        return 0.1 * keras.ops.sum(x**2)


def sparse(loss):
    return functools.partial(net, loss=loss, outputs=(3, "softmax"))


DICE, HUBER = keras.losses.Dice, functools.partial(keras.losses.Huber, delta=0.1)
SPARSE = keras.losses.SparseCategoricalCrossentropy
SAME = {
    "an option that get_config leaves out": (lambda: net(loss=HUBER()), {}),
    "a loss over the batch": (lambda: net(loss=DICE()), {"batch_size": 10}),
    "a loss over pairs in the batch": (
        lambda: net(loss=keras.losses.Circle(), outputs=(3,)),
        {"data": (X, CLASSES), "validation_data": (X_VAL, CLASSES_VAL), "batch_size": 10},
    ),
    "an ignored class": (
        sparse(SPARSE(ignore_class=1)),
        {"data": (X, CLASSES), "validation_data": (X_VAL, CLASSES_VAL)},
    ),
    "a penalty on outputs": (
        lambda: net(lambda: layers.Dense(3, activity_regularizer="l2")),
        {},
    ),
    "a constraint on the variable": (with_a_constraint_on_the_variable, {}),
    "a constraint on the built layer": (with_a_constraint_on_the_built_layer, {}),
    "an added loss": (with_an_added_loss, {}),
    "a metric on a layer": (lambda: net(counting), {}),
    "another call": (with_another_call, {}),
    "another compute_loss": (with_another_compute_loss, {}),
    "a loss in a subclass": (with_a_loss_in_a_subclass, {}),
    "a partial loss": (lambda: net(loss=functools.partial(keras.losses.huber, delta=0.2)), {}),
    "a schedule of one's own": (lambda: net(optimizer=keras.optimizers.SGD(Halving())), {}),
    "an initializer of one's own": (
        lambda: net(lambda: layers.Dense(3, kernel_initializer=ones)),
        {},
    ),
    "a penalty of one's own": (
        lambda: net(lambda: layers.Dense(3, kernel_regularizer=Penalty())),
        {},
    ),
    "an activation with weights": (
        lambda: net(lambda: layers.Dense(3, activation=layers.PReLU())),
        {},
    ),
    "a NumPy scalar as a setting": (lambda: net(lambda: layers.GaussianNoise(np.float32(0))), {}),
    "one layer twice": (with_one_layer_twice, {}),
    "a fixed batch": (with_a_fixed_batch, {"batch_size": 8, "validation_data": None}),
    "half precision": (in_half_precision, {"rtol": 1e-2}),
    "flat outputs": (
        with_flat_outputs,
        {"data": (X, Y[:, 0]), "validation_data": (X_VAL, Y_VAL[:, 0])},
    ),
    "XLA that is asked for": (lambda: net(jit_compile=True), {}),
    "a metric named after val_": (lambda: net(weighted_metrics=["mse"], metrics=[squared]), {}),
    "sample_weight": (net, {"sample_weight": WEIGHTS}),
    "sample_weight for batches": (
        lambda: net(loss=DICE(), weighted_metrics=["accuracy"]),
        {
            "batch_size": 10,
            "sample_weight": WEIGHTS,
            "validation_data": (X_VAL, Y_VAL, WEIGHTS_VAL),
        },
    ),
    "class_weight": (
        lambda: net(metrics=["accuracy"], weighted_metrics=["accuracy", "AUC"]),
        {"class_weight": {1: 7}, "batch_size": 10},
    ),
    "class_weight of one-hot labels": (
        lambda: net(loss="categorical_crossentropy", outputs=(3, "softmax")),
        {"data": (X, np.eye(3)[CLASSES]), "class_weight": {2: 5.0}, "validation_data": None},
    ),
    "validation_split": (
        net,
        {"validation_split": 0.3, "validation_data": None, "sample_weight": WEIGHTS},
    ),
    "validation_split, which validation_data overrides": (net, {"validation_split": 0.3}),
}


@pytest.mark.parametrize(("make", "options"), SAME.values(), ids=SAME)
def test_fit_is_model_fit(make, options):
    rtol = options.get("rtol", 1e-3)
    options = {name: value for name, value in options.items() if name != "rtol"}
    assert_same(both(make, **options), rtol)


def test_a_kept_twin_is_not_used_for_a_model_that_differs():
    rooms.twins.clear()
    plain = functools.partial(net, loss=keras.losses.Huber())
    fit(plain(), X, Y)
    assert len(rooms.twins) == 1
    assert_same(both(lambda: net(loss=HUBER())))
    assert len(rooms.twins) == 1


def test_a_kept_twin_serves_models_with_weight_decay_but_not_with_other_exclusions():
    def decayed(*excluded):
        optimizer = keras.optimizers.AdamW(0.01, weight_decay=0.1)
        if excluded:
            optimizer.exclude_from_weight_decay(var_names=list(excluded))
        return net(optimizer=optimizer)

    def trained_in(model):
        fit(model, X, Y)
        return rooms.graph_of(model, (X, Y), {}, 32, True)

    rooms.twins.clear()
    twin = trained_in(decayed())
    assert isinstance(twin, rooms.Twin)
    assert twin is trained_in(decayed())
    assert_same(both(lambda: decayed("bias")))
    assert not isinstance(trained_in(decayed("bias")), rooms.Twin)


@pytest.mark.parametrize("batch_size", [None, 10])
def test_the_input_shape_stays_open(batch_size):
    model = keras.Sequential([layers.Dense(1, "sigmoid")])
    model.compile("adam", "binary_crossentropy")
    fit(model, X, Y, batch_size=batch_size)
    assert model.input_shape == (None, 3)


def test_a_layer_that_keras_cannot_make_again_trains():
    model = keras.Sequential(
        [keras.Input((4, 4, 1)), layers.RandomShear(0.1), layers.Flatten(), layers.Dense(1)]
    )
    model.compile("adam", "mse")
    assert len(fit(model, RNG.random((6, 4, 4, 1)), np.ones(6), epochs=2).epoch) == 2


def test_a_second_call_adds_no_variables_to_the_optimizer():
    model = in_half_precision()
    counts = []
    for _ in range(2):
        fit(model, X, Y)
        counts.append(len(model.optimizer.variables))
    assert counts[0] == counts[1]


EDITED = """
import keras, numpy as np
from helpers.training import fit, graph

def trained(factor):
    @keras.saving.register_keras_serializable("book")
    class Loss(keras.losses.Loss):
        def call(self, y, y_pred):
            return factor * keras.ops.mean(y_pred ** 2, axis=-1)
        def get_config(self):
            return {}
    Loss.__module__ = "__main__"
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile("sgd", Loss())
    return fit(model, np.ones((4, 1)), np.ones((4, 1))).history["loss"][0]

print(trained(3.0) / trained(1.0))
"""


def test_an_edited_class_of_a_notebook_is_taken_as_it_is_now():
    run = subprocess.run([sys.executable, "-c", EDITED], capture_output=True, text=True, check=True)
    assert float(run.stdout) == pytest.approx(3.0)


class Noise(layers.Layer):
    """A layer that draws from Keras' global generator."""

    def call(self, inputs, training=False):
        """Add noise in training."""
        return inputs + keras.random.normal(keras.ops.shape(inputs)) if training else inputs


def test_best_weights_are_those_of_the_best_epoch_whatever_noise_is_drawn():
    model = net(Noise, optimizer=keras.optimizers.Adam(0.1))
    stopper = EarlyStopping("val_loss", patience=30, restore_best_weights=True)
    logs = fit(model, X, Y, validation_data=(X_VAL, Y_VAL), epochs=40, callbacks=stopper).history
    found = model.evaluate(X_VAL, Y_VAL, verbose=0)
    assert found == pytest.approx(min(logs["val_loss"]), rel=1e-4)


def test_shuffling_advances_no_generator():
    keras.utils.set_random_seed(3)
    model, state = net(), global_seed_generator().state
    before = random.getstate(), np.asarray(state).tolist()
    fit(model, X, Y, batch_size=5, epochs=2)
    assert (random.getstate(), np.asarray(state).tolist()) == before


def test_a_seed_repeats_the_orders_and_a_second_call_draws_others():
    runs = []
    for _ in range(2):
        model = net(optimizer=keras.optimizers.SGD(0.5))
        runs.append([fit(model, X, Y, batch_size=5).history["loss"][0] for _ in range(2)])
    assert runs[0] == runs[1]
    assert graph.shuffling_seed(0).tolist() != graph.shuffling_seed(5).tolist()


def test_further_data_leave_the_metrics_of_the_training():
    plain, watching = net(metrics=["accuracy"]), net(metrics=["accuracy"])
    logs = fit(plain, X, Y, epochs=2).history
    fit(watching, X, Y, epochs=2, also_evaluate={"more": (X_VAL, Y_VAL)})
    for model in (plain, watching):
        for name, value in model.get_metrics_result().items():
            assert float(value) == pytest.approx(logs[name][-1], rel=1e-4)


def test_early_stopping_is_given_back_with_keras_own_comparison():
    stopper = EarlyStopping("loss", patience=0)
    model = net()
    fit(model, X, Y, epochs=3, callbacks=stopper)
    assert stopper.monitor_op in (keras.ops.less, keras.ops.greater)
    assert stopper.model is model


# Refusals


REFUSED = {
    "initial_epoch": (
        {"initial_epoch": 3},
        "fit does not take initial_epoch: train with model.fit",
    ),
    "steps_per_epoch": ({"steps_per_epoch": 2}, "not take steps_per_epoch: train with model.fit"),
    "validation_freq": ({"validation_freq": 2}, "not take validation_freq: train with model.fit"),
    "validation_steps": ({"validation_steps": 2}, "not take validation_steps: train with model"),
    "validation_batch_size": ({"validation_batch_size": 2}, "validation_batch_size: train with"),
    "shuffle": ({"shuffle": "batch"}, "shuffle must be True or False, not 'batch'.*model.fit"),
    "both weights": (
        {"class_weight": {0: 1.0}, "sample_weight": WEIGHTS},
        "either class_weight or sample_weight",
    ),
    "class weights in a list": ({"class_weight": [1, 2]}, "class_weight must be a dict such as"),
    "class weights by name": ({"class_weight": {"a": 1}}, "class_weight must map .* not 'a'"),
    "too few weights": ({"sample_weight": WEIGHTS[:5]}, "sample_weight has 5 rows and x has 24"),
    "NaN in weights": ({"sample_weight": WEIGHTS * np.nan}, "sample_weight contains NaN"),
    "a split of one": (
        {"validation_split": 1.0, "validation_data": None},
        "validation_split must be a number from 0 up to 1, not 1.0",
    ),
    "a split of nothing": (
        {"validation_split": 0.999, "validation_data": None},
        "validation_split=0.999 of 24 rows leaves one part empty",
    ),
    "no y": ({"y": None}, "y must be an array of numbers, not None; for text, data sets"),
    "patience": (
        {"callbacks": EarlyStopping(patience="3")},
        "EarlyStopping: patience must be a number, not '3'",
    ),
    "baseline": ({"callbacks": EarlyStopping(baseline="0")}, "baseline must be a number"),
    "start_from_epoch": (
        {"callbacks": EarlyStopping(start_from_epoch=None)},
        "start_from_epoch must be a number, not None",
    ),
    "monitor": ({"callbacks": EarlyStopping(monitor=3)}, "monitor must be a string, not 3"),
    "a class": ({"callbacks": [EarlyStopping]}, r"pass EarlyStopping\(...\), not the class itself"),
    "a number": ({"callbacks": 5}, "callbacks must be a list, not 5"),
    "an unknown metric": ({"callbacks": EarlyStopping("val_f1")}, "'val_f1', which is not logged"),
    "wide validation data": (
        {"validation_data": (np.ones((17, 4)), Y_VAL)},
        r"validation_data\[0\] has 4 features in a row, and .* 3",
    ),
    "validation images": (
        {"validation_data": (np.ones((17, 3, 2)), Y_VAL)},
        r"validation_data\[0\] has rows of shape \(3, 2\), and .* \(3,\)",
    ),
    "wide validation labels": (
        {"validation_data": (X_VAL, np.ones((17, 2)))},
        "model cannot be evaluated on validation_data: ",
    ),
    "wide labels": ({"y": np.ones((24, 2))}, "model cannot be trained on x and y: "),
    "nullable columns": (
        {"x": pd.DataFrame({c: pd.array([1] * 23 + [None], dtype="Int64") for c in "abc"})},
        r"x must be an array of numbers, not of Python objects: .* \.astype\(float\)",
    ),
}


def unbuilt():
    keras.utils.set_random_seed(1)
    model = keras.Sequential([layers.Dense(4, "relu"), layers.Dense(1, "sigmoid")])
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    return model


def functional():
    inputs = keras.Input((3,))
    model = keras.Model(inputs, layers.Dense(1, "sigmoid")(inputs))
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    return model


def portrait(model):
    """Return what a refused call must leave alone."""
    return {
        "built": model.built,
        "layers": [(layer.built, len(layer.variables)) for layer in model.layers],
        "weights": [weights.tolist() for weights in model.get_weights()],
        "optimizer built": model.optimizer.built,
        "optimizer": [np.asarray(variable).tolist() for variable in model.optimizer.variables],
        "metrics": [metric.built for metric in model.metrics if metric.name == "compile_metrics"],
        "random": random.getstate(),
    }


@pytest.mark.parametrize("make", [unbuilt, functional, net], ids=lambda make: make.__name__)
@pytest.mark.parametrize(("changes", "message"), REFUSED.values(), ids=REFUSED)
def test_a_refused_call_says_why_and_leaves_everything_as_it_was(make, changes, message):
    model = make()
    before = portrait(model)
    options = {"x": X, "y": Y, "validation_data": (X_VAL, Y_VAL), "epochs": 3, **changes}
    with pytest.raises(ValueError, match=message):
        fit(model, **options)
    assert portrait(model) == before
    for stopper in [changes.get("callbacks")]:
        assert getattr(stopper, "monitor_op", None) is None
    fit(model, X, Y, validation_data=(X_VAL, Y_VAL))


def test_an_argument_that_model_fit_does_not_have_is_named():
    with pytest.raises(TypeError, match="fit has no argument 'epoch'"):
        fit(net(), X, Y, epoch=3)


def test_arguments_with_keras_default_are_taken():
    fit(net(), X, Y, initial_epoch=0, validation_freq=1, steps_per_epoch=None)


def test_a_class_without_an_output_is_refused_for_a_functional_model():
    inputs = keras.Input((3,))
    model = keras.Model(inputs, layers.Dense(2, "softmax")(inputs))
    model.compile("adam", "sparse_categorical_crossentropy")
    with pytest.raises(ValueError, match="y has classes 0 to 2: the model has 0 to 1"):
        fit(model, X, CLASSES)
    with pytest.raises(ValueError, match=r"validation_data\[1\] has classes 0 to 2: the model"):
        fit(model, X, CLASSES % 2, validation_data=(X_VAL, CLASSES_VAL))


@pytest.mark.skipif(
    not hasattr(keras.optimizers, "ScheduleFreeAdamW"), reason="this Keras does not have it"
)
@pytest.mark.parametrize(
    "around", [lambda inner: inner, keras.optimizers.LossScaleOptimizer], ids=["alone", "within"]
)
def test_an_optimizer_that_model_fit_builds_wrongly_is_refused_until_it_is_built(around):
    model = net(optimizer=around(keras.optimizers.ScheduleFreeAdamW()))
    with pytest.raises(ValueError, match=r"first call model\.optimizer\.build"):
        fit(model, X, Y)

    def built():
        model = net(optimizer=around(keras.optimizers.ScheduleFreeAdamW()))
        model.optimizer.build(model.trainable_variables)
        return model

    assert_same(both(built))


@pytest.mark.parametrize("step", ["train_step", "test_step", "make_train_function"])
def test_a_step_replaced_on_the_model_is_refused(step):
    model = net()
    setattr(model, step, lambda *given: None)
    with pytest.raises(ValueError, match=rf"model has a {step} of its own: train with model\.fit"):
        fit(model, X, Y)


def test_logs_of_ones_own_are_refused():
    class Talkative(keras.Sequential):
        """A model that logs more than its metrics."""

        def compute_metrics(self, x, y, y_pred, sample_weight=None):
            """Add a number."""
            return {**super().compute_metrics(x, y, y_pred, sample_weight), "more": 1.0}

    model = Talkative([keras.Input((3,)), layers.Dense(1, "sigmoid")])
    model.compile("adam", "mse")
    with pytest.raises(ValueError, match=r"logs more than its metrics.*train with model\.fit"):
        fit(model, X, Y)


class OnAnotherDevice:
    """What torch does with a tensor that has a gradient, or lies on a GPU."""

    def __init__(self, error):
        self.error = error

    def __array__(self, dtype=None, copy=None):
        raise self.error


@pytest.mark.parametrize("error", [RuntimeError("requires grad"), TypeError("cuda:0")])
def test_a_torch_tensor_that_is_not_an_array_gets_the_remedy(error):
    with pytest.raises(ValueError, match=r"x must be .* x\.detach\(\)\.cpu\(\)"):
        fit(net(), OnAnotherDevice(error), Y)


@pytest.mark.parametrize("backend", ["torch", "jax"])
def test_keras_on_another_library_is_refused_in_one_line(backend):
    run = subprocess.run(
        [sys.executable, "-c", "import helpers.training"],
        env={**os.environ, "KERAS_BACKEND": backend},
        capture_output=True,
        text=True,
        check=False,
    )
    assert f"KERAS_BACKEND is '{backend}'" in run.stderr.strip().splitlines()[-1]


@pytest.mark.skipif(
    not hasattr(keras.optimizers, "ScheduleFreeAdamW"), reason="this Keras does not have it"
)
@pytest.mark.parametrize("within", ["LossScaleOptimizer", "MultiOptimizer", None])
def test_an_optimizer_that_model_fit_builds_to_zero_is_refused_inside_another_too(within):
    optimizer = keras.optimizers.ScheduleFreeAdamW()
    if within == "LossScaleOptimizer":
        optimizer = keras.optimizers.LossScaleOptimizer(optimizer)
    elif within:
        every = keras.optimizers.OptimizerMap(default_optimizer=optimizer)
        optimizer = keras.optimizers.MultiOptimizer(every)
    with pytest.raises(ValueError, match=r"first call model\.optimizer\.build"):
        fit(net(optimizer=optimizer), X, Y)


def test_an_optimizer_with_nothing_to_train_is_left_as_it_was():
    model = net()
    model.trainable = False
    optimizer = keras.optimizers.LossScaleOptimizer(keras.optimizers.Adam())
    model.compile(optimizer, "binary_crossentropy")
    fit(model, X, Y, epochs=2)
    assert not model.optimizer.built
