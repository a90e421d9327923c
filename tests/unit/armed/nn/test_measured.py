"""Networks that cannot be trained as they are, by every method: one sentence that says why."""

import warnings
from collections import OrderedDict

import pytest
import torch
from torch import nn

from armed import methods
from armed.adversaries.dense import Adversary
from armed.effects.intercept_slope import RandomIntercept
from armed.effects.mixed_effects import MixedEffects
from armed.errors import ConfigError
from armed.methods.base import ModelComponents
from armed.nn.measured import last_hidden
from armed.tasks.outcomes import BinaryTask
from armed.training.fit import FitSettings, fit
from refusals import refused
from small_models import CLUSTERS, Net, clustered, make, with_batch_norm

DATA = clustered(40)
SETTINGS = FitSettings(epochs=1, batch_size=16, learning_rate=0.01)
every_method = pytest.mark.parametrize("name", methods.available())


class Changed(Net):
    """The tests' network, of which an output or input is changed."""

    def __init__(self, end=lambda output: output, begin=lambda x: x, context=0):
        super().__init__(context=context)
        self.end, self.begin = end, begin

    def forward(self, x, context=None):
        return self.end(super().forward(self.begin(x), context))


def context_of(name):
    kind = methods.load(name)
    return CLUSTERS if kind.context_places(kind.Settings()) else 0


def train(name, **change):
    method = make(name, network=Changed(context=context_of(name)))
    network = method.whole()
    for key, value in change.items():
        setattr(network, key, value)
    return fit([method], [DATA], settings=SETTINGS, seeds=[0]).methods[0]


OUTPUTS = {
    "tuple": (lambda y: (y, y), "returns tuple for 2 samples"),
    "dictionary": (lambda y: {"logits": y}, "returns dict"),
    "three dimensions": (lambda y: y[..., None], r"returns \(2, 1, 1\) of torch.float32"),
    "one row for all": (lambda y: y.mean(0, keepdim=True), r"returns \(1, 1\) of"),
    "one number for all": (lambda y: y.mean(), "returns Tensor"),
    "whole numbers": (lambda y: y.long(), r"returns \(2, 1\) of torch.int64"),
}


@pytest.mark.parametrize("case", OUTPUTS)
@every_method
def test_outputs_that_are_no_rows_of_floats_are_refused(name, case):
    end, message = OUTPUTS[case]
    with refused(message, ConfigError):
        train(name, end=end)


@pytest.mark.parametrize("kind", [torch.float16, torch.float64])
@every_method
def test_outputs_of_other_widths_of_floats_are_made_32_bits(name, kind):
    method = train(name, end=lambda y: y.to(kind))
    scores = method.predict(DATA.x, DATA.z)
    assert all(score.dtype == torch.float32 for score in scores.values())


@every_method
def test_a_network_that_changes_its_samples_in_place_is_refused(name):
    x = DATA.x.clone()
    with refused("changes the samples that it is given in place", ConfigError):
        train(name, begin=lambda x: x.clamp_(-1, 1))
    assert torch.equal(DATA.x, x)


@pytest.mark.parametrize("name", ["armed", "domain_adversarial", "menet"])
def test_layers_of_a_script_cannot_be_watched(name):
    layers = [nn.Linear(3, 6), nn.Linear(6, 5), nn.Linear(5, 1)]
    named = OrderedDict(zip(("first", "second", "output"), layers, strict=True))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        script = torch.jit.script(nn.Sequential(named))
    with refused("is a script of layers that cannot be watched", ConfigError):
        make(name, network=script)


def test_an_adversary_needs_layers_to_watch():
    kind = methods.load("domain_adversarial")
    parts = ModelComponents(Net(), BinaryTask(), (), CLUSTERS, adversary=Adversary(hidden=[4]))
    with refused("an adversary was given and no layer to watch", ConfigError):
        fit([kind(parts, kind.Settings())], [DATA], settings=SETTINGS, seeds=[0])


@pytest.mark.parametrize("name", ["armed", "domain_adversarial", "menet"])
def test_a_watched_layer_that_is_changed_in_place_is_refused(name):
    inplace = Net()
    inplace.second = nn.Linear(6, 5)
    inplace.output = nn.Sequential(nn.ReLU(inplace=True), nn.Linear(5, 1))
    with refused("'second' returned is changed in place by the layer after it", ConfigError):
        fit([make(name, network=inplace)], [DATA], settings=SETTINGS, seeds=[0])


def fails(y):
    raise KeyError("age")


@every_method
def test_what_the_network_raises_is_said_with_its_samples(name):
    with refused("Changed cannot be run on samples of shape .* torch.float32: 'age'", ConfigError):
        train(name, end=fails)


@pytest.mark.parametrize(
    "name", sorted(set(methods.available()) - {"cluster_input", "coral", "mldg"})
)
def test_batch_norm_of_one_sample_is_said_in_a_sentence(name):
    settings = FitSettings(epochs=1, batch_size=1)
    method = make(name, network=with_batch_norm())
    with refused(
        r"Net cannot be trained on samples of shape \(1, 3\) .* than 1 value", ConfigError
    ):
        fit([method], [DATA], settings=settings, seeds=[0])


@every_method
def test_a_network_out_of_reach_of_gradients_is_refused(name):
    with refused("no gradient reaches Changed from its output", ConfigError):
        train(name, end=lambda y: y.detach())


@every_method
def test_samples_of_another_width_are_not_predicted(name):
    method = train(name)
    with refused(r"cannot be run on samples of shape \(40, 2\)", ConfigError):
        method.predict(DATA.x[:, :2], DATA.z)


NOTHING = ("cluster_input", "conventional", "coral", "domain_adversarial", "group_dro", "mldg")


@every_method
def test_a_method_without_anything_to_train_is_refused(name):
    network = Net(context=context_of(name)).requires_grad_(False)
    method = make(name, network=network)
    before = {key: value.clone() for key, value in network.named_parameters()}
    if name in NOTHING:
        with refused("has no parameter to train in Net", ConfigError):
            fit([method], [DATA], settings=SETTINGS, seeds=[0])
    else:  # random effects around a fixed network
        fit([method], [DATA], settings=SETTINGS, seeds=[0])
        assert all((sd > 0).all() for _, sd in method.random_effects().values())
        assert any((mean != 0).any() for mean, _ in method.random_effects().values())
    assert all(torch.equal(value, before[key]) for key, value in network.named_parameters())


@pytest.mark.parametrize(
    ("network", "found"), [(lambda x: x, "a function"), (nn.Linear, "the class Linear")]
)
def test_a_network_that_is_no_module_is_refused(network, found):
    components = ModelComponents(network, BinaryTask(), watch=(), clusters=CLUSTERS)
    for name in ("conventional", "lmmnn"):
        kind = methods.load(name)
        with refused(f"the network is {found}; expected a torch.nn.Module"):
            kind(components, kind.Settings())
    with refused(f"the network is {found}; expected a torch.nn.Module"):
        MixedEffects(network, random_effects=[RandomIntercept(2, prior_sd=1.0)], watch=[])


@pytest.mark.parametrize("kind", [torch.float16, torch.bfloat16, torch.float64])
def test_a_network_of_another_precision_is_refused_by_its_type(kind):
    network = Net().to(kind)
    components = ModelComponents(network, BinaryTask(), watch=(), clusters=CLUSTERS)
    method = methods.load("conventional")(components, None)
    with refused(f"Net has parameters of {kind} and cannot be run on samples of torch.float32"):
        fit([method], [DATA], settings=SETTINGS, seeds=[0])


def test_layer_before_that_of_the_output_is_found():
    layers = [nn.Linear(3, 4), nn.ReLU(), nn.Dropout(0.5), nn.Linear(4, 1)]
    assert last_hidden(nn.Sequential(*layers), torch.randn(2, 3)) == ("2",)
    network = nn.Sequential(nn.Sequential(*layers[:2]), layers[1], layers[3])
    assert last_hidden(network, torch.randn(2, 3)) == ("0.0",)  # the ReLU runs twice
    assert (
        last_hidden(layers[0], torch.randn(2, 3)) == last_hidden(network, torch.randn(2, 9)) == ()
    )
    assert not any(module._forward_hooks for module in network.modules())
