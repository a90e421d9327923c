"""Variances of random effects from linear predictors of samples that a network has not seen."""

from functools import partial

import numpy as np
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
from small_models import clustered, make

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
    data, rooms = clustered(101), torch.arange(101) % 8
    nested = Samples(data.x, data.y, {"school": data.z, "class": 8 * data.z + rooms})
    for samples, z in ((data, data.z), (nested, nested.z[:, 0]), (nested, nested.z[:, 1])):
        one, other = halves(samples)
        assert torch.equal(torch.cat([one, other]).sort().values, torch.arange(101))
        for k in z.unique():
            assert abs(int((z[one] == k).sum()) - int((z[other] == k).sum())) <= 1


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
    for before, after in zip(found[0][:2], found[1][:2], strict=True):
        assert torch.equal(before[0, network == 0], after[0, network == 0])
        assert (before[0, network == 1] - after[0, network == 1]).abs().max() > 1e-3
    # What has seen a sample is the other one.
    before, after = (each[2][0] for each in found)
    assert torch.equal(before[network == 1], after[network == 1])
    assert (before[network == 0] - after[network == 0]).abs().max() > 1e-3


UNKNOWN = 1.5
"""Variance of what networks do not know of a linear predictor."""


def offsets(known, effects, y, *, moved=UNKNOWN):
    """What two networks say of samples of whose linear predictor they know a part, each out of scale."""
    network = (torch.arange(len(y)) % 2).float()
    scale = torch.tensor([0.5, 3.0])
    eta = known + sum(effect[z] for z, effect in effects)
    residual = y - torch.sigmoid(eta / (1 + 0.346 * UNKNOWN) ** 0.5)

    def by(network, predictor):
        return scale[network.long()] * predictor - network

    return HeldOut(
        [torch.ones(len(y), 1)] * len(effects),
        by(network, known),
        by(1 - network, known + moved * residual),
        network,
    )


@pytest.fixture(scope="module")
def drawn():
    """Part of the fixed effects, intercepts in 200 clusters and in 60 that cross them, and outcomes."""
    draw = torch.Generator().manual_seed(0)
    z = torch.arange(200).repeat_interleave(30)
    known, other = (torch.randn(6000, generator=draw) for _ in "12")
    effects = [(z, torch.randn(200, generator=draw))]
    part, chance = known + UNKNOWN**0.5 * other, torch.rand(6000, generator=draw)
    effects.append((torch.arange(6000) % 60, 1.5 * torch.randn(60, generator=draw)))
    both = part + sum(effect[z] for z, effect in effects)
    y = [(chance < torch.sigmoid(eta)).float() for eta in (part + effects[0][1][z], both)]
    return known, effects, y, part


def updated(drawn, held_out, *, factors=1, weight=1.0, fitted=None):
    known, effects, y = drawn[0], drawn[1][:factors], drawn[2][factors - 1]
    sizes, one = [len(effect) for _, effect in effects], torch.ones(1)
    terms = [EffectsTerm(torch.ones(6000, 1), z, len(effect)) for z, effect in effects]
    before = [Updated(torch.zeros(n, 1), torch.ones(n, 1, 1), torch.ones(1, 1), one) for n in sizes]
    # As of a network that has learned its outcomes by heart.
    fitted = known + 6 * (y - 0.5) if fitted is None else fitted
    each = 1 + (weight - 1) * y
    return updated_effects(
        BinaryTask(), terms, fitted, y, each, before=before, held_out=held_out, last=True
    )


def test_variances_of_crossed_factors_are_those_of_the_whole_predictor(drawn):
    known, effects, (_, y), whole = drawn
    found = updated(drawn, offsets(known, effects, y), factors=2)
    expected = updated(drawn, None, factors=2, fitted=whole)
    for own, right in zip(found, expected, strict=True):
        assert float(own.root) == pytest.approx(float(right.root), rel=0.1)
        assert float(np.polyfit(right.mean[:, 0], own.mean[:, 0], 1)[0]) > 0.8


def test_variance_is_that_of_the_whole_predictor_though_a_part_is_unknown(drawn):
    known, ((z, effect), _), (y, _), _ = drawn
    own = [(z, effect)]
    (found,) = updated(drawn, offsets(known, own, y))
    assert float(found.root[0, 0] ** 2) == pytest.approx(effect.var().item(), rel=0.07)
    np.testing.assert_allclose(np.polyfit(effect, found.mean[:, 0], 1)[0], 0.85, atol=0.07)
    # Networks that no sample has moved know all; nothing is left to clusters of one fitted to its samples.
    (still,) = updated(drawn, offsets(known, own, y, moved=0))
    assert float(still.root[0, 0] ** 2) < 0.75 * effect.var().item()
    assert float(updated(drawn, None)[0].root[0, 0] ** 2) < 0.2 * effect.var().item()


def test_calibration_brings_held_out_predictors_to_the_scale_of_their_outcomes(drawn):
    known, (own, _), (y, _), _ = drawn
    shrunk, fitted = (1 + 0.346 * UNKNOWN) ** 0.5, known + 6 * (y - 0.5) - 2
    for weight in (1.0, 4.0):
        (found,) = updated(drawn, offsets(known, [own], y), weight=weight, fitted=fitted)
        intercept, slope, *others = found.calibration.tolist()
        # The mean of 1 / 0.5 and 1 / 3.
        np.testing.assert_allclose([slope, *others], [7 / 6 / shrunk, shrunk, UNKNOWN], rtol=0.2)
        # On average that of the others, but that weights of a class stay in the odds.
        mean = float(known.mean()) / shrunk + np.log(weight)
        assert intercept + slope * float(fitted.mean()) == pytest.approx(mean, abs=0.05)
    assert updated(drawn, None)[0].calibration is None


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
