import pytest
import torch
from torch import nn

from armed.adversaries.mirrored import MirroredAdversary
from armed.errors import ConfigError
from armed.nn.layers import PReLU

SHAPES = ((4, 12, 12), (8, 6, 6), (8, 3, 3), (10,))
CLUSTERS = 5


def activations(count=6, seed=0, shapes=SHAPES):
    draw = torch.Generator().manual_seed(seed)
    return [torch.randn(count, *shape, generator=draw) for shape in shapes]


EQUAL = ((4, 6, 6), (4, 6, 6), (8, 3, 3))  # the first two maps meet without pooling


@pytest.mark.parametrize(("shapes", "filters"), [(SHAPES, 1), (SHAPES, 2), (SHAPES, 4), (EQUAL, 4)])
def test_gives_a_logit_for_every_cluster(shapes, filters):
    adversary = MirroredAdversary(shapes, CLUSTERS, filters=filters)
    assert adversary(activations(shapes=shapes)).shape == (6, CLUSTERS)


def test_is_as_wide_as_the_network_where_its_filters_are_those_of_the_first_map():
    adversary = MirroredAdversary(SHAPES, CLUSTERS, filters=4)
    widths = [(b.conv.in_channels, b.conv.out_channels) for b in adversary.blocks]
    assert widths == [(4, 8), (8 + 8, 8)]
    assert adversary.valid.conv.in_channels == 8 + 8
    assert adversary.output.in_features == 8 * 4 + 10


def test_can_tell_clusters_apart_by_any_of_the_maps():
    for place in range(len(SHAPES)):
        torch.manual_seed(1)
        adversary = MirroredAdversary(SHAPES, 2, filters=4)
        optimizer = torch.optim.Adam(adversary.parameters(), lr=0.01)
        given, z = activations(60, seed=place), torch.arange(60) % 2
        sign = (2 * z - 1).view(-1, *[1] * len(SHAPES[place])).float()
        given[place] = given[place] * 0.5 + sign
        for _ in range(30):
            optimizer.zero_grad()
            adversary.loss(given, z).mean().backward()
            optimizer.step()
        assert adversary.loss(given, z).mean() < 0.2, place


def test_its_blocks_normalise_and_pool_without_dropout():
    adversary = MirroredAdversary(SHAPES, CLUSTERS, filters=4)
    kinds = [type(layer) for layer in adversary.blocks[0]]
    assert kinds == [nn.Conv2d, nn.BatchNorm2d, PReLU, nn.MaxPool2d]


def test_activations_without_a_map_are_refused():
    with pytest.raises(ConfigError, match=r"shapes \[\(4,\), \(4,\)\]; expected maps"):
        MirroredAdversary(((4,), (4,)), CLUSTERS, filters=4)


@pytest.mark.parametrize("shapes", [((4, 12, 12), (4, 5, 5)), ((4, 3, 3), (4, 6, 6))])
def test_maps_that_do_not_shrink_by_a_whole_number_are_refused(shapes):
    with pytest.raises(ConfigError, match="shrink by a whole number"):
        MirroredAdversary(shapes, CLUSTERS, filters=4)
