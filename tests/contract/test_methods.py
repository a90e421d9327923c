"""What every file in `armed/methods` must do; a new one is tested without being named here."""

from __future__ import annotations

import copy
import subprocess
import sys
from functools import cache
from itertools import product
from math import prod
from pathlib import Path
from types import SimpleNamespace
from typing import NamedTuple

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from armed import methods
from armed.adversaries.dense import Adversary
from armed.adversaries.mirrored import MirroredAdversary
from armed.data.samples import Samples
from armed.effects.intercept_slope import RandomIntercept, RandomSlope
from armed.errors import ConfigError
from armed.methods.base import Method, ModelComponents
from armed.nn.stacking import can_stack
from armed.tasks.outcomes import BinaryTask
from armed.tasks.reconstruction import ReconstructionTask
from armed.training.fit import FitSettings, fit
from armed_study.networks.autoencoder import AutoencoderClassifier
from armed_study.networks.inputs import Context
from armed_study.networks.slice_cnn import SliceCNN

SOURCE = Path(__file__).parents[2] / "src"
CLUSTERS, FEATURES, WIDTH = 6, 3, 8
SETTINGS = FitSettings(epochs=4, batch_size=32, learning_rate=0.01)

PIXELS, FILTERS = 12, 2
CELL = 32
COUNTS = {"dense": 240, "slices": 240, "autoencoder": 96}
SIZES = {"slices": PIXELS, "autoencoder": CELL}


class Case(NamedTuple):
    """A method around a dense network, whose replicas are stacked, or around one for images."""

    method: str
    network: str


CASES = [Case(*pair) for pair in product(methods.available(), ("dense", "slices", "autoencoder"))]
every_method = pytest.mark.parametrize("case", CASES, ids="-".join)


class Net(nn.Module):
    def __init__(self, context: int) -> None:
        super().__init__()
        self.hidden = nn.Sequential(nn.Linear(FEATURES + context, WIDTH), nn.Tanh())
        self.last = nn.Sequential(nn.Linear(WIDTH, WIDTH), nn.LeakyReLU())
        self.output = nn.Linear(WIDTH, 1)

    def forward(self, x: Tensor, context: Tensor | None = None) -> Tensor:
        x = x if context is None else torch.cat([x, context], dim=1)
        return self.output(self.last(self.hidden(x)))


def dense_parts(kind: type[Method]) -> dict:
    network = Net(CLUSTERS if kind.context_places(kind.Settings()) else 0)
    adversary = Adversary(2 * WIDTH, CLUSTERS, hidden=(6,))
    watch = ("hidden", "last")
    return {"network": network, "watch": watch, "hidden_size": WIDTH, "adversary": adversary}


def slice_parts(kind: type[Method]) -> dict:
    context = Context(CLUSTERS, kind.context_places(kind.Settings()))
    network = SliceCNN(PIXELS, filters=FILTERS, context=context)
    shapes = network.watched_shapes
    adversary = MirroredAdversary(shapes, CLUSTERS, filters=FILTERS)
    size = shapes[-1][0]
    return {"network": network, "watch": network.watch, "hidden_size": size, "adversary": adversary}


def autoencoder_parts(kind: type[Method]) -> dict:
    context = Context(CLUSTERS, kind.context_places(kind.Settings()))
    network = AutoencoderClassifier(
        CELL, filters=1, latents=8, classifier_units=8, outputs=1 + CELL**2, context=context
    )
    sizes = [prod(shape) for shape in network.watched_shapes]
    return {
        "network": network,
        "watch": network.watch,
        "hidden_size": sizes[-1],
        "adversary": Adversary(sum(sizes), CLUSTERS, hidden=(6,)),
        "task": ReconstructionTask((1, CELL, CELL), outcome_weight=1.0),
        "random_effects": [
            network.cluster_decoder(CLUSTERS, prior_sd=0.25),
            RandomSlope(CLUSTERS, 8, prior_sd=0.3, on="classifier"),
            RandomIntercept(CLUSTERS, prior_sd=0.5),
        ],
    }


NETWORKS = {"dense": dense_parts, "slices": slice_parts, "autoencoder": autoencoder_parts}


def build(case: Case, seed: int = 0) -> Method:
    kind = methods.load(case.method)
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        given = NETWORKS[case.network](kind)
        effects = [
            RandomSlope(CLUSTERS, given["hidden_size"], prior_sd=0.3),
            RandomIntercept(CLUSTERS, prior_sd=0.5),
        ]
        rest = {"task": BinaryTask(), "clusters": CLUSTERS, "random_effects": effects}
        return kind(ModelComponents(**rest | given), kind.Settings())


def clustered(case: Case, count: int | None = None, seed: int = 0) -> Samples:
    """Samples whose outcome depends on features and cluster; as slices, the features are patterns."""
    draw = torch.Generator().manual_seed(seed)
    count = count or COUNTS[case.network]
    z = torch.arange(count) % CLUSTERS
    x = torch.randn(count, FEATURES, generator=draw)
    linear = 2 * x[:, 0] - x[:, 1] + 1.5 * torch.randn(CLUSTERS, generator=draw)[z]
    y = (torch.rand(count, generator=draw) < torch.sigmoid(linear)).float()
    return Samples(x if case.network == "dense" else images_of(x, SIZES[case.network]), y, z)


def images_of(x: Tensor, size: int) -> Tensor:
    patterns = torch.randn(FEATURES, size**2, generator=torch.Generator().manual_seed(99))
    return (x @ patterns).view(-1, 1, size, size)


def train(case: Case, numbers=(0,), *, settings=SETTINGS):
    """Train replicas, together where they can be stacked: their methods, and history by replica."""
    members = [build(case, seed=n) for n in numbers]
    data = [clustered(case, seed=n) for n in numbers]
    together = can_stack(members[0])
    groups = [slice(None)] if together else [slice(i, i + 1) for i in range(len(numbers))]
    fitted = [
        fit(members[at], data[at], settings=settings, seeds=numbers[at], trace=False)
        for at in groups
    ]
    return SimpleNamespace(
        methods=members,
        history={
            term: np.concatenate([each.history[term] for each in fitted], axis=1)
            for term in fitted[0].history
        },
    )


@cache
def trained(case: Case) -> Method:
    """Return a method that tests only look at."""
    return train(case).methods[0]


def predict(case: Case, method: Method, z: Tensor) -> dict[str, Tensor]:
    x = clustered(case, len(z), seed=9).x
    with torch.no_grad():
        return method.eval().predict(x, z)


def outcome_loss(case: Case, method: Method) -> float:
    data = clustered(case)
    with torch.no_grad():
        scores = method.eval().predict(data.x, data.z)
    score = scores.get("mixed", scores["fixed"])
    return nn.functional.binary_cross_entropy(score, data.y).item()


@every_method
def test_loss_falls(case):
    before = outcome_loss(case, build(case))
    settings = FitSettings(epochs=15, batch_size=32, learning_rate=0.01)
    (method,) = train(case, settings=settings).methods
    assert outcome_loss(case, method) < 0.75 * before


@every_method
def test_groups_part_the_parameters(case):
    method = build(case)
    grouped = [parameter for group in method.groups().values() for parameter in group]
    assert sorted(grouped) == sorted(n for n, _ in method.named_parameters())
    assert len(set(grouped)) == len(grouped)
    assert all(method.groups().values())


@every_method
def test_training_reaches_every_number_of_every_group(case):
    before = dict(build(case).named_parameters())
    method = trained(case)
    for group, names in method.groups().items():
        for parameter in names:
            moved = method.get_parameter(parameter) != before[parameter]
            assert moved.all(), f"{group}: {parameter}"


@every_method
def test_same_seed_gives_the_same_result_and_another_seed_another(case):
    (same,) = train(case).methods
    (other,) = fit(
        [build(case)], [clustered(case)], settings=SETTINGS, seeds=[1], trace=False
    ).methods
    states = [method.state_dict() for method in (trained(case), same, other)]
    assert all(torch.equal(states[0][key], states[1][key]) for key in states[0])
    assert any(not torch.equal(states[0][key], states[2][key]) for key in states[0])


@every_method
def test_replicas_equal_single_runs(case):
    together = train(case, (0, 1, 2)).methods
    for number in (0, 2):
        (alone,) = train(case, (number,)).methods
        state = together[number].state_dict()
        assert all(torch.equal(value, state[key]) for key, value in alone.state_dict().items())


@every_method
def test_a_saved_state_predicts_the_same(case):
    method = trained(case)
    fresh = build(case, seed=5)
    fresh.load_state_dict(copy.deepcopy(method.state_dict()))
    z = torch.arange(12) % CLUSTERS
    expected = predict(case, method, z)
    for effect, score in predict(case, fresh, z).items():
        assert torch.equal(score, expected[effect])


@every_method
def test_predicts_mixed_exactly_when_it_uses_clusters(case):
    kind, z = methods.load(case.method), torch.arange(12) % CLUSTERS
    method = trained(case)
    scores = predict(case, method, z)
    assert set(scores) == ({"fixed", "mixed"} if kind.uses_clusters else {"fixed"})
    assert all(score.shape == (12,) for score in scores.values())
    if kind.uses_clusters:
        assert not torch.allclose(scores["mixed"], scores["fixed"])
        assert not torch.allclose(
            predict(case, method, (z + 1) % CLUSTERS)["mixed"], scores["mixed"]
        )


@every_method
def test_fixed_scores_do_not_depend_on_the_cluster(case):
    method = trained(case)
    z = torch.arange(12) % CLUSTERS
    assert torch.equal(
        predict(case, method, z)["fixed"], predict(case, method, (z + 2) % CLUSTERS)["fixed"]
    )


ASSIGNMENTS = {
    "zeros": torch.zeros(12, CLUSTERS),
    "uniform": torch.full((12, CLUSTERS), 1 / CLUSTERS),
    "membership": torch.softmax(
        torch.randn(12, CLUSTERS, generator=torch.Generator().manual_seed(0)), dim=1
    ),
}


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
@every_method
def test_samples_of_an_unseen_cluster_are_scored(case, assignment):
    method = trained(case)
    for score in predict(case, method, ASSIGNMENTS[assignment]).values():
        assert ((score > 0) & (score < 1)).all()


@every_method
def test_no_cluster_means_the_fixed_score(case):
    method = trained(case)
    scores = predict(case, method, ASSIGNMENTS["zeros"])
    torch.testing.assert_close(scores.get("mixed", scores["fixed"]), scores["fixed"])


@every_method
def test_certain_membership_is_the_cluster_itself(case):
    method = trained(case)
    z = torch.arange(12) % CLUSTERS
    certain = predict(case, method, nn.functional.one_hot(z, CLUSTERS).float())
    for effect, score in predict(case, method, z).items():
        torch.testing.assert_close(certain[effect], score)


@every_method
def test_random_effects_have_a_mean_and_a_spread_for_every_cluster(case):
    method = trained(case)
    for mean, sd in method.random_effects().values():
        assert mean.shape == sd.shape
        assert len(mean) == CLUSTERS
        assert (sd > 0).all()
        assert not mean.requires_grad
    if method.random_effects():
        assert methods.load(case.method).uses_clusters


@every_method
def test_history_is_finite_and_by_replica(case):
    fitted = train(case, (0, 1))
    assert fitted.history
    for values in fitted.history.values():
        assert values.shape == (SETTINGS.epochs, 2)
        assert np.isfinite(values).all()


@every_method
def test_no_hook_is_left_in_the_network(case):
    assert not any(module._forward_hooks for module in trained(case).modules())


def test_unknown_method_lists_those_there_are():
    with pytest.raises(ConfigError, match="unknown method 'amred'; there are: armed, ") as error:
        methods.load("amred")
    assert all(name in str(error.value) for name in methods.available())


def test_a_method_is_the_class_of_its_own_file():
    for name in methods.available():
        assert methods.load(name).__module__ == f"armed.methods.{name}"


def test_methods_of_the_comparison_are_there():
    compared = {"conventional", "cluster_input", "domain_adversarial", "mldg", "menet", "lmmnn"}
    assert compared | {"armed"} <= set(methods.available())


def test_importing_the_library_costs_no_torch():
    code = "import sys, armed, armed.methods; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, env={"PYTHONPATH": str(SOURCE)})


def test_public_names_can_be_imported():
    import armed

    assert all(getattr(armed, name) is not None for name in armed.__all__)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = armed.nothing
