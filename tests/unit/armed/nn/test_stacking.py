import pytest
import torch
from torch import nn

from armed.nn.stacking import call_with, can_stack


class Declared(nn.Sequential):
    stackable = True

    def forward(self, x):
        return super().forward(x)


class Changed(Declared):
    def forward(self, x):
        return super().forward(x + torch.randn_like(x))


class Inherited(Declared):
    pass


def hooked():
    layer = nn.Linear(2, 2)
    layer.register_forward_hook(lambda *_: None)
    return layer


def tied():
    first, second = nn.Linear(2, 2), nn.Linear(2, 2)
    second.weight = first.weight
    return nn.Sequential(first, second)


NORMED = nn.utils.parametrizations.weight_norm
LAYERS = {
    "relu": (nn.ReLU(), True),
    "layer norm": (nn.LayerNorm(4), True),
    "declared": (Declared(nn.Linear(2, 2)), True),
    "inherits what was declared": (Inherited(nn.Linear(2, 2)), True),
    "another forward than was declared": (Changed(nn.Linear(2, 2)), False),
    "batch norm": (nn.BatchNorm2d(4), False),
    "dropout": (nn.Dropout2d(), False),
    "random slopes": (nn.RReLU(), False),
    "recurrent": (nn.GRU(2, 2), False),
    "attention": (nn.MultiheadAttention(2, 1), False),
    "unknown": (type("Mine", (nn.Linear,), {})(2, 2), False),
    "hook": (hooked(), False),
    "parametrization": (NORMED(nn.Linear(2, 2)), False),
    "shared parameter": (tied(), False),
    "frozen": (nn.Linear(2, 2).requires_grad_(False), False),
}


@pytest.mark.parametrize("name", LAYERS)
def test_only_what_is_known_to_be_the_same_computation_is_stacked(name):
    layer, stackable = LAYERS[name]
    assert can_stack(nn.Sequential(nn.Linear(2, 2), layer)) is stackable


@pytest.mark.parametrize(
    ("other", "alike"),
    [
        (nn.Sequential(nn.Linear(2, 2), nn.LeakyReLU(0.1)), True),
        (nn.Sequential(nn.Linear(2, 2), nn.LeakyReLU(0.2)), False),
        (nn.Sequential(nn.Linear(2, 2), nn.ReLU()), False),
        (nn.Sequential(nn.Linear(2, 2).requires_grad_(False), nn.LeakyReLU(0.1)), False),
        (nn.Sequential(nn.Linear(2, 3), nn.LeakyReLU(0.1)), False),
    ],
)
def test_replicas_are_stacked_if_they_differ_in_values_only(other, alike):
    assert can_stack(nn.Sequential(nn.Linear(2, 2), nn.LeakyReLU(0.1)), other) is alike


def test_a_recurrent_network_is_called_with_the_values_given():
    network, other = nn.GRU(2, 3, batch_first=True), nn.GRU(2, 3, batch_first=True)
    x = torch.randn(4, 5, 2)
    values = dict(other.named_parameters())
    before = network(x)[0]
    assert torch.equal(call_with(network, values, x)[0], other(x)[0])
    assert torch.equal(network(x)[0], before)
