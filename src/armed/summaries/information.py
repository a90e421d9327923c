r"""Intervals of variances from what the samples tell of them, in closed form.

With ``V_k = Z_k D Z_k' + W_k^-1`` the (working) covariance of a cluster's outcomes,
``A_k = Z_k' V_k^-1 Z_k = G_k inv(I + D G_k)``, ``G_k = Z_k' W_k Z_k``, holds all that the cluster tells of
``D``: the expected information is ``I_pq = sum_k tr(E_p A_k E_q A_k) / 2``, ``E_p = dD / dtheta_p``.
No inverse of ``D`` is needed, so that a variance of 0 has its interval too.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from armed.errors import ConfigError
from armed.inference.arrow import GRAM_VALUES, cluster_gram
from armed.inference.posterior import averaged_derivatives
from armed.summaries.crossing import crossing, normal_quantile
from armed.summaries.fitted import FittedModel

MOST = 200
"""Parameters of a covariance up to which its information is computed."""

SMALLEST = 1e-12
"""Ratio of variances that stands for 0."""


@dataclass(frozen=True, eq=False)
class Information:
    """What samples tell of ``D`` and the residual variance.

    ``rows``, ``columns`` (parameters,): which entries of ``D`` the parameters are. ``covariance``: inverse
    of the expected information, of these and, if there is one, of the residual variance, which is last.
    ``own`` (clusters, d): the diagonal of ``A_k``, one over a variance and the sampling variance of its
    effect together.
    """

    rows: Tensor
    columns: Tensor
    covariance: Tensor
    own: Tensor


def information(fitted: FittedModel) -> Information | None:
    """Return the expected information of the parameters of a model of one term.

    Offsets count as known. None where the parameters are more than `MOST`, as those of correlated effects
    on a wide layer.
    """
    model, (term, *others) = fitted.model, fitted.model.terms
    if others:
        raise ConfigError(
            f"the model has {len(model.terms)} terms; expected one, of which the information has a closed "
            "form; ask for profiles"
        )
    rows, columns = torch.tril_indices(term.size, term.size)
    if not term.correlated:
        rows = columns = torch.arange(term.size)
    if len(rows) > MOST:
        return None
    eta, variance = fitted.conditional, fitted.predictor_variance
    _, curvature = averaged_derivatives(model.task, eta, variance, model.y)
    gram = cluster_gram(term, curvature * model.weight / fitted.noise)
    eye = torch.eye(term.size, dtype=gram.dtype)
    shrunk = torch.linalg.inv(eye + fitted.covariances[0] @ gram)  # I - S_k G_k
    told = gram @ shrunk
    half = torch.where(rows == columns, 0.5, 1.0).to(gram.dtype)
    found = torch.zeros(len(rows), len(rows), dtype=gram.dtype)
    # E_p = (e_a e_b' + e_b e_a') half_p, of which the traces are products of two entries of A_k
    for part in told.split(max(1, GRAM_VALUES // len(rows) ** 2)):
        straight = part[:, rows[:, None], rows] * part[:, columns[:, None], columns]
        crossed = part[:, rows[:, None], columns] * part[:, columns[:, None], rows]
        found += (straight + crossed).sum(0) * half[:, None] * half
    if model.task.has_noise:
        found = _with_noise(fitted, found, shrunk, told, half, (rows, columns))
    return Information(rows, columns, torch.linalg.pinv(found), told.diagonal(dim1=1, dim2=2))


def _with_noise(
    fitted: FittedModel,
    found: Tensor,
    shrunk: Tensor,
    told: Tensor,
    half: Tensor,
    entries: tuple[Tensor, Tensor],
) -> Tensor:
    """Information with a row and a column of the residual variance."""
    # Z' V^-2 Z = (I - S G)' A / noise and tr V^-2 = (n - K d + sum_k tr (I - S G)^2) / noise^2
    squared = (shrunk.transpose(1, 2) @ told).sum(0) / fitted.noise
    with_noise = squared[entries] * half
    free = fitted.model.weight.sum() - shrunk.shape[0] * shrunk.shape[1]
    traces = (shrunk @ shrunk).diagonal(dim1=1, dim2=2).sum()
    own = 0.5 * (free + traces) / fitted.noise**2
    top = torch.cat([found, with_noise[:, None]], 1)
    return torch.cat([top, torch.cat([with_noise, own[None]])[None]])


def variance_interval(
    estimate: float, told: Tensor, count: float, variance: float, level: float
) -> tuple[float, float]:
    r"""Variances ``s`` near which the data would be distributed as at the estimate.

    Those with ``count sum_k (log r_k + 1 / r_k - 1) <= z^2``, ``r_k = 1 + (s - estimate) told_k``: twice
    the Kullback-Leibler divergence, the mean of the likelihood ratio's statistic at the estimate. For a
    balanced one-way layout it is that statistic itself.

    Parameters
    ----------
    told : Tensor, shape (clusters,)
        One over the variance of each cluster's own estimate of its effect.
    count : float
        How often each of them counts.
    variance : float
        Of the estimate, with all other parameters unknown; not less than what ``told`` says, by the
        ratio of which the bound is widened.
    """
    if not bool((told > 0).any()):  # what multiplies zeros alone may have any variance
        return 0.0, float("inf")
    known = 2 / (count * float(told.square().sum()))  # variance if all others were known
    bound = normal_quantile(level) ** 2 * max(1.0, variance / known)

    def excess(value: float) -> float:
        ratio = (1 + (value - estimate) * told).clamp_min(SMALLEST)
        return count * float((ratio.log() + 1 / ratio - 1).sum()) - bound

    step = max(estimate, known**0.5)
    return crossing(excess, estimate, 0.0), crossing(excess, estimate, estimate + step, grows=True)
