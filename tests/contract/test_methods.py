"""What every file in `armed/methods` must do; a new one is tested without being named here."""

from __future__ import annotations

import copy
import subprocess
import sys
from functools import cache
from itertools import product
from math import prod
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from armed import methods
from armed.data.samples import Samples
from armed.errors import ConfigError
from armed.methods.base import Method
from armed.nn.stacking import can_stack
from armed.training.fit import FitSettings, Fitted, fit
from armed_study import training
from armed_study.config import methods as method_files
from armed_study.training.factory import build_method
from armed_study.vocabulary.outcomes import KINDS
from small_models import FEATURES, make
from small_outcomes import OUTCOMES, dataset, folds

SOURCE = Path(__file__).parents[2] / "src"
CLUSTERS, WIDTH = 6, 8
SETTINGS = FitSettings(epochs=4, batch_size=32, learning_rate=0.01)

COUNTS = {"dense": 240, "slices": 240, "autoencoder": 64}
SHAPES = {"slices": (1, 12, 12), "autoencoder": (1, 32, 32)}
BLOCKS = {
    "slices": {
        "network": {"kind": "slice_cnn", "filters": 2},
        "adversary": {"kind": "mirrored", "filters": 2},
        "random_effects": {"hidden_slope": 0.3, "intercept": 0.5},
    },
    "autoencoder": {
        "network": {"kind": "autoencoder", "filters": 1, "latents": 8, "classifier_units": 8},
        "adversary": {"hidden": [6]},
        "random_effects": {"hidden_slope": 0.3, "intercept": 0.5, "scale_shift": 0.25},
        "task": {"kind": "reconstruction", "outcome_weight": 1.0},
    },
}
Z = torch.arange(12) % CLUSTERS


class Case(NamedTuple):
    """A method around a dense network, whose replicas are stacked, or around one for images."""

    method: str
    network: str


CASES = [Case(*pair) for pair in product(methods.available(), COUNTS)]
# By case, so that what tests only look at is trained by one worker, once.
every_method = pytest.mark.parametrize("case", CASES, ids="-".join, scope="module")


def build(case: Case, seed: int = 0) -> Method:
    if case.network != "dense":
        given = {"shape": SHAPES[case.network], "clusters": CLUSTERS, "seed": seed}
        kind = methods.load(case.method)
        # Of equal weight, a game of network and adversary need not come to rest.
        calm = {"adversary_weight": 0.1} if hasattr(kind.Settings(), "adversary_weight") else {}
        return build_method(kind, BLOCKS[case.network] | calm, **given)
    net = {"activations": (nn.Tanh, nn.LeakyReLU)}  # no unit is dead
    sizes = {"clusters": CLUSTERS, "widths": (WIDTH, WIDTH), "adversary": (6,)}
    return make(case.method, seed=seed, net=net, effects={"hidden": 0.3, "intercept": 0.5}, **sizes)


def clustered(case: Case, count: int | None = None, seed: int = 0) -> Samples:
    """Samples whose outcome depends on features and cluster; as slices, the features are patterns."""
    draw = torch.Generator().manual_seed(seed)
    count = count or COUNTS[case.network]
    z = torch.arange(count) % CLUSTERS
    x = torch.randn(count, FEATURES, generator=draw)
    linear = 2 * x[:, 0] - x[:, 1] + 1.5 * torch.randn(CLUSTERS, generator=draw)[z]
    y = (torch.rand(count, generator=draw) < torch.sigmoid(linear)).float()
    if case.network in SHAPES:
        shape = SHAPES[case.network]
        patterns = torch.randn(FEATURES, prod(shape), generator=torch.Generator().manual_seed(99))
        x = (x @ patterns).view(-1, *shape)
    return Samples(x, y, z)


def train(case: Case, numbers=(0,), *, settings=SETTINGS) -> list[Fitted]:
    """Train replicas, together where they can be stacked."""
    members = [build(case, seed=n) for n in numbers]
    data = [clustered(case, seed=n) for n in numbers]
    groups = [slice(i, i + 1) for i in range(len(numbers))]
    return [
        fit(members[at], data[at], settings=settings, seeds=numbers[at], trace=False)
        for at in ([slice(None)] if can_stack(members[0]) else groups)
    ]


@cache
def trained(case: Case) -> Method:
    """Return a method that tests only look at."""
    return train(case)[0].methods[0]


@cache
def replicas(case: Case) -> list[Fitted]:
    """Return replicas that tests only look at, of 0 to 2; of the first, `trained` is one by itself."""
    return train(case, (0, 1, 2) if can_stack(build(case)) else (0, 2))


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
    (method,) = train(case, settings=settings)[0].methods
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
def test_same_seed_gives_the_same_result_alone_and_as_a_replica(case):
    together = [method for part in replicas(case) for method in part.methods]
    for replica, alone in ((0, trained(case)), (-1, train(case, (2,))[0].methods[0])):
        state = together[replica].state_dict()
        assert all(torch.equal(value, state[key]) for key, value in alone.state_dict().items())


@every_method
def test_another_seed_gives_another_result(case):
    (other,) = fit(
        [build(case)], [clustered(case)], settings=SETTINGS, seeds=[1], trace=False
    ).methods
    state = other.state_dict()
    assert any(not torch.equal(v, state[key]) for key, v in trained(case).state_dict().items())


@every_method
def test_a_saved_state_predicts_the_same(case):
    method = trained(case)
    fresh = build(case, seed=5)
    fresh.load_state_dict(copy.deepcopy(method.state_dict()))
    expected = predict(case, method, Z)
    for effect, score in predict(case, fresh, Z).items():
        assert torch.equal(score, expected[effect])


@every_method
def test_predicts_mixed_exactly_when_it_uses_clusters(case):
    kind, method = methods.load(case.method), trained(case)
    scores = predict(case, method, Z)
    assert set(scores) == ({"fixed", "mixed"} if kind.uses_clusters else {"fixed"})
    assert all(score.shape == (12,) for score in scores.values())
    if kind.uses_clusters:
        assert not torch.allclose(scores["mixed"], scores["fixed"])
        others = predict(case, method, (Z + 1) % CLUSTERS)
        assert not torch.allclose(others["mixed"], scores["mixed"])


@every_method
def test_fixed_scores_do_not_depend_on_the_cluster(case):
    own, others = (predict(case, trained(case), z) for z in (Z, (Z + 2) % CLUSTERS))
    assert torch.equal(own["fixed"], others["fixed"])


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
    for score in predict(case, trained(case), ASSIGNMENTS[assignment]).values():
        assert ((score > 0) & (score < 1)).all()


@every_method
def test_no_cluster_means_the_fixed_score(case):
    scores = predict(case, trained(case), ASSIGNMENTS["zeros"])
    torch.testing.assert_close(scores.get("mixed", scores["fixed"]), scores["fixed"])


@every_method
def test_certain_membership_is_the_cluster_itself(case):
    certain = predict(case, trained(case), nn.functional.one_hot(Z, CLUSTERS).float())
    for effect, score in predict(case, trained(case), Z).items():
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
def test_a_cluster_without_training_samples_has_no_effect_and_the_prior_s_spread(case):
    data, method = clustered(case), build(case)
    there = data.z != 3
    kept = Samples(data.x[there], data.y[there], data.z[there])
    fit([method], [kept], settings=SETTINGS, seeds=[0], trace=False)
    scores = predict(case, method, torch.full_like(Z, 3))
    torch.testing.assert_close(scores.get("mixed", scores["fixed"]), scores["fixed"])
    for mean, sd in method.random_effects().values():
        assert (mean[3] == 0).all()
        # The prior's: no narrower than posteriors are on average (of MeNet it is their second moment).
        assert (sd[3] >= sd.mean(0) - 1e-6).all()


@every_method
def test_history_is_finite_and_by_replica(case):
    for part in replicas(case):
        assert part.history
        for values in part.history.values():
            assert values.shape == (SETTINGS.epochs, len(part.methods))
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
        assert methods.load(name).__module__.rpartition(".")[2] == name


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


BLOCKS_OF_TABLES = {
    "network": {"hidden": [4]},
    "training": {"epochs": 1, "batch_size": 64, "learning_rate": 0.01},
    "adversary": {"hidden": [4]},
    "random_effects": {"intercept": 0.5, "hidden_slope": 0.3},
}


@pytest.mark.parametrize("kind", OUTCOMES)
@pytest.mark.parametrize("name", training.available())
def test_outcomes_that_a_method_declares_are_predicted_and_others_refused(name, kind):
    method = method_files.available()[name]
    if kind not in method.outcomes and not method.is_network:
        pytest.skip("a baseline is fitted only to what it declares, see config.checks")
    settings = {block: BLOCKS_OF_TABLES[block] for block in method.blocks}
    given = {"model": name, "settings": settings}
    if kind not in method.outcomes:
        with pytest.raises(ConfigError, match=r"expected .*; "):
            training.trainer(name)(folds(dataset(kind)), **given)
        return
    table = training.trainer(name)(folds(dataset(kind)), **given).table("predictions")
    about = KINDS[kind]
    assert table["fixed"].between(about.least, about.most).all()
    assert ("class" in table) == (kind == "categorical")
