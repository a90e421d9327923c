"""What networks do not know of the linear predictors of samples that they have not seen."""

from dataclasses import replace

import pytest
import torch

from armed.inference.blocks.terms import EffectsTerm
from armed.inference.em import expectation
from armed.inference.held_out import unexplained
from armed.inference.mixed_model import MixedModel, State
from armed.tasks.outcomes import ContinuousTask

Y = torch.tensor([2.0, -1.0, 0.5, 1.5, 3.0, -0.2], dtype=torch.float64)
Z = torch.tensor([0, 0, 0, 1, 1, 2])


@pytest.mark.parametrize("sample", range(len(Y)))
def test_a_residual_is_that_of_a_sample_left_out_of_its_cluster(sample):
    one = torch.ones_like(Y)
    model = MixedModel(ContinuousTask(), Y, 0.1 * one, one, [EffectsTerm(one[:, None], Z, 3)])
    root, noise = 1.3 * torch.eye(1, dtype=Y.dtype), torch.tensor(0.7, dtype=Y.dtype)
    state = State([root], one[:0], noise, [torch.zeros(3, 1, dtype=Y.dtype)], 0 * one)
    others = torch.arange(len(Y)) != sample
    mean = expectation(replace(model, weight=others.to(Y.dtype)), state, steps=3).means[0]
    residual = Y[sample] - 0.1 - 1.3 * mean[Z[sample], 0]
    # a network that this sample has moved by 1 towards its outcome, and no other one
    seen = model.offset + residual.sign() * ~others
    found = unexplained(model, expectation(model, state, steps=3), seen)
    assert found.item() == pytest.approx(residual.abs().item() / len(Y))
