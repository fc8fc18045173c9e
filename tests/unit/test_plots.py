"""Every picture: it draws what it says on the Axes it is given, and returns it."""

import inspect
import re

from helpers import plots
from helpers.data import moons
import matplotlib as mpl
from matplotlib.colors import to_hex
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

mpl.use("agg")
HISTORY = {"loss": [0.7, 0.3, 0.1], "val_loss": [0.7, 0.4, 0.6], "accuracy": [0.5, 0.8, 1.0]}


@pytest.fixture
def ax():
    figure, ax = plt.subplots()
    yield ax
    plt.close(figure)


def labels(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


def test_the_style_is_set_only_when_called():
    with mpl.rc_context():
        mpl.rcdefaults()
        assert plt.rcParams["axes.spines.top"]
        plots.style()
        assert not plt.rcParams["axes.spines.top"]


def test_the_parts_have_different_colors_and_lines():
    for key in ("color", "linestyle"):
        assert len({look[key] for look in plots.PARTS.values()}) == 3


def test_points_are_told_apart_by_shape_and_color(ax):
    x, y = np.array([[0, 0], [1, 1], [2, 1]]), np.array([[0], [1], [1]])
    assert plots.points(x, y, ax=ax) is ax
    zero, one = ax.collections
    assert (len(zero.get_offsets()), len(one.get_offsets())) == (1, 2)
    assert not np.array_equal(zero.get_paths()[0].vertices, one.get_paths()[0].vertices)
    assert to_hex(zero.get_facecolor()[0]) != to_hex(one.get_facecolor()[0])


def test_validation_points_are_hollow(ax):
    plots.points(np.zeros((2, 2)), np.array([0, 1]), part="validation", ax=ax)
    assert all(len(drawn.get_facecolor()) == 0 for drawn in ax.collections)


def test_the_boundary_lies_where_the_probability_is_one_half(ax):
    assert plots.boundary(lambda x: (x[:, 0] > 0.4).astype(float), ax=ax) is ax
    line = np.concatenate([path.vertices for path in ax.collections[0].get_paths()])
    assert np.abs(line[:, 0] - 0.4).max() < 0.05


def test_no_boundary_is_drawn_where_there_is_none(ax):
    plots.boundary(lambda x: np.full(len(x), 0.2), ax=ax)
    assert not ax.collections


def test_curves_draw_both_losses_and_mark_the_best_epoch(ax):
    assert plots.curves(HISTORY, ax=ax) is ax
    assert labels(ax) == ["train", "validation", "best: epoch 2"]
    np.testing.assert_array_equal(ax.lines[1].get_xydata(), [[1, 0.7], [2, 0.4], [3, 0.6]])
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("epoch", "loss")


def test_curves_draw_a_metric_without_validation(ax):
    plots.curves(HISTORY, "accuracy", ax=ax)
    assert labels(ax) == ["train"]


def test_curves_prefer_training_in_inference_mode_and_draw_the_test_set(ax):
    history = {"loss": [9, 8], "train_loss": [3, 2], "val_loss": [4, 3], "test_loss": [5, 4]}
    plots.curves(history, ax=ax, best=False)
    drawn = {line.get_label(): list(line.get_ydata()) for line in ax.lines}
    assert drawn == {"train": [3, 2], "validation": [4, 3], "test": [5, 4]}


def test_curves_draw_a_loss_that_turned_nan(ax):
    plots.curves({"loss": [1, np.nan], "val_loss": [0.9, np.nan]}, ax=ax)
    assert "best: epoch 1" in labels(ax)


def test_curves_draw_a_loss_that_is_nan_throughout(ax):
    plots.curves({"loss": [np.nan] * 2, "val_loss": [np.nan] * 2}, ax=ax)
    assert labels(ax) == ["train", "validation"]


def test_a_band_is_drawn_around_the_mean(ax):
    values = np.random.default_rng(0).normal([1, 2], 0.1, size=(30, 2))
    assert plots.band([10, 20], values, ax=ax) is ax
    np.testing.assert_allclose(ax.lines[0].get_ydata(), values.mean(axis=0))
    low, high = ax.collections[0].get_datalim(ax.transData).intervaly
    assert 0.9 < low < 1
    assert 2 < high < 2.1


def test_a_calibrated_forecast_lies_on_the_diagonal(ax):
    y = np.repeat([1, 1, 1, 0], 100)
    assert plots.reliability(y, np.full(400, 0.75), ax=ax) is ax
    np.testing.assert_allclose(ax.lines[1].get_xydata(), [[0.75, 0.75]])


def test_the_diagonal_is_drawn_once(ax):
    for _ in range(2):
        plots.reliability([0, 1], [0.2, 0.8], ax=ax, label="m")
    assert labels(ax).count("perfect calibration") == 1


@pytest.mark.parametrize(
    ("kind", "line", "scale"),
    [("mean", [], "linear"), ("change", [0, 0], "linear"), ("factor", [1, 1], "log")],
)
def test_intervals_have_a_row_for_each_setting_and_a_line_for_no_change(ax, kind, line, scale):
    estimates = pd.DataFrame(
        [[0.7, 0.5, 0.8], [1.5, 1, 3]], ["a", "b"], ["value", "low", "high"]
    ).assign(kind=kind)
    assert plots.intervals(estimates, ax=ax, label="loss") is ax
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["a", "b"]
    assert ax.get_xlabel() == "loss"
    assert ax.yaxis_inverted()
    assert ax.get_xscale() == scale
    assert [x for drawn in ax.lines[3:] for x in drawn.get_xdata()] == line


def test_the_ticks_of_a_factor_are_plain_numbers(ax):
    estimates = pd.DataFrame([[0.7, 0.45, 1.1]], ["a"], ["value", "low", "high"])
    plots.intervals(estimates.assign(kind="factor"), ax=ax)
    ax.figure.canvas.draw()
    low, high = ax.get_xlim()
    shown = [float(tick.get_text()) for tick in ax.get_xticklabels()]
    assert [tick for tick in shown if low < tick < high] == [0.5, 0.7, 1]


def test_the_shots_have_the_bias_as_their_mean(ax):
    assert plots.target(bias=0.5, spread=0.1, shots=20, ax=ax) is ax
    shots = np.asarray(ax.collections[0].get_offsets())
    assert np.hypot(*shots.mean(axis=0)) == pytest.approx(0.5)


def test_the_same_shots_lie_wider_with_a_larger_spread(ax):
    for spread in (0.1, 0.3):
        plots.target(bias=0, spread=spread, ax=ax)
    narrow, wide = (np.asarray(drawn.get_offsets()).std() for drawn in ax.collections)
    assert wide == pytest.approx(3 * narrow)


def test_the_best_epoch_is_marked_for_losses_only(ax):
    plots.curves({"auc": [0.5, 0.9], "val_auc": [0.5, 0.9]}, "auc", ax=ax)
    assert labels(ax) == ["train", "validation"]


ESTIMATES = pd.DataFrame([[1, 0.5, 2]], ["a"], ["value", "low", "high"])
MIXED = pd.concat([ESTIMATES.assign(kind="change"), ESTIMATES.assign(kind="factor")])
X, Y = np.zeros((2, 2)), np.array([0, 1])
WRONG = [
    (plots.points, (X, [0, 2]), {}, "y must hold the classes 0 and 1, not 2"),
    (plots.points, (X, [-1, 1]), {}, "y must hold the classes 0 and 1, not -1"),
    (plots.points, (X, np.eye(2)), {}, "y must have shape"),
    (plots.points, (X, [0]), {}, "x has 2 rows and y has 1"),
    (plots.points, (X, ["a", "b"]), {}, "y must be an array of numbers"),
    (plots.points, (X, [0, np.nan]), {}, "y contains NaN"),
    (plots.points, (X, None), {}, "y must be an array of numbers, not None"),
    (plots.points, (X, 1), {}, "y must be an array of numbers, not 1"),
    (plots.points, (np.zeros((2, 3)), Y), {}, "x must have shape (n, 2), not (2, 3)"),
    (plots.points, (np.zeros(2), Y), {}, "x must have shape (n, 2), not (2,)"),
    (plots.points, (X[None], Y), {}, "x must have shape (n, 2), not (1, 2, 2)"),
    (plots.points, (X[:0], Y[:0]), {}, "x is empty"),
    (plots.points, (X * np.nan, Y), {}, "x contains NaN"),
    (plots.points, ([[0, 1], [1]], Y), {}, "x must be an array of numbers"),
    (plots.points, (moons(), Y), {}, "x must be an array of numbers, not Split"),
    (plots.points, (X, Y), {"part": "val"}, "part must be one of train, validation, test"),
    (plots.points, (X, Y), {"part": ["train"]}, "part must be one of train, validation, test"),
    (plots.points, (X, Y), {"part": None}, "part must be one of train, validation, test"),
    (plots.boundary, (None,), {}, "predict must be a function"),
    (plots.boundary, (X,), {}, "predict must be a function"),
    (plots.boundary, (lambda x: x[:5, 0] * 0,), {}, "what predict returns must give the prob"),
    (plots.boundary, (lambda x: np.full((len(x), 3), 1 / 3),), {}, "what predict returns must"),
    (plots.boundary, (lambda x: np.ones((len(x), 2)),), {}, "what predict returns must add up"),
    (plots.boundary, (lambda x: np.ones((len(x), 1, 1)),), {}, "what predict returns must have"),
    (plots.boundary, (lambda x: x[:, 0],), {}, "what predict returns must lie between 0 and 1"),
    (plots.boundary, (lambda x: x[:, 0] * np.nan,), {}, "what predict returns contains NaN"),
    (plots.boundary, (lambda x: None,), {}, "what predict returns must be an array"),
    (plots.boundary, (lambda x: 0.5,), {}, "what predict returns must be an array"),
    (plots.boundary, (lambda x: ["a"] * len(x),), {}, "what predict returns must be an array"),
    (plots.boundary, (lambda x: [],), {}, "what predict returns is empty"),
    (plots.boundary, (bool,), {"resolution": 1}, "resolution must be a whole number, from 2 to"),
    (plots.boundary, (bool,), {"resolution": 99.5}, "resolution must be a whole number"),
    (plots.boundary, (bool,), {"resolution": "160"}, "resolution must be a whole number"),
    (plots.boundary, (bool,), {"resolution": 10**9}, "resolution must be a whole number"),
    (plots.curves, (None,), {}, "history must be a History or a dict of lists, not None"),
    (plots.curves, ([0.5, 0.4],), {}, "history must be a History or a dict of lists"),
    (plots.curves, ({},), {}, "history is empty: train first"),
    (plots.curves, (HISTORY, "lost"), {}, "metric 'lost' is not in the history: loss, val_loss"),
    (plots.curves, (HISTORY, None), {}, "metric None is not in the history"),
    (plots.curves, (HISTORY, ["loss"]), {}, "metric ['loss'] is not in the history"),
    (plots.curves, (HISTORY, X), {}, "metric"),
    (plots.curves, ({"loss": []},), {}, "history['loss'] is empty"),
    (plots.curves, ({"loss": 0.5},), {}, "history['loss'] must be an array of numbers, not 0.5"),
    (plots.curves, ({"loss": ["a"]},), {}, "history['loss'] must be an array of numbers"),
    (plots.curves, ({"loss": X},), {}, "history['loss'] must have shape (epochs,)"),
    (plots.curves, ({"loss": [1], "val_loss": None},), {}, "history['val_loss'] must be"),
    (plots.band, ([1, 2], np.ones((3, 3))), {}, "x has 2 rows and each row of values has 3"),
    (plots.band, ([1, 2], np.ones(2)), {}, "values must have shape (runs, n), not (2,)"),
    (plots.band, ([1, 2], np.ones((1, 2))), {}, "values must be one list of two numbers or more"),
    (plots.band, ([1, 2], np.full((2, 2), np.nan)), {}, "values contains NaN"),
    (plots.band, ([1, 2], [[1, 2], [3]]), {}, "values must be an array of numbers"),
    (plots.band, ([1, 2], None), {}, "values must be an array of numbers"),
    (plots.band, ([[1, 2]], np.ones((3, 2))), {}, "x must have shape (n,), not (1, 2)"),
    (plots.band, (["a", "b"], np.ones((3, 2))), {}, "x must be an array of numbers"),
    (plots.band, ([], np.ones((3, 0))), {}, "x is empty"),
    (plots.band, (5, np.ones((3, 2))), {}, "x must be an array of numbers, not 5"),
    (plots.reliability, (Y, [0.1]), {}, "probability must give the probability of class 1"),
    (plots.reliability, (Y, np.full((2, 3), 1 / 3)), {}, "probability must give the prob"),
    (plots.reliability, (Y, [0.1, np.nan]), {}, "probability contains NaN"),
    (plots.reliability, (Y, [0.1, 1.5]), {}, "probability must lie between 0 and 1"),
    (plots.reliability, (Y, None), {}, "probability must be an array of numbers"),
    (plots.reliability, ([0, 2], [0.1, 0.2]), {}, "y must hold the classes 0 and 1, not 2"),
    (plots.reliability, (np.eye(2), [0.1, 0.2]), {}, "y must have shape"),
    (plots.reliability, ([], []), {}, "y is empty"),
    (plots.reliability, (Y, [0.1, 0.2]), {"bins": 0}, "bins must be a whole number"),
    (plots.reliability, (Y, [0.1, 0.2]), {"bins": [0, 1]}, "bins must be a whole number"),
    (plots.intervals, (None,), {}, "estimates must be a table as summarize returns it"),
    (plots.intervals, ({"value": [1]},), {}, "estimates must be a table as summarize returns it"),
    (plots.intervals, (ESTIMATES[["value"]],), {}, "estimates has no column 'low': pass what"),
    (plots.intervals, (ESTIMATES[:0],), {}, "estimates['value'] is empty"),
    (plots.intervals, (ESTIMATES * np.nan,), {}, "estimates['value'] contains NaN"),
    (plots.intervals, (ESTIMATES.astype(str),), {}, "estimates['value'] must be an array of numbe"),
    (plots.intervals, (-ESTIMATES,), {}, "estimates has a value outside of its interval"),
    (plots.intervals, (MIXED,), {}, "estimates mixes change and factor: pick one measure"),
    (plots.target, ("far", 0.1), {}, "bias must be a number, not 'far'"),
    (plots.target, (None, 0.1), {}, "bias must be a number"),
    (plots.target, (np.nan, 0.1), {}, "bias must be a number"),
    (plots.target, ([0, 1], 0.1), {}, "bias must be a number"),
    (plots.target, (0, -0.1), {}, "spread must be a number, 0 or more"),
    (plots.target, (0, np.inf), {}, "spread must be a number, 0 or more"),
    (plots.target, (0, 0.1), {"shots": 0}, "shots must be a whole number, from 1 to 10000"),
    (plots.target, (0, 0.1), {"shots": 2.5}, "shots must be a whole number"),
    (plots.target, (0, 0.1), {"seed": -1}, "seed must be a whole number, 0 or more"),
    (plots.target, (0, 0.1), {"seed": "x"}, "seed must be a whole number"),
]
RIGHT = {
    plots.points: (X, Y),
    plots.boundary: (lambda x: np.full(len(x), 0.2),),
    plots.curves: (HISTORY,),
    plots.band: ([1, 2], np.ones((3, 2))),
    plots.reliability: (Y, [0.1, 0.2]),
    plots.intervals: (ESTIMATES,),
    plots.target: (0, 0.1),
}


def name(value):
    return getattr(value, "__name__", None)


@pytest.mark.parametrize(("draw", "given", "options", "message"), WRONG, ids=name)
def test_what_cannot_be_drawn_is_named_in_one_line_and_nothing_is_drawn(
    draw, given, options, message
):
    before = plt.get_fignums()
    with pytest.raises(ValueError, match=f"^{re.escape(message)}[^\n]*$"):
        draw(*given, **options)
    assert plt.get_fignums() == before


@pytest.mark.parametrize("draw", RIGHT, ids=name)
def test_one_axes_is_named_where_several_are_given(draw):
    figure, axes = plt.subplots(1, 2)
    for wrong in (axes, figure, "left", 0, False):
        with pytest.raises(ValueError, match=r"^ax must be one matplotlib Axes"):
            draw(*RIGHT[draw], ax=wrong)
    assert draw(*RIGHT[draw], ax=axes[0]) is axes[0]
    assert not axes[1].has_data()
    plt.close(figure)


def test_every_picture_is_tried_with_wrong_arguments():
    public = {
        function
        for function in vars(plots).values()
        if inspect.isfunction(function)
        and function.__module__ == plots.__name__
        and not function.__name__.startswith("_")
    } - {plots.style}
    assert public == set(RIGHT) == {case[0] for case in WRONG}


def test_a_band_of_losses_is_drawn_around_their_geometric_mean(ax):
    values = np.exp(np.random.default_rng(0).normal([1, 2], 0.1, size=(30, 2)))
    plots.band([10, 20], values, log=True, ax=ax)
    np.testing.assert_allclose(ax.lines[0].get_ydata(), np.exp(np.log(values).mean(axis=0)))
    with pytest.raises(ValueError, match="values must be above 0 for a geometric mean"):
        plots.band([10, 20], -values, log=True, ax=ax)


def test_the_boundary_of_a_softmax_is_that_of_class_one(ax):
    def two(x):
        one = 1 / (1 + np.exp(-x[:, 0]))
        return np.stack([1 - one, one], axis=1)

    plots.boundary(two, ax=ax)
    shades = ax.images[0].get_array()
    assert (shades[:, -1] > 0.9).all()
    assert (shades[:, 0] < 0.2).all()


def test_curves_are_drawn_from_a_table_too(ax):
    plots.curves(pd.DataFrame(HISTORY, index=[7, 8, 9]), ax=ax)
    assert "best: epoch 2" in labels(ax)


def test_settings_that_are_tuples_have_a_row_each(ax):
    index = pd.Index([("a", 1), ("b", 2)], tupleize_cols=False)
    estimates = pd.DataFrame([[1, 0.5, 2]] * 2, index, ["value", "low", "high"])
    plots.intervals(estimates, ax=ax)
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["('a', 1)", "('b', 2)"]


def test_without_an_axes_the_current_one_is_used(ax):
    plt.sca(ax)
    assert plots.curves(HISTORY) is ax
