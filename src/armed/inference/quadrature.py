"""Exact moments of the effects of a cluster that has one or two, by adaptive Gauss-Hermite quadrature."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from armed.inference.blocks.terms import EffectsTerm
from armed.inference.posterior import Likelihood
from armed.nn.gaussians import standard_normal_nodes

NODES = {1: 25, 2: 15}
"""Nodes in each direction by number of effects."""
VALUES = 2**21
"""Log-likelihoods that are held at a time."""


@dataclass(frozen=True, eq=False)
class Moments:
    """Mean (clusters, d) and covariance (clusters, d, d) of the exact posterior.

    ``log_evidence`` (clusters,): log of the integral of the cluster's likelihood over the prior.
    ``gradients`` returns posterior means: of ``weight l'``, (samples,), and of the sum over samples of
    ``weight l' phi_j v_j``, (d,).
    """

    mean: Tensor
    covariance: Tensor
    log_evidence: Tensor
    gradients: Callable[[], tuple[Tensor, Tensor]]


def adaptive_moments(
    term: EffectsTerm, likelihood: Likelihood, mean: Tensor, covariance: Tensor
) -> Moments:
    r"""Moments of ``p(v_k | y) propto prod_i p(y_i | offset_i + phi_i . v_k)^weight_i N(v_k; 0, I)``.

    The nodes lie around ``mean`` (clusters, d), as far apart as ``covariance`` (clusters, d, d) says, so
    that few are exact where a Gaussian is near (Liu and Pierce 1994; Pinheiro and Bates 1995).
    """
    most = max(1, VALUES // NODES[term.size] ** term.size)
    if bool((term.owner.diff() < 0).any()):
        return _moments(term, likelihood, mean, covariance)
    met, index = torch.unique_consecutive(term.owner, return_inverse=True)
    if 0 < len(met) < term.clusters:
        some = replace(term, index=index.repeat_interleave(term.length), clusters=len(met))
        own = adaptive_moments(some, likelihood, mean[met], covariance[met])
        return _with_priors(own, met, term.clusters)
    if term.clusters <= most:
        return _moments(term, likelihood, mean, covariance)
    # Clusters lie behind one another: as many are taken at a time as memory is meant for.
    starts = range(0, term.clusters, most)

    def part(start: int) -> Moments:
        some = slice(start, start + most)
        return _moments(*_part(term, likelihood, start, most), mean[some], covariance[some])

    def gradients() -> tuple[Tensor, Tensor]:
        # found once more: nodes of all clusters are not held
        scores, factors = zip(*(part(start).gradients() for start in starts), strict=True)
        return torch.cat(scores), torch.stack(factors).sum(0)

    # Laid out before: between the nodes of one part and the next they would leave memory in holes.
    found = torch.empty_like(mean), torch.empty_like(covariance), torch.empty_like(mean[:, 0])
    for start in starts:
        own = part(start)
        for into, values in zip(found, (own.mean, own.covariance, own.log_evidence), strict=True):
            into[start : start + most] = values
    return Moments(*found, gradients)


def _with_priors(found: Moments, met: Tensor, clusters: int) -> Moments:
    """Moments of all clusters: one without samples has its prior."""
    size = found.mean.shape[1]
    eye = torch.eye(size, dtype=found.mean.dtype, device=met.device).repeat(clusters, 1, 1)
    return Moments(
        found.mean.new_zeros(clusters, size).index_copy(0, met, found.mean),
        eye.index_copy(0, met, found.covariance),
        found.log_evidence.new_zeros(clusters).index_copy(0, met, found.log_evidence),
        found.gradients,
    )


def _part(
    term: EffectsTerm, likelihood: Likelihood, start: int, count: int
) -> tuple[EffectsTerm, Likelihood]:
    """``count`` clusters from ``start``, or those that are left, and what is known of their samples."""
    count = min(count, term.clusters - start)
    ends = torch.tensor([start, start + count], device=term.owner.device)
    at = slice(*(torch.searchsorted(term.owner, ends) * term.length).tolist())
    part = replace(term, design=term.design[at], index=term.index[at] - start, clusters=count)
    offset, y, weight = likelihood.offset[at], likelihood.y[at], likelihood.weight[at]
    return part, replace(likelihood, offset=offset, y=y, weight=weight)


def _moments(
    term: EffectsTerm, likelihood: Likelihood, mean: Tensor, covariance: Tensor
) -> Moments:
    at, log_mass = _grid(term.size, mean)
    root = torch.linalg.cholesky(covariance)
    # v_kj = m_k + R_k t_j: (clusters, nodes, d)
    nodes = mean[:, None] + at @ root.mT
    log_likelihood, gradients = _at_nodes(term, likelihood, nodes)
    # int g(v) N(v; 0, I) dv = |R| sum_j w_j g(v_j) N(v_j; 0, I) / N(t_j; 0, I)
    log_ratio = 0.5 * (at.square().sum(-1) - nodes.square().sum(-1))
    log_root = root.diagonal(dim1=-2, dim2=-1).log().sum(-1)
    log_joint = log_likelihood + log_ratio + log_mass + log_root[:, None]
    log_evidence = torch.logsumexp(log_joint, -1)
    # Posterior weights of the nodes, by which any moment is a sum.
    share = (log_joint - log_evidence[:, None]).exp()
    first = (share[:, None] @ nodes)[:, 0]
    centred = nodes - first[:, None]
    second = (centred * share[..., None]).mT @ centred
    return Moments(first, second, log_evidence, lambda: gradients(share))


def _grid(size: int, like: Tensor) -> tuple[Tensor, Tensor]:
    """Nodes (nodes, d) of a standard normal vector, and the logarithms of their weights (nodes,)."""
    points, mass = standard_normal_nodes(NODES[size], like)
    at = torch.cartesian_prod(*[points] * size).view(-1, size)
    log_mass = torch.cartesian_prod(*[mass.log()] * size).view(-1, size).sum(-1)
    return at, log_mass


def _at_nodes(
    term: EffectsTerm, likelihood: Likelihood, nodes: Tensor
) -> tuple[Tensor, Callable[[Tensor], tuple[Tensor, Tensor]]]:
    """Log-likelihood of each cluster at each of its nodes, and how to average gradients over them."""
    task, length, count = likelihood.task, term.length, nodes.shape[1]
    step = max(1, VALUES // (count * length))
    parts = [slice(i, i + step) for i in range(0, len(term.owner), step)]
    offset, y, weight = (
        values.view(-1, 1, length)
        for values in (likelihood.offset, likelihood.y, likelihood.weight)
    )

    def predictor(at: slice) -> tuple[Tensor, Tensor]:
        """Predictors and outcomes of some blocks, (blocks, nodes, length)."""
        eta = offset[at] + nodes[term.owner[at]] @ term.columns[at]
        return eta, y[at].expand_as(eta)

    # log p(y_k | v_kj), the sum over the cluster's samples at its own nodes
    total = nodes.new_zeros(term.clusters, count)
    for at in parts:
        each = (task.log_likelihood(*predictor(at)) @ weight[at].mT)[..., 0]
        total = total.index_add(0, term.owner[at], each)

    def gradients(share: Tensor) -> tuple[Tensor, Tensor]:
        scores, factor_gradient = [offset.new_zeros(0)], nodes.new_zeros(term.size)
        for at in parts:
            owner = term.owner[at]
            first = task.derivatives(*predictor(at))[0] * weight[at] * share[owner][..., None]
            scores.append(first.sum(1).flatten())
            products = (first @ term.columns[at].mT) * nodes[owner]
            factor_gradient = factor_gradient + products.sum((0, 1))
        return torch.cat(scores), factor_gradient

    return total, gradients
