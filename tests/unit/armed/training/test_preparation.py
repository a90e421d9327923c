import copy

import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn

from armed import methods
from armed.adversaries.dense import Adversary
from armed.data.augmentation import AugmentationSettings
from armed.data.samples import Samples
from armed.effects.intercept_slope import RandomIntercept, RandomSlope
from armed.errors import ConfigError, DataError
from armed.methods.base import ModelComponents
from armed.methods.conventional import Conventional, ConventionalSettings
from armed.tasks.outcomes import BinaryTask, CategoricalTask, ContinuousTask
from armed.training.fit import FitSettings, fit
from small_models import CLUSTERS, FEATURES, Net, clustered, make

QUICK = FitSettings(epochs=2, batch_size=32, learning_rate=0.01)
SOFT = [name for name in methods.available() if methods.load(name).soft_clusters]
DATA = clustered(80)


def train(method, data=DATA, **settings):
    settings = FitSettings(**{"epochs": 2, "batch_size": 32, "learning_rate": 0.01} | settings)
    return fit([method], [data], settings=settings, seeds=[3]).methods[0]


def open_widths(name="armed", **net):
    """A method of which nobody has said how wide anything is."""
    kind = methods.load(name)
    parts = ModelComponents(
        Net(**net), BinaryTask(), ("first", "second"), CLUSTERS, adversary=Adversary(hidden=[4]),
        random_effects=[
            RandomSlope(CLUSTERS, prior_sd=0.3), RandomSlope(CLUSTERS, prior_sd=0.3, on="input"),
            RandomIntercept(CLUSTERS, prior_sd=0.5),
        ],
    )  # fmt: skip
    return kind(parts, kind.Settings())


@pytest.mark.parametrize("name", ["armed", "domain_adversarial", "menet"])
def test_widths_left_open_are_found_out_and_kept_in_a_saved_state(name):
    method = train(open_widths(name))
    wanted = {key: value.shape for key, value in make(name).state_dict().items()}
    found = {key: value.shape for key, value in method.state_dict().items()}
    assert sorted(map(tuple, found.values())) == sorted(map(tuple, wanted.values()))
    loaded = open_widths(name)
    loaded.load_state_dict(copy.deepcopy(method.state_dict()))
    expected, scores = (m.eval().predict(DATA.x, DATA.z) for m in (method, loaded))
    assert all(torch.equal(scores[key], expected[key]) for key in expected)


def test_what_is_filled_in_depends_on_the_seed_of_the_replica_alone():
    states = []
    for start in (1, 2):
        torch.manual_seed(5)
        method = open_widths()
        torch.manual_seed(start)
        states.append(train(method).state_dict())
    assert all(torch.equal(value, states[1][key]) for key, value in states[0].items())


def test_measuring_leaves_the_network_as_it_was():
    network = nn.Sequential(nn.BatchNorm1d(FEATURES), nn.Dropout(0.5), nn.Linear(FEATURES, 1))
    method = make("conventional", network=network)
    state, random = copy.deepcopy(method.state_dict()), torch.random.get_rng_state()
    method.measure(DATA.x[:2])
    assert all(torch.equal(value, state[key]) for key, value in method.state_dict().items())
    assert torch.equal(torch.random.get_rng_state(), random)
    assert all(module.training for module in method.modules())


def around(task=None, *, outputs=1, effects=(), adversary=None, name="armed"):
    kind = methods.load(name)
    effects = effects or [RandomIntercept(CLUSTERS, prior_sd=0.5, outputs=outputs)]
    parts = ModelComponents(
        Net(outputs=outputs), task or BinaryTask(), ("second",), CLUSTERS,
        adversary=adversary or Adversary(hidden=[4]), random_effects=effects,
    )  # fmt: skip
    return kind(parts, kind.Settings())


def slope(clusters=CLUSTERS, features=None, **given):
    return [RandomSlope(clusters, features, prior_sd=0.3, **given)]


MISFITS = {
    "slope of another width": (
        lambda: around(effects=slope(features=8)), "'slope' multiplies 8 features and is given 5"),
    "effect of fewer clusters": (
        lambda: around(effects=slope(3)), "'slope' is of 3 clusters in a model of 4"),
    "adversary of another width": (
        lambda: around(adversary=Adversary(7, CLUSTERS, hidden=[4])),
        "takes 7 features and the watched layers give 5"),
    "adversary of fewer clusters": (
        lambda: around(adversary=Adversary(5, 3, hidden=[4])), "adversary is of 3 clusters in a model of 4"),
    "outputs of the network": (
        lambda: around(outputs=2, effects=slope()), "the network has 2 outputs; BinaryTask expected 1"),
    "one intercept for three classes": (
        lambda: around(CategoricalTask(3), outputs=3, effects=[RandomIntercept(CLUSTERS, prior_sd=1)]),
        "'intercept' has 1 outputs and the task 3 linear predictors"),
    "three classes with lmmnn": (
        lambda: around(CategoricalTask(3), outputs=3, name="lmmnn"), "Lmmnn was given a CategoricalTask"),
    "three classes with menet": (
        lambda: around(CategoricalTask(3), outputs=3, name="menet"), "Menet was given a CategoricalTask"),
    "features of the network": (
        lambda: make("conventional", network=nn.Linear(9, 1)), "cannot be run on samples of shape"),
}  # fmt: skip


@pytest.mark.parametrize("case", MISFITS)
def test_parts_that_do_not_fit_each_other_are_refused(case):
    build, message = MISFITS[case]
    with pytest.raises(ConfigError, match=message):
        train(build())


OUTCOMES = {
    "1 and 2": (BinaryTask(), DATA.y + 1, "y holds 2 at row"),
    "-1 and 1": (BinaryTask(), 2 * DATA.y - 1, "y holds -1 at row"),
    "halves": (BinaryTask(), DATA.y / 2, "y holds 0.5 at row"),
    "label beyond the classes": (CategoricalTask(2), DATA.y + 1, "y holds 2 at row . *; expected whole"),
    "half a label": (CategoricalTask(2), DATA.y / 2, "y holds 0.5 at row"),
}  # fmt: skip


@pytest.mark.parametrize("case", OUTCOMES)
def test_outcomes_that_the_task_does_not_know_are_refused(case):
    task, y, message = OUTCOMES[case]
    with pytest.raises(DataError, match=message.replace(". *", ".*")):
        train(make("conventional", task=task), Samples(DATA.x, y, DATA.z))


@pytest.mark.parametrize("task", [BinaryTask(), CategoricalTask(2)])
def test_outcomes_of_every_type_train_the_same(task):
    states = [
        train(make("conventional", task=task), Samples(DATA.x, y, DATA.z)).state_dict()
        for y in (DATA.y, DATA.y.bool(), DATA.y.long(), DATA.y.double().numpy(), DATA.y[:, None])
    ]
    for other in states[1:]:
        assert all(torch.equal(value, other[key]) for key, value in states[0].items())


def test_whole_features_are_numbers_and_tokens_of_a_network_that_embeds():
    x = torch.randint(0, 9, (80, FEATURES))
    embedding = nn.Sequential(nn.Embedding(9, 4), nn.Flatten(), nn.Linear(4 * FEATURES, 1))
    for network in (embedding, nn.Linear(FEATURES, 1)):
        parts = ModelComponents(network, BinaryTask(), (), CLUSTERS)
        method = train(Conventional(parts, ConventionalSettings()), Samples(x, DATA.y, DATA.z))
        assert method.predict(x.numpy(), DATA.z)["fixed"].shape == (80,)


REFUSED = {
    "class weights of a continuous outcome": (
        lambda: train(make("conventional", task=ContinuousTask()), class_weights=True), "class_weights is"),
    "one cluster in meta-learning": (
        lambda: train(make("mldg"), Samples(DATA.x, DATA.y, DATA.z * 0)), "Mldg was given .* one cluster"),
    "cluster beyond the model's": (
        lambda: train(make("armed"), Samples(DATA.x, DATA.y, DATA.z + 1)), "index 4 in a model of 4"),
    "weights over fewer clusters": (
        lambda: train(make("armed"), Samples(DATA.x, DATA.y, torch.zeros(80, 3))), "weights over 3 clusters"),
    "something else than samples": (
        lambda: train(make("armed"), [DATA.x, DATA.y, DATA.z]), "given a list; expected Samples"),
    "samples without a list": (
        lambda: fit([make("armed")], DATA, settings=QUICK, seeds=[0]), "given a Samples; expected a list"),
    "a seed without a list": (
        lambda: fit([make("armed")], [DATA], settings=QUICK, seeds=0), "given a int; expected a list"),
    "replicas of two methods": (
        lambda: fit([make("armed"), make("lmmnn")], [DATA, DATA], settings=QUICK, seeds=[0, 1]),
        "replicas are Armed.* and Lmmnn"),
    "replicas of two numbers of clusters": (
        lambda: fit([make("armed"), make("armed", clusters=5)], [DATA, DATA], settings=QUICK, seeds=[0, 1]),
        "4 clusters.* and Armed.* 5 clusters"),
    "no epoch": (lambda: train(make("armed"), epochs=0), "epochs is 0; expected a whole number"),
    "batches of nothing": (lambda: train(make("armed"), batch_size=0), "batch_size is 0; expected"),
    "no patience": (lambda: train(make("armed"), patience=0), "patience is 0; expected"),
    "negative step size": (lambda: train(make("armed"), learning_rate=-1.0), "learning_rate is -1.0; exp"),
    "no replica": (lambda: fit([], [], settings=QUICK, seeds=[]), "0 samples for 0 replicas"),
    "predict: a sample without its dimension": (
        lambda: make("armed").predict(DATA.x[0], DATA.z[0]), r"x has shape \(3,\); expected \(samples"),
    "predict: other lengths": (
        lambda: make("armed").predict(DATA.x, DATA.z[:3]), "x, z have 80, 3 samples"),
    "predict: cluster beyond the model's": (
        lambda: make("armed").predict(DATA.x, DATA.z + 1), "index 4 in a model of 4 clusters"),
    "predict: NaN": (
        lambda: make("armed").predict(DATA.x * np.nan, DATA.z), "x holds nan at row 0"),
} | {
    f"weights in {name}": (
        lambda name=name: train(make(name), soft(DATA)), "was given weights over clusters")
    for name in sorted(set(methods.available()) - set(SOFT))
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_trained_or_predicted_is_refused(case):
    run, message = REFUSED[case]
    with pytest.raises((DataError, ConfigError), match=message):
        run()


def soft(data):
    return Samples(data.x, data.y, nn.functional.one_hot(data.z, CLUSTERS).float())


@pytest.mark.parametrize("name", SOFT)
def test_certain_weights_train_as_the_clusters_themselves(name):
    hard, weights = (train(make(name), data).state_dict() for data in (DATA, soft(DATA)))
    for key, value in hard.items():
        torch.testing.assert_close(weights[key], value, rtol=1e-4, atol=1e-5)


def test_mean_kl_of_weights_has_the_full_sum_as_its_expectation():
    z = torch.softmax(torch.randn(50, CLUSTERS), 1) * 0.9
    z[:, 2] = 0
    divergence = torch.tensor([0.3, 1.0, 99.0, 0.1])
    scale = Samples(torch.zeros(50, 1), torch.zeros(50), z).kl_scale()
    assert (scale @ divergence).mean().item() == pytest.approx(1.4)


@pytest.mark.parametrize("name", SOFT)
def test_a_sample_without_cluster_has_no_effect_and_trains_none(name):
    codes = DATA.z.numpy().copy()
    codes[codes == 3] = -1
    sites = pd.Categorical.from_codes(codes, categories=list("abcd"))
    method = train(make(name, clusters=CLUSTERS), Samples(DATA.x, DATA.y, sites))
    scores = method.predict(DATA.x, sites)
    unknown = torch.from_numpy(codes == -1)
    mixed = scores.get("mixed", scores["fixed"])
    assert torch.allclose(mixed[unknown], scores["fixed"][unknown])
    for mean, _ in method.random_effects().values():
        assert (mean[3] == 0).all()
        # A hidden feature that is never active has no effect in any cluster.
        assert (mean[:3] != 0).any(1).all()


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"weight_decay": -0.1}, "weight_decay is -0.1; expected a number from 0"),
        ({"schedule": "cosine"}, "schedule is 'cosine'; expected constant or one_cycle"),
        (
            {"augmentation": AugmentationSettings()},
            r"samples have shape \(40, 3\); expected square",
        ),
    ],
)
def test_settings_that_cannot_be_are_refused(wrong, message):
    with pytest.raises(ConfigError, match=message):
        fit([make("conventional")], [clustered(40)], settings=FitSettings(**wrong), seeds=[0])


def test_every_replica_needs_a_seed():
    replicas = [make("conventional", seed=seed) for seed in (1, 2)]
    with pytest.raises(ConfigError, match="1 seeds for 2 replicas"):
        fit(replicas, [DATA, DATA], settings=QUICK, seeds=[1])


def without_the_last(**settings):
    """Train on three clusters; what the monitor is given of the samples of the fourth."""
    kept, lost = (Samples(DATA.x[at], DATA.y[at], DATA.z[at]) for at in (DATA.z < 3, DATA.z == 3))
    method, scored = make("armed"), []
    fit(
        [method], [kept], settings=FitSettings(epochs=1, learning_rate=0.1, **settings), seeds=[0],
        validation=[lost], monitor=lambda _, score: scored.append(score) or 0.0,
    )  # fmt: skip
    return method, lost, scored


def test_early_stopping_knows_no_effect_of_a_cluster_without_training_samples():
    method, lost, (score,) = without_the_last(patience=1)
    with torch.no_grad():
        fixed = method.predict(lost.x, lost.z)["fixed"]
    np.testing.assert_allclose(score, fixed.numpy(), rtol=1e-5)


def test_decay_by_the_optimizer_leaves_an_absent_cluster_its_prior():
    method, *_ = without_the_last(optimizer="ASGD")
    mean, sd = (each[3].item() for each in method.random_effects()["intercept"])
    assert mean == 0
    assert sd == pytest.approx(0.5)
