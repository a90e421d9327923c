import math

import pytest
import torch
from torch import nn
from torch.distributions import Normal, kl_divergence
from torch.nn import functional as F

from armed.effects.intercept_slope import RandomIntercept, RandomSlope
from armed.effects.mixed_effects import MixedEffects
from armed.effects.scale_shift import RandomScaleShift
from armed.errors import ConfigError

CLUSTERS, FEATURES = 5, 3


@pytest.fixture
def slope() -> RandomSlope:
    torch.manual_seed(0)
    effect = RandomSlope(CLUSTERS, FEATURES, prior_sd=0.3)
    with torch.no_grad():
        effect.rho.add_(torch.randn_like(effect.rho))
    return effect


def one_hot(z):
    return F.one_hot(z, CLUSTERS).float()


def test_kl_is_that_of_the_normal_distributions(slope):
    z = torch.tensor([4, 0, 2, 0])
    expected = kl_divergence(Normal(slope.mean, slope.sd), Normal(0.0, 0.3)).sum(1)[z]
    torch.testing.assert_close(slope.kl(z), expected)


def test_kl_is_zero_where_the_posterior_is_the_prior():
    effect = RandomIntercept(CLUSTERS, prior_sd=0.7)
    with torch.no_grad():
        effect.mean.zero_()
        effect.rho.fill_(math.log(math.expm1(0.7)))
    torch.testing.assert_close(effect.kl(torch.arange(CLUSTERS)), torch.zeros(CLUSTERS))


def test_lookup_equals_the_one_hot_product(slope):
    z, noise = torch.tensor([1, 1, 4]), torch.randn(3, FEATURES)
    torch.testing.assert_close(slope.coefficients(z), slope.coefficients(one_hot(z)))
    torch.testing.assert_close(slope.coefficients(z, noise), slope.coefficients(one_hot(z), noise))


def test_soft_membership_mixes_the_posterior_means(slope):
    weights = torch.softmax(torch.randn(6, CLUSTERS), dim=1)
    expected = sum(weights[:, k, None] * slope.mean[k] for k in range(CLUSTERS))
    torch.testing.assert_close(slope.coefficients(weights), expected)


def test_a_sample_of_a_mixture_has_the_variance_of_independent_effects(slope):
    weights = torch.tensor([[0.5, 0.5, 0.0, 0.0, 0.0]])
    drawn = slope.coefficients(weights.expand(40_000, -1), torch.randn(40_000, FEATURES))
    expected = (0.25 * slope.sd[0] ** 2 + 0.25 * slope.sd[1] ** 2).sqrt()
    torch.testing.assert_close(drawn.std(0), expected, rtol=0.03, atol=0)


def test_zeros_give_no_effect_with_finite_gradients(slope):
    h = torch.randn(4, FEATURES)
    effect = slope(h, torch.zeros(4, CLUSTERS), torch.randn(4, FEATURES))
    assert (effect == 0).all()
    effect.sum().backward()
    assert slope.mean.grad.isfinite().all()
    assert slope.rho.grad.isfinite().all()


def test_samples_have_the_posterior_mean_and_sd(slope):
    drawn = slope.coefficients(torch.full((40_000,), 3), torch.randn(40_000, FEATURES))
    torch.testing.assert_close(drawn.mean(0), slope.mean[3], rtol=0, atol=0.02)
    torch.testing.assert_close(drawn.std(0), slope.sd[3], rtol=0.03, atol=0)


def test_without_noise_the_posterior_mean_is_used(slope):
    assert (slope.coefficients(torch.tensor([2])) == slope.mean[2]).all()


def test_gradient_reaches_only_the_clusters_of_the_batch(slope):
    slope.coefficients(torch.tensor([1, 3]), torch.randn(2, FEATURES)).sum().backward()
    touched = slope.mean.grad.abs().sum(1) > 0
    assert touched.tolist() == [False, True, False, True, False]


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


def test_posterior_starts_around_zero_with_the_priors_spread_and_a_small_sd():
    torch.manual_seed(0)
    effect = RandomSlope(2000, 2, prior_sd=0.3)
    assert effect.mean.std().item() == pytest.approx(0.3, rel=0.05)
    assert effect.mean.mean().item() == pytest.approx(0, abs=0.02)
    torch.testing.assert_close(effect.sd, torch.full_like(effect.sd, 0.05))


@pytest.mark.parametrize("prior_sd", [0, -1.0])
def test_prior_without_spread_is_refused(prior_sd):
    with pytest.raises(ConfigError, match="above 0"):
        RandomIntercept(CLUSTERS, prior_sd=prior_sd)


def test_place_that_is_no_submodule_is_refused():
    effect = RandomSlope(CLUSTERS, 2, prior_sd=1.0, on="elsewhere")
    with pytest.raises(ConfigError, match="no submodule 'elsewhere'"):
        MixedEffects(nn.Sequential(nn.Linear(2, 1)), random_effects=[effect], watch=[])


def test_slope_multiplies_the_submodule_that_it_names():
    network = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 1))
    effect = RandomSlope(CLUSTERS, 3, prior_sd=1.0, on="1")
    mixed = MixedEffects(network, random_effects=[effect], watch=["3"]).eval()
    x, z = torch.randn(5, 2), torch.tensor([0, 1, 2, 1, 0])
    output = mixed(x, z)
    expected = (torch.tanh(network[0](x)) * effect.mean[z]).sum(1, keepdim=True)
    torch.testing.assert_close(output.mixed - output.fixed, expected)
    assert [h.shape for h in output.activations] == [(5, 4)]


def test_effect_leaves_outputs_behind_the_linear_predictor_alone():
    output = torch.arange(8.0).view(2, 4)
    changed = RandomIntercept(CLUSTERS, prior_sd=1.0).change(output, output, torch.tensor([0, 1]))
    assert torch.equal(changed[:, 1:], output[:, 1:])
    assert (changed[:, 0] != output[:, 0]).all()


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
