import pytest
import torch
from torch import nn

from armed import methods
from armed.errors import ConfigError
from armed.training.ensemble import Ensemble
from armed.training.fit import FitSettings, fit
from small_models import Net, clustered, make, with_batch_norm

DATA = clustered(30)


@pytest.mark.parametrize("name", sorted(set(methods.available()) - {"cluster_input"}))
def test_predictions_in_training_mode_are_those_of_evaluation_mode(name):
    method = make(name, network=with_batch_norm(dropout=0.5))
    state = {key: value.clone() for key, value in method.state_dict().items()}
    scores = method.predict(DATA.x, DATA.z)
    assert all(module.training for module in method.modules())
    assert all(torch.equal(value, state[key]) for key, value in method.state_dict().items())
    expected = method.eval().predict(DATA.x, DATA.z)
    assert all(torch.equal(score, expected[key]) for key, score in scores.items())


def test_updates_are_of_one_view_of_each_sample_until_the_last(monkeypatch):
    network, update, seen = with_batch_norm(), Ensemble.update, []
    network.second.averages = True

    def noted(ensemble, *parts, last, **more):
        seen.append((network.second.averages, last))
        update(ensemble, *parts, last=last, **more)

    monkeypatch.setattr(Ensemble, "update", noted)
    method = make("lmmnn", network=network, estimated=True)
    fit([method], [DATA], settings=FitSettings(epochs=2), seeds=[0])
    assert {last for _, last in seen} == {True, False}
    assert all(averages == last for averages, last in seen)
    assert network.second.averages


def test_dropout_that_is_left_on_in_evaluation_mode_draws():
    network = nn.Sequential(nn.Dropout(0.5), Net())
    method = make("conventional", network=network).eval()
    network[0].train()
    method.measure(DATA.x[:2])
    assert network[0].training
    first, second = (method.predict(DATA.x, DATA.z)["fixed"] for _ in range(2))
    assert not torch.equal(first, second)


class Counting(nn.Module):
    """Counts and averages in evaluation mode too, one buffer in place and one anew."""

    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(3, 1)
        self.register_buffer("calls", torch.zeros(()))
        self.register_buffer("mean", torch.zeros(3), persistent=False)

    def forward(self, x):
        self.calls += 1
        self.mean = 0.9 * self.mean + x.mean(0)
        return self.layer(x)


@pytest.mark.parametrize("fails", [False, True])
def test_a_look_at_a_network_leaves_its_buffers_as_they_were(fails):
    network = Counting()
    calls, mean = network.calls, network.mean
    if fails:
        network.layer = nn.Linear(4, 1)
        with pytest.raises(ConfigError):
            make("conventional", network=network)
    else:
        make("conventional", network=network)
    assert network.calls is calls
    assert network.mean is mean
    assert not calls
    assert not mean.any()
