"""CORAL: the distance between clusters is what it says, and shrinks."""

from itertools import combinations

import numpy as np
import torch
from torch.nn import functional as F

from armed.methods.generalisation.coral import moment_distance
from armed.training.fit import FitSettings, fit
from small_models import CLUSTERS, clustered, make


def draw(sizes=(5, 9, 4), width=3):
    """Features of clusters of some sizes and scales, and who is of which: one is absent, two are padding."""
    z = torch.arange(len(sizes)).repeat_interleave(torch.tensor(sizes))
    generator = torch.Generator().manual_seed(1)
    h = torch.randn(len(z) + 2, width, generator=generator)
    members = F.one_hot(z, len(sizes) + 1).float()
    h[: len(z)] *= 1 + z[:, None]
    return h, torch.cat([members, torch.zeros(2, len(sizes) + 1)])


def test_distance_is_the_mean_over_pairs_of_clusters_with_samples():
    h, members = draw()
    parts = [h[members[:, k] == 1].numpy() for k in range(3)]
    each = [(part.mean(0), np.cov(part, rowvar=False)) for part in parts]
    expected = [
        ((m - n) ** 2).mean() + ((c - d) ** 2).mean() for (m, c), (n, d) in combinations(each, 2)
    ]
    np.testing.assert_allclose(moment_distance(h, members), np.mean(expected), rtol=1e-5)


def test_distance_of_one_cluster_or_of_equal_ones_is_zero():
    h, members = draw()
    alone = members * torch.tensor([1.0, 0, 0, 0])
    assert moment_distance(h, alone) == 0
    twice = torch.zeros(10, 4)
    twice[:5, 0] = twice[5:, 1] = 1
    assert moment_distance(torch.cat([h[:5], h[:5]]), twice).abs() < 1e-9


def test_alignment_brings_the_hidden_features_of_clusters_together():
    data, distances = clustered(240), []
    members = F.one_hot(data.z, CLUSTERS).float()
    for weight in (0.0, 3.0):
        method = make("coral", alignment_weight=weight)
        settings = FitSettings(epochs=12, batch_size=32, learning_rate=0.02)
        fit([method], [data], settings=settings, seeds=[0], trace=False)
        with torch.no_grad():
            distances.append(float(moment_distance(method.recorded(data.x)[1][0], members)))
    assert distances[1] < 0.3 * distances[0]
