"""Posterior of a cluster's coefficients in a generalised linear model, by Newton's method."""

import torch
from torch import Tensor

from armed.inference.arrow import cluster_gram
from armed.inference.terms import EffectsTerm
from armed.tasks.base import Task

NEWTON_STEPS = 20


def cluster_posterior(
    features: Tensor,
    offset: Tensor,
    *,
    y: Tensor,
    z: Tensor,
    weight: Tensor,
    clusters: int,
    precision: Tensor,
    task: Task,
    start: Tensor | None = None,
    steps: int = NEWTON_STEPS,
) -> tuple[Tensor, Tensor]:
    r"""Laplace approximation of ``p(u_k | y)``, ``y_i ~ task(offset_i + features_i . u_z(i))``.

    Exact for a Gaussian likelihood; for a binary outcome the mode and the inverse curvature there.

    Parameters
    ----------
    features : Tensor, shape (samples, d)
    offset, y, weight : Tensor, shape (samples,)
        Fixed part of the linear predictor, outcome, and weight of the sample's log-likelihood
        (0: padding).
    z : Tensor, shape (samples,)
        Cluster indices.
    clusters : int
    precision : Tensor, shape (d, d)
        Inverse prior covariance of ``u_k``.
    task : Task
        Gives the derivatives of the log-likelihood, and how fast its curvature changes.
    start : Tensor, shape (clusters, d), optional
        Where the iteration begins, default 0; from a mode found a little earlier few ``steps`` do.

    Returns
    -------
    mean : Tensor, shape (clusters, d)
    covariance : Tensor, shape (clusters, d, d)
        A cluster without samples keeps the prior: mean 0, covariance ``inv(precision)``.

    Notes
    -----
    A full Newton step can overshoot for ever where the offsets are large. With
    ``|l'''| <= c l''``, the step ``log(1 + b) / b`` of it, ``b = c max_i |features_i . step|``,
    always descends and becomes the full step at the mode (Sun and Tran-Dinh, Math. Program. 2019).
    """
    term = EffectsTerm(features, z, clusters)
    mean = features.new_zeros(clusters, features.shape[-1]) if start is None else start

    # log p(u_k | y) = sum_i w_i l(y_i | eta_i) - u_k' P u_k / 2 + const, eta_i = offset_i + phi_i . u_k
    def expand(at: Tensor) -> tuple[Tensor, Tensor]:
        # l' and -l'' in eta, the score and the observed information of one sample
        first, second = task.derivatives(offset + (features * at[z]).sum(-1), y)
        # gradient = sum_i w_i l'_i phi_i - P u_k and minus the Hessian = P + sum_i w_i (-l''_i) phi_i phi_i'
        scores = features * (first * weight)[:, None]
        gradient = torch.zeros_like(at).index_add(0, z, scores) - at @ precision
        return gradient, precision + cluster_gram(term, second * weight)

    for _ in range(steps):
        gradient, hessian = expand(mean)
        # All clusters at once: one linear system of size d each
        step = torch.linalg.solve(hessian, gradient.unsqueeze(-1)).squeeze(-1)
        # The damping of the notes; a quadratic log-likelihood (c = 0) has its mode after one step
        if task.curvature_change:
            moved = (features * step[z]).sum(-1).abs() * (weight > 0)
            furthest = torch.zeros_like(step[:, 0]).scatter_reduce(0, z, moved, "amax")
            reach = (task.curvature_change * furthest).clamp_min(1e-12)
            step = step * (torch.log1p(reach) / reach)[:, None]
        mean = mean + step
    # Laplace: the covariance is the inverse of minus the Hessian at the mode
    return mean, torch.linalg.inv(expand(mean)[1])
