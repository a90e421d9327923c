"""Likelihood of a minibatch with a random intercept per cluster integrated out.

Samples of one cluster are found by comparison within the minibatch (``same``), so that the cost
does not depend on the number of clusters.
"""

import math
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

if TYPE_CHECKING:
    from armed.tasks.base import Task

NODES = 15
NEWTON_STEPS = 5
"""Quadrature nodes of a cluster, and the steps that find where to put them."""


def same_cluster(z: Tensor, mask: Tensor) -> Tensor:
    """Matrix (batch, batch) with 1 where two real samples belong to one cluster."""
    return (z[:, None] == z[None, :]) * mask[:, None] * mask[None, :]


def quadrature_marginal_nll(
    task: "Task", eta: Tensor, y: Tensor, *, same: Tensor, weight: Tensor, sd: Tensor
) -> Tensor:
    r"""Negative log of ``prod_k int prod_i p(y_i | eta_i + sd v) N(v; 0, 1) dv``.

    Parameters
    ----------
    task : Task
        Log-likelihood ``log p(y | eta)`` and its derivatives.
    eta, y, weight : Tensor, shape (batch,)
        Fixed linear predictor, outcome, and the weight of a sample's log-likelihood (0: padding).
    same : Tensor, shape (batch, batch)
        1 where two samples share a cluster, see `same_cluster`.
    sd : Tensor, scalar
        Standard deviation of the random intercept.

    Notes
    -----
    Gauss-Hermite nodes lie around the mode of each cluster: around the prior, of many samples or a large
    ``sd`` none would be where the likelihood is.

    References
    ----------
    Pinheiro and Bates, Journal of Computational and Graphical Statistics 4:12-35, 1995; Simchoni and Rosset,
    NeurIPS 2021.
    """
    # Where the nodes are changes nothing of the integral: they are constants to its gradient.
    mode, spread = _modes(task, eta.detach(), y, same, weight, sd)
    # int g(v) dv = sum_j w_j exp(t_j^2) sqrt(2) s g(m + sqrt(2) s t_j), nodes t_j and weights w_j of
    # exp(-t^2) (Abramowitz and Stegun 25.4.46).
    points, mass = np.polynomial.hermite.hermgauss(NODES)
    v = mode[:, None] + math.sqrt(2) * spread[:, None] * eta.new_tensor(points)
    log_mass = eta.new_tensor(np.log(mass) + points**2 - 0.5 * math.log(math.pi))
    prior = log_mass + spread.log()[:, None] - 0.5 * v.square()
    # log p(y_i | eta_i + sd v_j), every sample at every node: (batch, nodes)
    each = task.log_likelihood(eta[:, None] + sd * v, y[:, None]) * weight[:, None]
    # A row sums over the samples of its own sample's cluster; a cluster of n samples comes up n times,
    # hence the division. The sum of exponentials stays in logarithms: products of likelihoods underflow.
    per_cluster = torch.logsumexp(same @ each + prior, dim=-1)
    return -(per_cluster / same.sum(-1).clamp_min(1) * same.diagonal()).sum()


def _modes(
    task: "Task", eta: Tensor, y: Tensor, same: Tensor, weight: Tensor, sd: Tensor
) -> tuple[Tensor, Tensor]:
    """Mode of each sample's cluster and the normal standard deviation around it, (batch,) each."""
    v = torch.zeros_like(eta)
    for _ in range(NEWTON_STEPS):
        first, second = task.derivatives(eta + sd * v, y)
        precision = 1 + sd**2 * (same @ (second * weight))
        step = (sd * (same @ (first * weight)) - v) / precision
        # A full step overshoots where the curvature changes fast (Sun and Tran-Dinh 2019).
        reach = (task.curvature_change * sd * step.abs()).clamp_min(1e-12)
        v = v + step * torch.log1p(reach) / reach
    _, second = task.derivatives(eta + sd * v, y)
    return v, (1 + sd**2 * (same @ (second * weight))).rsqrt()


def gaussian_marginal_nll(residual: Tensor, *, same: Tensor, sd: Tensor, noise: Tensor) -> Tensor:
    r"""Negative log-likelihood of ``N(0, noise^2 I + sd^2 J)`` within each cluster.

    By Woodbury and the matrix determinant lemma, with ``n`` samples and residual sum ``s`` of a
    cluster, ``log det = (n - 1) log noise^2 + log(noise^2 + n sd^2)`` and ``quad = (sum r^2 - s^2
    sd^2 / (noise^2 + n sd^2)) / noise^2``.

    Parameters
    ----------
    residual : Tensor, shape (batch,)
        Outcome minus fixed effects.
    same : Tensor, shape (batch, batch)
        1 where two samples share a cluster, see `same_cluster`.
    sd, noise : Tensor, scalar
        Standard deviations of the random intercept and of the residual.
    """
    # Every sample of a cluster bears an n-th of what belongs to the cluster as a whole.
    real = same.diagonal()
    # n_k and s_k = sum of the cluster's residuals, for each sample
    n, total = same.sum(-1).clamp_min(1), same @ residual
    # The eigenvalue of N(0, noise^2 I + sd^2 J) along the cluster's mean; the other n - 1 are noise^2
    variance = noise**2 + n * sd**2
    per_sample = torch.log(noise**2) + (residual**2) / noise**2 + math.log(2 * math.pi)
    per_cluster = torch.log(variance / noise**2) - total**2 * sd**2 / (variance * noise**2)
    return 0.5 * ((per_sample + per_cluster / n) * real).sum()
