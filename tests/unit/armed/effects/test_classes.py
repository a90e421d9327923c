import pytest
import torch
from torch import nn

from armed.effects.classes import ClassEffects
from armed.errors import ConfigError

CLUSTERS, CLASSES = 4, 3


def made() -> ClassEffects:
    """Effects on two inputs, with values as after an estimate."""
    effects = ClassEffects(CLUSTERS, initial_sd={"intercept": 0.5, "input": 0.2}, classes=CLASSES)
    effects.measure((torch.zeros(1, 2),), outputs=CLASSES, clusters=CLUSTERS)
    draw = torch.Generator().manual_seed(0)
    width = effects.mean.shape[1]
    root = 0.3 * torch.randn(CLUSTERS, width, width, generator=draw)
    effects.mean.copy_(torch.randn(CLUSTERS, width, generator=draw))
    effects.covariance.copy_(root @ root.mT)
    return effects


X, Z = torch.randn(5, 2, generator=torch.Generator().manual_seed(1)), torch.tensor([0, 3, 1, 1, 2])


def test_each_class_has_effects_of_its_own_by_column():
    effects = made()
    found = effects.change(torch.zeros(5, CLASSES), (X,), Z)
    by_class = effects.mean[Z].view(5, 3, CLASSES)
    design = torch.cat([torch.ones(5, 1), X], 1)
    torch.testing.assert_close(found, torch.einsum("ij,ijc->ic", design, by_class))
    slopes, _ = effects.posterior()["linear_slope"]
    torch.testing.assert_close(slopes, effects.mean[:, CLASSES:])
    with torch.no_grad():
        effects.center.copy_(effects.mean[2])
    population = effects.population(torch.zeros(5, CLASSES), (X,))
    torch.testing.assert_close(population[4], found[4])


def test_draws_have_the_covariance_of_the_predictors():
    effects, count = made(), 200_000
    noise = torch.randn(count, CLASSES, generator=torch.Generator().manual_seed(2))
    z, x = torch.full((count,), 2), X[:1].expand(count, 2)
    found = effects.change(torch.zeros(count, CLASSES), (x,), z, noise)
    design = torch.cat([torch.ones(1), X[0]])
    whole = torch.kron(design[None], torch.eye(CLASSES))
    expected = whole @ effects.covariance[2] @ whole.T
    torch.testing.assert_close(found.T.cov(), expected, rtol=0.03, atol=0.01)


def test_certain_weights_are_clusters_and_no_weight_is_no_effect():
    effects, output, noise = made(), torch.randn(5, CLASSES), torch.randn(5, CLASSES)
    weights = nn.functional.one_hot(Z, CLUSTERS).float()
    torch.testing.assert_close(
        effects.change(output, (X,), weights, noise), effects.change(output, (X,), Z, noise)
    )
    none = effects.change(output, (X,), torch.zeros(5, CLUSTERS), noise)
    torch.testing.assert_close(none, output)


def test_gradients_of_draws_are_finite_before_the_first_estimate():
    effects = ClassEffects(CLUSTERS, initial_sd={"input": 0.2}, classes=CLASSES)
    effects.measure((X,), outputs=CLASSES, clusters=CLUSTERS)
    x = X.clone().requires_grad_()
    effects.change(torch.zeros(5, CLASSES), (x,), Z, torch.randn(5, CLASSES)).sum().backward()
    assert x.grad.isfinite().all()


def test_state_without_a_width_goes_to_another_network():
    effects, other = made(), ClassEffects(CLUSTERS, initial_sd=made().initial_sd, classes=CLASSES)
    other.load_state_dict(effects.state_dict())
    torch.testing.assert_close(other.mean, effects.mean)


def test_effects_of_one_predictor_are_refused_for_several():
    with pytest.raises(ConfigError, match="classes is 1; expected at least 2"):
        ClassEffects(CLUSTERS, initial_sd={"intercept": 1.0}, classes=1)
    with pytest.raises(ConfigError, match=r"3 linear predictors in a model of 4 clusters and 2"):
        made().measure((X,), outputs=2, clusters=CLUSTERS)
