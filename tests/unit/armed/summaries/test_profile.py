import dataclasses

import numpy as np
import pytest
import torch
from scipy import optimize, stats

from armed.errors import ConfigError
from armed.inference.blocks.terms import EffectsTerm
from armed.inference.estimate import estimate
from armed.summaries.components import variance_components
from armed.summaries.fitted import fitted_estimate
from armed.summaries.profile import profile_intervals
from armed.tasks.outcomes import BinaryTask, ContinuousTask
from fitted_models import fitted_model, one_way
from mixed_data import tensor


def one_way_profile(y, level=0.95):
    """Ends of the s.d. between clusters; of the residual variance the best one counts."""
    k, n = y.shape
    within, between = ((y - y.mean(1, keepdims=True)) ** 2).sum(), n * (y.mean(1) ** 2).sum()

    def deviance(tau, noise):
        whole = noise + n * tau**2
        return k * (n - 1) * np.log(noise) + within / noise + k * np.log(whole) + between / whole

    def profiled(tau):
        return optimize.minimize_scalar(
            lambda log: deviance(tau, np.exp(log)), bounds=(-6, 6), method="bounded",
            options={"xatol": 1e-10},
        ).fun  # fmt: skip

    best = optimize.minimize_scalar(
        profiled, bounds=(0, 9), method="bounded", options={"xatol": 1e-9}
    )
    limit = best.fun + stats.chi2.ppf(level, 1)
    high = optimize.brentq(lambda tau: profiled(tau) - limit, best.x, 20)
    low = (
        0.0 if profiled(0.0) < limit else optimize.brentq(lambda t: profiled(t) - limit, 0, best.x)
    )
    return low, high


@pytest.mark.parametrize("sd", [0.0, 1.0])
def test_one_way_interval_is_that_of_the_closed_form(sd):
    rng = np.random.default_rng(5)
    y = rng.normal(size=(10, 4)) + sd * rng.normal(size=10)[:, None]
    found = profile_intervals(one_way(y))["cluster", "sd__intercept"]
    assert found == pytest.approx(one_way_profile(y), rel=1e-3)
    assert (found[0] == 0) == (sd == 0)


def test_binary_interval_is_that_of_a_direct_likelihood():
    fitted = fitted_model(BinaryTask(), clusters=30, samples=600)
    model, (term,) = fitted.model, fitted.model.terms
    at, mass = np.polynomial.hermite_e.hermegauss(80)
    x, y, z = model.fixed.design.numpy(), model.y.numpy(), term.index.numpy()

    def deviance(b, sd):
        eta = (x @ b)[:, None] + sd * at
        each = np.where(y[:, None] == 1, -np.logaddexp(0, -eta), -np.logaddexp(0, eta))
        total = np.zeros((term.clusters, len(at)))
        np.add.at(total, z, each)
        return -2 * np.log(np.exp(total) @ mass / np.sqrt(2 * np.pi)).sum()

    def profiled(sd):
        return optimize.minimize(deviance, fitted.fixed.numpy(), args=(sd,), method="BFGS").fun

    best = profiled(float(fitted.covariances[0]) ** 0.5)
    for end in profile_intervals(fitted)["cluster", "sd__intercept"]:
        assert profiled(end) - best == pytest.approx(stats.chi2.ppf(0.95, 1), rel=0.02)


def test_crossed_terms_have_intervals_around_their_estimates():
    fitted = fitted_model(ContinuousTask(), clusters=20, samples=300)
    rng, one = np.random.default_rng(2), torch.ones(300, 1, dtype=torch.float64)
    other = EffectsTerm(one, tensor(rng.integers(0, 8, 300)), 8, name="rater")
    y = fitted.model.y + tensor(rng.normal(size=8))[other.index]
    model = dataclasses.replace(fitted.model, y=y, terms=[*fitted.model.terms, other])
    table = variance_components(fitted_estimate(model, estimate(model)), method="profile")
    assert table["group"] == ["cluster", "rater", "Residual"]
    ends = np.array([table[name] for name in ("conf.low", "estimate", "conf.high")])
    assert (np.diff(ends, axis=0) > 0).all()
    assert ends[0, 1] < 1 < ends[2, 1]


def test_variances_that_are_not_the_best_ones_have_no_profile():
    fitted = dataclasses.replace(fitted_model(ContinuousTask()), converged=False)
    with pytest.raises(ConfigError, match="ask for method 'information'"):
        profile_intervals(fitted)
