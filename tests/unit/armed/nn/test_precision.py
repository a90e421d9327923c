import pytest
import torch
from torch import nn

from armed.errors import ConfigError
from armed.nn.precision import Precision
from armed.training.fit import FitSettings, fit
from small_models import clustered, make, minibatches, with_batch_norm

CPU = torch.device("cpu")
SETTINGS = FitSettings(epochs=3, batch_size=32, learning_rate=0.01, precision="mixed")


def trained(name, monkeypatch, dtype):
    chosen = []

    def choose(_class, name, device, *, stacked):
        chosen.append((name, device, stacked))
        return Precision(device, dtype)

    monkeypatch.setattr(Precision, "choose", classmethod(choose))
    method = make(name, network=with_batch_norm())
    fitted = fit([method], [clustered(200)], settings=SETTINGS, seeds=[4])
    assert chosen == [("mixed", CPU, False)]
    return method, fitted


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
@pytest.mark.parametrize("name", ["conventional", "armed", "lmmnn", "menet", "mldg"])
def test_training_in_16_bits_comes_near_to_that_in_32(name, dtype, monkeypatch):
    full, whole = trained(name, monkeypatch, None)
    half, short = trained(name, monkeypatch, dtype)
    assert all(p.dtype == torch.float32 for p in half.parameters())
    assert any(not torch.equal(half.state_dict()[k], v) for k, v in full.state_dict().items())
    for term, values in whole.history.items():
        assert short.history[term] == pytest.approx(values, rel=0.03, abs=0.02), term


def test_small_gradients_survive_float16():
    weight = torch.full((4,), 1e-4, requires_grad=True)
    optimizer = torch.optim.SGD([weight], lr=1.0)
    precision = Precision(CPU, torch.float16)
    with precision.context():
        total = (weight[None] @ torch.full((4, 1), 1e-4)).float().sum() * 1e-4
    (weight.grad,) = torch.autograd.grad(precision.scaled(total), [weight])
    precision.step(optimizer)
    torch.testing.assert_close(1e-4 - weight.detach(), torch.full((4,), 1e-8), rtol=0.01, atol=0)


def test_a_step_that_overflows_is_left_out():
    weight = torch.ones(2, requires_grad=True)
    optimizer = torch.optim.SGD([weight], lr=1.0)
    precision = Precision(CPU, torch.float16)
    precision.scaled(weight.sum())
    weight.grad = torch.tensor([float("inf"), 1.0])
    precision.step(optimizer)
    assert torch.equal(weight.detach(), torch.ones(2))


def test_mixed_precision_is_for_a_gpu_and_single_networks():
    for name, stacked in (("full", False), ("mixed", False), ("mixed", True)):
        precision = Precision.choose(name, CPU, stacked=stacked)
        with precision.context():
            assert (torch.ones(2, 2) @ torch.ones(2, 2)).dtype == torch.float32
    cuda = Precision.choose("mixed", torch.device("cuda"), stacked=True)
    assert cuda._dtype is None


@pytest.mark.parametrize(("stacked", "dtype"), [(False, torch.bfloat16), (True, torch.float32)])
def test_bfloat16_is_for_single_networks_on_any_device(stacked, dtype):
    with Precision.choose("bfloat16", CPU, stacked=stacked).context():
        assert (torch.ones(2, 2) @ torch.ones(2, 2)).dtype == dtype


def test_another_precision_is_refused():
    with pytest.raises(
        ConfigError, match="unknown precision 'half'; expected one of full, mixed, bfloat16"
    ):
        Precision.choose("half", CPU, stacked=False)


class FirstColumn(nn.Module):
    """Computes nothing that could be done in fewer bits."""

    def forward(self, x):
        return x[:, :1]


def test_marginal_likelihood_is_summed_in_32_bits():
    samples = clustered(200)
    method = make("lmmnn", network=FirstColumn())
    (batch,) = minibatches(method, samples, seed=1, settings=FitSettings(epochs=1, batch_size=200))[
        0
    ]
    expected = method.losses("model", batch, method.outputs(batch)).total
    with Precision(CPU, torch.bfloat16).context():
        found = method.losses("model", batch, method.outputs(batch)).total
    assert torch.equal(found, expected)
