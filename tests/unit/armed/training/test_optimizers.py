import pytest
import torch

from armed.errors import ConfigError
from armed.training.fit import FitSettings, fit
from armed.training.optimizers import ELEMENTWISE, make_optimizer
from small_models import clustered, make


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_optimizers_treat_each_replica_as_if_it_were_alone(name):
    torch.manual_seed(0)
    start, gradients = torch.randn(4, 3, 2), torch.randn(6, 4, 3, 2)
    stacked = start.clone().requires_grad_()
    alone = [row.clone().requires_grad_() for row in start]
    together = make_optimizer(name, [stacked], learning_rate=0.05)
    apart = [getattr(torch.optim, name)([row], lr=0.05) for row in alone]
    for gradient in gradients:
        stacked.grad = gradient.clone()
        together.step()
        for row, own, optimizer in zip(alone, gradient, apart, strict=True):
            row.grad = own.clone()
            optimizer.step()
    assert not torch.equal(stacked, start)
    torch.testing.assert_close(stacked, torch.stack(alone))


@pytest.mark.parametrize("name", ["Adams", "Optimizer", "Adafactor", "LBFGS", "lr_scheduler"])
def test_unknown_optimizer_lists_those_there_are(name):
    settings = FitSettings(optimizer=name)
    with pytest.raises(
        ConfigError, match=f"unknown optimizer '{name}'; expected one of ASGD, .*SGD"
    ):
        fit([make("conventional")], [clustered(40)], settings=settings, seeds=[1])
