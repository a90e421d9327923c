import numpy as np
from scipy import stats

from armed_study.statistics import quantiles

P = np.array([0.005, 0.025, 0.5, 0.9, 0.975])


def test_quantiles_are_those_of_scipy_stats():
    np.testing.assert_allclose(quantiles.normal(P), stats.norm.ppf(P), atol=1e-14)
    for degrees in (1, 2, 9, 200):
        np.testing.assert_allclose(
            quantiles.student(P, degrees), stats.t.ppf(P, degrees), rtol=1e-10, atol=1e-12
        )
    np.testing.assert_allclose(quantiles.fisher(P, 7, 40), stats.f.ppf(P, 7, 40), rtol=1e-10)


def test_tail_of_student_counts_both_sides():
    t = np.array([-3.0, 0.0, 0.4, 8.0])
    found = quantiles.student_two_sided(t, 9)
    np.testing.assert_allclose(found, 2 * stats.t.sf(np.abs(t), 9), rtol=1e-10)


def test_no_degree_of_freedom_gives_no_quantile():
    assert np.isnan(quantiles.student(0.975, 0))
    assert np.isnan(quantiles.student(0.975, np.array([0, 3]))).tolist() == [True, False]
