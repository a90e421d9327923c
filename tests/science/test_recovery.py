"""Small simulated truths that the methods must find."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import cross_val_score
from torch import nn

from armed.data.samples import Samples
from armed.methods import load
from armed.methods.base import Method, ModelComponents
from armed.tasks.outcomes import BinaryTask
from armed.training.fit import FitSettings, fit
from small_models import Net, make


def build(name: str, *, features: int, slope_sd=0.0, intercept_sd=0.5, **given) -> Method:
    effects = {"intercept": intercept_sd} | ({"input": slope_sd} if slope_sd else {})
    net = {"features": features, "activations": (nn.ReLU, nn.ReLU)}
    return make(name, net=net, effects=effects, adversary=(16,), **given)


def logistic_mixed_model(*, clusters, each, intercept_sd, slope_sd=0.0, seed=0):
    """Samples, intercepts (clusters,) and slopes (clusters, 2) of their law."""
    rng = np.random.default_rng(seed)
    z = np.tile(np.arange(clusters), each)
    x = rng.normal(size=(len(z), 2))
    intercepts = intercept_sd * rng.normal(size=clusters)
    slopes = np.array([1.0, -0.7]) + slope_sd * rng.normal(size=(clusters, 2))
    linear = intercepts[z] + (x * slopes[z]).sum(1)
    y = rng.random(len(z)) < 1 / (1 + np.exp(-linear))
    columns = (x.astype(np.float32), y.astype(np.float32), z)
    return Samples(*map(torch.from_numpy, columns)), intercepts, slopes


def test_armed_recovers_simulated_random_intercepts():
    data, intercepts, _ = logistic_mixed_model(clusters=30, each=60, intercept_sd=1.0)
    method = build(
        "armed", features=2, widths=(8, 8), clusters=30, intercept_sd=1.0, adversary_weight=0.1
    )
    settings = FitSettings(epochs=30, batch_size=150, learning_rate=0.02)
    fit([method], [data], settings=settings, seeds=[0])
    learned, _ = method.random_effects()["intercept"]
    assert np.corrcoef(learned[:, 0], intercepts)[0, 1] > 0.7


def test_armed_recovers_simulated_random_slopes():
    data, _, slopes = logistic_mixed_model(clusters=20, each=150, intercept_sd=0.3, slope_sd=1.0)
    method = build(
        "armed", features=2, widths=(8, 8), clusters=20, slope_sd=1.0, adversary_weight=0.1
    )
    settings = FitSettings(epochs=20, batch_size=200, learning_rate=0.02)
    fit([method], [data], settings=settings, seeds=[0])
    learned, _ = method.random_effects()["linear_slope"]
    for feature in range(2):
        assert np.corrcoef(learned[:, feature], slopes[:, feature])[0, 1] > 0.7


@pytest.fixture(scope="module")
def confounded() -> tuple[Samples, Samples]:
    """The outcome hangs on the first two features; the third to fifth tell the cluster."""
    rng = np.random.default_rng(1)
    centres = rng.normal(size=(6, 3))
    halves = []
    for _ in range(2):
        z = np.tile(np.arange(6), 200)
        x = rng.normal(size=(len(z), 2))
        told = centres[z] + 0.3 * rng.normal(size=(len(z), 3))
        tilt = 1.5 * centres[z, 0]
        y = rng.random(len(z)) < 1 / (1 + np.exp(-(2 * x[:, 0] - x[:, 1] + tilt)))
        columns = (np.hstack([x, told]).astype(np.float32), y.astype(np.float32), z)
        halves.append(Samples(*map(torch.from_numpy, columns)))
    return halves[0], halves[1]


def cluster_accuracy(network: Net, data: Samples) -> float:
    """Accuracy of a classifier of the cluster trained afterwards on the last hidden features."""
    with torch.no_grad():
        hidden = network.hidden(data.x)[1].numpy()
    return cross_val_score(LogisticRegression(max_iter=500), hidden, data.z.numpy(), cv=3).mean()


@pytest.mark.parametrize("name", ["armed", "domain_adversarial"])
def test_the_adversary_hides_the_cluster_from_a_later_classifier(name, confounded):
    train, test = confounded
    settings = FitSettings(epochs=25, batch_size=120, learning_rate=0.01)
    shape = {"features": 5, "widths": (12, 8), "clusters": 6}
    methods = [
        build("conventional", **shape),
        build(name, **shape, adversary_weight=1.0),
        build(name, **shape, adversary_weight=1e-6),
    ]
    for method in methods:
        fit([method], [train], settings=settings, seeds=[0])
    networks = [getattr(m, "mixed", m).network for m in methods]
    conventional, hidden, told = (cluster_accuracy(network, test) for network in networks)
    assert hidden < conventional - 0.1
    assert hidden < told - 0.1
    with torch.no_grad():
        score = methods[1].predict(test.x, test.z)["fixed"]
    assert roc_auc_score(test.y, score) > 0.7


@pytest.mark.parametrize("name", ["armed", "menet"])
def test_mixed_scores_beat_fixed_ones_where_slopes_differ_much(name):
    data, *_ = logistic_mixed_model(clusters=12, each=250, intercept_sd=0.2, slope_sd=2.0)
    train, test = (
        Samples(*(part[half] for part in (data.x, data.y, data.z)))
        for half in (slice(1500), slice(1500, None))
    )
    given = {"slope_sd": 2.0, "adversary_weight": 0.1} if name == "armed" else {}
    method = build(name, features=2, widths=(12, 12), clusters=12, **given)
    settings = FitSettings(epochs=25, batch_size=120, learning_rate=0.02)
    fit([method], [train], settings=settings, seeds=[0])
    with torch.no_grad():
        scores = method.predict(test.x, test.z)
    fixed, mixed = (roc_auc_score(test.y, scores[effect]) for effect in ("fixed", "mixed"))
    assert mixed > fixed + 0.05


def test_the_intercept_of_lmmnn_lies_where_the_glmm_has_it():
    """Same model, other algorithm: GPBoost's Laplace approximation of a logistic mixed model."""
    gpboost = pytest.importorskip("gpboost")
    data, *_ = logistic_mixed_model(clusters=40, each=40, intercept_sd=1.0)
    method = load("lmmnn")(
        ModelComponents(nn.Sequential(nn.Linear(2, 1)), BinaryTask(), (), clusters=40),
        load("lmmnn").Settings(),
    )
    settings = FitSettings(epochs=25, batch_size=200, learning_rate=0.02)
    fit([method], [data], settings=settings, seeds=[0])
    x, y, z = (part.numpy().astype(float) for part in (data.x, data.y, data.z))
    glmm = gpboost.GPModel(group_data=z, likelihood="bernoulli_logit")
    glmm.fit(y=y, X=np.column_stack([np.ones(len(y)), x]))
    modes = np.ravel(glmm.predict_training_data_random_effects())
    by_cluster = np.array([modes[z == k][0] for k in range(40)])
    np.testing.assert_allclose(method.effects.mean[:, 0], by_cluster, atol=0.15)
    sd = method.effects.prior_root.item()
    assert sd == pytest.approx(np.sqrt(np.ravel(glmm.get_cov_pars())[0]), rel=0.15)
