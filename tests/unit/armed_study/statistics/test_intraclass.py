"""The share of variance between clusters: the intraclass correlation, and how sure one is of it."""

import numpy as np
import pytest

from armed_study.statistics.intraclass import between_clusters, between_clusters_interval


def test_share_between_clusters_is_the_intraclass_correlation():
    rng = np.random.default_rng(0)
    clusters = np.repeat(np.arange(400), 5)
    values = rng.normal(0, 2, 400)[clusters] + rng.normal(0, 3, 2000)
    assert between_clusters(values, clusters) == pytest.approx(4 / 13, abs=0.05)
    assert between_clusters(rng.normal(size=2000), clusters) < 0.03
    uneven = np.repeat(np.arange(300), rng.integers(1, 9, 300))
    values = rng.normal(0, 2, 300)[uneven] + rng.normal(0, 3, len(uneven))
    assert between_clusters(values, uneven) == pytest.approx(4 / 13, abs=0.06)


@pytest.mark.parametrize("clusters", [[0, 0, 0], [0, 1, 2]])
def test_share_between_clusters_needs_several_clusters_and_values(clusters):
    assert np.isnan(between_clusters(np.array([1.0, 2, 3]), np.array(clusters)))


def test_interval_of_the_share_covers_as_often_as_it_says():
    generator, share, sizes = np.random.default_rng(4), 0.4, np.array([4, 6, 6, 6, 8, 6])
    clusters = np.repeat(np.arange(len(sizes)), sizes)
    missed = np.zeros(2)
    for _ in range(1500):
        own = generator.normal(0, np.sqrt(share), len(sizes))[clusters]
        values = own + generator.normal(0, np.sqrt(1 - share), len(clusters))
        low, high = between_clusters_interval(values, clusters)
        assert low <= between_clusters(values, clusters) <= high
        missed += low > share, high < share
    assert missed / 1500 == pytest.approx([0.025, 0.025], abs=0.012)


def test_share_that_is_not_defined_has_no_interval():
    for values, clusters in (([1.0, 2.0], "aa"), ([1.0, 2.0], "ab"), ([1.0, 1, 2, 2], "aabb")):
        assert np.isnan(between_clusters_interval(np.array(values), np.array(list(clusters)))).all()
