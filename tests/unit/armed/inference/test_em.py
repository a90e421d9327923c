from dataclasses import replace
from itertools import pairwise

import pytest
import torch
from scipy import optimize

from armed.inference.blocks.terms import EffectsTerm, fixed_term
from armed.inference.em import em_round, expectation, maximisation
from armed.inference.estimate import estimate
from armed.inference.maximisation import _under_prior
from armed.inference.mixed_model import MixedModel
from armed.inference.start import initial_state
from armed.tasks.outcomes import BinaryTask, ContinuousTask, CountTask
from mixed_data import simulated

SLOPES = [[1.0, 0.3], [0.3, 0.5]]


@pytest.mark.parametrize("task", [BinaryTask(), ContinuousTask(), CountTask()])
@pytest.mark.parametrize("covariance", [1.0, SLOPES])
def test_no_round_lowers_the_evidence(task, covariance):
    model = simulated(task, clusters=10, samples=150, covariance=covariance)
    state, values = initial_state(model), []
    for _ in range(8):
        state, found = em_round(model, state, steps=20)
        values.append(float(found.evidence))
    assert min(later - earlier for earlier, later in pairwise(values)) > -1e-6
    assert values[-1] > values[0]


def test_evidence_of_a_gaussian_model_is_its_marginal_density():
    model = simulated(ContinuousTask(), clusters=6, samples=50, covariance=SLOPES)
    model = replace(model, fixed=None)
    state = initial_state(model)
    found = expectation(model, state, steps=1)
    term = model.terms[0].scaled(state.roots[0])
    same = (term.index[:, None] == term.index[None, :]).double()
    covariance = (term.design @ term.design.T) * same + state.noise * torch.eye(50)
    law = torch.distributions.MultivariateNormal(torch.zeros(50).double(), covariance)
    torch.testing.assert_close(found.evidence, law.log_prob(model.y))


def test_m_step_is_the_best_covariance_for_the_moments():
    model = simulated(ContinuousTask(), clusters=10, samples=150, covariance=SLOPES)
    state = initial_state(model)
    # with factors of 1: a gradient on them moves the covariance on
    found = expectation(model, state, steps=1)
    still = replace(found.factors, gradients=[torch.zeros(2).double()])
    found = replace(found, find_factors=lambda: still)
    root = state.roots[0]
    mean, covariance = found.means[0] @ root.T, root @ found.covariances[0] @ root.T
    second = (mean[:, :, None] * mean[:, None, :] + covariance).mean(0)

    def minus_bound(values):
        guess = torch.tensor([[values[0], 0.0], [values[1], values[2]]], dtype=torch.float64)
        precision = torch.linalg.inv(guess @ guess.T)
        return float(torch.logdet(guess @ guess.T) + (precision * second).sum())

    best = optimize.minimize(minus_bound, [1.0, 0.0, 1.0], method="Nelder-Mead", tol=1e-10).x
    expected = torch.tensor([[best[0], 0.0], [best[1], best[2]]], dtype=torch.float64)
    new = maximisation(model, found).roots[0]
    torch.testing.assert_close(new @ new.T, expected @ expected.T, atol=1e-4, rtol=1e-4)


def test_uncorrelated_effects_keep_a_diagonal_covariance():
    model = simulated(ContinuousTask(), covariance=SLOPES, correlated=False)
    covariance = estimate(model).covariances[0]
    assert covariance[0, 1] == 0
    assert (covariance.diagonal() > 0.2).all()


@pytest.mark.parametrize("task", [BinaryTask(), ContinuousTask()])
def test_a_sample_of_weight_two_counts_as_two(task):
    model = simulated(task, clusters=10, samples=150)
    twice = torch.cat([torch.arange(150), torch.arange(30)])
    weight = model.weight.clone()
    weight[:30] = 2
    term, fixed = model.terms[0], model.fixed
    doubled = replace(
        model,
        y=model.y[twice],
        offset=model.offset[twice],
        weight=model.weight[twice],
        terms=[replace(term, design=term.design[twice], index=term.index[twice])],
        fixed=replace(fixed, design=fixed.design[twice], index=fixed.index[twice]),
    )
    first, second = estimate(replace(model, weight=weight)), estimate(doubled)
    torch.testing.assert_close(first.covariances, second.covariances, rtol=1e-3, atol=1e-3)
    torch.testing.assert_close(first.fixed, second.fixed, rtol=1e-3, atol=1e-3)


def test_a_cluster_without_samples_changes_no_estimate():
    model = simulated(BinaryTask(), clusters=10, samples=150)
    more = replace(model, terms=[replace(model.terms[0], clusters=30)])
    first, second = estimate(model), estimate(more)
    torch.testing.assert_close(second.covariances, first.covariances)
    assert (second.effects[0][10:] == 0).all()


@pytest.mark.parametrize("correlated", [False, True])
def test_a_prior_on_variances_moves_them_to_its_maximum(correlated):
    covariance = (
        torch.tensor([[4.0, 1.0], [1.0, 2.0]])
        if correlated
        else torch.diag(torch.tensor([4.0, 2.0]))
    )
    root = torch.linalg.cholesky(covariance.double())
    found = _under_prior(root, torch.tensor(6.0))
    assert (found.tril() == found).all()

    def objective(factor):
        d = factor @ factor.T
        return (
            -6 * torch.logdet(d)
            - 6 * torch.trace(torch.linalg.solve(d, root @ root.T))
            - torch.trace(d)
        )

    at = found.clone().requires_grad_()
    (gradient,) = torch.autograd.grad(objective(at), at)
    assert gradient.tril().abs().max() < 1e-6


def test_separated_outcomes_have_a_finite_variance_under_a_prior():
    # Every cluster has one outcome: the larger the variance, the likelier.
    index = torch.arange(12).repeat_interleave(5)
    y = (index % 2).double()
    term = EffectsTerm(torch.ones(60, 1, dtype=torch.float64), index, 12)
    model = MixedModel(
        BinaryTask(), y, torch.zeros(60).double(), torch.ones(60).double(), [term], sd_scale=5.0
    )
    found = estimate(model, rounds=300)
    assert 5 < found.covariances[0].item() < 100


@pytest.mark.parametrize("exact", [True, False])
def test_fixed_effects_that_separate_outcomes_are_held_by_their_prior(exact):
    x = torch.linspace(-1, 1, 60, dtype=torch.float64)[:, None]
    y, index = (x[:, 0] > 0).double(), torch.arange(60) % 6
    term, zero = EffectsTerm(torch.ones_like(x), index, 6), torch.zeros_like(y)
    fixed = fixed_term(x, precision=0.04)
    model = MixedModel(BinaryTask(), y, zero, 1 + zero, [term], fixed, exact=exact, sd_scale=5.0)
    found = estimate(model, rounds=300)
    # Without a variance of the intercepts: the slope of a ridge regression.
    slope = torch.linspace(0, 30, 30001, dtype=torch.float64)
    fit = -torch.nn.functional.softplus((1 - 2 * y)[:, None] * x * slope).sum(0)
    best = slope[(fit - 0.02 * slope**2).argmax()]
    assert found.fixed.item() == pytest.approx(best.item(), rel=1e-2)
