"""Variances of random effects from linear predictors of samples that a network has not seen."""

from functools import partial

import pytest
import torch

from armed.data.samples import Samples
from armed.inference.blocks.terms import EffectsTerm
from armed.inference.held_out import HeldOut
from armed.inference.update import Updated, updated_effects
from armed.tasks.outcomes import BinaryTask
from armed.training.cross_fitting import CrossFitting, halves
from armed.training.fit import FitSettings, fit
from armed.training.trainer import Trainer
from small_models import CLUSTERS, clustered, make

SETTINGS = FitSettings(epochs=3, batch_size=16, learning_rate=0.05, cross_fit=True)
EFFECTS = {"intercept": 0.5, "input": 0.2, "hidden": 0.2}


def method(seed=0):
    return make("armed", seed=seed, effects=EFFECTS, estimated=True, adversary_weight=0.0)


def crossed(data: Samples) -> CrossFitting:
    made = method()
    made.measure(data.x[:2])
    make_trainer = partial(Trainer, settings=SETTINGS, device="cpu", trace=False, pad=True)
    return CrossFitting([made], [data], [7], make=make_trainer, steps=8)


def test_halves_hold_every_sample_once_and_half_of_each_cluster():
    data = clustered(101)
    one, other = halves(data)
    assert torch.equal(torch.cat([one, other]).sort().values, torch.arange(101))
    for k in range(CLUSTERS):
        assert abs(int((data.z[one] == k).sum()) - int((data.z[other] == k).sum())) <= 1


def test_what_is_held_out_does_not_know_the_outcome_of_its_sample():
    data = clustered(80)
    flipped = data.y.clone()
    _, other = halves(data)
    flipped[other] = 1 - flipped[other]
    found = []
    for y in (data.y, flipped):
        fitting = crossed(Samples(data.x, y, data.z))
        fitting.descend(["replica"])
        found.append(fitting.held_out())
    network = found[0][-1][0]
    assert (network[other] == 0).all()
    # Network 0 has not seen these outcomes, network 1 has seen nothing else.
    for before, after in zip(found[0][:-1], found[1][:-1], strict=True):
        assert torch.equal(before[0, network == 0], after[0, network == 0])
    offsets = [each[1][0, network == 1] for each in found]
    assert (offsets[0] - offsets[1]).abs().max() > 1e-3


def test_variance_is_that_of_offsets_held_out_and_not_of_those_fitted():
    draw = torch.Generator().manual_seed(0)
    z = torch.arange(60).repeat_interleave(30)
    offset = torch.randn(1800, generator=draw)
    effect = torch.randn(60, generator=draw)
    y = (torch.rand(1800, generator=draw) < torch.sigmoid(offset + effect[z])).float()
    term = EffectsTerm(torch.ones(1800, 1), z, 60)
    one = torch.ones(1)
    before = Updated(torch.zeros(60, 1), torch.ones(60, 1, 1), torch.ones(1, 1), one)
    # As of a network that has learned its outcomes by heart; the others are out of scale, each in its way.
    fitted = offset + 6 * (y - 0.5)
    network = (torch.arange(1800) % 2).float()
    held_out = HeldOut(
        term.design, torch.where(network == 1, 3 * offset - 1, 0.5 * offset), network
    )

    def variance(held_out):
        now = before
        for _ in range(5):
            now = updated_effects(
                BinaryTask(), term, fitted, y, torch.ones(1800), before=now, held_out=held_out
            )
        return float(now.root[0, 0] ** 2)

    assert variance(held_out) == pytest.approx(effect.var().item(), rel=0.2)
    # Nothing is left for clusters to explain.
    assert variance(None) < 0.2 * effect.var().item()


@pytest.mark.parametrize("stackable", [True, False])
def test_a_replica_alone_is_to_the_bit_what_it_is_among_others(stackable):
    data = [clustered(90, seed=seed) for seed in (0, 1)]

    def methods():
        made = [method(seed) for seed in (0, 1)]
        for each in made:
            each.mixed.network.register_forward_hook(lambda *_: None) if not stackable else None
        return made

    together = fit(methods(), data, settings=SETTINGS, seeds=[0, 1]).methods
    alone = [
        fit([each], [samples], settings=SETTINGS, seeds=[seed]).methods[0]
        for seed, (each, samples) in enumerate(zip(methods(), data, strict=True))
    ]
    for one, other in zip(together, alone, strict=True):
        for name, value in one.state_dict().items():
            assert torch.equal(value, other.state_dict()[name]), name
