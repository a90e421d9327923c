import numpy as np
import pytest
from scipy import stats

from armed_study.statistics.tests import corrected_t_test, holm


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
