import dataclasses

import numpy as np
import pytest
import torch
from scipy import stats

from armed.inference.blocks.terms import EffectsTerm
from armed.summaries.components import effects_by_cluster, singular_effects, variance_components
from armed.summaries.fitted import FittedModel
from armed.summaries.information import _inverse, information, variance_interval
from armed.summaries.shares import shares_by_factor, variance_shares
from armed.summaries.text import summary
from armed.tasks.outcomes import BinaryTask, ContinuousTask
from fitted_models import fitted_model, one_way
from mixed_data import tensor

SLOPES = [[1.0, 0.3], [0.3, 0.5]]


def dense_information(fitted):
    """tr(V^-1 dV V^-1 dV) / 2 of whole matrices, in entries of each D and the residual variance."""
    v, directions = float(fitted.noise) * np.eye(len(fitted.model.y)), []
    for term, covariance in zip(fitted.model.terms, fitted.covariances, strict=True):
        z = np.zeros((len(term.design), term.clusters * term.size))
        for i, (k, row) in enumerate(zip(term.index, term.design, strict=True)):
            z[i, int(k) * term.size : (int(k) + 1) * term.size] = row
        eye = np.eye(term.clusters)
        v = v + z @ np.kron(eye, covariance) @ z.T
        for a in range(term.size):
            for b in range(a + 1):
                if a == b or term.correlated:
                    unit = np.zeros((term.size, term.size))
                    unit[a, b] = unit[b, a] = 1
                    directions.append(z @ np.kron(eye, unit) @ z.T)
    directions.append(np.eye(len(v)))
    solved = [np.linalg.solve(v, each) for each in directions]
    return np.array([[np.trace(p @ q) / 2 for q in solved] for p in solved])


def crossed() -> FittedModel:
    """Effects of 8 clusters, an intercept and a slope, crossed with intercepts of 5 others."""
    fitted = fitted_model(covariance=SLOPES, clusters=8, samples=90)
    (term,) = fitted.model.terms
    index = torch.from_numpy(np.random.default_rng(0).integers(0, 5, 90))
    other = EffectsTerm(torch.ones_like(term.design[:, :1]), index, 5, name="other")
    return dataclasses.replace(
        fitted,
        model=dataclasses.replace(fitted.model, terms=[term, other]),
        covariances=[*fitted.covariances, tensor([[0.4]])],
        effects=[*fitted.effects, tensor(np.zeros((5, 1)))],
        effect_covariances=[*fitted.effect_covariances, tensor(np.full((5, 1, 1), 0.1))],
        names=[*fitted.names, ("intercept",)],
        clusters=[*fitted.clusters, tuple("abcde")],
    )


@pytest.mark.parametrize("correlated", [True, False])
def test_gaussian_information_is_that_of_whole_covariance_matrices(correlated):
    given = {"covariance": SLOPES, "clusters": 8, "samples": 90, "correlated": correlated}
    fitted = fitted_model(**given)
    expected = np.linalg.inv(dense_information(fitted))
    np.testing.assert_allclose(information(fitted).covariance, expected, rtol=1e-6)


def test_variance_of_several_effects_is_told_by_all_of_them():
    fitted = fitted_model(covariance=SLOPES, clusters=8, samples=90, correlated=False)
    (term,) = fitted.model.terms
    shared = dataclasses.replace(term, variance_of=torch.tensor([0, 0]))
    fitted = dataclasses.replace(fitted, model=dataclasses.replace(fitted.model, terms=[shared]))
    parts = dense_information(fitted)
    together = np.array([[1, 1, 0], [0, 0, 1]])
    expected = np.linalg.inv(together @ parts @ together.T)
    found = information(fitted)
    np.testing.assert_allclose(found.covariance, expected, rtol=1e-6)
    # what the interval goes by is the same information, were the residual variance known
    told = float(found.own[0].square().sum()) / 2
    assert told == pytest.approx((together @ parts @ together.T)[0, 0])


@pytest.mark.parametrize("variance", [0.0, 0.05, 1.0])
def test_one_way_intervals_cover_as_often_as_they_say(variance):
    rng, clusters, count, covered = np.random.default_rng(1), 15, 6, []
    for _ in range(1000):
        # means of clusters with a known residual variance of 1, whose estimate is in closed form
        means = rng.normal(0, np.sqrt(variance + 1 / count), clusters)
        estimate = max(np.mean(means**2) - 1 / count, 0.0)
        told = tensor(np.full(clusters, 1 / (estimate + 1 / count)))
        known = 2 * (estimate + 1 / count) ** 2 / clusters
        low, high = variance_interval(estimate, told, 1.0, known, 0.9)
        covered.append(low <= variance <= high)
    # An estimate of 0, where the mean of squares lies below that of a variance of 0, has a wider one.
    assert 0.88 < np.mean(covered) < (0.92 if variance == 1 else 1.01)


def test_one_way_interval_is_that_of_the_likelihood_ratio():
    rng = np.random.default_rng(0)
    fitted = one_way(rng.normal(size=(12, 5)) + 0.8 * rng.normal(size=12)[:, None])
    estimate, noise = float(fitted.covariances[0]), float(fitted.noise)
    told = tensor(np.full(12, 1 / (estimate + noise / 5)))
    known = 2 / float(told.square().sum())
    for end in variance_interval(estimate, told, 1.0, known, 0.95):
        ratio = (end + noise / 5) / (estimate + noise / 5)
        assert 12 * (np.log(ratio) + 1 / ratio - 1) == pytest.approx(
            stats.chi2.ppf(0.95, 1), rel=1e-4
        )


def test_effect_that_multiplies_zeros_may_have_any_variance():
    assert variance_interval(0.0, torch.zeros(5), 1.0, 1.0, 0.95) == (0.0, float("inf"))


def test_binary_information_predicts_the_spread_of_estimates():
    found = [fitted_model(BinaryTask(), clusters=60, samples=1800, seed=s) for s in range(12)]
    spread = np.std([float(each.covariances[0]) for each in found], ddof=1)
    said = np.mean([float(information(each).covariance[0, 0]) for each in found]) ** 0.5
    # 12 draws tell a standard deviation within a factor of 1.9 in 99 % of cases
    assert 1 / 1.9 < spread / said < 1.9


def test_information_of_crossed_factors_is_that_of_whole_covariance_matrices():
    fitted = crossed()
    expected = np.linalg.inv(dense_information(fitted))
    found = information(fitted)
    np.testing.assert_allclose(found.covariance, expected, rtol=1e-6)
    table = variance_components(fitted)
    assert table["group"] == ["cluster"] * 3 + ["other", "Residual"]
    place = found.place(0, term=1)
    error = float(found.covariance[place, place]) ** 0.5 / (2 * 0.4**0.5)
    assert table["std.error"][3] == pytest.approx(error)
    assert 0 <= table["conf.low"][3] < 0.4**0.5 < table["conf.high"][3]
    assert effects_by_cluster(fitted)["level"][-1] == "e"
    shares, whole = shares_by_factor(fitted), variance_shares(fitted)
    assert sum(shares.values()) == pytest.approx(whole["ICC_adjusted"])
    assert shares["other"] == pytest.approx(0.4 / (whole["var.random"] + whole["var.residual"]))
    assert singular_effects(fitted) == []
    assert "groups: cluster, 8, other, 5" in summary(fitted)


def test_too_many_parameters_have_no_information():
    fitted = fitted_model(ContinuousTask())
    (term,) = fitted.model.terms
    wide = dataclasses.replace(term, design=term.design.repeat(1, 30))
    assert (
        information(
            dataclasses.replace(fitted, model=dataclasses.replace(fitted.model, terms=[wide]))
        )
        is None
    )


def test_parameters_that_nothing_tells_apart_have_large_variances_and_no_negative_ones():
    # Two effects of nearly one column, and one that multiplies zeros.
    draw = torch.Generator().manual_seed(0)
    x = torch.randn(30, 3, generator=draw, dtype=torch.float64)
    columns = torch.cat([x, x[:, :1] + 1e-9 * x[:, 1:2], 0 * x[:, :1]], 1)
    found = _inverse(columns.T @ columns)
    assert (torch.linalg.eigvalsh(found) > 0).all()
    assert found[0, 0] > 1e6 * found[1, 1]
    torch.testing.assert_close(
        found[1:3, 1:3],
        torch.linalg.inv(columns.T @ columns + 1e-9 * torch.eye(5))[1:3, 1:3],
        rtol=1e-3,
        atol=1e-6,
    )
