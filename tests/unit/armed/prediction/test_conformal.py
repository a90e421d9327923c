"""Margins that hold for any distribution of clusters and outcomes."""

import numpy as np
import pytest
import torch

from armed.errors import DataError
from armed.prediction.conformal import conformal_margin

LEVEL = 0.9


def test_margin_is_the_quantile_in_which_every_cluster_weighs_the_same():
    # 9 clusters of one sample and one of 1000, which are a tenth and no more
    scores = torch.cat([torch.arange(9.0), torch.full((1000,), 100.0)])
    z = torch.cat([torch.arange(9), torch.full((1000,), 9)])
    assert conformal_margin(scores, z, level=0.5) == 5.0
    assert conformal_margin(scores, z, level=0.81) == 8.0
    assert conformal_margin(scores, z, level=0.82) == 100.0


def test_one_sample_of_each_cluster_gives_the_ordinary_split_conformal_quantile():
    scores = torch.randn(99, generator=torch.Generator().manual_seed(0))
    found = conformal_margin(scores, torch.arange(99), level=LEVEL)
    assert found == scores.sort().values[89]


def test_order_of_samples_and_numbers_of_clusters_do_not_matter():
    draw = torch.Generator().manual_seed(1)
    scores, z = torch.randn(300, generator=draw), torch.randint(0, 30, (300,), generator=draw)
    order = torch.randperm(300, generator=draw)
    assert conformal_margin(scores, z, level=LEVEL) == conformal_margin(
        scores[order], 7 * z[order] + 3, level=LEVEL
    )


def test_too_few_clusters_for_the_level_are_refused():
    assert conformal_margin(torch.arange(9.0), torch.arange(9), level=LEVEL) == 8.0
    with pytest.raises(DataError, match="are 8 calibration clusters; expected at least 9"):
        conformal_margin(torch.arange(8.0), torch.arange(8), level=LEVEL)


def drawn(rng, clusters):
    """Residuals of a wrong model: clusters of skewed shifts, the larger the shift the larger the cluster."""
    shift = rng.exponential(2.0, clusters)
    size = 1 + rng.poisson(10 * shift)
    z = np.repeat(np.arange(clusters), size)
    scores = shift[z] + rng.standard_t(3, len(z)) * (0.2 + shift[z])
    return torch.from_numpy(np.abs(scores)), torch.from_numpy(z)


def test_new_clusters_are_covered_as_often_as_asked_for():
    rng, covered, pooled = np.random.default_rng(0), [], []
    for _ in range(400):
        scores, z = drawn(rng, 40)
        new, its = drawn(rng, 20)
        share = (
            torch.bincount(its)[its].double() * 20
        )  # a sample of a new cluster, whatever its size
        for margin, found in (
            (conformal_margin(scores, z, level=LEVEL), covered),
            (float(scores.quantile(LEVEL)), pooled),
        ):
            found.append(float(((new <= margin) / share).sum()))
    # at least 0.9, and by at most the weight of a cluster more; samples that count alike miss it
    assert 0.89 < np.mean(covered) < 0.935
    assert np.mean(pooled) > 0.94
