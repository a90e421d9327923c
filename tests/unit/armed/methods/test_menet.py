import copy

import numpy as np
import pytest
import torch
from scipy import optimize
from torch import nn
from torch.nn import functional as F

from armed.data.samples import Samples
from armed.errors import ConfigError
from armed.methods.base import ModelComponents
from armed.methods.menet import Menet, MenetSettings
from armed.tasks.outcomes import BinaryTask, ContinuousTask
from armed.training.fit import FitSettings, fit
from small_models import CLUSTERS, HIDDEN, Net, clustered, make, minibatches, unpadded

SETTINGS = FitSettings(epochs=4, batch_size=16, learning_rate=3e-3)
WIDTH = HIDDEN[-1]


def plain_modes(h, offset, data, precision):
    """Posterior mode and inverse Hessian of each cluster by a general optimiser."""
    effects = np.zeros((CLUSTERS, WIDTH))
    covariance = np.zeros((CLUSTERS, WIDTH, WIDTH))
    for k in range(CLUSTERS):
        x, o, y = (part[data.z == k].double().numpy() for part in (h, offset, data.y))

        def objective(u, x=x, o=o, y=y):
            linear = o + x @ u
            return np.logaddexp(0, np.where(y == 1, -linear, linear)).sum() + u @ precision @ u / 2

        effects[k] = optimize.minimize(objective, effects[k], options={"gtol": 1e-9}).x
        p = 1 / (1 + np.exp(-(o + x @ effects[k])))
        covariance[k] = np.linalg.inv(x.T @ ((p * (1 - p))[:, None] * x) + precision)
    return effects, covariance


@pytest.mark.parametrize("trace", [True, False])
def test_training_equals_plain_expectation_maximisation(trace):
    data = clustered(100)
    method = make("menet", initial_sd=0.3)
    network = copy.deepcopy(method.network)
    effects = torch.zeros(CLUSTERS, WIDTH)
    prior = 0.3**2 * np.eye(WIDTH)
    optimizer = torch.optim.Adam(network.parameters(), lr=3e-3)
    for epoch in minibatches(method, data, seed=7, settings=SETTINGS):
        for batch in map(unpadded, epoch):
            optimizer.zero_grad()
            hidden = network.hidden(batch.x)[1]
            linear = network.output(hidden)[:, 0] + (hidden * effects[batch.z]).sum(1)
            F.binary_cross_entropy_with_logits(linear, batch.y).backward()
            optimizer.step()
        with torch.no_grad():
            hidden = network.hidden(data.x)[1]
            offset = network.output(hidden)[:, 0]
        precision = np.linalg.inv(prior + 1e-6 * np.eye(WIDTH))
        modes, covariance = plain_modes(hidden, offset, data, precision)
        prior = (modes[:, :, None] * modes[:, None, :] + covariance).mean(0)
        effects = torch.tensor(modes, dtype=torch.float32)
    fit([method], [data], settings=SETTINGS, seeds=[7], trace=trace)
    for found, expected in zip(method.network.parameters(), network.parameters(), strict=True):
        torch.testing.assert_close(found, expected, rtol=0, atol=1e-4)
    torch.testing.assert_close(method.effects, effects, rtol=0, atol=1e-4)
    torch.testing.assert_close(method.covariance, torch.tensor(prior).float(), rtol=0, atol=1e-4)


def test_random_effects_multiply_the_last_hidden_features():
    method = make("menet").eval()
    with torch.no_grad():
        method.effects.normal_()
        x, z = torch.randn(6, 3), torch.tensor([0, 1, 2, 3, 3, 0])
        hidden = method.network.hidden(x)[1]
        weights = method.network.output.weight[0] + method.effects[z]
        expected = torch.sigmoid((hidden * weights).sum(1) + method.network.output.bias)
        found = method.predict(x, z)
    torch.testing.assert_close(found["mixed"], expected)


def test_random_effects_multiply_the_named_layer_behind_the_watched_ones():
    components = ModelComponents(Net(), BinaryTask(), ("first",), CLUSTERS, last_hidden="second")
    method = Menet(components, MenetSettings()).eval()
    method.measure(torch.zeros(2, 3))
    with torch.no_grad():
        method.effects.normal_()
        x, z = torch.randn(6, 3), torch.tensor([0, 1, 2, 3, 3, 0])
        found = method.linear_predictor(x, z)
        expected = (method.network.hidden(x)[1] * method.effects[z]).sum(1, keepdim=True)
    torch.testing.assert_close(found["mixed"] - found["fixed"], expected)
    torch.testing.assert_close(method.statistics(x)[0], method.network.hidden(x)[1].detach())


def test_a_network_without_a_named_hidden_layer_is_refused():
    with pytest.raises(ConfigError, match=r"no hidden layer; expected the last one.*; name it in"):
        Menet(ModelComponents(Net(), BinaryTask(), (), CLUSTERS), MenetSettings())


def test_covariance_is_the_mean_second_moment_of_the_clusters_in_training():
    method = make("menet", clusters=CLUSTERS + 2)
    data = clustered(100)
    hidden, fixed = torch.rand(100, WIDTH), torch.zeros(100)
    new = method.update((hidden, fixed), data.y, data.z, torch.ones(100))
    modes, covariance = plain_modes(
        hidden, fixed, data, np.linalg.inv((0.3**2 + 1e-6) * np.eye(WIDTH))
    )
    expected = sum(np.outer(m, m) + c for m, c in zip(modes, covariance, strict=True)) / CLUSTERS
    torch.testing.assert_close(
        new["covariance"], torch.tensor(expected).float(), rtol=1e-3, atol=1e-5
    )
    sd_of_posterior = np.sqrt(np.diagonal(covariance, axis1=1, axis2=2))
    torch.testing.assert_close(
        new["posterior_sd"][:CLUSTERS], torch.tensor(sd_of_posterior).float()
    )
    assert (new["effects"][CLUSTERS:] == 0).all()


def test_a_weight_of_two_counts_as_two_samples():
    method = make("menet")
    data = clustered(40)
    hidden, fixed = torch.rand(40, WIDTH), torch.randn(40)
    weight = torch.ones(40)
    weight[:10] = 2
    twice = torch.cat([torch.arange(40), torch.arange(10)])
    weighted = method.update((hidden, fixed), data.y, data.z, weight)
    repeated = method.update(
        (hidden[twice], fixed[twice]), data.y[twice], data.z[twice], torch.ones(50)
    )
    for name in weighted:
        torch.testing.assert_close(weighted[name], repeated[name], rtol=1e-4, atol=1e-5)


class Straight(nn.Module):
    """A network whose last hidden features are its input."""

    def __init__(self, features):
        super().__init__()
        self.hidden = nn.Identity()
        self.output = nn.Linear(features, 1)

    def forward(self, x):
        return self.output(self.hidden(x))


def simulate(*, clusters, each, continuous, sd=0.8):
    draw = torch.Generator().manual_seed(5)
    z = torch.arange(clusters).repeat_interleave(each)
    x = torch.randn(len(z), 2, generator=draw)
    slopes = sd * torch.randn(clusters, 2, generator=draw)
    linear = (x * (torch.tensor([1.0, -0.5]) + slopes[z])).sum(1)
    if continuous:
        y = linear + 0.5 * torch.randn(len(z), generator=draw)
    else:
        y = (torch.rand(len(z), generator=draw) < torch.sigmoid(linear)).float()
    return Samples(x, y, z), slopes


@pytest.mark.parametrize("task", [BinaryTask(), ContinuousTask()])
def test_simulated_slopes_of_clusters_are_recovered(task):
    torch.manual_seed(0)
    data, slopes = simulate(clusters=30, each=60, continuous=task.has_noise)
    method = Menet(ModelComponents(Straight(2), task, ("hidden",), clusters=30), MenetSettings())
    settings = FitSettings(epochs=20, batch_size=64, learning_rate=0.02)
    fit([method], [data], settings=settings, seeds=[0], trace=False)
    total = method.effects + method.network.output.weight.detach()
    truth = slopes + torch.tensor([1.0, -0.5])
    correlation = np.corrcoef(total.flatten(), truth.flatten())[0, 1]
    assert correlation > 0.9
    torch.testing.assert_close(
        method.covariance.diagonal().sqrt(), slopes.std(0), rtol=0.25, atol=0
    )
    if task.has_noise:
        assert method.noise_variance.sqrt().item() == pytest.approx(0.5, rel=0.05)
