import math

import numpy as np
import pytest
import torch
from scipy import integrate, stats

from armed.tasks.marginal import gaussian_marginal_nll, quadrature_marginal_nll, same_cluster
from armed.tasks.outcomes import BinaryTask, CountTask

Z = np.array([0, 0, 1, 2, 1, 0, 2, 2, 2])


def batch(seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.normal(size=len(Z)), rng.integers(0, 2, len(Z)).astype(float)


def same(mask=None):
    mask = torch.ones(len(Z)) if mask is None else mask
    return same_cluster(torch.tensor(Z), mask).double()


def marginal(
    task, eta: np.ndarray, y: np.ndarray, sd: float, weight: np.ndarray | float = 1.0
) -> float:
    """Numerical integration over the intercept, one cluster after the other."""
    weight = weight * np.ones_like(y)
    u = np.linspace(-12 * sd, 12 * sd, 20_001)
    log_prior = stats.norm.logpdf(u, scale=sd)
    total = 0.0
    for k in np.unique(Z):
        rows = k == Z
        at = torch.tensor(eta[rows][:, None] + u)
        each = task.log_likelihood(at, torch.tensor(y[rows][:, None])).numpy()
        log_density = weight[rows] @ each + log_prior
        top = log_density.max()
        total -= top + math.log(integrate.simpson(np.exp(log_density - top), x=u))
    return total


def quadrature(eta, y, sd, weight=1.0, task=None) -> torch.Tensor:
    weight = torch.tensor(weight * np.ones_like(y))
    eta, y = torch.tensor(eta), torch.tensor(y)
    return quadrature_marginal_nll(task or BinaryTask(), eta, y, same=same(), weight=weight, sd=sd)


@pytest.mark.parametrize("task", [BinaryTask(), CountTask()])
@pytest.mark.parametrize(
    ("sd", "weight", "tolerance"),
    [
        (0.1, 1.0, 1e-9),
        (1.0, 1.0, 1e-6),
        (0.7, np.linspace(0.5, 2, len(Z)), 1e-6),
        (2.0, 30.0, 1e-4),
        (5.0, 1.0, 1e-2),
    ],
)
def test_quadrature_agrees_with_numerical_integration(task, sd, weight, tolerance):
    eta, y = batch()
    y = y * (1 if isinstance(task, BinaryTask) else 3)
    nll = quadrature(eta, y, torch.tensor(sd, dtype=torch.float64), weight, task)
    assert nll.item() == pytest.approx(marginal(task, eta, y, sd, weight), abs=tolerance)


def test_no_spread_is_the_likelihood_itself():
    eta, y = batch()
    nll = quadrature(eta, y, torch.tensor(0.0, dtype=torch.float64))
    assert nll.item() == pytest.approx(np.logaddexp(0, np.where(y == 1, -eta, eta)).sum())


def test_slope_of_the_quadrature_in_the_sd_is_that_of_the_integral():
    logit, y = batch()
    sd = torch.tensor([0.5], dtype=torch.float64, requires_grad=True)
    quadrature(logit, y, sd).backward()
    up, down = (marginal(BinaryTask(), logit, y, 0.5 + step) for step in (1e-4, -1e-4))
    assert sd.grad.item() == pytest.approx((up - down) / 2e-4, abs=1e-5)


def test_gaussian_is_the_multivariate_normal_density():
    residual, _ = batch()
    sd, noise = 0.6, 1.3
    covariance = noise**2 * np.eye(len(Z)) + sd**2 * (Z[:, None] == Z[None, :])
    expected = -stats.multivariate_normal(cov=covariance).logpdf(residual)
    nll = gaussian_marginal_nll(
        torch.tensor(residual), same=same(), sd=torch.tensor([sd]), noise=torch.tensor([noise])
    )
    assert nll.item() == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("kind", ["quadrature", "gaussian"])
def test_padding_changes_nothing(kind):
    logit, y = (torch.tensor(part) for part in batch())
    mask = torch.tensor([1, 1, 1, 1, 1, 1, 0, 0, 0.0])
    sd = torch.tensor([0.8], dtype=torch.float64)

    def nll(logit, y, same, mask):
        if kind == "gaussian":
            return gaussian_marginal_nll(logit - y, same=same, sd=sd, noise=torch.ones(1))
        return quadrature_marginal_nll(
            BinaryTask(), logit, y, same=same, weight=mask.double(), sd=sd
        )

    alone = nll(logit[:6], y[:6], same()[:6, :6], torch.ones(6))
    torch.testing.assert_close(nll(logit, y, same(mask), mask), alone)
    torch.testing.assert_close(nll(logit + 5 * (1 - mask), y, same(mask), mask), alone)


def test_clusters_are_compared_among_real_samples_only():
    found = same_cluster(torch.tensor([3, 1, 3, 3]), torch.tensor([1, 1, 1, 0.0]))
    expected = [[1, 0, 1, 0], [0, 1, 0, 0], [1, 0, 1, 0], [0, 0, 0, 0]]
    assert found.tolist() == expected
