"""Every picture: it draws what it says on the Axes it is given, and returns it."""

from helpers import plots
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


def test_curves_name_what_the_history_has(ax):
    with pytest.raises(ValueError, match="'lost' is not in the history: loss, val_loss, accuracy"):
        plots.curves(HISTORY, "lost", ax=ax)


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


@pytest.mark.parametrize("column", ["mean", "change"])
def test_intervals_have_a_row_for_each_setting(ax, column):
    names = ["mean", "low", "high", "change", "change_low", "change_high"]
    summary = pd.DataFrame([[1, 0.5, 2, 0, 0, 0], [2, 1, 3, 1, 0.5, 1.5]], ["a", "b"], names)
    assert plots.intervals(summary, column=column, ax=ax, label="loss") is ax
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["a", "b"]
    assert ax.get_xlabel() == "loss"
    assert ax.yaxis_inverted()


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


@pytest.mark.parametrize(
    ("options", "message"),
    [({"part": "val"}, "part must be one of train, validation, test"), ({}, "classes 0 and 1")],
)
def test_points_refuse_what_they_cannot_draw(ax, options, message):
    with pytest.raises(ValueError, match=message):
        plots.points(np.zeros((2, 2)), np.array([0, 2]), ax=ax, **options)


@pytest.mark.parametrize("column", ["median", "change"])
def test_intervals_name_the_columns_there_are(ax, column):
    summary = pd.DataFrame([[1, 0.5, 2]], ["a"], ["mean", "low", "high"])
    with pytest.raises(ValueError, match=f"column '{column}'"):
        plots.intervals(summary, column=column, ax=ax)


def test_without_an_axes_the_current_one_is_used(ax):
    plt.sca(ax)
    assert plots.curves(HISTORY) is ax
