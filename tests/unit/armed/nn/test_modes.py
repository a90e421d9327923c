import pytest
import torch
from torch import nn

from armed import methods
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


def test_dropout_that_is_left_on_in_evaluation_mode_draws():
    network = nn.Sequential(nn.Dropout(0.5), Net())
    method = make("conventional", network=network).eval()
    network[0].train()
    method.measure(DATA.x[:2])
    assert network[0].training
    first, second = (method.predict(DATA.x, DATA.z)["fixed"] for _ in range(2))
    assert not torch.equal(first, second)
