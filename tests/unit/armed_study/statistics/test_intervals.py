import numpy as np
import pytest

from armed_study.statistics.intervals import normal_interval, pearson, t_interval, wilson


def test_t_interval_covers_the_mean_as_often_as_it_says():
    generator = np.random.default_rng(0)
    means = generator.normal(0.7, 0.05, (4000, 10))
    covered = [low < 0.7 < high for low, high in map(t_interval, means)]
    assert np.mean(covered) == pytest.approx(0.95, abs=0.011)  # three standard errors


def test_t_interval_is_that_of_each_mean_and_unknown_of_one_value():
    values = np.random.default_rng(1).normal(size=(6, 3))
    assert np.array_equal(np.transpose(t_interval(values)), [t_interval(own) for own in values.T])
    assert np.array_equal(np.isnan(t_interval(values[:1])), np.ones((2, 3)))


def test_normal_interval_is_1_96_standard_errors_wide_on_both_sides():
    assert normal_interval(0.5, 0.1) == pytest.approx((0.5 - 0.196, 0.5 + 0.196), abs=1e-5)


def test_wilson_interval_solves_its_equation_and_ends_at_0_and_1():
    count, total = np.array([0, 3, 10]), np.array([5, 8, 10])
    low, high = wilson(count, total)
    for end in (low[1], high[1]):  # |share - p| = z sqrt(p (1 - p) / n)
        assert abs(3 / 8 - end) == pytest.approx(1.959964 * np.sqrt(end * (1 - end) / 8))
    assert (low[0], high[2]) == (0, 1)


def test_three_points_correlate_without_an_interval():
    found = pearson([0, 1, 2], [0, 1, 3])
    assert np.isfinite([found.r, found.p]).all()
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
