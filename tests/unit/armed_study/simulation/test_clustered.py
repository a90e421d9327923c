"""Simulated clusters have the variance, sizes and fixed part that they are said to have."""

import numpy as np
import pytest

from armed.errors import ConfigError
from armed_study.simulation.clustered import (
    FIXED_SD,
    ClusteredSettings,
    fixed_part,
    simulate,
)


def drawn(**settings):
    return simulate(ClusteredSettings(**settings), np.random.default_rng(1))


def test_fixed_part_has_mean_0_and_the_declared_sd():
    found = fixed_part(np.random.default_rng(0).normal(size=(400_000, 10)))
    assert found.mean() == pytest.approx(0, abs=0.02)
    assert found.std() == pytest.approx(FIXED_SD, rel=0.01)


def test_fixed_part_is_not_a_line():
    x = np.random.default_rng(0).normal(size=(20_000, 10))
    y = fixed_part(x)
    left = y - x @ np.linalg.lstsq(x, y)[0]
    assert left.var() > 0.5 * y.var()


@pytest.mark.parametrize("variance", [0.1, 10.0])
def test_intercepts_have_the_variance_that_is_asked_for(variance):
    draw = drawn(clusters=4000, variance=variance, samples_per_cluster=2, test_samples=10)
    assert draw.variance == pytest.approx(variance, rel=0.1)
    assert draw.variance == draw.intercepts.var(ddof=1)


def test_variance_of_0_leaves_clusters_alike():
    draw = drawn(variance=0.0, clusters=5)
    assert draw.variance == 0
    np.testing.assert_array_equal(draw.test.eta, fixed_part(draw.test.x))


def test_intercept_of_its_cluster_is_in_every_predictor():
    draw = drawn(clusters=7, variance=2.0)
    for part in (draw.train, draw.test):
        np.testing.assert_allclose(part.eta - fixed_part(part.x), draw.intercepts[part.z])
    unseen = draw.unseen.eta - fixed_part(draw.unseen.x)
    assert not np.isin(unseen.round(9), draw.intercepts.round(9)).any()


def test_balanced_clusters_have_as_many_samples_each():
    draw = drawn(clusters=9, samples_per_cluster=6)
    assert np.bincount(draw.train.z).tolist() == [6] * 9


def test_unbalanced_clusters_differ_much_and_add_up():
    sizes = np.bincount(drawn(clusters=300, sizes="unbalanced").train.z, minlength=300)
    assert sizes.sum() == 300 * 20
    assert sizes.min() >= 1
    assert sizes.max() > 20 * np.median(sizes)


def test_binary_outcome_follows_the_predictor():
    part = drawn(clusters=50, samples_per_cluster=400).train
    high = part.eta > 1
    assert set(np.unique(part.y)) == {0, 1}
    assert part.y[high].mean() == pytest.approx(
        (1 / (1 + np.exp(-part.eta[high]))).mean(), abs=0.02
    )


def test_continuous_outcome_has_residual_variance_1():
    part = drawn(outcome="continuous", clusters=50, samples_per_cluster=200).train
    assert (part.y - part.eta).var() == pytest.approx(1, rel=0.05)


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [("outcome", "count", "binary or continuous"), ("sizes", "odd", "balanced or unbalanced"),
     ("clusters", 1, "at least 2"), ("variance", -1.0, "at least 0")],
)  # fmt: skip
def test_wrong_setting_is_refused_with_what_is_expected(key, value, expected):
    with pytest.raises(ConfigError, match=f"{key} is .*{expected}"):
        ClusteredSettings(**{key: value})
