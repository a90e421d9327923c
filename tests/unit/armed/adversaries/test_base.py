"""What a network gains from an adversary, and how fast that follows."""

import math

import pytest
import torch

from armed.adversaries.dense import Adversary
from armed.data.samples import Batch
from armed.methods.base import ModelComponents
from armed.methods.generalisation.domain_adversarial import DomainAdversarial
from armed.tasks.outcomes import BinaryTask
from armed.training.fit import FitSettings, fit
from small_models import CLUSTERS, FEATURES, HIDDEN, Net, clustered, loader

LOG_K = math.log(CLUSTERS)


@pytest.mark.parametrize("bounded", [True, False])
@pytest.mark.parametrize("weight", [1.0, -0.5])
def test_bounded_network_gains_nothing_above_the_cross_entropy_of_a_guess(bounded, weight):
    torch.manual_seed(0)
    adversary = Adversary(4, CLUSTERS, hidden=(), bounded=bounded)
    batch = next(loader([clustered(16)], seeds=[0], batch_size=16).epoch())
    batch = Batch(*(part[0] for part in batch))
    h = (3 * torch.randn(16, 4)).requires_grad_()
    each = adversary.loss([h], batch.z)
    assert (each > LOG_K).any()
    assert (each < LOG_K).any()
    term = adversary.term("cluster", [h], batch, weight)
    kept = each.clamp(max=LOG_K) if bounded and weight < 0 else each
    torch.testing.assert_close(term.value, kept.mean())
    (gradient,) = torch.autograd.grad(term.value, h)
    moved = gradient.abs().sum(1) > 0
    assert torch.equal(moved, each < LOG_K if bounded and weight < 0 else torch.ones(16) > 0)


def test_adversary_of_a_rate_moves_so_many_times_as_far_in_a_step():
    moved = {}
    for rate in (1.0, 5.0):
        torch.manual_seed(0)
        adversary = Adversary(sum(HIDDEN), CLUSTERS, hidden=(4,), learning_rate_factor=rate)
        parts = ModelComponents(Net(), BinaryTask(), ("first", "second"), CLUSTERS, adversary)
        method = DomainAdversarial(parts, DomainAdversarial.Settings())
        method.measure(torch.zeros(2, FEATURES))
        before = [value.detach().clone() for value in adversary.parameters()]
        settings = FitSettings(epochs=1, batch_size=20, learning_rate=0.1, optimizer="SGD")
        fit([method], [clustered(20)], settings=settings, seeds=[0])
        pairs = zip(adversary.parameters(), before, strict=True)
        moved[rate] = torch.cat([(after - own).flatten() for after, own in pairs]).detach()
    torch.testing.assert_close(moved[5.0], 5 * moved[1.0])
    assert moved[1.0].abs().max() > 1e-3
