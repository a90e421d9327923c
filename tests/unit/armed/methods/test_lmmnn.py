import copy
import math

import numpy as np
import pytest
import torch
from scipy import optimize
from torch import nn
from torch.distributions import MultivariateNormal

from armed.data.samples import Samples
from armed.methods.base import ModelComponents
from armed.methods.lmmnn import SMALLEST_SD, Lmmnn, LmmnnSettings
from armed.tasks.outcomes import BinaryTask, ContinuousTask
from armed.training.fit import FitSettings, fit
from small_models import CLUSTERS, clustered, make, minibatches

SETTINGS = FitSettings(epochs=5, batch_size=16, learning_rate=3e-3)


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
    method = make("lmmnn", task=ContinuousTask() if continuous else BinaryTask())
    network = copy.deepcopy(method.network)
    rho = torch.tensor(math.log(math.expm1(0.5)), requires_grad=True)
    rho_noise = torch.tensor(math.log(math.expm1(1.0)), requires_grad=True)
    optimizer = torch.optim.Adam([*network.parameters(), rho, rho_noise], lr=3e-3)
    for epoch in minibatches(method, data, seed=7, settings=SETTINGS):
        for batch in epoch:
            x, y, z = (part[batch.mask == 1] for part in batch[:3])
            optimizer.zero_grad()
            sd, noise = torch.log1p(rho.exp()), torch.log1p(rho_noise.exp())
            plain_loss(network, sd, noise if continuous else None, x, y, z).backward()
            optimizer.step()
    fit([method], [data], settings=SETTINGS, seeds=[7])
    for found, expected in zip(method.network.parameters(), network.parameters(), strict=True):
        torch.testing.assert_close(found, expected, rtol=0, atol=1e-4)
    assert method.rho.item() == pytest.approx(rho.item(), abs=1e-4)
    if continuous:
        assert method.rho_noise.item() == pytest.approx(rho_noise.item(), abs=1e-4)


def trained(continuous=False, class_weights=False):
    data = clustered(100, continuous=continuous)
    method = make("lmmnn", task=ContinuousTask() if continuous else BinaryTask())
    settings = FitSettings(epochs=5, batch_size=16, learning_rate=3e-3, class_weights=class_weights)
    fit([method], [data], settings=settings, seeds=[7], trace=False)
    with torch.no_grad():
        offset = method.network(data.x)[:, 0].numpy()
    return data, method, offset


@pytest.mark.parametrize("class_weights", [False, True])
def test_intercepts_are_the_modes_given_all_training_samples(class_weights):
    data, method, offset = trained(class_weights=class_weights)
    sd = math.log1p(math.exp(method.rho.item()))
    weights = data.class_weights().numpy() if class_weights else np.ones(len(data.y))
    for k in range(CLUSTERS):
        rows = data.z.numpy() == k
        y = data.y.numpy()[rows]

        def objective(u, rows=rows, y=y):
            linear = offset[rows] + u
            loss = np.logaddexp(0, np.where(y == 1, -linear, linear))
            return (weights[rows] * loss).sum() + u**2 / sd**2 / 2

        mode = optimize.minimize_scalar(objective).x
        assert method.effects[k].item() == pytest.approx(mode, abs=1e-4)
        p = 1 / (1 + np.exp(-(offset[rows] + mode)))
        sd_of_posterior = 1 / math.sqrt((weights[rows] * p * (1 - p)).sum() + 1 / sd**2)
        assert method.posterior_sd[k].item() == pytest.approx(sd_of_posterior, rel=1e-3)


def test_intercepts_of_a_continuous_outcome_are_the_shrunken_means():
    data, method, offset = trained(continuous=True)
    sd, noise = (math.log1p(math.exp(r.item())) for r in (method.rho, method.rho_noise))
    for k in range(CLUSTERS):
        rows = data.z.numpy() == k
        residual = data.y.numpy()[rows] - offset[rows]
        shrunken = residual.sum() * sd**2 / (noise**2 + rows.sum() * sd**2)
        assert method.effects[k].item() == pytest.approx(shrunken, abs=1e-4)


def test_prediction_adds_the_intercept_of_the_cluster():
    data, method, offset = trained()
    with torch.no_grad():
        found = method.predict(data.x, data.z)
        half = torch.full((100, CLUSTERS), 0.25)
        mixture = method.predict(data.x, half)["mixed"]
    offset = torch.from_numpy(offset)
    torch.testing.assert_close(found["fixed"], torch.sigmoid(offset))
    torch.testing.assert_close(found["mixed"], torch.sigmoid(offset + method.effects[data.z][:, 0]))
    torch.testing.assert_close(mixture, torch.sigmoid(offset + method.effects.mean()))


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
    sd = math.log1p(math.exp(method.rho.item()))
    assert sd == pytest.approx(intercepts.std().item(), rel=0.15)
    assert np.corrcoef(method.effects[:, 0], intercepts)[0, 1] > (0.97 if continuous else 0.85)
    assert network[0].weight[0, 0].item() == pytest.approx(1.0, abs=0.15)
    if continuous:
        assert math.log1p(math.exp(method.rho_noise.item())) == pytest.approx(0.7, rel=0.1)


def test_no_spread_between_clusters_is_no_accident():
    method = make("lmmnn")
    data = clustered(60)
    with torch.no_grad():
        method.rho.fill_(-200.0)
        new = method.update((torch.zeros(60),), data.y, data.z, torch.ones(60))
    assert new["effects"].abs().max() < 1e-3
    torch.testing.assert_close(new["posterior_sd"], torch.full((CLUSTERS, 1), SMALLEST_SD))
