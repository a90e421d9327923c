import copy
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from armed.data.samples import Samples
from armed.errors import ConfigError
from armed.inference.blocks.terms import EffectsTerm
from armed.inference.update import Updated, centred, updated_effects
from armed.methods.base import ModelComponents
from armed.methods.menet import Menet, MenetSettings
from armed.tasks.outcomes import BinaryTask, ContinuousTask
from armed.training.fit import FitSettings, fit
from small_models import CLUSTERS, HIDDEN, Net, clustered, make, minibatches, unpadded

SETTINGS = FitSettings(epochs=2, batch_size=16, learning_rate=3e-3)
WIDTH, ONE = HIDDEN[-1], torch.ones(1)


@pytest.mark.parametrize("trace", [True, False])
def test_training_equals_plain_expectation_maximisation(trace):
    data = clustered(400)
    method = make("menet", initial_sd=0.3)
    network, center = copy.deepcopy(method.mixed.network), torch.zeros(WIDTH, requires_grad=True)
    eye, scale = torch.eye(WIDTH), ONE
    now = Updated(torch.zeros(CLUSTERS, WIDTH), 0 * eye.repeat(CLUSTERS, 1, 1), 0.3 * eye, ONE)
    optimizer = torch.optim.Adam([*network.parameters(), center], lr=3e-3)

    def fixed(x):
        hidden = network.hidden(x)[1]
        return network.output(hidden)[:, 0] + hidden / scale @ center, hidden / scale

    def updated(now, scale, last=False):
        offset, hidden = fixed(data.x)
        unit = hidden.square().mean().sqrt()
        shared = torch.zeros(WIDTH, dtype=torch.int64)  # there are fewer clusters than features
        term = EffectsTerm(hidden / unit, data.z, CLUSTERS, correlated=False, variance_of=shared)
        center.data = center * unit
        now = Updated(now.mean * unit, now.covariance * unit**2, now.root * unit, ONE)
        given = offset, data.y, torch.ones(400)
        (now,) = updated_effects(BinaryTask(), [term], *given, before=[now], last=last)
        mean, center.data = centred(BinaryTask(), term, now, center, torch.ones(400))
        return replace(now, mean=mean), scale * unit

    for epoch in minibatches(method, data, seed=7, settings=SETTINGS):
        for batch in map(unpadded, epoch):
            optimizer.zero_grad()
            offset, hidden = fixed(batch.x)
            linear = offset + (hidden * now.mean[batch.z]).sum(1)
            F.binary_cross_entropy_with_logits(linear, batch.y).backward()
            optimizer.step()
        with torch.no_grad():
            now, scale = updated(now, scale)
    with torch.no_grad():
        now, scale = updated(now, scale, last=True)
    fit([method], [data], settings=SETTINGS, seeds=[7], trace=trace)
    for found, expected in zip(
        method.mixed.network.parameters(), network.parameters(), strict=True
    ):
        torch.testing.assert_close(found, expected, rtol=0, atol=2e-3)
    # Rounds of an update end within 5 % of where they lead.
    effects, largest = method.effects, now.mean.abs().max().item()
    torch.testing.assert_close(effects.mean, now.mean, rtol=0, atol=0.1 * largest)
    found, expected = (root @ root.T for root in (effects.prior_root, now.root))
    torch.testing.assert_close(found, expected, rtol=0, atol=0.15 * expected.max().item())


def test_random_effects_multiply_the_last_hidden_features():
    method = make("menet").eval()
    with torch.no_grad():
        method.effects.mean.normal_()
        x, z = torch.randn(6, 3), torch.tensor([0, 1, 2, 3, 3, 0])
        hidden = method.mixed.network.hidden(x)[1]
        weights = method.mixed.network.output.weight[0] + method.effects.mean[z]
        expected = torch.sigmoid((hidden * weights).sum(1) + method.mixed.network.output.bias)
        found = method.predict(x, z)
    torch.testing.assert_close(found["mixed"], expected)


def test_random_effects_multiply_the_named_layer_behind_the_watched_ones():
    components = ModelComponents(Net(), BinaryTask(), ("first",), CLUSTERS, last_hidden="second")
    method = Menet(components, MenetSettings()).eval()
    method.measure(torch.zeros(2, 3))
    with torch.no_grad():
        method.effects.mean.normal_()
        x, z = torch.randn(6, 3), torch.tensor([0, 1, 2, 3, 3, 0])
        found = method.linear_predictor(x, z)
        expected = (method.mixed.network.hidden(x)[1] * method.effects.mean[z]).sum(1, keepdim=True)
    torch.testing.assert_close(found["mixed"] - found["fixed"], expected)
    torch.testing.assert_close(method.statistics(x)[0], method.mixed.network.hidden(x)[1].detach())


def test_a_network_without_a_named_hidden_layer_is_refused():
    with pytest.raises(ConfigError, match=r"no hidden layer; expected the last one.*; name it in"):
        Menet(ModelComponents(Net(), BinaryTask(), (), CLUSTERS), MenetSettings())


def test_few_clusters_of_many_features_have_no_growing_effects():
    """Outcomes that clusters have no part in: a full covariance fits them with 40 slopes each."""
    draw = torch.Generator().manual_seed(2)
    x, z = torch.randn(300, 40, generator=draw), torch.arange(300) % 6
    data = Samples(x, (torch.rand(300, generator=draw) < torch.sigmoid(x[:, 0])).float(), z)
    found = []
    for correlated in (None, True):
        torch.manual_seed(0)
        components = ModelComponents(Straight(40), BinaryTask(), ("hidden",), clusters=6)
        method = Menet(components, MenetSettings())
        if correlated:
            method.set_widths = lambda *_: None
        settings = FitSettings(epochs=4, batch_size=50, learning_rate=0.01)
        fit([method], [data], settings=settings, seeds=[0], trace=False)
        assert method.effects.correlated is bool(correlated)
        found.append(method.effects.prior_root.square().sum().sqrt().item())
    assert found[0] < 1 < found[1]


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
    total = (
        method.effects.mean
        + method.effects.center.detach()
        + method.mixed.network.output.weight.detach()
    )
    truth = slopes + torch.tensor([1.0, -0.5])
    correlation = np.corrcoef(total.flatten(), truth.flatten())[0, 1]
    assert correlation > 0.9
    torch.testing.assert_close(
        (method.effects.prior_root @ method.effects.prior_root.T).diagonal().sqrt(),
        slopes.std(0),
        rtol=0.25,
        atol=0,
    )
    if task.has_noise:
        assert method.effects.noise.sqrt().item() == pytest.approx(0.5, rel=0.05)
