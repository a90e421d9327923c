"""`fit` of a network alone: what is not said is found out, whoever wrote the network."""

import pytest
import torch
from monai.networks.nets.densenet import DenseNet, DenseNet121
from torch import nn

from armed.data.samples import Samples
from armed.data.several_inputs import SeveralInputs
from armed.methods.armed import Armed
from armed.own.fit import fit
from armed.own.network import around
from armed.tasks.outcomes import BinaryTask, CategoricalTask, ContinuousTask
from armed.training.fit import FitSettings
from refusals import refused

N, SITES = 24, 3
Z = torch.arange(N) % SITES
Y = (torch.arange(N) % 2).float()
ONCE = FitSettings(epochs=1, batch_size=8)
torch.manual_seed(0)


class Recurrent(nn.Module):
    """The last of some times, to a logit."""

    def __init__(self, kind):
        super().__init__()
        self.inner, self.out = kind(2, 6, batch_first=True), nn.Linear(6, 1)

    def forward(self, x):
        return self.out(self.inner(x)[0][:, -1])


class Transformer(nn.Module):
    """Tokens to three classes."""

    def __init__(self):
        super().__init__()
        layer = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)
        self.embed, self.encode = nn.Embedding(5, 8), nn.TransformerEncoder(layer, 1)
        self.norm, self.out = nn.LayerNorm(8), nn.Linear(8, 3)

    def forward(self, x):
        return self.out(self.norm(self.encode(self.embed(x)).mean(1)))


class Both(nn.Module):
    """Tokens and a number, to a mean."""

    def __init__(self):
        super().__init__()
        self.embed, self.act, self.out = nn.Embedding(5, 4), nn.Tanh(), nn.Linear(5, 1)

    def forward(self, tokens, age):
        return self.out(torch.cat([self.act(self.embed(tokens).mean(1)), age], 1))


TOKENS, AGE = torch.randint(5, (N, 4)), torch.randn(N, 1)
BOTH = {"tokens": TOKENS, "age": AGE}
TIMES = torch.randn(N, 5, 2)


def dense():
    return nn.Sequential(nn.Linear(1, 4), nn.Tanh(), nn.Linear(4, 1))


def several(inputs):
    network = SeveralInputs(Both(), inputs)
    return network, network.join(inputs)


def images():
    return DenseNet121(spatial_dims=2, in_channels=1, out_channels=2), torch.randn(N, 1, 32, 32)


def volumes():
    sizes = {"init_features": 4, "growth_rate": 2, "block_config": (1, 1)}
    network = DenseNet(spatial_dims=3, in_channels=1, out_channels=2, **sizes)
    return network, torch.randn(N, 1, 8, 8, 8)


# network and samples, outcome, what is found out
CASES = {
    "MONAI's DenseNet121 of images": (images, Y, CategoricalTask, "class_layers.flatten"),
    "MONAI's DenseNet of volumes": (volumes, Y, CategoricalTask, "class_layers.flatten"),
    "GRU": (lambda: (Recurrent(nn.GRU), TIMES), Y, BinaryTask, "inner"),
    "LSTM": (lambda: (Recurrent(nn.LSTM), TIMES), Y, BinaryTask, "inner"),
    "TransformerEncoder": (lambda: (Transformer(), TOKENS), Z, CategoricalTask, "norm"),
    "inputs by name": (lambda: several(BOTH), AGE[:, 0], ContinuousTask, "network.act"),
    "inputs in order": (lambda: several([TOKENS, AGE]), AGE[:, 0], ContinuousTask, "network.act"),
    "compiled": (lambda: (torch.compile(dense(), backend="eager"), AGE), Y, BinaryTask, "_orig_mod.1"),
    "no hidden layer": (lambda: (nn.Linear(1, 1), AGE), Y, BinaryTask, None),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_network_alone_is_trained_with_all_else_found_out(case):
    make, y, task, watched = CASES[case]
    network, x = make()
    some = slice(0, 4) if "MONAI" in case else slice(None)
    x, y, z = x[some], y[some], Z[some]
    before = [value.clone() for value in network.parameters()]
    model = fit(network, Samples(x, y, z), settings=ONCE).model
    assert (type(model), type(model.task)) == (Armed, task)
    assert model.watch == (() if watched is None else (watched,))
    assert any(
        not torch.equal(one, two) for one, two in zip(before, network.parameters(), strict=True)
    )
    assert model.predict(x, z)["mixed"].isfinite().all()
    assert (model.effects.clusters, bool(model.adversary)) == (SITES, watched is not None)


DATA = Samples(AGE, Y, Z)
REFUSED = {
    "samples in a list": (lambda: fit(dense(), [DATA]), "given one Sequential and a list"),
    "a method's own layers": (
        lambda: fit(around(dense(), DATA), DATA, watch=["1"]), "watch and the method Armed"),
    "layers of a list": (lambda: fit([around(dense(), DATA)], [DATA], watch=["1"]), "watch and a list"),
    "no network": (lambda: fit(around, DATA), "given a function; expected a list"),
    "two numbers for classes": (lambda: fit(dense(), Samples(AGE, Y + 1, Z)), "two values, 1 and 2"),
    "one cluster": (lambda: fit(dense(), Samples(AGE, Y, 0 * Z)), "'cluster' of z has 1 clusters"),
    "samples of another width": (lambda: fit(nn.Linear(3, 1), DATA), "Linear cannot be run on samples"),
    "another input": (
        lambda: several(BOTH)[0].join({"tokens": TOKENS, "sex": AGE}), "'sex' of .1.*example, 'tokens'"),
    "inputs of other shapes": (lambda: several([TOKENS, AGE])[0].join([AGE, TOKENS]), "0 of .1,"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_does_not_fit_a_network_alone_is_refused(case):
    run, message = REFUSED[case]
    with refused(message):
        run()


def test_inputs_of_a_network_come_back_as_they_were_whatever_their_order():
    class Seen(nn.Module):
        def forward(self, tokens, age):
            self.given = tokens, age
            return age

    network = SeveralInputs(Seen(), BOTH)
    network(network.join({"age": AGE, "tokens": TOKENS}))
    for one, other in zip(network.network.given, (TOKENS, AGE), strict=True):
        assert one.dtype == other.dtype
        assert torch.equal(one, other)


def test_clusters_beyond_those_shown_and_further_factors_have_effects():
    z = {"site": Z, "rater": (Z + torch.arange(N)) % 4}
    model = fit(dense(), Samples(AGE, Y, z), clusters=7, settings=ONCE).model
    assert (model.clusters, dict(model.further)) == (7, {"rater": 4})


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU")
def test_a_network_is_trained_on_a_gpu():
    model = fit(dense(), DATA, settings=ONCE, device="cuda").model
    assert model.predict(AGE, Z)["mixed"].device.type == "cuda"
