"""Networks as others write them are trained as a plain loop would train them, by every method."""

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from armed import methods
from armed.adversaries.dense import Adversary
from armed.effects.intercept_slope import RandomIntercept, RandomSlope
from armed.errors import ConfigError
from armed.methods.base import ModelComponents
from armed.tasks.outcomes import BinaryTask
from armed.training.fit import FitSettings, fit
from small_models import CLUSTERS, FEATURES, assert_trains_plainly, clustered, make

QUICK = FitSettings(epochs=2, batch_size=16, learning_rate=0.01)
DATA = clustered(90)
PARAMETRIZED = nn.utils.parametrizations


class Plain(nn.Module):
    """A hidden layer; others change what is done to it."""

    def __init__(self):
        super().__init__()
        self.inner, self.act, self.out = nn.Linear(FEATURES, 6), nn.Tanh(), nn.Linear(6, 1)

    def forward(self, x):
        return self.out(self.act(self.inner(x)))


class Dropped(Plain):
    def forward(self, x):
        return self.out(self.act(F.dropout(self.inner(x), 0.3, self.training)))


class Noisy(Plain):
    def forward(self, x):
        return super().forward(x + 0.1 * torch.randn_like(x))


class Masked(Plain):
    def forward(self, x):
        x = x.clone()
        x[x < -1] = -1
        return super().forward(x)


class Guarded(Plain):
    def forward(self, x):
        assert not torch.isnan(x).any()
        return super().forward(-x if x.abs().max() > 3 else x)


class Squeezed(Plain):
    def forward(self, x):
        return super().forward(x).squeeze(-1)


class Tied(Plain):
    def __init__(self):
        super().__init__()
        self.again = nn.Linear(FEATURES, 6)
        self.again.weight = self.inner.weight

    def forward(self, x):
        return self.out(self.act(self.inner(x) + self.again(x)))


class Recurrent(Plain):
    kind = nn.GRU

    def __init__(self):
        super().__init__()
        self.inner = self.kind(1, 6, batch_first=True)

    def forward(self, x):
        return self.out(self.act(self.inner(x[..., None])[0][:, -1]))


class Lstm(Recurrent):
    kind = nn.LSTM


class Attending(Plain):
    def __init__(self):
        super().__init__()
        self.inner = nn.Linear(1, 6)
        self.attend = nn.MultiheadAttention(6, 2, dropout=0.2, batch_first=True)

    def forward(self, x):
        h = self.inner(x[..., None])
        return self.out(self.act(self.attend(h, h, h)[0].mean(1)))


class Spectral(Plain):
    def __init__(self):
        super().__init__()
        self.inner = PARAMETRIZED.spectral_norm(self.inner)


class Weighted(Plain):
    def __init__(self):
        super().__init__()
        self.inner = PARAMETRIZED.weight_norm(self.inner)


NETWORKS = (
    Plain, Dropped, Noisy, Masked, Guarded, Squeezed, Tied, Recurrent, Lstm, Attending, Spectral, Weighted,
)  # fmt: skip
AROUND = sorted(set(methods.available()) - {"cluster_input"})


def around(network, name, watch=("act",)):
    kind = methods.load(name)
    parts = ModelComponents(
        network, BinaryTask(), watch, CLUSTERS, adversary=Adversary(hidden=[4]),
        random_effects=[RandomSlope(CLUSTERS, prior_sd=0.3), RandomIntercept(CLUSTERS, prior_sd=0.5)],
    )  # fmt: skip
    return kind(parts, kind.Settings())


def train(*built, settings=QUICK):
    return fit(built, [DATA] * len(built), settings=settings, seeds=range(len(built)))


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("name", AROUND)
def test_a_network_of_any_kind_is_trained_by_every_method(network, name):
    method = around(network(), name)
    method.measure(DATA.x[:2])
    before = {key: value.clone() for key, value in method.whole().named_parameters()}
    train(method)
    for key, value in method.whole().named_parameters():
        assert not torch.equal(value, before[key]), key
    assert method.predict(DATA.x, DATA.z)["fixed"].shape == DATA.y.shape


@pytest.mark.parametrize("network", [Squeezed, Tied, Recurrent, Masked, Guarded, Spectral])
def test_it_moves_as_in_a_plain_loop(network):
    torch.manual_seed(2)

    def loss(given, batch):
        return F.binary_cross_entropy_with_logits(given(batch.x).flatten(), batch.y)

    method = make("conventional", network=network())
    # Batches of different size: the library's have one place that is padded, so of the same size here.
    settings = FitSettings(epochs=3, batch_size=15, learning_rate=0.01)
    assert_trains_plainly(method, DATA, loss, settings)


def test_meta_learning_takes_its_virtual_step_in_recurrent_layers_too():
    torch.manual_seed(0)
    one, other = Recurrent(), Recurrent()
    other.load_state_dict(one.state_dict())
    kind = methods.load("mldg")
    for network, rate in ((one, 1e-9), (other, 0.5)):
        parts = ModelComponents(network, BinaryTask(), (), CLUSTERS)
        train(kind(parts, kind.Settings(inner_learning_rate=rate)))
    assert not torch.allclose(one.inner.weight_ih_l0, other.inner.weight_ih_l0, atol=1e-4)


def test_a_compiled_network_is_trained_and_its_layers_watched():
    for name, watch in (("conventional", ()), ("armed", ("_orig_mod.act",))):
        torch.manual_seed(0)
        network = Plain()
        train(around(torch.compile(network, backend="eager"), name, watch))
        torch.manual_seed(0)
        plain = Plain()
        train(around(plain, name, ("act",)))
        torch.testing.assert_close(network.inner.weight, plain.inner.weight)


def normed():
    return nn.Sequential(nn.Linear(FEATURES, 6), nn.BatchNorm1d(6), nn.Dropout(0.5), nn.ReLU())


def backbone_of(state):
    part = normed()
    if "frozen" in state:
        part.requires_grad_(False)
    if "evaluated" in state:
        part.eval()
    return part


@pytest.mark.parametrize("state", ["frozen", "evaluated", "frozen and evaluated"])
@pytest.mark.parametrize("name", AROUND)
def test_a_part_that_its_owner_froze_or_set_to_evaluation_stays_so(name, state):
    part = backbone_of(state)
    method = around(nn.Sequential(part, nn.Linear(6, 1)), name, ("0",))
    buffers = {key: value.clone() for key, value in part.named_buffers()}
    weight = part[0].weight.clone()
    for _ in range(2):
        train(method)
        assert all(torch.equal(value, buffers[key]) for key, value in part.named_buffers())
        assert torch.equal(part[0].weight, weight) is ("frozen" in state)
        method.train()
        assert not part[2].training
        assert method.whole().training
        method.eval()


def test_a_part_that_is_frozen_no_more_trains_again():
    part = normed().requires_grad_(False)
    method = around(nn.Sequential(part, nn.Linear(6, 1)), "conventional")
    train(method)
    part.requires_grad_()
    train(method)
    assert part[1].num_batches_tracked > 0


def test_a_network_that_was_just_looked_at_is_trained_whole():
    part = normed()
    network = nn.Sequential(part, nn.Linear(6, 1)).eval()
    train(around(network, "conventional"))
    assert part[1].num_batches_tracked > 0


def test_dropout_does_not_draw_the_numbers_of_the_sample_order():
    class Drawing(Plain):
        first = None

        def forward(self, x):
            if self.training and self.first is None:
                self.first = torch.randperm(len(DATA))
            return super().forward(x)

    network = Drawing()
    fit([around(network, "conventional")], [DATA], settings=QUICK, seeds=[5])
    order = torch.randperm(len(DATA), generator=torch.Generator().manual_seed(5))
    assert not torch.equal(network.first, order)


class Twice(Plain):
    def forward(self, x):
        return self.out(self.act(self.act(self.inner(x))))


class TimeFirst(Recurrent):
    def __init__(self):
        super().__init__()
        self.inner = nn.GRU(1, 6)

    def forward(self, x):
        return self.out(self.act(self.inner(x.T[..., None])[0][-1]))


WATCHED = {
    "called twice": (Twice, "act", "'act' was run 2 times"),
    "time before samples": (TimeFirst, "inner", r"'inner' returned \(3, 2, 6\) for 2 samples"),
}


@pytest.mark.parametrize("case", WATCHED)
def test_a_layer_that_cannot_be_watched_is_named(case):
    network, layer, message = WATCHED[case]
    with pytest.raises(ConfigError, match=message):
        train(around(network(), "armed", (layer,)))


def test_of_a_layer_that_returns_several_tensors_the_first_is_watched():
    for network, layer, width in ((Recurrent(), "inner", 18), (Attending(), "attend", 18)):
        method = around(network, "armed", (layer,))
        train(method)
        assert method.random_effects()["slope"][0].shape == (CLUSTERS, width)
