import sys

import pytest
import torch

from armed.errors import ConfigError
from armed.training.fit import FitSettings, fit
from armed.training.optimizers import ELEMENTWISE, decayed_parameters, make_optimizer
from small_models import clustered, make


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_optimizers_treat_each_replica_as_if_it_were_alone(name):
    torch.manual_seed(0)
    start, gradients = torch.randn(4, 3, 2), torch.randn(6, 4, 3, 2)
    stacked = start.clone().requires_grad_()
    alone = [row.clone().requires_grad_() for row in start]
    settings = FitSettings(optimizer=name, learning_rate=0.05)
    together = make_optimizer(settings, {"kernel": stacked}, steps=6)
    groups = [[{"params": [row], "weight_decay": 0.0}] for row in alone]
    apart = [getattr(torch.optim, name)(group, lr=0.05) for group in groups]
    for gradient in gradients:
        stacked.grad = gradient.clone()
        together.step()
        for row, own, optimizer in zip(alone, gradient, apart, strict=True):
            row.grad = own.clone()
            optimizer.step()
    assert not torch.equal(stacked, start)
    torch.testing.assert_close(stacked, torch.stack(alone))


@pytest.mark.parametrize("name", ["Adam", "AdamW", "NAdam", "RAdam"])
def test_weight_decay_passes_by_the_gradient(name):
    kernel = torch.randn(3, 2, requires_grad=True)
    start = kernel.detach().clone()
    settings = FitSettings(optimizer=name, learning_rate=0.1, weight_decay=0.2)
    optimizer = make_optimizer(settings, {"kernel": kernel}, decayed=["kernel"], steps=5)
    for _ in range(5):
        kernel.grad = torch.zeros(3, 2)
        optimizer.step()
    torch.testing.assert_close(kernel.detach(), start * 0.98**5)


def test_weight_decay_shrinks_kernels_and_neither_biases_nor_effects():
    assert decayed_parameters(make("lmmnn")) == {
        f"mixed.network.{layer}.weight" for layer in ("first.0", "second.0", "output")
    }
    method = make("armed")
    before = {name: value.detach().clone() for name, value in method.named_parameters()}
    settings = FitSettings(
        epochs=1, batch_size=20, learning_rate=1e-9, optimizer="AdamW", weight_decay=1e8
    )
    fit([method], [clustered(40)], settings=settings, seeds=[1])
    networks = ("mixed.network.", "adversary.")
    for name, value in method.named_parameters():
        shrunk = 0.9**2 if name.startswith(networks) and name.endswith("weight") else 1
        torch.testing.assert_close(value.detach(), shrunk * before[name], rtol=1e-5, atol=1e-7)


def test_weight_decay_needs_an_optimizer_that_has_it():
    settings = FitSettings(optimizer="SGD", weight_decay=0.1)
    with pytest.raises(
        ConfigError, match=r"weight_decay is 0.1 and the optimizer SGD; expected one"
    ):
        fit([make("conventional")], [clustered(40)], settings=settings, seeds=[1])


@pytest.mark.parametrize("name", ["Adams", "Optimizer", "Adafactor", "LBFGS", "lr_scheduler"])
def test_unknown_optimizer_lists_those_there_are(name):
    settings = FitSettings(optimizer=name)
    with pytest.raises(
        ConfigError, match=f"unknown optimizer '{name}'; expected one of ASGD, .*SGD"
    ):
        fit([make("conventional")], [clustered(40)], settings=settings, seeds=[1])


def test_training_does_not_wait_for_the_compiler(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch._dynamo", None)  # whoever imports it fails
    settings = FitSettings(epochs=1, optimizer="AdamW", schedule="one_cycle")
    fit([make("conventional")], [clustered(40)], settings=settings, seeds=[1])
