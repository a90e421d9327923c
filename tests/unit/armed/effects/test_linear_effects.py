import copy

import pytest
import torch
from torch import nn

from armed.effects.linear_effects import LinearEffects
from armed.effects.mixed_effects import MixedEffects
from armed.errors import ConfigError

CLUSTERS = 4


def made(**sds) -> LinearEffects:
    """Effects on 3 inputs and 2 hidden features, with values as after an estimate."""
    effects = LinearEffects(CLUSTERS, initial_sd=sds or {"intercept": 0.5, "input": 0.2, "h": 0.1})
    parts = {"input": torch.zeros(1, 3), "h": torch.zeros(1, 2)}
    effects.measure(tuple(parts[name] for name in effects.on), outputs=1, clusters=CLUSTERS)
    draw = torch.Generator().manual_seed(0)
    width = effects.mean.shape[1]
    root = torch.randn(CLUSTERS, width, width, generator=draw)
    effects.mean.copy_(torch.randn(CLUSTERS, width, generator=draw))
    effects.covariance.copy_(root @ root.transpose(1, 2))
    return effects


def given() -> tuple[torch.Tensor, torch.Tensor]:
    draw = torch.Generator().manual_seed(1)
    return torch.randn(5, 3, generator=draw), torch.randn(5, 2, generator=draw)


def test_change_is_the_product_of_design_and_effects_of_the_cluster():
    effects, (x, h) = made(), given()
    z = torch.tensor([0, 3, 1, 1, 2])
    design = torch.cat([torch.ones(5, 1), x, h], 1)
    expected = (design * effects.mean[z]).sum(1, keepdim=True)
    torch.testing.assert_close(effects.change(torch.zeros(5, 1), (x, h), z), expected)


def test_draws_have_mean_and_variance_of_the_predictor():
    effects, (x, h) = made(), given()
    z = torch.tensor([2])
    many = (x[:1].expand(200_000, 3), h[:1].expand(200_000, 2))
    noise = torch.randn(200_000, 1, generator=torch.Generator().manual_seed(2))
    found = effects.change(torch.zeros(200_000, 1), many, z.expand(200_000), noise)
    phi = torch.cat([torch.ones(1), x[0], h[0]])
    assert found.mean().item() == pytest.approx(float(phi @ effects.mean[2]), abs=0.05)
    assert found.var().item() == pytest.approx(float(phi @ effects.covariance[2] @ phi), rel=0.02)


def test_certain_weights_are_clusters_and_no_weight_is_no_effect():
    effects, h = made(), given()
    z, output, noise = torch.tensor([0, 3, 1, 1, 2]), torch.randn(5, 1), torch.randn(5, 1)
    weights = nn.functional.one_hot(z, CLUSTERS).float()
    torch.testing.assert_close(
        effects.change(output, h, weights, noise), effects.change(output, h, z, noise)
    )
    none = effects.change(output, h, torch.zeros(5, CLUSTERS), noise)
    torch.testing.assert_close(none, output)


def test_population_takes_the_fixed_effects_in():
    effects, (x, h) = made(), given()
    with torch.no_grad():
        effects.center.copy_(torch.arange(6.0))
    expected = 0 + x @ torch.tensor([1.0, 2, 3]) + h @ torch.tensor([4.0, 5])
    found = effects.population(torch.zeros(5, 1), (x, h))
    torch.testing.assert_close(found[:, 0], expected)


def test_posterior_is_named_by_kind_of_effect():
    posterior = made().posterior()
    shapes = {name: tuple(mean.shape) for name, (mean, _) in posterior.items()}
    assert shapes == {"intercept": (4, 1), "linear_slope": (4, 3), "slope": (4, 2)}
    assert set(made(intercept=0.5).posterior()) == {"intercept"}


def test_forgotten_clusters_have_no_effect_and_the_prior():
    effects = made()
    effects.forget(torch.tensor([False, True, False, False]))
    assert (effects.mean[1] == 0).all()
    assert (effects.mean[0] != 0).any()
    torch.testing.assert_close(effects.covariance[1], effects.prior_root @ effects.prior_root.T)


def test_effects_on_input_and_on_a_submodule_lie_around_one_network():
    network = nn.Sequential(nn.Linear(3, 2), nn.ReLU(), nn.Linear(2, 1))
    sds = {"intercept": 0.5, "input": 0.2, "1": 0.1}
    effects = LinearEffects(CLUSTERS, initial_sd=sds)
    model = MixedEffects(network, random_effects=[effects], watch=["1"])
    x, z = given()[0], torch.tensor([0, 3, 1, 1, 2])
    model.measure(x, outputs=1, clusters=CLUSTERS)
    effects.mean.normal_(generator=torch.Generator().manual_seed(3))
    found = model.eval()(x, z)
    design = torch.cat([torch.ones(5, 1), x, network[:2](x)], 1)
    torch.testing.assert_close(found.fixed, network(x))
    change = (design * effects.mean[z]).sum(1, keepdim=True)
    torch.testing.assert_close(found.mixed, network(x) + change)


def test_state_goes_to_another_network_of_the_same_effects():
    effects, other = made(), made()
    other.mean.zero_()
    other.load_state_dict(copy.deepcopy(effects.state_dict()))
    torch.testing.assert_close(other.mean, effects.mean)


@pytest.mark.parametrize("sds", [{}, {"intercept": 0.0}, {"intercept": 0.5, "input": -1.0}])
def test_no_effect_or_no_spread_is_refused(sds):
    with pytest.raises(ConfigError, match="expected an effect or several"):
        LinearEffects(CLUSTERS, initial_sd=sds)


@pytest.mark.parametrize(("outputs", "clusters"), [(3, CLUSTERS), (1, 7)])
def test_other_outputs_or_clusters_are_refused(outputs, clusters):
    effects = LinearEffects(CLUSTERS, initial_sd={"intercept": 0.5})
    with pytest.raises(ConfigError, match=f"a model of {clusters} clusters and {outputs}"):
        effects.measure((torch.zeros(1, 3),), outputs=outputs, clusters=clusters)


@pytest.mark.parametrize(
    ("clusters", "correlated", "numbers"),
    [(4, False, [0, 1, 2, 3]), (3, False, [0, 1, 1, 1]), (3, True, None)],
)
def test_slopes_of_no_fewer_columns_than_clusters_share_a_variance(clusters, correlated, numbers):
    effects = LinearEffects(
        clusters, initial_sd={"intercept": 0.5, "input": 0.1}, correlated=correlated
    )
    effects.measure((torch.zeros(1, 3),), outputs=1, clusters=clusters)
    found = effects.variance_of
    assert (None if found is None else found.tolist()) == numbers
