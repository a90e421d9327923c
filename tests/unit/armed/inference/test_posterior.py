from dataclasses import replace

import pytest
import torch

from armed.inference.posterior import Likelihood, averaged_log_likelihood, gaussian_posterior
from armed.tasks.outcomes import BinaryTask, ContinuousTask, CountTask
from mixed_data import simulated


def parts(task, **given):
    model = simulated(task, **given)
    likelihood = Likelihood(task, model.offset, model.y, model.weight)
    return model.terms[0], model.fixed, likelihood


def bound(term, likelihood, mean, root):
    """Evidence bound of ``q(v_k) = N(mean_k, root_k root_k')``, up to a constant."""
    covariance = root @ root.transpose(1, 2)
    eta = likelihood.offset + term.predictor(mean)
    spread = torch.einsum("id,ide,ie->i", term.design, covariance[term.index], term.design)
    expected = averaged_log_likelihood(likelihood.task, eta, spread, likelihood.y)
    trace = covariance.diagonal(dim1=1, dim2=2).sum()
    entropy = torch.linalg.slogdet(covariance)[1].sum()
    return (likelihood.weight * expected).sum() - 0.5 * (mean.square().sum() + trace - entropy)


@pytest.mark.parametrize("task", [BinaryTask(), ContinuousTask(), CountTask()])
def test_evidence_bound_is_stationary_at_the_posterior(task):
    term, _, likelihood = parts(task, clusters=6, samples=60, covariance=[[1, 0.3], [0.3, 0.5]])
    found = gaussian_posterior([term], likelihood, steps=50)
    mean = found.means[0].requires_grad_()
    root = torch.linalg.cholesky(found.covariances[0]).requires_grad_()
    slopes = torch.autograd.grad(bound(term, likelihood, mean, root), [mean, root])
    for slope in slopes:
        # a nearly quadratic averaged log-likelihood: nodes leave an error of their own
        assert slope.tril().abs().max() < 1e-3 if slope.ndim == 3 else slope.abs().max() < 1e-6


def test_gaussian_posterior_is_the_best_linear_unbiased_prediction():
    term, fixed, likelihood = parts(ContinuousTask(), clusters=5, samples=40)
    found = gaussian_posterior([term], likelihood, fixed=fixed, integrate_fixed=True)
    # Henderson's: u = Z' inv(V) (y - X b), b by generalised least squares
    z = torch.nn.functional.one_hot(term.index, 5).double()
    v, x = z @ z.T + torch.eye(40, dtype=torch.float64), fixed.design
    b = torch.linalg.solve(
        x.T @ torch.linalg.solve(v, x), x.T @ torch.linalg.solve(v, likelihood.y)
    )
    torch.testing.assert_close(found.means[1][0], b)
    u = z.T @ torch.linalg.solve(v, likelihood.y - x @ b)
    torch.testing.assert_close(found.means[0][:, 0], u)


@pytest.mark.parametrize("offset", [-30.0, -6.0, 6.0, 30.0])
def test_mean_is_found_where_newtons_full_steps_would_overshoot(offset):
    term, _, likelihood = parts(BinaryTask(), clusters=4, samples=60)
    y = torch.full_like(likelihood.y, float(offset < 0))
    far = replace(likelihood, offset=torch.full_like(y, offset), y=y)
    found = gaussian_posterior([term], far, steps=40)
    first, _ = far.weighted(far.averages(found.eta, found.variance))
    gradient = term.gather(first) - found.means[0]
    assert gradient.abs().max() < 1e-4


@pytest.mark.parametrize("task", [BinaryTask(), ContinuousTask()])
def test_a_cluster_without_samples_keeps_the_prior(task):
    term, _, likelihood = parts(task, clusters=4, samples=60)
    found = gaussian_posterior([replace(term, clusters=5)], likelihood)
    assert found.means[0][4] == 0
    assert found.covariances[0][4] == 1


def test_samples_of_weight_zero_do_not_count():
    term, _, likelihood = parts(BinaryTask(), clusters=4, samples=60)
    weight = likelihood.weight.clone()
    weight[40:] = 0
    offset = likelihood.offset.clone()
    offset[40:] = 1e4
    found = gaussian_posterior([term], replace(likelihood, weight=weight, offset=offset))
    some = replace(term, design=term.design[:40], index=term.index[:40])
    fewer = Likelihood(BinaryTask(), offset[:40], likelihood.y[:40], weight[:40])
    expected = gaussian_posterior([some], fewer)
    torch.testing.assert_close(found.means, expected.means)
    torch.testing.assert_close(found.covariances, expected.covariances)
