"""Random slopes of a network against the truth and a mixed model without a network, on generated data."""

import numpy as np
import pytest
import torch
from torch import nn

from armed.data.samples import Samples
from armed.effects.linear_effects import LinearEffects
from armed.inference.blocks.terms import EffectsTerm, fixed_term
from armed.inference.estimate import estimate
from armed.inference.mixed_model import MixedModel
from armed.methods.armed import Armed, ArmedSettings
from armed.methods.base import ModelComponents
from armed.tasks.outcomes import BinaryTask
from armed.training.fit import FitSettings, fit

CLUSTERS, EACH, FEATURES = 50, 100, 12


@pytest.fixture(scope="module")
def simulated():
    draw = torch.Generator().manual_seed(2)
    z = torch.arange(CLUSTERS).repeat_interleave(EACH)
    x = torch.randn(len(z), FEATURES, generator=draw)
    sd = torch.linspace(0.05, 0.6, FEATURES)[torch.randperm(FEATURES, generator=draw)]
    slopes = torch.randn(CLUSTERS, FEATURES, generator=draw) * sd
    intercepts = torch.randn(CLUSTERS, generator=draw) * 0.5
    fixed = x @ (0.4 * torch.randn(FEATURES, generator=draw)) + torch.sin(2 * x[:, 0])
    eta = fixed + (x * slopes[z]).sum(1) + intercepts[z]
    y = (torch.rand(len(z), generator=draw) < torch.sigmoid(eta)).float()
    return Samples(x, y, z), sd, slopes, intercepts


@pytest.fixture(scope="module")
def network(simulated):
    torch.manual_seed(2)
    net = nn.Sequential(
        nn.Linear(FEATURES, 8), nn.ReLU(), nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 1)
    )
    effects = LinearEffects(CLUSTERS, initial_sd={"intercept": 0.5, "input": 0.2})
    components = ModelComponents(net, BinaryTask(), ("3",), CLUSTERS, random_effects=[effects])
    method = Armed(components, ArmedSettings(adversary_weight=0.0))
    settings = FitSettings(epochs=15, batch_size=64, learning_rate=3e-3)
    fit([method], [simulated[0]], settings=settings, seeds=[2])
    return effects


@pytest.fixture(scope="module")
def mixed_model(simulated):
    data = simulated[0]
    design = torch.cat([torch.ones(len(data.z), 1), data.x], 1).double()
    one = torch.ones(len(data.z), dtype=torch.float64)
    term = EffectsTerm(design, data.z, CLUSTERS, correlated=False)
    model = MixedModel(
        BinaryTask(), data.y.double(), 0 * one, one, [term], fixed=fixed_term(design)
    )
    return estimate(model, rounds=200)


def correlation(one, other):
    return np.corrcoef(np.asarray(one).ravel(), np.asarray(other).ravel())[0, 1]


def test_standard_deviations_of_slopes_are_those_of_the_simulation(simulated, network):
    found = network.prior_root.square().sum(1).sqrt()[1:]
    assert correlation(found, simulated[1]) > 0.85


def test_effects_are_as_near_the_truth_as_those_of_a_mixed_model(simulated, network, mixed_model):
    _, _, slopes, intercepts = simulated
    linear = mixed_model.effects[0]
    for own, reference, truth in (
        (network.mean[:, 1:], linear[:, 1:], slopes),
        (network.mean[:, 0], linear[:, 0], intercepts),
    ):
        assert correlation(own, truth) > correlation(reference, truth) - 0.02
