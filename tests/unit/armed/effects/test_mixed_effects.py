import copy

import pytest
import torch
from torch import nn

from armed.effects.intercept_slope import RandomIntercept, RandomSlope
from armed.effects.mixed_effects import MixedEffects
from armed.errors import ConfigError

CLUSTERS = 4


class Residual(nn.Module):
    """A network of somebody else: branches, a shared layer, batch norm, a dictionary of layers."""

    def __init__(self):
        super().__init__()
        self.blocks = nn.ModuleDict({"stem": nn.Linear(3, 6), "again": nn.Linear(6, 6)})
        self.norm = nn.BatchNorm1d(6)
        self.head = nn.Linear(6, 1)
        self.unused = nn.Linear(6, 6)

    def forward(self, x):
        h = torch.tanh(self.blocks["stem"](x))
        h = h + torch.tanh(self.blocks["again"](h))
        h = h + torch.tanh(self.blocks["again"](h))
        return self.head(self.norm(h))


def sequential():
    return nn.Sequential(nn.Linear(3, 8), nn.ReLU(), nn.Linear(8, 5), nn.ReLU(), nn.Linear(5, 1))


def convolutional():
    return nn.Sequential(
        nn.Conv2d(1, 2, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(18, 1)
    )


FOREIGN = {
    "sequential": (sequential, ["1", "3"], (3,), 5),
    "convolutional": (convolutional, ["1", "2"], (1, 8, 8), 18),
    "residual": (Residual, ["blocks.stem", "norm"], (3,), 6),
}


def wrapped(name, *, on="hidden"):
    torch.manual_seed(0)
    build, watch, shape, width = FOREIGN[name]
    network = build()
    size = width if on == "hidden" else torch.Size(shape).numel()
    effects = [
        RandomSlope(CLUSTERS, size, prior_sd=0.3, on=on),
        RandomIntercept(CLUSTERS, prior_sd=0.1),
    ]
    x, z = torch.randn(6, *shape), torch.tensor([0, 1, 2, 3, 3, 0])
    return MixedEffects(network, random_effects=effects, watch=watch), network, x, z


def hooks_of(network):
    return sum(len(module._forward_hooks) for module in network.modules())


@pytest.mark.parametrize("name", FOREIGN)
def test_fixed_output_is_that_of_the_bare_network(name):
    model, network, x, z = wrapped(name)
    model.eval()
    torch.testing.assert_close(model(x, z).fixed, network(x), rtol=0, atol=0)


@pytest.mark.parametrize("on", ["hidden", "input"])
@pytest.mark.parametrize("name", FOREIGN)
def test_mixed_output_is_the_equation_by_hand(name, on):
    model, network, x, z = wrapped(name, on=on)
    model.eval()
    slope, intercept = model.random_effects
    output = model(x, z)
    h = x if on == "input" else output.activations[-1]
    for i in range(len(x)):
        by_hand = network(x)[i] + slope.mean[z[i]] @ h[i].flatten() + intercept.mean[z[i]]
        torch.testing.assert_close(output.mixed[i], by_hand)


def test_noise_is_dealt_to_the_effects_in_order():
    model, _, x, z = wrapped("sequential")
    slope, intercept = model.random_effects
    noise = torch.randn(len(x), model.noise_size)
    output = model(x, z, noise)
    h = output.activations[-1]
    expected = output.fixed + slope(h, z, noise[:, :5]) + intercept(h, z, noise[:, 5:])
    torch.testing.assert_close(output.mixed, expected)


def test_effects_are_sampled_in_training_and_at_their_means_in_evaluation():
    model, _, x, z = wrapped("sequential")
    assert not torch.equal(model(x, z).mixed, model(x, z).mixed)
    model.eval()
    assert torch.equal(model(x, z).mixed, model(x, z).mixed)


@pytest.mark.parametrize("name", FOREIGN)
def test_network_is_left_as_it_was(name):
    model, network, x, z = wrapped(name)
    before, kind = copy.deepcopy(network.state_dict()), type(network)
    model.eval()(x, z).mixed.sum().backward()
    after = network.state_dict()
    assert list(after) == list(before)
    assert all(torch.equal(after[name], before[name]) for name in before)
    assert type(network) is kind
    assert hooks_of(network) == 0


def test_hooks_of_others_survive():
    model, network, x, z = wrapped("sequential")
    calls = []
    network[1].register_forward_hook(lambda *_: calls.append(1))
    model(x, z)
    assert hooks_of(network) == 1
    assert calls == [1]


def test_no_hook_is_left_after_an_exception_in_the_network():
    model, network, _, z = wrapped("sequential")
    with pytest.raises(RuntimeError):
        model(torch.randn(6, 7), z)
    assert hooks_of(network) == 0


def test_intercept_alone_needs_nothing_watched():
    model = MixedEffects(
        sequential(), random_effects=[RandomIntercept(CLUSTERS, prior_sd=0.1)], watch=[]
    )
    assert model(torch.randn(2, 3), torch.tensor([0, 1])).mixed.shape == (2, 1)


@pytest.mark.parametrize(
    ("effects", "watch", "message"),
    [
        ([], ["1"], "0 random effects"),
        ([RandomSlope(CLUSTERS, 5, prior_sd=0.1)], [], "`watch` is empty"),
        ([RandomSlope(CLUSTERS, 2, prior_sd=1.0, on="there")], [], "no submodule 'there'"),
    ],
)
def test_effects_on_what_is_not_there_are_refused(effects, watch, message):
    with pytest.raises(ConfigError, match=message):
        MixedEffects(sequential(), random_effects=effects, watch=watch)


def test_output_of_three_dimensions_is_refused():
    network = nn.Sequential(nn.Linear(3, 1), nn.Unflatten(1, (1, 1)))
    model = MixedEffects(
        network, random_effects=[RandomIntercept(CLUSTERS, prior_sd=0.1)], watch=[]
    )
    with pytest.raises(ConfigError, match=r"returns \(2, 1, 1\) of torch.float32"):
        model(torch.randn(2, 3), torch.tensor([0, 1]))


def test_kl_and_noise_are_summed_over_effects():
    model, _, _, z = wrapped("sequential")
    slope, intercept = model.random_effects
    torch.testing.assert_close(model.kl(z), slope.kl(z) + intercept.kl(z))
    assert model.noise_size == 5 + 1
    assert set(model.posterior()) == {"slope", "intercept"}


def test_slope_multiplies_the_submodule_that_it_names():
    network = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 1))
    effect = RandomSlope(CLUSTERS, 3, prior_sd=1.0, on="1")
    mixed = MixedEffects(network, random_effects=[effect], watch=["3"]).eval()
    x, z = torch.randn(5, 2), torch.tensor([0, 1, 2, 1, 0])
    output = mixed(x, z)
    first = torch.tanh(network[0](x))
    expected = (first * effect.mean[z]).sum(1, keepdim=True)
    torch.testing.assert_close(output.mixed - output.fixed, expected)
    torch.testing.assert_close(output.activations, (torch.tanh(network[2](first)),))
