import pytest
import torch
from torch import nn

from armed.errors import ConfigError
from armed.nn.activations import record_activations


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.unused = nn.Linear(3, 2), nn.Linear(3, 2)

    def forward(self, x):
        return self.first(x).sum(1)

    def twice(self, x):
        return self.first(x), self.first(2 * x)


def test_outputs_of_the_named_submodules_come_with_that_of_the_network():
    network, x = Net(), torch.randn(4, 3)
    output, (first,) = record_activations(network, ["first"], x)
    assert torch.equal(first, network.first(x))
    assert torch.equal(output, network(x))


def test_another_method_is_run_and_its_last_activation_counts():
    network, x = Net(), torch.randn(4, 3)
    outputs, (last,) = record_activations(network, ["first"], x, run=network.twice)
    assert torch.equal(last, network.first(2 * x))
    assert len(outputs) == 2


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("relu", r"Net has no submodule 'relu'; it has \['first', 'unused'"),
        ("unused", r"'unused' was run 0 times by Net.forward; expected once"),
    ],
)
def test_submodule_that_is_unknown_or_not_run_is_named_and_no_hook_is_left(name, message):
    network = Net()
    with pytest.raises(ConfigError, match=message):
        record_activations(network, ["first", name], torch.randn(2, 3))
    assert not network.first._forward_hooks


@pytest.mark.parametrize("watch", ["first", (1,)])
def test_text_or_numbers_in_the_place_of_names_are_refused(watch):
    with pytest.raises(ConfigError, match="expected a sequence of names of submodules"):
        record_activations(Net(), watch, torch.randn(2, 3))
