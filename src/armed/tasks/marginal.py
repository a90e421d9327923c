"""Likelihood of a minibatch with a random intercept per cluster integrated out.

Samples of one cluster are found by comparison within the minibatch (``same``), so that the cost
does not depend on the number of clusters.
"""

import math

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

NODES = 15


def same_cluster(z: Tensor, mask: Tensor) -> Tensor:
    """Matrix (batch, batch) with 1 where two real samples belong to one cluster."""
    return (z[:, None] == z[None, :]) * mask[:, None] * mask[None, :]


def quadrature_marginal_nll(
    logit: Tensor, y: Tensor, *, same: Tensor, weight: Tensor, sd: Tensor, nodes: int = NODES
) -> Tensor:
    r"""Negative log of ``prod_k int prod_i Bern(y_i | logit_i + u) N(u; 0, sd^2) du``.

    Parameters
    ----------
    logit, y, weight : Tensor, shape (batch,)
        Fixed-effects logit, outcome 0/1, and the weight of a sample's log-likelihood (0: padding).
    same : Tensor, shape (batch, batch)
        1 where two samples share a cluster, see `same_cluster`.
    sd : Tensor, scalar
        Standard deviation of the random intercept.
    nodes : int
        Gauss-Hermite nodes, around the prior: 15 are exact to 1e-5 for ``sd`` 1 and 8 samples of a
        cluster in the minibatch, to 0.01 for 32.

    References
    ----------
    Simchoni and Rosset, NeurIPS 2021.
    """
    # int g(u) N(u; 0, s^2) du = sum_j w_j / sqrt(pi) g(s sqrt(2) t_j), nodes t_j and weights w_j of
    # exp(-t^2) (Abramowitz and Stegun 25.4.46).
    points, mass = np.polynomial.hermite.hermgauss(nodes)
    at = logit.new_tensor(points * math.sqrt(2))
    log_mass = logit.new_tensor(np.log(mass / math.sqrt(math.pi)))
    # log Bern(y_i | eta_i + u_j), every sample at every node: (batch, nodes)
    shifted = logit[:, None] + sd * at[None, :]
    log_likelihood = -F.softplus(shifted * (1 - 2 * y[:, None])) * weight[:, None]
    # A row sums over the samples of its own sample's cluster; a cluster of n samples comes up n times,
    # hence the division. The sum of exponentials stays in logarithms: products of likelihoods underflow.
    per_cluster = torch.logsumexp(same @ log_likelihood + log_mass, dim=-1)
    return -(per_cluster / same.sum(-1).clamp_min(1) * same.diagonal()).sum()


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
