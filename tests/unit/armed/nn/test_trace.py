import pytest
import torch

from armed import methods
from armed.data.samples import Samples
from armed.nn._trace import traced
from armed.training.fit import FitSettings, fit
from small_models import clustered, make


def states(name: str, *, trace: bool, data: list[Samples]) -> list[dict]:
    members = [make(name, seed=seed) for seed in range(len(data))]
    settings = FitSettings(epochs=2, batch_size=16, learning_rate=0.01)
    fitted = fit(members, data, settings=settings, seeds=range(len(data)), trace=trace)
    return [method.state_dict() for method in fitted.methods] + [fitted.history]


@pytest.mark.parametrize("name", methods.available())
def test_traced_training_equals_untraced_to_the_bit(name):
    data = [clustered(60, seed=1), clustered(57, seed=2)]
    with_trace, plain = (states(name, trace=trace, data=data) for trace in (True, False))
    for one, other in zip(with_trace, plain, strict=True):
        assert list(one) == list(other)
        for key in one:
            assert (torch.as_tensor(one[key]) == torch.as_tensor(other[key])).all(), key


def test_a_trace_follows_its_arguments():
    def function(a, b):
        h = torch.tanh(a @ b).view(2, 2).expand(2, 2).detach()
        return [h, (h * a).sum(0)]

    graph = traced(function, [torch.ones(2, 2), torch.eye(2)])
    a, b = torch.randn(2, 2), torch.randn(2, 2)
    for found, expected in zip(graph(a, b), function(a, b), strict=True):
        assert torch.equal(found, expected)


def test_a_trace_holds_the_backward_pass():
    def function(w, x):
        w = w.detach().requires_grad_()
        return list(torch.autograd.grad((x @ w).square().sum(), [w]))

    graph = traced(function, [torch.ones(3, 1), torch.ones(5, 3)])
    w, x = torch.randn(3, 1), torch.randn(5, 3)
    torch.testing.assert_close(graph(w, x)[0], 2 * x.T @ (x @ w))


def test_a_trace_calls_what_changes_its_arguments_in_its_place():
    def function(move, a, b):
        before = (a * b).sum()
        move("a", [a])
        return [before, (a * b).sum()]

    def add_one(name, tensors):
        tensors[0].add_({"a": 1}[name])

    graph = traced(function, [torch.ones(3), torch.ones(3)], add_one)
    assert graph(torch.ones(3), torch.full((3,), 2.0)) == (6, 12)
