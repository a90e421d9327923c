"""GroupDRO: clusters count by weights that follow their losses."""

import torch

from armed.data.samples import Batch, Samples
from armed.training.fit import FitSettings, fit
from small_models import CLUSTERS, clustered, make


def losses_by_cluster(method, data):
    """Mean loss of each cluster."""
    with torch.no_grad():
        own = method.task.loss(method.network(data.x), data.y)
    return torch.stack([own[data.z == k].mean() for k in range(CLUSTERS)])


def test_loss_is_the_weighted_mean_over_clusters_whatever_their_sizes():
    method, data = make("group_dro"), clustered()
    weights = torch.tensor([0.1, 0.2, 0.3, 0.4])
    method.cluster_weights.copy_(weights)
    ones = torch.ones(len(data.y))
    whole = Batch(data.x, data.y, data.z, ones, ones, data.kl_scale(), ones, ones)
    with torch.no_grad():
        total = method.losses("model", whole, ()).total
    torch.testing.assert_close(total, (weights * losses_by_cluster(method, data)).sum())


def test_weights_grow_exponentially_with_the_loss_of_the_cluster():
    method, data = make("group_dro", step=2.0), clustered()
    losses, weight = losses_by_cluster(method, data), torch.ones(len(data.y))
    weight[-1] = 0  # padding
    kept = Samples(data.x[:-1], data.y[:-1], data.z[:-1])
    with torch.no_grad():
        (found,) = method.update(method.statistics(data.x), data.y, data.z, weight).values()
    expected = (2.0 * losses_by_cluster(method, kept)).exp()
    torch.testing.assert_close(found, expected / expected.sum())
    assert losses.std() > 0.01


def test_a_cluster_that_goes_another_way_comes_to_weigh_more():
    data, found = clustered(400), []
    other = data.z == 0
    turned = Samples(data.x, torch.where(other, 1 - data.y, data.y), data.z)
    for samples in (data, turned):
        method = make("group_dro", step=0.5)
        settings = FitSettings(epochs=10, batch_size=32, learning_rate=0.02)
        fit([method], [samples], settings=settings, seeds=[0], trace=False)
        found.append(method.cluster_weights)
        torch.testing.assert_close(found[-1].sum(), torch.tensor(1.0))
    assert found[1][0] > 1.15 * found[0][0]


def test_an_absent_cluster_weighs_nothing():
    data = clustered()
    there = data.z != 3
    kept = Samples(data.x[there], data.y[there], data.z[there])
    method = make("group_dro", step=0.0)
    fit(
        [method],
        [kept],
        settings=FitSettings(epochs=2, batch_size=32, learning_rate=0.01),
        seeds=[0],
    )
    torch.testing.assert_close(method.cluster_weights, torch.tensor([1 / 3, 1 / 3, 1 / 3, 0]))
