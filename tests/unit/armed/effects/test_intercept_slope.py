import pytest
import torch

from armed.effects.intercept_slope import RandomSlope

CLUSTERS, FEATURES = 5, 3


@pytest.mark.parametrize("outputs", [1, 2])
def test_slope_multiplies_what_it_is_given_by_weights_for_each_output(outputs):
    effect = RandomSlope(CLUSTERS, FEATURES, prior_sd=0.3, outputs=outputs)
    h, z = torch.randn(4, FEATURES), torch.tensor([0, 1, 2, 2])
    weights = effect.mean.view(CLUSTERS, FEATURES, outputs)[z]
    torch.testing.assert_close(effect(h, z), torch.einsum("bf,bfo->bo", h, weights))
