import pytest
import torch
from torch.distributions import Normal, kl_divergence
from torch.nn import functional as F

from armed.effects.intercept_slope import RandomIntercept, RandomSlope
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


def test_lookup_equals_the_one_hot_product(slope):
    z, noise = torch.tensor([1, 1, 4]), torch.randn(3, FEATURES)
    torch.testing.assert_close(slope.coefficients(z), slope.coefficients(one_hot(z)))
    torch.testing.assert_close(slope.coefficients(z, noise), slope.coefficients(one_hot(z), noise))


def test_soft_membership_mixes_the_posterior_means(slope):
    weights = torch.softmax(torch.randn(6, CLUSTERS), dim=1)
    expected = sum(weights[:, k, None] * slope.mean[k] for k in range(CLUSTERS))
    torch.testing.assert_close(slope.coefficients(weights), expected)


@pytest.mark.parametrize("weights", [[0.0, 0.0, 0.0, 1.0, 0.0], [0.5, 0.5, 0.0, 0.0, 0.0]])
def test_samples_have_the_mean_and_the_variance_of_independent_effects(slope, weights):
    weights = torch.tensor(weights)
    drawn = slope.coefficients(weights.expand(40_000, -1), torch.randn(40_000, FEATURES))
    torch.testing.assert_close(drawn.mean(0), weights @ slope.mean, rtol=0, atol=0.02)
    torch.testing.assert_close(drawn.std(0), (weights**2 @ slope.sd**2).sqrt(), rtol=0.03, atol=0)


@pytest.mark.parametrize("outputs", [1, 2])
def test_slope_multiplies_what_it_is_given_by_weights_for_each_output(outputs):
    effect = RandomSlope(CLUSTERS, FEATURES, prior_sd=0.3, outputs=outputs)
    h, z = torch.randn(4, FEATURES), torch.tensor([0, 1, 2, 2])
    weights = effect.mean.view(CLUSTERS, FEATURES, outputs)[z]
    torch.testing.assert_close(effect(h, z), torch.einsum("bf,bfo->bo", h, weights))


def test_zeros_give_no_effect_with_finite_gradients(slope):
    h = torch.randn(4, FEATURES)
    effect = slope(h, torch.zeros(4, CLUSTERS), torch.randn(4, FEATURES))
    assert (effect == 0).all()
    effect.sum().backward()
    assert slope.mean.grad.isfinite().all()
    assert slope.rho.grad.isfinite().all()


def test_gradient_reaches_only_the_clusters_of_the_batch(slope):
    slope.coefficients(torch.tensor([1, 3]), torch.randn(2, FEATURES)).sum().backward()
    touched = slope.mean.grad.abs().sum(1) > 0
    assert touched.tolist() == [False, True, False, True, False]


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


def test_effect_leaves_outputs_behind_the_linear_predictor_alone():
    output = torch.arange(8.0).view(2, 4)
    changed = RandomIntercept(CLUSTERS, prior_sd=1.0).change(output, output, torch.tensor([0, 1]))
    assert torch.equal(changed[:, 1:], output[:, 1:])
    assert (changed[:, 0] != output[:, 0]).all()
