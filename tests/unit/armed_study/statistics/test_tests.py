import numpy as np
import pytest
from scipy import stats

from armed_study.statistics.bootstrap import resample
from armed_study.statistics.tests import bootstrap_test, corrected_t_test, holm


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


def test_holm_leaves_unknown_p_values_out():
    assert holm(np.array([0.03, np.nan, 0.01])) == pytest.approx([0.03, np.nan, 0.02], nan_ok=True)
    assert np.isnan(holm(np.array([np.nan]))).all()


def test_interval_of_the_corrected_test_excludes_zero_when_p_is_small():
    differences = np.random.default_rng(0).normal(0.02, 0.02, 6)
    for ratio in np.linspace(0, 2, 20):
        test = corrected_t_test(differences, ratio)
        assert (test.low > 0) == (test.p < 0.05)


def test_the_bootstrap_test_counts_draws_on_the_other_side_of_zero():
    draws = np.r_[np.full(97, 0.2), [-0.1, -0.2, np.nan]]
    assert bootstrap_test(0.1, draws).p == pytest.approx(2 * 3 / 100)
    assert bootstrap_test(0.1, np.full(99, 0.2)).p == pytest.approx(2 / 100)
    assert bootstrap_test(0.0, np.zeros(99)).p == 1


@pytest.mark.parametrize("cluster_sd", [0.0, 1.0])
def test_equal_models_are_told_apart_in_at_most_one_of_twenty_studies(cluster_sd):
    """Differences of clusters and folds are around 0; each is 1 apart with a power to see."""
    rng, labels = np.random.default_rng(7), [np.arange(20)] * 5
    p = {0.0: [], 1.0: []}
    for trial in range(300):
        own = cluster_sd * rng.normal(size=20) + 0.5 * rng.normal(size=(5, 1))
        own = own + rng.normal(size=(5, 20))
        drawn = resample(labels, draws=199, seed=trial)
        for apart, found in p.items():
            values = own + apart
            folds = np.stack([w @ row / 20 for w, row in zip(drawn.units, values, strict=True)], 1)
            draws = (folds * drawn.folds).mean(axis=1)
            found.append(bootstrap_test(values.mean(), draws).p)
    assert np.mean(np.array(p[0.0]) < 0.05) < 0.08
    assert np.mean(np.array(p[1.0]) < 0.05) > 0.6


def test_there_is_no_bootstrap_test_where_most_draws_are_undefined():
    test = bootstrap_test(0.1, np.r_[np.full(60, np.nan), np.ones(40)])
    assert np.isnan([test.low, test.high, test.p]).all()
