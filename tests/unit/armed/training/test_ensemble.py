import numpy as np
import pytest
import torch
from torch import nn

from armed import methods
from armed.data.lazy_rows import BLOCK_ROWS
from armed.data.samples import Samples
from armed.errors import ConfigError
from armed.methods.base import ModelComponents
from armed.methods.conventional import Conventional
from armed.nn.stacking import vector_width
from armed.tasks.outcomes import BinaryTask
from armed.training.ensemble import Ensemble
from armed.training.fit import FitSettings, fit
from armed.training.trainer import Trainer
from small_models import Net, clustered, make, with_batch_norm

SETTINGS = FitSettings(epochs=2, batch_size=16, learning_rate=0.01)
STEPS = 7
DATA = [clustered(97 + seed % 7, seed=seed) for seed in range(10)]


def train(name, which, **options):
    """Train the replicas with these numbers; their states and predictions, by number."""
    members = [make(name, seed=number) for number in which]
    fit(
        members,
        [DATA[number % 10] for number in which],
        settings=SETTINGS,
        seeds=[100 + number for number in which],
        steps=STEPS,
        **options,
    )
    x, z = DATA[0].x, DATA[0].z
    found = {}
    for number, method in zip(which, members, strict=True):
        with torch.no_grad():
            found[number] = method.state_dict() | method.predict(x, z)
    return found


def assert_identical(one, other):
    assert list(one) == list(other)
    different = [key for key in one if not torch.equal(one[key], other[key])]
    assert different == []


@pytest.mark.parametrize("name", methods.available())
def test_a_replica_is_identical_alone_and_with_9_or_49_others_in_any_place(name):
    trace = name == "armed"
    alone = train(name, [3], trace=trace)
    with_9 = train(name, [7, 9, 3, 0, 1, 2, 4, 5, 6, 8], trace=trace)
    with_49 = train(name, [*range(10, 50), 0, 1, 2, 4, 5, 6, 7, 8, 9, 3], trace=trace)
    assert_identical(with_9[3], alone[3])
    assert_identical(with_49[3], alone[3])
    assert_identical(with_49[8], with_9[8])


@pytest.mark.parametrize("name", methods.available())
def test_a_replica_without_padding_is_the_same_up_to_rounding(name):
    padded, bare = (train(name, [3], pad=pad, trace=False)[3] for pad in (True, False))
    for key in padded:
        torch.testing.assert_close(bare[key], padded[key], rtol=1e-4, atol=1e-5)


def test_a_stack_is_padded_to_whole_vector_registers():
    ensemble = Ensemble([make("conventional", seed=s) for s in range(3)])
    assert len(ensemble.slots) % vector_width() == 0
    assert ensemble.slots[:4] == [0, 1, 2, 0]
    assert Ensemble([make("conventional")], pad=False).slots == [0]


@pytest.mark.parametrize("rows", [1, 9, BLOCK_ROWS, BLOCK_ROWS + 5])
@pytest.mark.parametrize("name", ["armed", "cluster_input"])
def test_every_replica_is_computed_as_by_its_own_method(name, rows):
    ensemble = Ensemble([make(name, seed=s) for s in range(3)])
    slots = len(ensemble.slots)
    x, z = torch.randn(slots, rows, 3), torch.randint(0, 4, (slots, rows))
    with torch.no_grad():
        scores = ensemble.predict(x, z)
        for i, method in enumerate(ensemble.unstack()):
            own = method.predict(x[i], z[i])
            torch.testing.assert_close(
                {effect: values[i] for effect, values in scores.items()}, own
            )


def test_blocks_of_rows_do_not_depend_on_further_rows():
    ensemble = Ensemble([make("armed", seed=s) for s in range(2)])
    slots = len(ensemble.slots)
    x, z = torch.randn(slots, 1500, 3), torch.randint(0, 4, (slots, 1500))
    with torch.no_grad():
        more = ensemble.predict(x, z)
        less = ensemble.predict(x[:, :1031], z[:, :1031])
    assert torch.equal(more["mixed"][:, :1031], less["mixed"])


def test_snapshot_and_restore_bring_the_state_back():
    ensemble = Ensemble([make("menet", seed=s) for s in range(2)])
    state = ensemble.snapshot()
    with torch.no_grad():
        for value in (ensemble.parameters | ensemble.buffers).values():
            value.add_(1)
    ensemble.restore(state)
    assert_identical(ensemble.snapshot(), state)


def test_trained_values_go_to_the_methods_in_order_and_in_evaluation_mode():
    members = [make("lmmnn", seed=s) for s in range(3)]
    ensemble = Ensemble(members)
    with torch.no_grad():
        for value in (ensemble.parameters | ensemble.buffers).values():
            value.add_(1)
    assert ensemble.unstack() == members
    for i, method in enumerate(members):
        assert not method.training
        for name, value in method.state_dict().items():
            assert torch.equal(value, ensemble.snapshot()[name][i])


def test_methods_can_be_trained_a_second_time():
    members = [make("armed", seed=s) for s in range(2)]
    for _ in range(2):
        fit(members, DATA[:2], settings=SETTINGS, seeds=[1, 2], trace=False)
    members[0].train()
    fit(members, DATA[:2], settings=SETTINGS, seeds=[1, 2], trace=False)


class Tied(nn.Module):
    """Two layers that share a weight, and a buffer that is not saved."""

    def __init__(self):
        super().__init__()
        self.encode, self.decode = nn.Linear(3, 3), nn.Linear(3, 3)
        self.decode.weight = self.encode.weight
        self.output = nn.Linear(3, 1)
        self.register_buffer("scale", torch.ones(1), persistent=False)

    def forward(self, x):
        return self.output(torch.tanh(self.decode(torch.tanh(self.encode(x)))) * self.scale)


def test_tied_weights_stay_tied():
    members = [make("conventional", network=Tied()) for _ in range(2)]
    before = members[0].network.encode.weight.detach().clone()
    fit(members, DATA[:2], settings=SETTINGS, seeds=[1, 2])
    for method in members:
        assert method.network.encode.weight is method.network.decode.weight
    assert not torch.equal(members[0].network.encode.weight, before)


def test_frozen_parameters_are_not_trained():
    members = [make("armed", seed=s) for s in range(2)]
    for method in members:
        method.mixed.network.first.requires_grad_(False)
    before = {k: v.clone() for k, v in members[1].state_dict().items()}
    fit(members, DATA[:2], settings=SETTINGS, seeds=[1, 2])
    after = members[1].state_dict()
    still = {key for key in after if torch.equal(after[key], before[key])}
    assert {key for key in still if "prior_sd" not in key} == {
        "mixed.network.first.0.weight",
        "mixed.network.first.0.bias",
    }


def test_a_parameter_that_the_network_does_not_use_is_left_alone():
    class Spare(Net):
        def __init__(self):
            super().__init__()
            self.spare = nn.Linear(2, 2)

    method = make("conventional", network=Spare())
    before = method.network.spare.weight.detach().clone()
    fit([method], DATA[:1], settings=SETTINGS, seeds=[1])
    assert torch.equal(method.network.spare.weight, before)


@pytest.mark.parametrize("patience", [None, 1])
def test_replicas_that_cannot_be_stacked_become_what_each_becomes_alone(patience):
    def monitor(y, score):
        return -float(((y - score) ** 2).mean())

    settings = FitSettings(epochs=4, batch_size=16, learning_rate=0.05, patience=patience)
    given = {"settings": settings, "steps": STEPS, "monitor": monitor}

    def build(seed):
        return make("armed", seed=seed, network=with_batch_norm(0.2))

    several = [build(seed) for seed in range(3)]
    fitted = fit(several, DATA[:3], seeds=[5, 6, 7], validation=DATA[3:6], **given)
    scores = fitted.ensemble.predict(*(torch.stack([v[:90]] * 3) for v in (DATA[0].x, DATA[0].z)))
    for i in range(3):
        alone = fit([build(i)], [DATA[i]], seeds=[5 + i], validation=[DATA[3 + i]], **given)
        assert_identical(alone.methods[0].state_dict(), several[i].state_dict())
        assert alone.stopped[0] == fitted.stopped[i]
        for term, values in alone.history.items():
            expected = np.full(len(fitted.history[term]), np.nan)
            expected[: len(values)] = values[:, 0]
            np.testing.assert_array_equal(fitted.history[term][:, i], expected)
        with torch.no_grad():
            own = several[i].predict(DATA[0].x[:90], DATA[0].z[:90])["mixed"]
        torch.testing.assert_close(scores["mixed"][i], own)


def test_replicas_of_one_network_are_refused():
    network = with_batch_norm()
    members = [make("conventional", network=network) for _ in range(2)]
    with pytest.raises(ConfigError, match="replicas 0 and 1 share the value 'network"):
        fit(members, DATA[:2], settings=SETTINGS, seeds=[1, 2])


def test_replicas_that_share_statistics_alone_are_refused():
    norm = nn.BatchNorm1d(3, affine=False)
    members = [
        Conventional(
            ModelComponents(nn.Sequential(norm, nn.Linear(3, 1)), BinaryTask(), (), 4),
            Conventional.Settings(),
        )
        for _ in range(2)
    ]
    with pytest.raises(ConfigError, match=r"share the value 'network\.0\.running_mean'"):
        fit(members, DATA[:2], settings=SETTINGS, seeds=[1, 2])


@pytest.mark.parametrize("name", sorted(set(methods.available()) - {"cluster_input"}))
def test_a_network_that_cannot_be_stacked_is_trained_alone_by_every_method(name):
    results = []
    for start in (1, 2):
        method = make(name, network=with_batch_norm(0.2))
        torch.manual_seed(start)  # the global stream neither matters nor changes
        expected = torch.random.get_rng_state()
        fitted = fit([method], DATA[:1], settings=SETTINGS, seeds=[5])
        assert torch.equal(torch.random.get_rng_state(), expected)
        assert all(values.shape == (2, 1) for values in fitted.history.values())
        with torch.no_grad():
            results.append(method.state_dict() | method.predict(DATA[0].x, DATA[0].z))
    assert_identical(*results)
    assert results[0]["fixed"].shape == DATA[0].y.shape


@pytest.mark.parametrize("channels_last", [True, False])
def test_maps_of_a_network_trained_alone_are_laid_out_by_channel_if_asked_for(channels_last):
    first, kernel = nn.Conv2d(1, 8, 3), 3 * 3
    network = nn.Sequential(first, nn.BatchNorm2d(8), nn.Flatten(), nn.Linear(8 * 4 * 4, 1))
    method = Conventional(ModelComponents(network, BinaryTask(), (), 4), Conventional.Settings())
    samples = Samples(torch.rand(8, 1, 6, 6), DATA[0].y[:8], DATA[0].z[:8])
    settings = FitSettings(channels_last=channels_last)
    Trainer(
        [method], [samples], [0], settings=settings, steps=1, device="cpu", trace=False, pad=False
    )
    assert (first.weight.stride() == (kernel, 1, 3, 1)) == channels_last
    maps = first(torch.randn(2, 1, 6, 6))
    assert maps.is_contiguous(memory_format=torch.channels_last) == channels_last
