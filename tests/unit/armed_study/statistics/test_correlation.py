import numpy as np
import pytest
from scipy import stats

from armed_study.statistics.correlation import pearson


@pytest.mark.parametrize("count", [4, 10, 300])
@pytest.mark.parametrize("slope", [0.0, 0.4, -3.0])
def test_all_is_what_scipy_says(count, slope):
    rng = np.random.default_rng(count)
    x = rng.normal(5, 2, count)
    y = slope * x + rng.normal(size=count)
    expected = stats.pearsonr(x, y)
    found = pearson(x, y)
    assert (found.r, found.p) == pytest.approx((expected.statistic, expected.pvalue), rel=1e-9)
    assert found[1:3] == pytest.approx(tuple(expected.confidence_interval(0.95)), rel=1e-9)


def test_three_points_have_no_interval():
    found = pearson([0, 1, 2], [0, 1, 3])
    expected = stats.pearsonr([0, 1, 2], [0, 1, 3])
    assert (found.r, found.p) == pytest.approx((expected.statistic, expected.pvalue), rel=1e-9)
    assert np.isnan([found.low, found.high]).all()


@pytest.mark.parametrize(
    ("x", "y"), [([1, 2], [1, 2]), ([1, 1, 1], [1, 2, 3]), ([1, 2, 3], [2, 2, 2])]
)
def test_too_little_to_correlate_is_told_by_nan(x, y):
    assert np.isnan(pearson(x, y)).all()


@pytest.mark.parametrize("slope", [2.0, -2.0])
def test_points_on_a_line_correlate_wholly(slope):
    x = np.arange(6.0)
    found = pearson(x, slope * x + 1)
    assert found[:3] == pytest.approx([np.sign(slope)] * 3)
    assert found.p == pytest.approx(0, abs=1e-20)
