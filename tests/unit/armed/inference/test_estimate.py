from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch
from scipy import optimize
from statsmodels.regression.mixed_linear_model import MixedLM

from armed.errors import TrainingError
from armed.inference.blocks.terms import EffectsTerm
from armed.inference.estimate import estimate
from armed.inference.start import initial_state
from armed.nn.gaussians import standard_normal_nodes
from armed.tasks.outcomes import BinaryTask, ContinuousTask, CountTask
from mixed_data import simulated, tensor

SLOPES = [[1.0, 0.3], [0.3, 0.5]]


@pytest.mark.parametrize("restricted", [False, True])
@pytest.mark.parametrize("covariance", [1.0, SLOPES])
def test_gaussian_fit_is_that_of_statsmodels(restricted, covariance):
    model = replace(simulated(ContinuousTask(), covariance=covariance), restricted=restricted)
    term, fixed = model.terms[0], model.fixed.design.numpy()
    other = MixedLM(model.y.numpy(), fixed, term.index.numpy(), term.design.numpy())
    expected = other.fit(reml=restricted)
    found = estimate(model)
    assert found.converged
    np.testing.assert_allclose(found.covariances[0], expected.cov_re, rtol=2e-3, atol=2e-3)
    np.testing.assert_allclose(found.fixed, expected.fe_params, rtol=1e-3)
    assert float(found.noise) == pytest.approx(expected.scale, rel=1e-3)
    assert found.evidence == pytest.approx(expected.llf, abs=1e-3)
    effects = np.array([expected.random_effects[k] for k in range(term.clusters)])
    np.testing.assert_allclose(found.effects[0], effects, atol=1e-3)


def test_crossed_and_nested_factors_are_those_of_statsmodels():
    rng = np.random.default_rng(3)
    school, sex = rng.integers(0, 12, 400), rng.integers(0, 5, 400)
    room = 3 * school + rng.integers(0, 3, 400)
    y = rng.normal(size=400) + rng.normal(size=12)[school] + rng.normal(size=5)[sex]
    y = y + 0.7 * rng.normal(size=36)[room]
    one = torch.ones(400, 1, dtype=torch.float64)
    base = simulated(ContinuousTask(), samples=400)
    counts = {"room": (room, 36), "school": (school, 12), "sex": (sex, 5)}
    model = replace(
        base,
        y=tensor(y),
        terms=[
            EffectsTerm(one, tensor(codes), n, name=name) for name, (codes, n) in counts.items()
        ],
        fixed=replace(base.fixed, design=one),
        restricted=True,
    )
    table = pd.DataFrame({"y": y, "all": 1, **{name: codes for name, (codes, _) in counts.items()}})
    parts = {name: f"0 + C({name})" for name in counts}
    expected = MixedLM.from_formula("y ~ 1", table, groups="all", vc_formula=parts).fit()
    found = estimate(model)
    by_name = dict(zip(expected.model.exog_vc.names, expected.vcomp, strict=True))
    for name, covariance in zip(counts, found.covariances, strict=True):
        assert float(covariance) == pytest.approx(by_name[name], rel=0.01)
    assert float(found.noise) == pytest.approx(expected.scale, rel=1e-3)
    assert found.evidence == pytest.approx(expected.llf, abs=1e-3)


def marginal_fit(model) -> tuple[np.ndarray, float]:
    """Fixed effects and sd that maximise the likelihood, by a fine quadrature around the prior."""
    term, design = model.terms[0], model.fixed.design
    at, mass = standard_normal_nodes(120, model.y)

    def nll(values):
        fixed, sd = torch.tensor(values[:2]), abs(values[2])
        eta = (design @ fixed)[:, None] + sd * at
        each = model.task.log_likelihood(eta, model.y[:, None].expand_as(eta))
        by_cluster = torch.zeros(term.clusters, 120).double().index_add(0, term.index, each)
        return -float(torch.logsumexp(by_cluster + mass.log(), 1).sum())

    best = optimize.minimize(nll, [0.3, 0.7, 1.0], method="Nelder-Mead", tol=1e-9)
    return best.x, -best.fun


@pytest.mark.parametrize("task", [BinaryTask(), CountTask()], ids=["binary", "count"])
def test_fit_of_few_samples_a_cluster_maximises_the_exact_likelihood(task):
    model = simulated(task, clusters=100, samples=400, covariance=2.0 if task.has_classes else 0.5)
    (*fixed, sd), evidence = marginal_fit(model)
    found = estimate(model)
    assert found.evidence == pytest.approx(evidence, abs=1e-3)
    np.testing.assert_allclose(found.fixed, fixed, rtol=5e-3, atol=2e-3)
    assert float(found.covariances[0]) == pytest.approx(sd**2, rel=5e-3)


@pytest.mark.parametrize("task", [BinaryTask(), ContinuousTask(), CountTask()])
def test_estimate_does_not_depend_on_where_it_starts(task):
    model = simulated(task, clusters=20, samples=300, covariance=0.5)
    found = [
        float(estimate(model, start=initial_state(model, share=share)).covariances[0])
        for share in (0.05, 0.5, 2.0)
    ]
    assert max(found) / min(found) < 1.001


def test_estimate_does_not_depend_on_the_order_of_samples():
    model = simulated(BinaryTask(), clusters=20, samples=300)
    order = torch.randperm(300, generator=torch.Generator().manual_seed(0))
    term, fixed = model.terms[0], model.fixed
    shuffled = replace(
        model,
        y=model.y[order],
        terms=[replace(term, design=term.design[order], index=term.index[order])],
        fixed=replace(fixed, design=fixed.design[order]),
    )
    first, second = estimate(model), estimate(shuffled)
    torch.testing.assert_close(first.covariances, second.covariances, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("task", [BinaryTask(), ContinuousTask(), CountTask()])
def test_a_variance_of_zero_comes_out_near_zero(task):
    found = [estimate(simulated(task, covariance=0.0, samples=8000, seed=s)) for s in (1, 2, 4)]
    assert all(each.converged for each in found)
    assert max(float(each.covariances[0]) for each in found) < 0.02


def test_permuted_clusters_leave_no_variance():
    model = simulated(BinaryTask(), samples=2000, covariance=2.0)
    order = torch.randperm(2000, generator=torch.Generator().manual_seed(0))
    term = replace(model.terms[0], index=model.terms[0].index[order])
    assert float(estimate(model).covariances[0]) > 1
    assert float(estimate(replace(model, terms=[term])).covariances[0]) < 0.1


@pytest.mark.parametrize("task", [BinaryTask(), CountTask()], ids=["binary", "count"])
def test_gaussian_moments_do_where_clusters_have_many_samples(task):
    model = simulated(task, clusters=30, samples=1500)
    exact, bound = estimate(model), estimate(replace(model, exact=False))
    assert float(bound.covariances[0]) == pytest.approx(float(exact.covariances[0]), rel=0.02)
    assert bound.evidence <= exact.evidence + 1e-6


def test_recovery_of_variances_over_many_clusters():
    model = simulated(BinaryTask(), clusters=400, samples=12000, covariance=SLOPES)
    found = estimate(model).covariances[0]
    np.testing.assert_allclose(found, SLOPES, atol=0.2)


@pytest.mark.parametrize("flaw", ["not finite", "dependent"])
def test_a_model_that_has_no_estimate_is_refused(flaw):
    model = simulated(ContinuousTask())
    if flaw == "dependent":
        twice = model.fixed.design[:, [0, 1, 1]]
        model = replace(model, fixed=replace(model.fixed, design=twice))
    else:
        model = replace(model, offset=model.offset * float("nan"))
    with pytest.raises(TrainingError, match="check the designs for columns that depend"):
        estimate(model)
