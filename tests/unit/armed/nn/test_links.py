import warnings

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from armed import methods
from armed.errors import ArmedWarning, ConfigError
from armed.nn.links import LinkRecorder
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


BY_HAND = {
    "exponential": lambda logit: 1 / (1 + torch.exp(-logit)),
    "ratio that overflows": lambda logit: logit.exp() / (1 + logit.exp()),
    "tanh": lambda logit: (1 + torch.tanh(logit / 2)) / 2,
    "normal distribution": torch.special.ndtr,
}


@pytest.mark.parametrize("case", BY_HAND)
@pytest.mark.parametrize("name", methods.available())
def test_probabilities_made_by_hand_are_warned_of_by_every_method(name, case):
    with pytest.warns(
        ArmedWarning, match=r"Ending are between 0 and 1 whatever .* expected logits"
    ):
        measure(BY_HAND[case], name=name)


@pytest.mark.parametrize("name", methods.available())
def test_the_look_for_probabilities_leaves_no_trace_in_a_method(name, monkeypatch):
    states = []
    for seek in (True, False):
        monkeypatch.setattr(BinaryTask, "logits", seek)
        torch.manual_seed(2)
        network = Ending(nn.Identity(), context=CLUSTERS if name == "cluster_input" else 0)
        nn.init.constant_(network.output.bias, 0.5)
        nn.init.constant_(network.output.weight, 0.01)
        states.append(make(name, network=network).state_dict())
    assert states[0].keys() == states[1].keys()
    assert all(torch.equal(value, states[1][key]) for key, value in states[0].items())


def test_probabilities_of_classes_made_by_hand_are_warned_of():
    with pytest.warns(ArmedWarning, match="CategoricalTask expected logits"):
        measure(
            lambda y: y.exp() / y.exp().sum(1, keepdim=True), task=CategoricalTask(3), outputs=3
        )


class Guarded(nn.Module):
    """The same values, unless they are large."""

    def forward(self, y):
        if y.abs().max() > 10:
            raise ValueError("scale the input")
        return y


@pytest.mark.parametrize(
    "change",
    [
        lambda ending: ending.output.bias.fill_(0.5),
        lambda ending: nn.init.zeros_(ending.output.weight),
        lambda ending: (nn.init.zeros_(ending.output.bias), nn.init.zeros_(ending.output.weight)),
        lambda ending: setattr(ending, "end", nn.Tanh()),
        lambda ending: setattr(ending, "end", Guarded()),
        lambda ending: setattr(
            ending, "output", nn.utils.parametrizations.weight_norm(ending.output)
        ),
    ],
    ids=["bias", "no weight", "nothing", "tanh", "guarded", "weight norm"],
)
def test_logits_that_happen_to_be_small_are_no_probabilities(change):
    for seed in range(20):
        torch.manual_seed(seed)
        network = Ending(nn.Identity())
        with torch.no_grad():
            network.output.bias.uniform_(0, 1)
            change(network)
        before = {name: value.clone() for name, value in network.state_dict().items()}
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            make("conventional", network=network)
        assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())


def test_a_look_at_a_network_does_not_ask_for_the_compiler():
    # What PyTorch makes of the method otherwise imports all of torch._dynamo when it is first called.
    assert not hasattr(LinkRecorder.__torch_dispatch__, "__wrapped__")
