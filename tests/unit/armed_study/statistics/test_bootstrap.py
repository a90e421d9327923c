import numpy as np
import pytest

from armed_study.statistics.bootstrap import percentile_interval, resample


def test_crossed_clusters_and_folds_are_drawn_independently():
    labels = [np.arange(5)] * 3
    drawn = resample(labels, draws=2000, seed=1)
    assert (drawn.folds.sum(axis=1) == 3).all()
    assert all(np.array_equal(units, drawn.units[0]) for units in drawn.units)
    assert (drawn.units[0].sum(axis=1) == 5).all()
    assert np.allclose(drawn.units[0].mean(axis=0), 1, atol=0.08)


def test_clusters_left_out_in_one_fold_each_are_drawn_within_folds():
    drawn = resample([np.array([0, 3]), np.array([1, 2, 4])], draws=200, seed=1)
    assert (drawn.folds == 1).all()
    assert (drawn.units[0].sum(axis=1) == 2).all()
    assert (drawn.units[1].sum(axis=1) == 3).all()


def test_draws_depend_on_the_seed_alone():
    labels = [np.arange(5)] * 3
    first, again, other = (resample(labels, draws=50, seed=s) for s in (1, 1, 2))
    assert np.array_equal(first.units[0], again.units[0])
    assert not np.array_equal(first.units[0], other.units[0])


def test_the_percentile_interval_is_unknown_when_most_draws_are():
    draws = np.linspace(0, 1, 101)
    assert percentile_interval(draws) == (pytest.approx(0.025), pytest.approx(0.975))
    draws[:60] = np.nan
    assert np.isnan(percentile_interval(draws)).all()
