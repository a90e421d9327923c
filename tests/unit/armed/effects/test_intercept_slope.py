import pytest
import torch

from armed.effects.intercept_slope import RandomSlope

CLUSTERS, FEATURES = 5, 3


@pytest.fixture
def slope() -> RandomSlope:
    torch.manual_seed(0)
    effect = RandomSlope(CLUSTERS, FEATURES, prior_sd=0.3)
    with torch.no_grad():
        effect.rho.add_(torch.randn_like(effect.rho))
    return effect


def test_slope_multiplies_what_it_is_given(slope):
    h, z = torch.randn(4, FEATURES), torch.tensor([0, 1, 2, 2])
    expected = [
        [sum(h[i, j] * slope.mean[z[i], j].item() for j in range(FEATURES))] for i in range(4)
    ]
    torch.testing.assert_close(slope(h, z).detach(), torch.tensor(expected))


def test_slope_of_several_outputs_has_weights_for_each():
    effect = RandomSlope(CLUSTERS, FEATURES, prior_sd=0.3, outputs=2)
    h, z = torch.randn(4, FEATURES), torch.tensor([0, 1, 2, 2])
    weights = effect.mean.view(CLUSTERS, FEATURES, 2)[z]
    torch.testing.assert_close(effect(h, z), torch.einsum("bf,bfo->bo", h, weights))
