"""predict and evaluate: what they refuse, each in one line that names the argument."""

from helpers.data import moons
from helpers.training import evaluate, logits, predict
import keras
from keras import layers
import numpy as np
import pandas as pd
import pytest
from scipy import special

SPLIT = moons(n_test=50)
X, Y = SPLIT.x_test, SPLIT.y_test


def ending_in(units, activation, inputs=(2,), *before):
    return keras.Sequential(
        [keras.Input(inputs), *before, layers.Dense(units, activation=activation)]
    )


SIGMOID = ending_in(1, "sigmoid")
SOFTMAX = ending_in(3, "softmax")
IMAGES = ending_in(1, "sigmoid", (4, 4, 1), layers.Flatten())


class Subclass(keras.Model):
    """A model that does not say what it takes."""

    def __init__(self):
        super().__init__()
        self.dense = layers.Dense(1, activation="sigmoid")

    def call(self, x):
        """Return a probability for each row of two numbers."""
        return self.dense(x)


def subclass():
    model = Subclass()
    model(X)
    return model


def functional(n_inputs, n_outputs):
    inputs = [keras.Input((2,)) for _ in range(n_inputs)]
    joined = layers.Concatenate()(inputs) if n_inputs > 1 else inputs[0]
    outputs = [layers.Dense(1, activation="sigmoid")(joined) for _ in range(n_outputs)]
    return keras.Model(inputs if n_inputs > 1 else inputs[0], outputs)


class Tensor:
    """A tensor of PyTorch, as NumPy sees it: it gives its numbers or says why not."""

    def __init__(self, error):
        self.error = error

    def __array__(self, dtype=None, copy=None):
        """Refuse, as a tensor does that needs a gradient or is not in memory."""
        raise self.error


NEEDS_GRADIENT = Tensor(RuntimeError("Can't call numpy() on Tensor that requires grad."))
ON_A_GPU = Tensor(TypeError("can't convert cuda:0 device type tensor to numpy."))

WRONG_X = {
    "too wide": (SIGMOID, np.zeros((5, 3)), r"x must have shape \(n, 2\), .* not \(5, 3\)"),
    "too narrow": (SIGMOID, np.zeros((5, 1)), r"x must have shape \(n, 2\), .* not \(5, 1\)"),
    "one row": (SIGMOID, np.zeros(2), r"x must have shape \(n, 2\), .* not \(2,\)"),
    "too deep": (SIGMOID, np.zeros((5, 2, 2)), r"x must have shape \(n, 2\)"),
    "flat images": (IMAGES, np.zeros((5, 16)), r"x must have shape \(n, 4, 4, 1\)"),
    "colors": (IMAGES, np.zeros((5, 4, 4, 3)), r"x must have shape \(n, 4, 4, 1\)"),
    "two columns": (SIGMOID, (X[:, 0], X[:, 1]), r"x must have shape \(n, 2\), .* not \(2, 50\)"),
    "no columns": (SIGMOID, np.zeros((5, 0)), "x is empty"),
    "a subclass": (subclass(), X[:, [0, 1, 1]], r"model cannot take x of shape \(50, 3\)"),
    "a gradient": (SIGMOID, NEEDS_GRADIENT, r"x must be .* x\.detach\(\)\.cpu\(\)\.numpy\(\)"),
    "a GPU": (SIGMOID, ON_A_GPU, r"x must be .* x\.detach\(\)\.cpu\(\)\.numpy\(\)"),
    "nullable": (SIGMOID, pd.DataFrame(X).convert_dtypes(), r"x must be .* \.astype\(float\)"),
    "ragged": (SIGMOID, [[0, 1], [1]], "x must be an array of numbers"),
    "text": (SIGMOID, [["a", "b"]], "x must be an array of numbers"),
    "complex": (SIGMOID, X + 1j, "x must be an array of numbers"),
    "nothing": (SIGMOID, None, "x must be an array of numbers, not None"),
    "a pair": (SIGMOID, (X, Y), "x must be an array of numbers"),
    "empty": (SIGMOID, X[:0], "x is empty"),
    "infinite": (SIGMOID, X - np.inf, "x contains NaN or infinity"),
    "too large": (SIGMOID, np.full((5, 2), 1e300), "x contains NaN or infinity"),
    "no model": (X, X, "model must be a keras.Model, not ndarray"),
    "two inputs": (functional(2, 1), X, "model has several inputs"),
    "two outputs": (functional(1, 2), X, "model has several outputs"),
}  # fmt: skip


@pytest.mark.parametrize("ask", [predict, lambda model, x: evaluate(model, x, Y)])
@pytest.mark.parametrize("case", WRONG_X)
def test_an_x_that_does_not_fit_is_named(case, ask):
    model, x, message = WRONG_X[case]
    with pytest.raises(ValueError, match=f"^{message}"):
        ask(model, x)


WRONG = {
    "1 and 2": (SIGMOID, Y + 1, "y must hold the classes 0 and 1, not 2"),
    "-1 and 1": (SIGMOID, 2 * Y - 1, "y must hold the classes 0 and 1, not -1"),
    "targets": (SIGMOID, Y + 0.37, "y must hold the classes 0 and 1, not "),
    "a fourth class": (SOFTMAX, 3 * Y, "y must hold the classes 0 to 2, not 3"),
    "a negative class": (SOFTMAX, -Y, "y must hold the classes 0 to 2, not -1"),
    "one-hot": (SOFTMAX, np.eye(3)[[0] * 50], r"y must have .* \(50, 3\): .* y\.argmax\(axis=1\)"),
    "two columns": (SIGMOID, np.hstack([Y, 1 - Y]), r"y must have shape \(n,\) or \(n, 1\)"),
    "deep": (SIGMOID, Y[:, None], r"y must have shape \(n,\) or \(n, 1\)"),
    "a gradient": (SIGMOID, NEEDS_GRADIENT, "y must be an array of numbers"),
    "text": (SIGMOID, ["a"] * 50, "y must be an array of numbers"),
    "nothing": (SIGMOID, None, "y must be an array of numbers, not None"),
    "unlabelled": (SIGMOID, np.where(Y > 0, np.nan, 0), "y contains NaN"),
    "short": (SIGMOID, Y[:3], "x has 50 rows and y has 3"),
    "several sigmoids": (ending_in(3, "sigmoid"), Y, "model has 3 outputs that do not add up"),
    "a softmax of one": (ending_in(1, "softmax"), Y, "model ends in a softmax of one .* sigmoid"),
    "regression": (ending_in(1, None), Y, "model must end in a sigmoid or a softmax"),
    "tanh": (ending_in(1, "tanh"), Y, "model must end in a sigmoid or a softmax"),
    "sequences": (ending_in(1, "sigmoid", (2, 1)), Y, r"model must give one .* \(50, 2, 1\)"),
}


@pytest.mark.parametrize("case", WRONG)
@pytest.mark.filterwarnings("ignore:You are using a softmax over axis")
def test_what_is_no_classification_is_refused(case):
    model, y, message = WRONG[case]
    with pytest.raises(ValueError, match=f"^{message}"):
        evaluate(model, X, y)


@pytest.mark.filterwarnings("ignore:You are using a softmax over axis")
def test_a_softmax_of_one_unit_is_known_in_every_form():
    for last in (layers.Activation("softmax"), layers.Softmax()):
        with pytest.raises(ValueError, match="softmax of one unit"):
            evaluate(keras.Sequential([ending_in(1, None), last]), X, Y)


def test_a_sigmoid_that_is_sure_of_everything_is_none():
    model = ending_in(1, "sigmoid")
    kernel, bias = model.weights
    kernel.assign(0 * kernel)
    bias.assign([50.0])
    outputs, loss = evaluate(model, X, Y)
    assert (outputs == 1).all()
    assert loss == pytest.approx(50 * (1 - Y.mean()), rel=1e-5)


@pytest.mark.parametrize("end", [(1, "sigmoid"), (3, "softmax")])
def test_a_diverged_model_has_outputs_and_a_loss_of_nan(end):
    model = ending_in(*end)
    model.set_weights([np.full_like(weights, np.nan) for weights in model.get_weights()])
    outputs, loss = evaluate(model, X, Y)
    assert outputs.shape == (50, end[0])
    assert np.isnan(outputs).all()
    assert np.isnan(loss)


@pytest.mark.parametrize(
    "x", [X.astype("float64"), X.tolist(), pd.DataFrame(X), X[..., None], keras.ops.array(X)]
)
def test_what_keras_takes_is_taken(x):
    np.testing.assert_allclose(predict(SIGMOID, x), SIGMOID.predict(X, verbose=0), rtol=1e-5)


def test_images_need_no_axis_for_their_one_colour():
    x = np.random.default_rng(0).random((6, 4, 4))
    np.testing.assert_array_equal(predict(IMAGES, x), predict(IMAGES, x[..., None]))


def test_a_model_that_is_not_built_is_built_for_any_number_of_rows():
    model = keras.Sequential([layers.Dense(1, activation="sigmoid")])
    assert predict(model, X).shape == (50, 1)
    assert model.input_shape == (None, 2)


@pytest.mark.parametrize("model", [SIGMOID, subclass()])
def test_logits_are_what_the_sigmoid_takes(model):
    np.testing.assert_allclose(special.expit(logits(model, X)), predict(model, X), rtol=1e-5)


def test_the_logits_of_a_softmax_give_its_probabilities():
    found = special.softmax(logits(SOFTMAX, X), axis=1)
    np.testing.assert_allclose(found, predict(SOFTMAX, X), rtol=1e-5)


def test_logits_are_not_cut_off_where_the_probability_rounds_to_one():
    model = ending_in(1, "sigmoid")
    model.layers[-1].set_weights([np.full((2, 1), 1000.0), np.zeros(1)])
    np.testing.assert_allclose(logits(model, [[1.0, 1.0]]), [[2000.0]])


@pytest.mark.parametrize("outputs", [1, 3])
def test_logits_are_taken_from_probabilities_where_keras_keeps_none(outputs):
    last = layers.Lambda(lambda p: p * 1.0, output_shape=(outputs,))
    kept = ending_in(outputs, "sigmoid" if outputs == 1 else "softmax")
    model = keras.Sequential([kept, last])
    found, expected = logits(model, X), logits(kept, X)
    if outputs > 1:
        found, expected = (a - a[:, :1] for a in (found, expected))
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-4)


def test_outputs_that_are_not_probabilities_have_no_logits():
    with pytest.raises(ValueError, match="its outputs are not probabilities"):
        logits(ending_in(1, "linear", (2,), layers.Dense(1)), X * 100)
