import pytest
import torch
from torch import nn
from torch.nn import functional as F

from armed import methods
from armed.errors import ConfigError
from armed.tasks.outcomes import BinaryTask, CategoricalTask, ContinuousTask
from refusals import refused
from small_models import CLUSTERS, FEATURES, HIDDEN, clustered, make

X = clustered(20).x


class Ending(nn.Module):
    """Layers of the tests' network, and something that is done to its output."""

    def __init__(self, end, outputs=1, context=0):
        super().__init__()
        self.first, self.second = nn.Linear(FEATURES + context, HIDDEN[0]), nn.Linear(*HIDDEN)
        self.output, self.end = nn.Linear(HIDDEN[1], outputs), end

    def forward(self, x, context=None):
        x = x if context is None else torch.cat([x, context], dim=1)
        return self.end(self.output(self.second(self.first(x))))


def measure(end, *, name="conventional", task=None, outputs=1):
    context = CLUSTERS if methods.load(name).context_places(methods.load(name).Settings()) else 0
    return make(name, network=Ending(end, outputs, context), task=task, effects={"hidden": 0.3})


@pytest.mark.parametrize("name", methods.available())
def test_a_network_that_ends_in_a_sigmoid_is_refused_by_every_method(name):
    with refused("the network ends in a sigmoid; BinaryTask expected logits", ConfigError):
        measure(nn.Sigmoid(), name=name)


def second_of_two(logit):
    return torch.softmax(torch.cat([-logit, logit], 1), 1)[:, 1:]


ENDS = {
    "function": (torch.sigmoid, "sigmoid"),
    "in place": (lambda logit: logit.sigmoid_(), "sigmoid"),
    "view": (lambda logit: torch.sigmoid(logit).squeeze(1), "sigmoid"),
    "one of two": (second_of_two, "softmax"),
    "logarithm": (F.logsigmoid, "log-sigmoid"),
}


@pytest.mark.parametrize("case", ENDS)
def test_probabilities_are_noticed_however_they_are_made(case):
    end, name = ENDS[case]
    with refused(f"ends in a {name}; BinaryTask", ConfigError):
        measure(end)


@pytest.mark.parametrize("end", [nn.Softmax(dim=1), nn.LogSoftmax(dim=1)])
def test_probabilities_of_several_classes_are_noticed(end):
    with refused("softmax; CategoricalTask expected logits", ConfigError):
        measure(end, task=CategoricalTask(3), outputs=3)


@pytest.mark.parametrize(
    ("end", "task"),
    [
        (nn.Sigmoid(), ContinuousTask()),
        (nn.Tanh(), BinaryTask()),
        (lambda logit: torch.sigmoid(logit) * 8 - 4, BinaryTask()),
        (lambda logit: torch.sigmoid(logit).mul_(8), BinaryTask()),
        (lambda logit: logit * torch.sigmoid(logit), BinaryTask()),
    ],
)
def test_what_may_be_meant_so_is_taken(end, task):
    assert measure(end, task=task).predict(X, torch.zeros(20, CLUSTERS))["fixed"].shape == (20,)
