import copy
import math

import numpy as np
import pytest
import torch
from torch import nn
from torch.distributions import MultivariateNormal

from armed.data.samples import Samples
from armed.inference.blocks.terms import EffectsTerm
from armed.inference.update import Updated, centred, updated_effects
from armed.methods.base import ModelComponents
from armed.methods.lmmnn import Lmmnn, LmmnnSettings
from armed.tasks.outcomes import BinaryTask, ContinuousTask
from armed.training.fit import FitSettings, fit
from small_models import CLUSTERS, clustered, make, minibatches

ONE = torch.ones(1)
SETTINGS = FitSettings(epochs=1, batch_size=16, learning_rate=3e-3)


def plain_loss(network, sd, noise, x, y, z):
    """Marginal likelihood, by cluster on a fine grid or by the full covariance."""
    linear = network(x)[:, 0]
    if noise is not None:
        same = (z[:, None] == z[None, :]).float()
        law = MultivariateNormal(linear, noise**2 * torch.eye(len(z)) + sd**2 * same)
        return -law.log_prob(y) / len(z)
    grid = torch.linspace(-8, 8, 801)
    density = torch.exp(-(grid**2) / 2) / math.sqrt(2 * math.pi) * 0.02
    total = torch.zeros(())
    for k in z.unique():
        logits = linear[z == k][:, None] + sd * grid[None, :]
        p = torch.where(y[z == k][:, None] == 1, torch.sigmoid(logits), torch.sigmoid(-logits))
        total = total - torch.log((p.prod(0) * density).sum())
    return total / len(z)


@pytest.mark.parametrize("continuous", [False, True])
def test_training_equals_a_plain_loop(continuous):
    data = clustered(100, continuous=continuous)
    method = made(continuous)
    network, center = copy.deepcopy(method.mixed.network), torch.zeros(1, requires_grad=True)
    optimizer = torch.optim.Adam([*network.parameters(), center], lr=3e-3)
    # An epoch's standard deviations are those that are estimated before it.
    start = Updated(
        torch.zeros(CLUSTERS, 1), torch.full((CLUSTERS, 1, 1), 0.25), torch.full((1, 1), 0.5), ONE
    )
    term = EffectsTerm(torch.ones(100, 1), data.z, CLUSTERS)
    with torch.no_grad():
        offset = network(data.x)[:, 0]
        given = offset, data.y, torch.ones(100)
        (now,) = updated_effects(method.task, [term], *given, before=[start])
        center += centred(method.task, term, now, center, torch.ones(100))[1]
    for batch in next(iter(minibatches(method, data, seed=7, settings=SETTINGS))):
        x, y, z = (part[batch.mask == 1] for part in batch[:3])
        optimizer.zero_grad()
        noise = now.noise.sqrt()[0] if continuous else None
        plain_loss(lambda x: network(x) + center, now.root[0, 0], noise, x, y, z).backward()
        optimizer.step()
    fit([method], [data], settings=SETTINGS, seeds=[7])
    for found, expected in zip(
        method.mixed.network.parameters(), network.parameters(), strict=True
    ):
        torch.testing.assert_close(found, expected, rtol=0, atol=1e-4)


def made(continuous=False):
    return make("lmmnn", task=ContinuousTask() if continuous else BinaryTask())


@pytest.mark.parametrize("continuous", [False, True])
def test_intercepts_are_the_posterior_means_given_all_training_samples(continuous):
    data, method = clustered(100, continuous=continuous), made(continuous)
    fixed = torch.randn(100, generator=torch.Generator().manual_seed(0))
    new = method.update((torch.ones(100, 1), fixed), data.y, data.z, torch.ones(100))
    values = {name.rpartition(".")[2]: value for name, value in new.items()}
    sd, noise = values["prior_root"][0, 0].item(), values["noise"].sqrt().item()
    u = np.linspace(-12 * sd, 12 * sd, 20_001)
    for k in range(CLUSTERS):
        rows = data.z == k
        eta = fixed[rows][:, None] + torch.tensor(u)
        each = method.task.log_likelihood(eta, data.y[rows][:, None]).sum(0) / noise**2
        weight = np.exp(each.numpy() - u**2 / (2 * sd**2) - each.max().item())
        expected = (weight * u).sum() / weight.sum()
        # What all clusters have in common is the fixed part's.
        assert (values["mean"] + values["center"])[k].item() == pytest.approx(expected, abs=1e-3)


def test_prediction_adds_the_intercept_of_the_cluster():
    data, method = clustered(100), made()
    fit([method], [data], settings=SETTINGS, seeds=[7], trace=False)
    with torch.no_grad():
        found = method.predict(data.x, data.z)
        half = torch.full((100, CLUSTERS), 0.25)
        mixture = method.predict(data.x, half)["mixed"]
        offset = method.mixed.network(data.x)[:, 0] + method.effects.center
    mean = method.effects.mean
    torch.testing.assert_close(found["fixed"], torch.sigmoid(offset))
    torch.testing.assert_close(found["mixed"], torch.sigmoid(offset + mean[data.z][:, 0]))
    torch.testing.assert_close(mixture, torch.sigmoid(offset + mean.mean()))


@pytest.mark.parametrize("continuous", [False, True])
def test_spread_of_simulated_intercepts_is_recovered(continuous):
    torch.manual_seed(0)
    draw = torch.Generator().manual_seed(3)
    z = torch.arange(80).repeat_interleave(25)
    x = torch.randn(len(z), 2, generator=draw)
    intercepts = 1.2 * torch.randn(80, generator=draw)
    linear = x[:, 0] - 0.5 * x[:, 1] + intercepts[z]
    y = (torch.rand(len(z), generator=draw) < torch.sigmoid(linear)).float()
    if continuous:
        y = linear + 0.7 * torch.randn(len(z), generator=draw)
    task = ContinuousTask() if continuous else BinaryTask()
    network = nn.Sequential(nn.Linear(2, 1))
    method = Lmmnn(ModelComponents(network, task, (), clusters=80), LmmnnSettings())
    settings = FitSettings(epochs=12, batch_size=200, learning_rate=0.03)
    fit([method], [Samples(x, y, z)], settings=settings, seeds=[0], trace=False)
    sd = method.effects.prior_root.item()
    assert sd == pytest.approx(intercepts.std().item(), rel=0.15)
    assert np.corrcoef(method.effects.mean[:, 0], intercepts)[0, 1] > (0.97 if continuous else 0.85)
    assert network[0].weight[0, 0].item() == pytest.approx(1.0, abs=0.15)
    if continuous:
        assert method.effects.noise.sqrt().item() == pytest.approx(0.7, rel=0.1)


@pytest.mark.parametrize("initial_sd", [0.05, 2.0])
def test_spread_does_not_depend_on_where_it_starts(initial_sd):
    found = []
    for start in (0.5, initial_sd):
        method = make("lmmnn", initial_sd=start)
        settings = FitSettings(epochs=12, batch_size=32, learning_rate=3e-3)
        fit([method], [clustered(400)], settings=settings, seeds=[7])
        found.append(method.effects.prior_root.item())
    assert found[1] == pytest.approx(found[0], rel=0.02)
