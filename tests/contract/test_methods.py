"""What every file in `armed/methods` must do; a new one is tested without being named here."""

from __future__ import annotations

import copy
import subprocess
import sys
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from armed import methods
from armed.adversary import Adversary
from armed.batches import Samples
from armed.errors import ConfigError
from armed.methods.base import Method, Parts
from armed.random_effects import RandomIntercept, RandomSlope
from armed.task import BinaryTask
from armed.training import FitSettings, fit

SOURCE = Path(__file__).parents[2] / "src"
CLUSTERS, FEATURES, WIDTH = 6, 3, 8
SETTINGS = FitSettings(epochs=4, batch_size=32, learning_rate=0.01)

every_method = pytest.mark.parametrize("name", methods.available())


class Net(nn.Module):
    def __init__(self, context: int) -> None:
        super().__init__()
        self.hidden = nn.Sequential(nn.Linear(FEATURES + context, WIDTH), nn.Tanh())
        self.last = nn.Sequential(nn.Linear(WIDTH, WIDTH), nn.LeakyReLU())
        self.output = nn.Linear(WIDTH, 1)

    def forward(self, x: Tensor, context: Tensor | None = None) -> Tensor:
        x = x if context is None else torch.cat([x, context], dim=1)
        return self.output(self.last(self.hidden(x)))


def build(name: str, seed: int = 0) -> Method:
    kind = methods.load(name)
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        parts = Parts(
            network=Net(CLUSTERS if kind.context else 0),
            task=BinaryTask(),
            watch=("hidden", "last"),
            clusters=CLUSTERS,
            hidden_size=WIDTH,
            adversary=Adversary(2 * WIDTH, CLUSTERS, hidden=(6,)),
            random_effects=[
                RandomSlope(CLUSTERS, WIDTH, prior_sd=0.3),
                RandomIntercept(CLUSTERS, prior_sd=0.5),
            ],
        )
        return kind(parts, kind.Settings())


def clustered(count: int = 240, seed: int = 0) -> Samples:
    draw = torch.Generator().manual_seed(seed)
    z = torch.arange(count) % CLUSTERS
    x = torch.randn(count, FEATURES, generator=draw)
    linear = 2 * x[:, 0] - x[:, 1] + 1.5 * torch.randn(CLUSTERS, generator=draw)[z]
    y = (torch.rand(count, generator=draw) < torch.sigmoid(linear)).float()
    return Samples(x, y, z)


def train(name: str, numbers=(0,), *, settings=SETTINGS):
    members = [build(name, seed=n) for n in numbers]
    data = [clustered(seed=n) for n in numbers]
    return fit(members, data, settings=settings, seeds=numbers, replay=False)


@cache
def trained(name: str) -> Method:
    """Return a method that tests only look at."""
    return train(name).methods[0]


def predict(method: Method, z: Tensor) -> dict[str, Tensor]:
    x = clustered(len(z), seed=9).x
    with torch.no_grad():
        return method.eval().predict(x, z)


def outcome_loss(method: Method) -> float:
    data = clustered()
    with torch.no_grad():
        scores = method.eval().predict(data.x, data.z)
    score = scores.get("mixed", scores["fixed"])
    return nn.functional.binary_cross_entropy(score, data.y).item()


@every_method
def test_loss_falls(name):
    before = outcome_loss(build(name))
    settings = FitSettings(epochs=15, batch_size=32, learning_rate=0.01)
    (method,) = train(name, settings=settings).methods
    assert outcome_loss(method) < 0.75 * before


@every_method
def test_groups_part_the_parameters(name):
    method = build(name)
    grouped = [parameter for group in method.groups().values() for parameter in group]
    assert sorted(grouped) == sorted(n for n, _ in method.named_parameters())
    assert len(set(grouped)) == len(grouped)
    assert all(method.groups().values())


@every_method
def test_training_reaches_every_number_of_every_group(name):
    before = dict(build(name).named_parameters())
    method = trained(name)
    for group, names in method.groups().items():
        for parameter in names:
            moved = method.get_parameter(parameter) != before[parameter]
            assert moved.all(), f"{group}: {parameter}"


@every_method
def test_same_seed_gives_the_same_result_and_another_seed_another(name):
    (same,) = train(name).methods
    (other,) = fit([build(name)], [clustered()], settings=SETTINGS, seeds=[1], replay=False).methods
    states = [method.state_dict() for method in (trained(name), same, other)]
    assert all(torch.equal(states[0][key], states[1][key]) for key in states[0])
    assert any(not torch.equal(states[0][key], states[2][key]) for key in states[0])


@every_method
def test_replicas_equal_single_runs(name):
    together = train(name, (0, 1, 2)).methods
    for number in (0, 2):
        (alone,) = train(name, (number,)).methods
        state = together[number].state_dict()
        assert all(torch.equal(value, state[key]) for key, value in alone.state_dict().items())


@every_method
def test_a_saved_state_predicts_the_same(name):
    method = trained(name)
    fresh = build(name, seed=5)
    fresh.load_state_dict(copy.deepcopy(method.state_dict()))
    z = torch.arange(12) % CLUSTERS
    expected = predict(method, z)
    for effect, score in predict(fresh, z).items():
        assert torch.equal(score, expected[effect])


@every_method
def test_predicts_mixed_exactly_when_it_uses_clusters(name):
    kind, z = methods.load(name), torch.arange(12) % CLUSTERS
    method = trained(name)
    scores = predict(method, z)
    assert set(scores) == ({"fixed", "mixed"} if kind.uses_clusters else {"fixed"})
    assert all(score.shape == (12,) for score in scores.values())
    if kind.uses_clusters:
        assert not torch.allclose(scores["mixed"], scores["fixed"])
        assert not torch.allclose(predict(method, (z + 1) % CLUSTERS)["mixed"], scores["mixed"])


@every_method
def test_fixed_scores_do_not_depend_on_the_cluster(name):
    method = trained(name)
    z = torch.arange(12) % CLUSTERS
    assert torch.equal(predict(method, z)["fixed"], predict(method, (z + 2) % CLUSTERS)["fixed"])


ASSIGNMENTS = {
    "zeros": torch.zeros(12, CLUSTERS),
    "uniform": torch.full((12, CLUSTERS), 1 / CLUSTERS),
    "membership": torch.softmax(
        torch.randn(12, CLUSTERS, generator=torch.Generator().manual_seed(0)), dim=1
    ),
}


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
@every_method
def test_samples_of_an_unseen_cluster_are_scored(name, assignment):
    method = trained(name)
    for score in predict(method, ASSIGNMENTS[assignment]).values():
        assert ((score > 0) & (score < 1)).all()


@every_method
def test_no_cluster_means_the_fixed_score(name):
    method = trained(name)
    scores = predict(method, ASSIGNMENTS["zeros"])
    torch.testing.assert_close(scores.get("mixed", scores["fixed"]), scores["fixed"])


@every_method
def test_certain_membership_is_the_cluster_itself(name):
    method = trained(name)
    z = torch.arange(12) % CLUSTERS
    certain = predict(method, nn.functional.one_hot(z, CLUSTERS).float())
    for effect, score in predict(method, z).items():
        torch.testing.assert_close(certain[effect], score)


@every_method
def test_random_effects_have_a_mean_and_a_spread_for_every_cluster(name):
    method = trained(name)
    for mean, sd in method.random_effects().values():
        assert mean.shape == sd.shape
        assert len(mean) == CLUSTERS
        assert (sd > 0).all()
        assert not mean.requires_grad
    if method.random_effects():
        assert methods.load(name).uses_clusters


@every_method
def test_history_is_finite_and_by_replica(name):
    fitted = train(name, (0, 1))
    assert fitted.history
    for values in fitted.history.values():
        assert values.shape == (SETTINGS.epochs, 2)
        assert np.isfinite(values).all()


@every_method
def test_no_hook_is_left_in_the_network(name):
    assert not any(module._forward_hooks for module in trained(name).modules())


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
