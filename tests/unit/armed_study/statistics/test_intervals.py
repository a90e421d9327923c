import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests

from armed_study.statistics.intervals import (
    corrected_t_test,
    delong,
    holm,
    percentile_interval,
    resample,
    t_interval,
)


def test_the_t_interval_covers_the_mean_of_normal_values_as_often_as_it_says():
    generator = np.random.default_rng(0)
    means = generator.normal(0.7, 0.05, (4000, 10))
    covered = [low < 0.7 < high for low, high in map(t_interval, means)]
    assert np.mean(covered) == pytest.approx(0.95, abs=0.011)  # three standard errors


def test_the_t_interval_of_one_value_is_unknown():
    assert np.isnan(t_interval(np.array([0.7]))).all()


def test_delong_equals_the_closed_form_for_one_negative_less_than_complete_separation():
    # V10 = 1, 1, 1/2 and V01 = 1, 2/3, counted by hand: + at 4, 3, 1.5; - at 1, 2.
    auroc, error = delong(np.array([1, 1, 1, 0, 0]), np.array([4, 3, 1.5, 1, 2]))
    assert auroc == pytest.approx(5 / 6)
    assert error**2 == pytest.approx((1 / 12) / 3 + (1 / 18) / 2)


def test_delong_equals_the_mean_square_error_over_new_samples():
    generator = np.random.default_rng(1)
    y = np.repeat([0, 1], [60, 40])
    found = [delong(y, np.round(generator.normal(y, 1), 1)) for _ in range(3000)]
    values, errors = np.array(found).T
    assert np.mean(errors) == pytest.approx(values.std(), rel=0.04)


def test_delong_equals_the_bootstrap_of_one_sample():
    generator = np.random.default_rng(2)
    y = np.repeat([0, 1], [150, 100])
    p = np.round(generator.normal(y, 1), 1)
    positive, negative = p[150:, None], p[None, :150]
    wins = (positive > negative) + 0.5 * (positive == negative)
    rows = generator.multinomial(100, np.full(100, 1 / 100), 4000)
    columns = generator.multinomial(150, np.full(150, 1 / 150), 4000)
    drawn = ((rows @ wins) * columns).sum(axis=1) / wins.size
    assert delong(y, p)[1] == pytest.approx(np.std(drawn), rel=0.05)


def test_the_corrected_test_equals_its_formula_by_hand():
    differences = np.array([0.03, 0.01, 0.02, 0.05, -0.01])
    # mean 0.02, variance 0.0005, (1/5 + 1/4) * 0.0005 = 0.000225 = 0.015^2
    test = corrected_t_test(differences, 0.25)
    assert test.difference == pytest.approx(0.02)
    assert test.standard_error == pytest.approx(0.015)
    assert test.t == pytest.approx(4 / 3)
    assert test.df == 4
    assert test.p == pytest.approx(2 * stats.t.sf(4 / 3, 4))


def test_the_corrected_test_without_correction_is_the_paired_t_test():
    differences = np.random.default_rng(0).normal(0.01, 0.02, 8)
    plain = stats.ttest_1samp(differences, 0)
    test = corrected_t_test(differences, 0.0)
    assert (test.t, test.p) == (pytest.approx(plain.statistic), pytest.approx(plain.pvalue))
    assert corrected_t_test(differences, 1 / 9).p > test.p


@pytest.mark.parametrize("differences", [[], [0.1], [0.1, 0.1, 0.1]])
def test_no_test_is_made_without_spread_between_folds(differences):
    test = corrected_t_test(np.array(differences), 0.1)
    assert np.isnan([test.t, test.p]).all()


def test_equal_models_have_p_one():
    assert corrected_t_test(np.zeros(5), 0.1).p == 1


def test_holm_equals_statsmodels_and_leaves_unknown_p_values_out():
    generator = np.random.default_rng(5)
    for _ in range(20):
        p = np.round(generator.random(9) ** 3, 2)
        assert holm(p) == pytest.approx(multipletests(p, method="holm")[1])
        assert holm(np.append(p, np.nan))[:-1] == pytest.approx(holm(p))
        assert np.isnan(holm(np.append(p, np.nan))[-1])
    assert np.isnan(holm(np.array([np.nan]))).all()


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
