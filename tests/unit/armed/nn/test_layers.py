import pytest
import torch
from torch import nn

from armed.adversaries.dense import Adversary
from armed.nn.layers import L1Linear, PReLU, closing_conv, glorot
from armed.training.fit import FitSettings, fit
from small_models import clustered, make

SETTINGS = FitSettings(epochs=2, batch_size=32, learning_rate=0.01)
ONE_STEP = {"mldg": {"samples_per_cluster": 50}}  # an epoch of 200 samples in 4 clusters


class Penalised(nn.Module):
    """The layers of `small_models.Net`, the second one with a penalty on its kernel."""

    def __init__(self, l1: float) -> None:
        super().__init__()
        self.first = nn.Sequential(nn.Linear(3, 6), nn.Tanh())
        self.second = nn.Sequential(L1Linear(6, 5, l1=l1), nn.ReLU())
        self.output = nn.Linear(5, 1)

    def forward(self, x):
        return self.output(self.second(self.first(x)))


def network(l1: float) -> Penalised:
    torch.manual_seed(1)
    return Penalised(l1)


def trained(name: str, l1: float):
    return fit([make(name, network=network(l1))], [clustered()], settings=SETTINGS, seeds=[1])


def test_penalty_is_the_weighted_sum_of_absolute_weights_without_the_biases():
    layer = L1Linear(3, 2, l1=0.5)
    with torch.no_grad():
        layer.weight.copy_(torch.tensor([[1.0, -2.0, 0.0], [0.5, 0.0, -0.5]]))
        layer.bias.fill_(7.0)
    assert layer.penalty().item() == 2.0


def test_penalty_enters_the_loss_of_the_group_that_moves_the_layer():
    fitted = trained("armed", 0.1)
    assert set(fitted.history) == {"adversary", "mixed", "fixed", "kl", "cluster", "penalty"}
    assert fitted.methods[0].term_names["adversary"] == ("adversary",)
    assert fitted.methods[0].term_names["model"][-1] == "penalty"


@pytest.mark.parametrize("name", ["conventional", "domain_adversarial", "armed", "mldg", "menet"])
def test_gradient_of_the_penalty_is_that_of_the_absolute_values(name):
    """One step of plain descent differs by the learning rate times l1 times the signs."""
    settings = FitSettings(epochs=1, batch_size=200, learning_rate=0.01, optimizer="SGD")
    after = []
    for l1 in (0.0, 0.1):
        method = make(name, network=network(l1), **ONE_STEP.get(name, {}))
        fit([method], [clustered(100)], settings=settings, seeds=[1], trace=False)
        after.append(getattr(method, "mixed", method).network.second[0].weight.detach())
    step = 0.01 * 0.1 * network(0).second[0].weight.sign()
    torch.testing.assert_close(after[0] - after[1], step.detach(), rtol=1e-3, atol=1e-6)


def test_a_frozen_layer_costs_nothing():
    method = make("conventional", network=network(0.1))
    method.network.second.requires_grad_(False)
    fitted = fit([method], [clustered()], settings=SETTINGS, seeds=[1])
    assert set(fitted.history) == {"outcome"}


def test_stacked_replicas_have_each_its_own_penalty():
    members = [make("conventional", network=network(0.1)) for _ in range(2)]
    with torch.no_grad():
        members[1].network.second[0].weight.mul_(3)
    still = FitSettings(epochs=1, batch_size=200, learning_rate=1e-9)
    fitted = fit(members, [clustered(100)] * 2, settings=still, seeds=[1, 2])
    one, other = fitted.history["penalty"][0]
    assert other == pytest.approx(3 * one, rel=1e-4)


def test_closing_convolution_sees_the_whole_map():
    torch.manual_seed(0)
    layer, x = closing_conv(2, 5, (3, 3)), torch.randn(4, 2, 3, 3)
    linear = torch.einsum("bchw,ochw->bo", x, layer.conv.weight) + layer.conv.bias
    torch.testing.assert_close(layer(x), torch.where(linear > 0, linear, 0.25 * linear))


@pytest.mark.parametrize(
    ("make_layer", "fans"),
    [
        (lambda: glorot(nn.Conv2d(40, 60, 3)), 9 * (40 + 60)),
        (lambda: Adversary(300, 100, hidden=()).layers[0], 400),
    ],
)
def test_layers_start_glorot_uniform_without_biases(make_layer, fans):
    torch.manual_seed(0)
    layer, bound = make_layer(), (6 / fans) ** 0.5
    assert 0.99 * bound < layer.weight.abs().max() <= bound
    assert (layer.bias == 0).all()


def test_prelu_of_maps_has_the_values_and_gradients_of_pytorchs():
    generator = torch.Generator().manual_seed(4)
    x, given = torch.randn(2, 2, 3, 4, 4, generator=generator, dtype=torch.float64)
    x.requires_grad_()
    own, theirs = (kind(3).double() for kind in (PReLU, nn.PReLU))
    for layer in (own, theirs):
        layer.weight.data = torch.tensor([0.25, -0.5, 1.5], dtype=torch.float64)
    assert torch.equal(own(x), theirs(x))
    found, expected = (
        torch.autograd.grad(layer(x), (x, layer.weight), given) for layer in (own, theirs)
    )
    torch.testing.assert_close(found, expected)
    torch.autograd.gradgradcheck(own, x)
