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
from armed.inference.blocks.products import GRAM_VALUES
from armed.inference.blocks.system import cluster_gram
from armed.inference.posterior import averaged_derivatives
from armed.summaries.crossing import crossing, normal_quantile
from armed.summaries.fitted import FittedModel, variances_of

MOST = 200
"""Parameters of a covariance up to which its information is computed."""
LEAST_TOLD = 1e-10
"""Share of the largest eigenvalue of a scaled information below which rounding is all that is left of one."""
SMALLEST = 1e-12
"""Ratio of variances that stands for 0."""


@dataclass(frozen=True, eq=False)
class Information:
    """What samples tell of ``D`` and the residual variance.

    ``covariance``: inverse of the expected information of the parameters, see `place`; the residual
    variance, if there is one, is the last of them. ``own[g]``: of the effects with variance ``g``, one over
    the variance of each cluster's effect and its sampling variance together (eigenvalues of ``A_k``).
    """

    correlated: bool
    covariance: Tensor
    own: list[Tensor]

    def place(self, i: int, j: int | None = None) -> int:
        """Number of the parameter that is variance ``i``, or the covariance of effects ``i >= j``."""
        return i * (i + 1) // 2 + (i if j is None else j) if self.correlated else i


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
    groups = variances_of(term)
    if (term.size * (term.size + 1) // 2 if term.correlated else len(groups)) > MOST:
        return None
    # Working weights: the curvature of the log-likelihood, averaged over the posterior of the predictor.
    eta, variance = fitted.conditional, fitted.predictor_variance
    _, curvature = averaged_derivatives(model.task, eta, variance, model.y)
    weight = model.weight / fitted.noise
    gram = cluster_gram(term, torch.einsum("i...,i->i...", curvature, weight))
    eye = torch.eye(term.size, dtype=gram.dtype)
    shrunk = torch.linalg.inv(eye + fitted.covariances[0] @ gram)  # I - S_k G_k
    told = gram @ shrunk  # A_k, symmetric though its factors are not
    # Z' V^-2 Z = (I - S G)' A / noise, what the residual variance has to do with each entry of D
    with_noise = (shrunk.transpose(1, 2) @ told).sum(0) / fitted.noise
    if term.correlated:
        rows, columns = torch.tril_indices(term.size, term.size).unbind()
        # A variance is one entry of D, a covariance two equal ones.
        half = torch.where(rows == columns, 0.5, 1.0).to(gram.dtype)
        found = _of_entries(told, rows, columns) * half[:, None] * half
        with_noise = with_noise[rows, columns] * half
    else:
        # E_p is the identity on the effects that share variance p, and tr(E_p A E_q A) a sum of squares.
        member = torch.stack([eye[group].sum(0) for group in groups], 1)
        found = 0.5 * member.T @ told.square().sum(0) @ member
        with_noise = 0.5 * member.T @ with_noise.diagonal()
    if model.task.has_noise:
        own = _of_noise(fitted, shrunk)
        top = torch.cat([found, with_noise[:, None]], 1)
        found = torch.cat([top, torch.cat([with_noise, own[None]])[None]])
    # log|I + t A| and tr inv(I + t A) of an interval's divergence are sums over eigenvalues of A.
    alone = [torch.linalg.eigvalsh(told[:, g[:, None], g]).flatten() for g in groups]
    return Information(term.correlated, _inverse(found), [x.clamp_min(0) for x in alone])


def _inverse(information: Tensor) -> Tensor:
    """Covariance of parameters: as large as numbers go where nothing tells them, or two of them apart."""
    scale = information.diagonal().sqrt()
    # An effect that multiplies zeros is told nothing of.
    scale = torch.where(scale > 0, scale, 1)
    values, vectors = torch.linalg.eigh(information / (scale[:, None] * scale))
    values = values.clamp_min(LEAST_TOLD * values.max())
    found: Tensor = (vectors / values) @ vectors.T / (scale[:, None] * scale)
    return found


def _of_entries(told: Tensor, rows: Tensor, columns: Tensor) -> Tensor:
    """``sum_k tr(E_p A_k E_q A_k) / 2`` of ``E_p = e_a e_b' + e_b e_a'``, entries of A_k two by two."""
    found = told.new_zeros(len(rows), len(rows))
    block = max(1, GRAM_VALUES // len(rows) ** 2)
    # Some clusters at a time, as the products of all would be (clusters, parameters, parameters).
    for start in range(0, len(told), block):
        part = told[start : start + block]
        straight = part[:, rows[:, None], rows] * part[:, columns[:, None], columns]
        crossed = part[:, rows[:, None], columns] * part[:, columns[:, None], rows]
        found += (straight + crossed).sum(0)
    return found


def _of_noise(fitted: FittedModel, shrunk: Tensor) -> Tensor:
    """``tr V^-2 / 2 = (n - K d + sum_k tr (I - S_k G_k)^2) / (2 noise^2)``."""
    # Directions that no effect reaches have the residual variance alone.
    free = fitted.model.weight.sum() - shrunk.shape[0] * shrunk.shape[1]
    traces = (shrunk @ shrunk).diagonal(dim1=1, dim2=2).sum()
    return 0.5 * (free + traces) / fitted.noise**2


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

    # The lower end is at most at the boundary; the upper one is looked for as far as it takes.
    step = max(estimate, known**0.5)
    return crossing(excess, estimate, 0.0), crossing(excess, estimate, estimate + step, grows=True)
