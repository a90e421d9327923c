"""Scores and intervals of samples whose cluster was not in training."""

import numpy as np
import pandas as pd
import pytest
import torch
from scipy.integrate import quad
from scipy.special import expit
from scipy.stats import norm

from armed.data.samples import Samples
from armed.errors import DataError
from armed.prediction.intervals import rate_intervals, sample_intervals
from armed.prediction.new_clusters import predict_new
from armed.tasks.outcomes import BinaryTask, ContinuousTask, CountTask
from refusals import refused
from small_models import FEATURES, make

CLUSTERS = 3000
"""So many that an estimated variance is as good as a known one."""
TASKS = {"binary": BinaryTask(), "continuous": ContinuousTask(), "count": CountTask()}


def model(task="binary", *, sd=1.0, noise=1.0, effects=("intercept",)):
    """Method whose effects have one standard deviation, as if they had been estimated so."""
    method = make(
        "armed", task=TASKS[task], estimated=True, adversary_weight=0.0,
        effects=dict.fromkeys(effects, 0.5), clusters=CLUSTERS,
    ).eval()  # fmt: skip
    with torch.no_grad():
        known = method.effects
        known.prior_root.copy_(sd * torch.eye(len(known.prior_root)))
        known.noise.fill_(noise)
        known.center.copy_(torch.linspace(0.3, 0.6, len(known.center)))
    return method


def rows(count, seed=0):
    return torch.randn(count, FEATURES, generator=torch.Generator().manual_seed(seed))


def predictor(method, x):
    """Fixed linear predictor (samples,), the mean of the effects included."""
    with torch.no_grad():
        nobody = torch.zeros(len(x), CLUSTERS)
        return method.linear_predictor(x, nobody)["fixed"][:, 0].double().numpy()


def draws(method, x, z, seed=0):
    """Outcome and expected outcome of samples (n,) whose clusters have intercepts of the prior's s.d."""
    rng = np.random.default_rng(seed)
    sd = float(method.effects.prior_root[0, 0])
    eta = predictor(method, x) + sd * rng.normal(size=int(z.max()) + 1)[z.numpy()]
    if isinstance(method.task, ContinuousTask):
        return eta + float(method.effects.noise) ** 0.5 * rng.normal(size=len(eta)), eta
    if isinstance(method.task, CountTask):
        return rng.poisson(np.exp(eta)).astype(np.float32), np.exp(eta)
    return (rng.random(len(eta)) < expit(eta)).astype(np.float32), expit(eta)


def test_without_labelled_samples_a_score_is_the_integral_over_the_prior():
    method, x = model(sd=1.5), rows(3)
    for eta, score in zip(predictor(method, x), predict_new(method, x), strict=True):
        integral, _ = quad(lambda u, at=eta: expit(at + 1.5 * u) * norm.pdf(u), -10, 10)
        assert float(score) == pytest.approx(integral, abs=1e-6)


def test_new_clusters_have_the_calibrated_predictor_of_a_cross_fitted_network():
    method, x = model(sd=1.5), rows(3)
    with torch.no_grad():
        method.calibration.copy_(torch.tensor([0.4, 0.5, 1.2, 0.0]))
    for eta, score in zip(predictor(method, x), predict_new(method, x), strict=True):
        integral, _ = quad(
            lambda u, at=eta: expit(0.4 + 0.5 * at + 1.5 / 1.2 * u) * norm.pdf(u), -10, 10
        )
        assert float(score) == pytest.approx(integral, abs=1e-6)


def test_slopes_widen_the_predictor_of_a_sample_by_its_own_features():
    method, x = model("count", sd=0.4, effects=("intercept", "input")), rows(5)
    variance = 0.16 * (1 + x.double().square().sum(1).numpy())
    expected = np.exp(predictor(method, x) + variance / 2)
    np.testing.assert_allclose(predict_new(method, x), expected, rtol=1e-5)


def test_labelled_continuous_samples_give_the_shrunk_mean_of_their_residuals():
    method, x, new = model("continuous", sd=1.2, noise=0.5), rows(7), rows(4, seed=1)
    y, z = torch.linspace(-1, 3, 7), torch.tensor([0, 0, 0, 0, 0, 1, 1])
    found = predict_new(method, new, [0, 0, 1, 2], support=Samples(x, y, z))
    residual = y.numpy() - predictor(method, x)
    effect = [
        1.44 * size / (1.44 * size + 0.5) * residual[z.numpy() == k].mean()
        for k, size in ((0, 5), (1, 2))
    ]
    expected = predictor(method, new) + np.array([effect[0], effect[0], effect[1], 0.0])
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_labelled_binary_samples_give_the_score_of_the_exact_posterior():
    method, x, new = model(sd=2.0), rows(4), rows(2, seed=1)
    y = torch.tensor([1.0, 1.0, 1.0, 0.0])
    found = predict_new(method, new, [0, 0], support=Samples(x, y, [0, 0, 0, 0]))

    def joint(u, eta):
        p = expit(predictor(method, x) + u)
        return norm.pdf(u, scale=2) * np.prod(np.where(y == 1, p, 1 - p)) * expit(eta + u)

    total, _ = quad(joint, -20, 20, args=(40.0,))
    for eta, score in zip(predictor(method, new), found, strict=True):
        exact = quad(joint, -20, 20, args=(eta,))[0] / total
        # moments are exact, a Gaussian of them is nearly so
        assert float(score) == pytest.approx(exact, abs=5e-3)


@pytest.mark.parametrize("task", TASKS)
def test_a_cluster_without_labelled_samples_has_the_prior(task):
    method, x = model(task, effects=("intercept", "input", "hidden")), rows(6)
    support = Samples(x, torch.tensor([0, 1, 1, 0, 1, 0]), [1] * 6)
    found = predict_new(method, x, [0, 0, 0, 1, 1, 1], support=support)
    marginal = predict_new(method, x)
    torch.testing.assert_close(found[:3], marginal[:3])
    assert (found[3:] != marginal[3:]).all()


def test_where_clusters_do_not_differ_labelled_samples_change_nothing():
    method, x = model(sd=0.0), rows(5)
    found = predict_new(method, x, [0] * 5, support=Samples(x, [1, 1, 1, 1, 1], [0] * 5))
    np.testing.assert_allclose(found, expit(predictor(method, x)), atol=1e-6)


def test_prediction_changes_nothing_of_the_model():
    method, x = model().train(), rows(5)
    before = {name: value.clone() for name, value in method.state_dict().items()}
    predict_new(method, x, [0] * 5, support=Samples(x, [1, 0, 1, 1, 1], [0] * 5))
    assert method.training
    assert all(torch.equal(value, before[name]) for name, value in method.state_dict().items())


def test_categories_of_new_clusters_are_those_of_the_labelled_samples():
    method, x = model(), rows(4)
    z = pd.Categorical(["B", "B", "A", "A"], categories=["A", "B"])
    found = predict_new(method, x, z, support=Samples(x[:2], [1, 1], z[:2]))
    torch.testing.assert_close(
        found, predict_new(method, x, [1, 1, 0, 0], support=Samples(x[:2], [1, 1], [1, 1]))
    )
    other = pd.Categorical(["C"] * 4)
    with pytest.raises(DataError, match="categories"):
        predict_new(method, x, other, support=Samples(x[:2], [1, 1], z[:2]))


def test_rate_of_an_intercept_lies_between_the_scores_at_its_quantiles():
    method, x = model(sd=0.8), rows(30)
    z = torch.arange(30) % 3
    ends = 0.8 * norm.ppf([0.05, 0.95])
    score = expit(predictor(method, x)[:, None] + ends)
    expected = [score[z == k].mean(0) for k in range(3)]
    np.testing.assert_allclose(rate_intervals(method, x, z), expected, atol=2e-3)


def covers(ends, values) -> float:
    low, high = np.asarray(ends, dtype=float).T
    return float(((low <= values) & (values <= high)).mean())


@pytest.mark.parametrize("shots", [0, 5])
@pytest.mark.parametrize("task", TASKS)
def test_rates_of_new_clusters_are_covered_as_often_as_asked_for(task, shots):
    method, clusters = model(task, sd=0.9), 1500
    x, z = rows(20 * clusters), torch.arange(clusters).repeat_interleave(20)
    y, score = draws(method, x, z)
    # the interval is of the samples after the labelled ones
    rest = torch.arange(len(z)) % 20 >= shots
    support = None
    if shots:
        own = ~rest
        support = Samples(x[own], torch.from_numpy(y)[own].float(), z[own])
    ends = rate_intervals(method, x[rest], z[rest], support=support)
    rate = np.bincount(z[rest], score[rest.numpy()]) / np.bincount(z[rest])
    assert 0.88 < covers(ends, rate) < 0.92


@pytest.mark.parametrize("shots", [0, 3])
def test_new_continuous_samples_are_covered_as_often_as_asked_for(shots):
    method, clusters = model("continuous", sd=0.9, noise=0.6), 3000
    x, z = rows(5 * clusters), torch.arange(clusters).repeat_interleave(5)
    y, _ = draws(method, x, z)
    y, rest = torch.from_numpy(y).float(), torch.arange(len(z)) % 5 >= shots
    support = Samples(x[~rest], y[~rest], z[~rest]) if shots else None
    ends = sample_intervals(method, x[rest], z[rest], support=support)
    assert 0.89 < covers(ends, y[rest].numpy()) < 0.91
    if shots:
        assert (ends[:, 1] - ends[:, 0]).max() < 4.0  # of the prior: 2 * 1.645 * sqrt(0.81 + 0.6)


def halves(method, clusters, seed=0):
    """Calibration samples and new ones, with their expected outcome, of clusters twice as far apart."""
    x, z = rows(10 * clusters, seed), torch.arange(clusters).repeat_interleave(10)
    with torch.no_grad():
        method.effects.prior_root.mul_(2)
        y, _ = draws(method, x, z, seed)
        method.effects.prior_root.div_(2)
    first = z < clusters // 2
    own = torch.from_numpy(y).float()
    calibration = Samples(x[first], own[first], z[first])
    return calibration, x[~first], z[~first] - clusters // 2, own[~first].numpy()


def test_calibration_makes_a_wrong_models_intervals_of_samples_right():
    method, plain, calibrated = model("continuous", sd=0.7, noise=0.2), [], []
    for seed in range(8):
        calibration, x, z, y = halves(method, 1000, seed)
        plain.append(covers(sample_intervals(method, x, z), y))
        calibrated.append(covers(sample_intervals(method, x, z, calibration=calibration), y))
    assert np.mean(plain) < 0.75
    assert 0.885 < np.mean(calibrated) < 0.915


def test_calibration_makes_a_wrong_models_intervals_of_rates_right():
    method, plain, calibrated = model(sd=0.4), [], []
    for seed in range(4):
        calibration, x, z, y = halves(method, 1000, seed)
        observed = np.bincount(z, y) / np.bincount(z)
        plain.append(covers(rate_intervals(method, x, z), observed))
        calibrated.append(covers(rate_intervals(method, x, z, calibration=calibration), observed))
    # shares of ten samples are coarse: the interval covers more
    assert np.mean(plain) < 0.75
    assert 0.885 < np.mean(calibrated) < 0.95


@pytest.mark.parametrize(
    ("problem", "act"),
    {
        "Conventional has no random effects of estimated variance": lambda method, x, support: (
            predict_new(make("conventional"), x)
        ),
        "z holds weights over clusters": lambda method, x, support: predict_new(
            method, x, torch.full((4, 2), 0.5)
        ),
        "x, z have 4, 1 samples": lambda method, x, support: predict_new(method, x, [0]),
        "support.z holds -1": lambda method, x, support: predict_new(
            method, x, [0] * 4, support=Samples(x, support.y, np.array([0, 0, 0, np.nan]))
        ),
        "y holds 2": lambda method, x, support: predict_new(
            method, x, [0] * 4, support=Samples(x, [2, 0, 1, 1], [0] * 4)
        ),
        "has no residual variance": lambda method, x, support: sample_intervals(method, x),
        "level is 90": lambda method, x, support: rate_intervals(method, x, level=90),
        "no sample of cluster 1": lambda method, x, support: rate_intervals(
            method, x, [0, 0, 2, 2]
        ),
        "both support and calibration": lambda method, x, support: rate_intervals(
            method, x, support=support, calibration=support
        ),
        "there are 1 calibration clusters": lambda method, x, support: rate_intervals(
            method, x, calibration=support
        ),
    }.items(),
)
def test_what_cannot_be_predicted_is_refused_in_a_sentence(problem, act):
    with refused(problem):
        act(model(), rows(4), Samples(rows(4), [1, 0, 1, 1], [0] * 4))
