import torch

from armed.effects.scale_shift import RandomScaleShift

CLUSTERS, FEATURES = 5, 3


def test_scale_and_shift_give_every_channel_the_clusters_spread_and_level():
    effect = RandomScaleShift(CLUSTERS, 3, prior_sd=0.25)
    maps, z = 5 + 2 * torch.randn(4, 3, 6, 6), torch.tensor([0, 2, 1, 2])
    shown = effect(maps, z)
    scale, shift = effect.mean[z].chunk(2, dim=1)
    torch.testing.assert_close(shown.mean((2, 3)), shift, atol=1e-5, rtol=0)
    spread = shown.std((2, 3), correction=0)
    torch.testing.assert_close(spread, (1 + scale).abs(), atol=1e-4, rtol=1e-4)


def test_scale_and_shift_of_no_cluster_only_normalise():
    maps = torch.randn(2, 3, 6, 6)
    shown = RandomScaleShift(CLUSTERS, 3, prior_sd=0.25)(maps, torch.zeros(2, CLUSTERS))
    torch.testing.assert_close(shown, torch.nn.functional.instance_norm(maps))
