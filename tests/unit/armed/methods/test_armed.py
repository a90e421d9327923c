"""The method `armed` and its relatives without random effects or without adversary."""

import copy

import pytest
import torch
from torch import nn
from torch.distributions import Normal, kl_divergence
from torch.nn import functional as F

from armed.errors import ConfigError
from armed.methods.base import ModelComponents
from armed.training.fit import FitSettings, fit
from small_models import CLUSTERS, clustered, make, minibatches, unpadded

SETTINGS = FitSettings(epochs=6, batch_size=16, learning_rate=3e-3)
WEIGHTS = {"fixed_weight": 0.7, "adversary_weight": 0.4, "kl_weight": 0.01}


class PlainArmed:
    """The equations written out: one-hot products, no lookups, no hooks, no stacking."""

    def __init__(self, method, counts):
        self.network = copy.deepcopy(method.mixed.network)
        self.adversary = copy.deepcopy(method.adversary)
        self.effects = [
            {
                "on": effect.on,
                "mean": nn.Parameter(effect.mean.detach().clone()),
                "rho": nn.Parameter(effect.rho.detach().clone()),
                "prior_sd": float(effect.prior_sd),
            }
            for effect in method.mixed.random_effects
        ]
        self.counts = counts

    def random_parameters(self):
        return [effect[name] for effect in self.effects for name in ("mean", "rho")]

    def outputs(self, batch):
        one_hot = F.one_hot(batch.z, CLUSTERS).float()
        first, second = self.network.hidden(batch.x)
        fixed = self.network.output(second)[:, 0]
        mixed, noise = fixed, batch.noise
        for effect, width in zip(self.effects, (3, 5, 1), strict=True):
            sd = torch.log(1 + torch.exp(effect["rho"]))
            drawn = one_hot @ effect["mean"] + (one_hot @ sd) * noise[:, :width]
            by = {3: batch.x, 5: second, 1: torch.ones(len(batch.x), 1)}[width]
            mixed, noise = mixed + (drawn * by).sum(1), noise[:, width:]
        return fixed, mixed, torch.cat([first, second], dim=1)

    def kl(self, z):
        """Each cluster's divergence, shared evenly by the cluster's training samples."""
        each = torch.zeros(CLUSTERS)
        for effect in self.effects:
            sd = torch.log(1 + torch.exp(effect["rho"]))
            prior = Normal(0.0, effect["prior_sd"])
            each = each + kl_divergence(Normal(effect["mean"], sd), prior).sum(1)
        return self.counts.sum() * (each / self.counts)[z].mean()

    def cluster_loss(self, hidden, z):
        hidden = torch.relu(self.adversary.layers[0](hidden))
        return F.cross_entropy(self.adversary.layers[2](hidden), z)

    def objective(self, batch, weights):
        fixed, mixed, hidden = self.outputs(batch)
        loss = F.binary_cross_entropy_with_logits
        parts = {
            "mixed": loss(mixed, batch.y),
            "fixed": loss(fixed, batch.y),
            "kl": self.kl(batch.z),
            "cluster": torch.zeros(()),
        }
        if self.adversary is not None:
            parts["cluster"] = self.cluster_loss(hidden, batch.z)
        total = parts["mixed"] + weights["fixed_weight"] * parts["fixed"]
        total = total + weights["kl_weight"] * parts["kl"]
        return total - weights["adversary_weight"] * parts["cluster"], parts

    def train(self, epochs, weights, *, learning_rate):
        model = [*self.network.parameters(), *self.random_parameters()]
        optimizer = torch.optim.Adam(model, lr=learning_rate)
        if self.adversary is not None:
            other = torch.optim.Adam(self.adversary.parameters(), lr=learning_rate)
        for batch in (unpadded(batch) for epoch in epochs for batch in epoch):
            if self.adversary is not None:
                other.zero_grad()
                self.cluster_loss(self.outputs(batch)[2].detach(), batch.z).backward()
                other.step()
            optimizer.zero_grad()
            self.objective(batch, weights)[0].backward()
            optimizer.step()


def counts(data):
    return torch.bincount(data.z, minlength=CLUSTERS).float()


def assert_same_parameters(method, plain, tolerance=2e-5):
    pairs = [*zip(method.mixed.network.parameters(), plain.network.parameters(), strict=True)]
    for effect, own in zip(method.mixed.random_effects, plain.effects, strict=True):
        pairs += [(effect.mean, own["mean"]), (effect.rho, own["rho"])]
    if method.adversary is not None:
        pairs += zip(method.adversary.parameters(), plain.adversary.parameters(), strict=True)
    for found, expected in pairs:
        torch.testing.assert_close(found, expected, rtol=0, atol=tolerance)


@pytest.mark.parametrize("adversary_weight", [0.4, 0.0])
def test_training_equals_a_plain_loop(adversary_weight):
    data = clustered(100)
    weights = WEIGHTS | {"adversary_weight": adversary_weight}
    method = make("armed", **weights)
    plain = PlainArmed(method, counts(data))
    start = copy.deepcopy(plain)
    epochs = minibatches(method, data, seed=7, settings=SETTINGS)
    plain.train(epochs, weights, learning_rate=3e-3)
    fit([method], [data], settings=SETTINGS, seeds=[7])
    with pytest.raises(AssertionError):
        assert_same_parameters(method, start, tolerance=0.01)
    assert_same_parameters(method, plain)


def test_loss_and_its_parts_are_the_equation_by_hand():
    data = clustered(100)
    method = make("armed", **WEIGHTS)
    plain = PlainArmed(method, counts(data))
    batch = minibatches(method, data, seed=7, settings=SETTINGS)[0][0]
    terms = method.losses("model", batch, method.outputs(batch))
    total, parts = plain.objective(unpadded(batch), WEIGHTS)
    torch.testing.assert_close(terms.total, total)
    for name, value in zip(terms.names, terms.values, strict=True):
        torch.testing.assert_close(value, parts[name])


def test_kl_over_an_epoch_of_equal_minibatches_is_that_of_all_clusters():
    data = clustered(96)
    method = make("armed")
    expected = method.mixed.kl(torch.arange(CLUSTERS)).sum()
    settings = FitSettings(epochs=1, batch_size=16)
    (epoch,) = minibatches(method, data, seed=7, settings=settings)
    found = [method.losses("model", batch, method.outputs(batch)).values[2] for batch in epoch]
    torch.testing.assert_close(torch.stack(found).mean(), expected)


@pytest.mark.parametrize("name", ["armed", "domain_adversarial"])
def test_loss_of_the_adversary_does_not_reach_the_network(name):
    method = make(name)
    batch = minibatches(method, clustered(60), seed=7, settings=SETTINGS)[0][0]
    method.losses("adversary", batch, method.outputs(batch)).total.backward()
    reached = [n for n, p in method.named_parameters() if p.grad is not None and p.grad.any()]
    assert reached
    assert all(n.startswith("adversary.") for n in reached)


@pytest.mark.parametrize("name", ["armed", "domain_adversarial"])
def test_a_step_of_one_group_moves_that_group_only(name):
    method = make(name)
    groups = method.groups()
    assert list(groups) == ["adversary", "model"]
    assert all(n.startswith("adversary.") for n in groups["adversary"])
    assert not any(n.startswith("adversary.") for n in groups["model"])


def test_the_network_climbs_the_loss_that_the_adversary_descends():
    method = make("domain_adversarial", adversary_weight=0.4)
    batch = unpadded(minibatches(method, clustered(60), seed=7, settings=SETTINGS)[0][0])
    adversary, terms = (
        method.losses("adversary", batch, method.outputs(batch)),
        method.losses("model", batch, method.outputs(batch)),
    )
    hidden = method.network.hidden(batch.x)
    outcome = F.binary_cross_entropy_with_logits(method.network.output(hidden[1])[:, 0], batch.y)
    cluster = F.cross_entropy(method.adversary.layers(torch.cat(hidden, dim=1)), batch.z)
    torch.testing.assert_close(adversary.total, cluster)
    torch.testing.assert_close(terms.values, torch.stack([outcome, cluster]))
    torch.testing.assert_close(terms.total, outcome - 0.4 * cluster)


def test_weight_zero_builds_no_adversary():
    method = make("armed", adversary_weight=0.0)
    assert method.adversary is None
    assert list(method.groups()) == ["model"]
    assert not any("adversary" in name for name in method.state_dict())


@pytest.mark.parametrize("name", ["armed", "domain_adversarial"])
def test_an_adversary_that_is_weighed_must_be_given(name):
    given = make("armed")
    parts = ModelComponents(
        given.mixed.network,
        given.task,
        given.watch,
        CLUSTERS,
        random_effects=list(given.mixed.random_effects),
    )
    kind = type(make(name))
    with pytest.raises(ConfigError, match="was given no adversary"):
        kind(parts, kind.Settings(adversary_weight=0.1))


def test_prediction_is_the_link_of_the_equation_at_the_posterior_means():
    method = make("armed").eval()
    x, z = torch.randn(7, 3), torch.tensor([0, 1, 2, 3, 3, 2, 0])
    linear, slope, intercept = (e.mean.detach()[z] for e in method.mixed.random_effects)
    with torch.no_grad():
        _, second = method.mixed.network.hidden(x)
        fixed = method.mixed.network.output(second)[:, 0]
        found = method.predict(x, z)
    mixed = fixed + (linear * x).sum(1) + (slope * second).sum(1) + intercept[:, 0]
    torch.testing.assert_close(found["fixed"], torch.sigmoid(fixed))
    torch.testing.assert_close(found["mixed"], torch.sigmoid(mixed))


def test_random_effects_are_the_posterior_by_label():
    method = make("armed")
    found = method.random_effects()
    assert list(found) == ["linear_slope", "slope", "intercept"]
    mean, sd = found["intercept"]
    assert torch.equal(mean, method.mixed.random_effects[2].mean)
    torch.testing.assert_close(sd, torch.full((CLUSTERS, 1), 0.05))
