"""The training runs that the diagnosis is judged on, and the rule of their truth."""

from collections import Counter

from helpers.diagnosis.runs import FILE, PARTS, runs, truth
import numpy as np
import pytest


def test_every_truth_follows_from_the_stored_curves():
    for run in runs("all"):
        verdict, margin = truth(run.fresh_loss, run.train_loss_inference, run.unit)
        assert verdict == run.verdict, run.id
        assert margin == pytest.approx(run.margin, rel=1e-4, abs=1e-9), run.id


def test_parts_hold_enough_runs_of_every_verdict():
    for part in PARTS:
        verdicts = Counter(run.verdict for run in runs(part))
        assert min(verdicts[name] for name in ("overfitting", "improving", "level", "gap")) >= 25
        assert verdicts["diverging"] >= 8
    designed = Counter(run.designed for run in runs("all"))
    for name in ("nothing learned", "unstable", "validation better", "broken split", "leak"):
        assert designed[name] >= 8


def test_a_part_follows_from_family_and_number_alone():
    everything = runs("all")
    assert len({run.id for run in everything}) == len(everything) >= 500
    assert {run.id for run in everything} == {run.id for part in PARTS for run in runs(part)}
    for run in everything:
        family, number = run.id.rsplit("-", 1)
        assert family == run.family
        aside = int(number) >= 260 if family == "usual" else int(number) % 2
        half = "aside" if aside else "tune"
        assert run.part == ("last" if int(number) >= 1000 else half)


def test_half_of_the_last_runs_have_settings_that_people_use():
    families = Counter(run.family for run in runs("last"))
    assert families.total() >= 300
    assert 0.4 < families["usual"] / families.total() < 0.6


def test_the_file_is_small():
    assert FILE.stat().st_size <= 2.5e6


def test_logs_are_tables_of_an_epoch_a_row():
    for run in runs("all"):
        columns = run.history
        assert {"epoch", "loss", "val_loss"} <= set(columns)
        assert len({len(column) for column in columns.values()}) == 1
        assert np.all(np.diff(columns["epoch"]) > 0)
        assert any(value is not None for value in columns["val_loss"])
        assert len(run.fresh_at_epoch) == len(run.fresh_loss) == len(run.train_loss_inference)
        assert run.n_val >= 1
        assert run.peer


def test_an_unknown_part_is_named():
    with pytest.raises(ValueError, match="part='test'"):
        runs("test")


FALLING = np.linspace(1, 0.1, 100)


@pytest.mark.parametrize(
    ("fresh", "train", "verdict"),
    [
        (FALLING, FALLING, "improving"),
        (np.full(100, 0.3), np.full(100, 0.28), "level"),
        (np.full(100, 0.3), np.linspace(0.3, 0.1, 100), "gap"),
        (np.full(100, 0.03), np.linspace(0.03, 0.001, 100), "level"),
        (np.r_[FALLING, np.linspace(0.1, 0.2, 100)], np.geomspace(1, 0.01, 200), "overfitting"),
        (np.r_[FALLING, np.linspace(0.1, 0.105, 100)], np.r_[FALLING, np.full(100, 0.1)], "level"),
        (np.linspace(1, 2, 50), np.linspace(1, 1.3, 50), "diverging"),
        ([0.7, np.nan, np.nan], [0.7, 0.6, 0.5], "diverging"),
        ([0.7, 0.6, 0.5], [0.7, np.inf, 0.5], "diverging"),
        ([0.5], [0.5], "level"),
    ],
)
def test_truth_of_plain_curves(fresh, train, verdict):
    assert truth(fresh, train)[0] == verdict


def test_truth_of_a_regression_does_not_depend_on_its_scale():
    fresh, train = np.full(100, 0.3), np.linspace(0.3, 0.1, 100)
    for scale in (1e-4, 1, 1e4):
        verdict, margin = truth(scale * fresh, scale * train, scale)
        assert (verdict, margin) == ("gap", pytest.approx(truth(fresh, train)[1]))


def test_margin_is_how_far_a_loss_is_from_the_next_threshold():
    fresh = np.r_[FALLING, np.full(100, 0.1)]
    end = np.r_[np.full(150, 0.1), np.full(50, 0.12)]  # a fifth above the lowest
    assert truth(np.maximum(fresh, end), np.geomspace(1, 0.01, 200))[1] == pytest.approx(
        1.2 / 1.1 - 1, rel=1e-4
    )
    assert truth(np.full(100, 0.3), np.full(100, 0.3))[1] == pytest.approx(0.02, rel=1e-4)
