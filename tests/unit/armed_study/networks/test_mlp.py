"""A dense network may have a linear path from its input to its output."""

import torch

from armed_study.networks.inputs import Context
from armed_study.networks.mlp import MLP


def test_linear_path_adds_a_line_that_starts_at_0():
    torch.manual_seed(0)
    network, x = MLP(3, hidden=[4], linear_path=True), torch.randn(5, 3)
    before = network(x)
    with torch.no_grad():
        network.linear.weight.copy_(torch.tensor([[1.0, -2.0, 0.5]]))
    line = x @ torch.tensor([[1.0], [-2.0], [0.5]])
    torch.testing.assert_close(network(x), before + line)


def test_linear_path_leaves_the_cluster_out():
    network = MLP(3, hidden=[4], linear_path=True, context=Context(2, ("input",)))
    assert network.linear.in_features == 3
    assert network(torch.randn(5, 3), torch.zeros(5, 2)).shape == (5, 1)


def test_without_a_linear_path_initial_values_are_as_before():
    torch.manual_seed(1)
    plain = MLP(3, hidden=[4])
    assert plain.linear is None
    assert set(plain.state_dict()) == {
        "layers.0.0.weight", "layers.0.0.bias", "output.weight", "output.bias"
    }  # fmt: skip
