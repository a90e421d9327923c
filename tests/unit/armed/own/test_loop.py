"""A loop of one's own takes the steps of `fit`."""

import copy

import pytest
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from armed.data.samples import Samples
from armed.effects.intercept_slope import RandomIntercept
from armed.own.fit import fit
from armed.own.loop import OwnLoop
from armed.own.network import around
from armed.training.fit import FitSettings
from refusals import refused

N, RATE = 60, 0.01
X = torch.randn(N, 3, generator=torch.Generator().manual_seed(0))
Z = torch.arange(N) % 5
Y = (X[:, 0] + Z / 2 > 1).float()
DATA = Samples(X, Y, Z)


class Bounded(nn.Linear):
    """Its owner's, not known to be one computation of replicas."""


def network(kind=nn.Linear):
    torch.manual_seed(0)
    return nn.Sequential(kind(3, 6), nn.Tanh(), nn.Linear(6, 1))


def quiet(method):
    method.draw = lambda generator, steps, size: torch.zeros(steps, size, method.mixed.noise_size)
    return method


def train(loop, epochs, size=N):
    groups = loop.parameters()
    optimizers = {group: torch.optim.Adam(own, lr=RATE) for group, own in groups.items()}
    for _ in range(epochs):
        for minibatch in DataLoader(TensorDataset(X, Y, Z), batch_size=size):
            found = {}
            for group, terms in loop.losses(*minibatch):
                optimizers[group].zero_grad()
                terms.total.backward()
                optimizers[group].step()
                found |= {term.name: float(term.value.detach()) for term in terms}
        loop.update()
    loop.update(last=True)
    return found


@pytest.mark.parametrize("kind", [nn.Linear, Bounded])
@pytest.mark.parametrize("effects", [None, [RandomIntercept(5, prior_sd=0.5)]])
def test_a_loop_of_ones_own_trains_as_fit_does(kind, effects):
    given = [copy.deepcopy(effects) for _ in range(2)]
    ours, own = (quiet(around(network(kind), DATA, random_effects=each)) for each in given)
    settings = FitSettings(epochs=3, batch_size=N, learning_rate=RATE)
    fitted = fit(ours, DATA, settings=settings, seeds=[3])
    loop = OwnLoop(own, DATA, seed=3)
    terms = train(loop, 3)
    assert terms.keys() == fitted.history.keys()
    for name, value in ours.state_dict().items():
        torch.testing.assert_close(own.state_dict()[name], value, rtol=1e-4, atol=1e-5)
    for name, value in terms.items():
        assert value == pytest.approx(fitted.history[name][-1, 0], abs=1e-4)


def test_a_loop_of_ones_own_may_have_minibatches_and_16_bits():
    loop = OwnLoop(around(torch.compile(network(), backend="eager"), DATA), DATA)
    with torch.autocast("cpu", torch.bfloat16):
        terms = train(loop, 2, size=16)
    assert terms.keys() == {"adversary", "mixed", "fixed", "kl", "cluster"}
    assert loop.method.predict(X, Z)["mixed"].isfinite().all()


def test_a_minibatch_that_does_not_fit_is_refused():
    loop = OwnLoop(around(network(), DATA), DATA)
    for wrong in ((X[:4], Y[:3], Z[:4]), (X[:4], Y[:4] + 2, Z[:4]), (X[:4, :2], Y[:4], Z[:4])):
        with refused():
            next(loop.losses(*wrong))
