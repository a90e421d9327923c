r"""Intervals of variances from what the samples tell of them, in closed form.

With ``V_k = Z_k D Z_k' + W_k^-1`` the (working) covariance of a cluster's outcomes,
``A_k = Z_k' V_k^-1 Z_k = G_k inv(I + D G_k)``, ``G_k = Z_k' W_k Z_k``, holds all that the cluster tells of
``D``: the expected information is ``I_pq = sum_k tr(E_p A_k E_q A_k) / 2``, ``E_p = dD / dtheta_p``.
No inverse of ``D`` is needed, so that a variance of 0 has its interval too.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from armed.inference.blocks.products import GRAM_VALUES
from armed.inference.blocks.system import joint_gram
from armed.inference.blocks.terms import EffectsTerm
from armed.inference.posterior import averaged_derivatives
from armed.summaries.crossing import crossing, normal_quantile
from armed.summaries.fitted import FittedModel, variances_of

MOST = 200
MOST_TOGETHER = 3000
"""Parameters up to which their information is computed, and of several terms the entries of ``D``."""
LEAST_TOLD = 1e-10
"""Share of the largest eigenvalue of a scaled information below which rounding is all that is left of one."""
SMALLEST = 1e-12
"""Ratio of variances that stands for 0."""


@dataclass(frozen=True, eq=False)
class Information:
    """What samples tell of the variances of effects and the residual one.

    ``covariance``: inverse of the expected information of the parameters, see `place`; the residual
    variance, if there is one, is the last of them. ``own[place]``: of the effects with that variance, one
    over the variance of each cluster's effect and its sampling variance together (eigenvalues of ``A_k``).
    """

    places: Mapping[tuple[int, int, int], int]
    covariance: Tensor
    own: Mapping[int, Tensor]

    def place(self, i: int, j: int | None = None, *, term: int = 0) -> int:
        """Number of the parameter that is variance ``i``, or the covariance of effects ``i >= j``."""
        return self.places[term, i, i if j is None else j]


@dataclass(frozen=True, eq=False)
class _Entries:
    """Entries of ``D``, two equal ones as one: ``rows``, ``columns``, and the ``parameter`` each is."""

    places: Mapping[tuple[int, int, int], int]
    rows: Tensor
    columns: Tensor
    parameter: Tensor

    @classmethod
    def of(cls, terms: Sequence[EffectsTerm]) -> "_Entries":
        """Return those of one cluster of a term, or of all effects of several behind one another."""
        places: dict[tuple[int, int, int], int] = {}
        found, start = [], 0
        for number, term in enumerate(terms):
            if term.correlated:
                pairs = [(i, j, (i, j)) for i in range(term.size) for j in range(i + 1)]
            else:
                groups = enumerate(variances_of(term))
                pairs = [(int(j), int(j), (g, g)) for g, group in groups for j in group]
            # By cluster an entry is one number; of all effects it stands in the block of each cluster.
            clusters = term.clusters if len(terms) > 1 else 1
            first = start + torch.arange(clusters) * term.size
            for i, j, of in pairs:
                place = places.setdefault((number, *of), len(places))
                found.append(torch.stack([first + i, first + j, torch.full_like(first, place)]))
            start += clusters * term.size
        return cls(places, *torch.cat(found, 1))


def information(fitted: FittedModel) -> Information | None:
    """Return the expected information of the parameters of a model.

    Offsets count as known. None where the parameters are more than `MOST`, as those of correlated effects
    on a wide layer, or several terms have more entries than `MOST_TOGETHER`.
    """
    model, entries = fitted.model, _Entries.of(fitted.model.terms)
    rows, columns = entries.rows, entries.columns
    if len(entries.places) > MOST or (len(model.terms) > 1 and len(rows) > MOST_TOGETHER):
        return None
    # Working weights: the curvature of the log-likelihood, averaged over the posterior of the predictor.
    eta, variance = fitted.conditional, fitted.predictor_variance
    _, curvature = averaged_derivatives(model.task, eta, variance, model.y)
    weight = torch.einsum("i...,i->i...", curvature, model.weight / fitted.noise)
    told, shrunk = _told(fitted, weight)
    # Z' V^-2 Z = (I - S G)' A / noise, what the residual variance has to do with each entry of D
    with_noise = (shrunk.transpose(1, 2) @ told).sum(0) / fitted.noise
    # A variance is one entry of D, a covariance two equal ones.
    half = torch.where(rows == columns, 0.5, 1.0).to(told.dtype)
    member = torch.nn.functional.one_hot(entries.parameter).to(told.dtype) * half[:, None]
    found = member.T @ _of_entries(told, rows, columns) @ member
    noise = member.T @ with_noise[rows, columns]
    if model.task.has_noise:
        top = torch.cat([found, noise[:, None]], 1)
        found = torch.cat([top, torch.cat([noise, _of_noise(fitted, shrunk)[None]])[None]])
    own = {}
    for (_, i, j), place in entries.places.items():
        if i == j:
            # log|I + t A| and tr inv(I + t A) of an interval's divergence are sums over eigenvalues of A.
            at = rows[entries.parameter == place]
            own[place] = torch.linalg.eigvalsh(told[:, at[:, None], at]).flatten().clamp_min(0)
    return Information(entries.places, _inverse(found), own)


def _told(fitted: FittedModel, weight: Tensor) -> tuple[Tensor, Tensor]:
    """``A = G inv(I + D G)``, symmetric though its factors are not, and ``inv(I + D G) = I - S G``.

    Of one term by cluster, (clusters, d, d); effects of several terms meet: of all effects, (1, m, m).
    """
    terms, covariances = fitted.model.terms, fitted.covariances
    if len(terms) == 1:
        gram, covariance = terms[0].gram(weight), covariances[0]
    else:
        gram = joint_gram(terms, weight)[None]
        pairs = zip(terms, covariances, strict=True)
        each = [torch.kron(torch.eye(term.clusters, dtype=d.dtype), d) for term, d in pairs]
        # The prior of all effects: a block D_t for each cluster of each term.
        covariance = torch.block_diag(*each)  # type: ignore[no-untyped-call]
    eye = torch.eye(gram.shape[-1], dtype=gram.dtype)
    shrunk = torch.linalg.inv(eye + covariance @ gram)
    return gram @ shrunk, shrunk


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
