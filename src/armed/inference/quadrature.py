"""Exact moments of the effects of a cluster that has one or two, by adaptive Gauss-Hermite quadrature."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from armed.inference.posterior import Likelihood, standard_normal_nodes
from armed.inference.terms import EffectsTerm

NODES = {1: 25, 2: 15}
"""Nodes in each direction by number of effects."""
VALUES = 2**24
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
    at, log_mass = _grid(term.size, mean)
    root = torch.linalg.cholesky(covariance)
    # v_kj = m_k + R_k t_j: (clusters, nodes, d)
    nodes = mean[:, None] + torch.einsum("kde,je->kjd", root, at)
    log_likelihood, gradients = _at_nodes(term, likelihood, nodes)
    # int g(v) N(v; 0, I) dv = |R| sum_j w_j g(v_j) N(v_j; 0, I) / N(t_j; 0, I)
    log_ratio = 0.5 * (at.square().sum(-1) - nodes.square().sum(-1))
    log_root = root.diagonal(dim1=-2, dim2=-1).log().sum(-1)
    log_joint = log_likelihood + log_ratio + log_mass + log_root[:, None]
    log_evidence = torch.logsumexp(log_joint, -1)
    # Posterior weights of the nodes, by which any moment is a sum.
    share = (log_joint - log_evidence[:, None]).exp()
    first = torch.einsum("kj,kjd->kd", share, nodes)
    centred = nodes - first[:, None]
    second = torch.einsum("kj,kjd,kje->kde", share, centred, centred)
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
    task, count = likelihood.task, nodes.shape[1]
    block = max(1, VALUES // count)
    # log p(y_k | v_kj), the sum over the cluster's samples at its own nodes
    total = nodes.new_zeros(term.clusters, count)
    parts = [slice(i, i + block) for i in range(0, len(likelihood.y), block)]

    def predictor(at: slice) -> Tensor:
        moved = torch.einsum("id,ijd->ij", term.design[at], nodes[term.index[at]])
        return likelihood.offset[at, None] + moved

    for at in parts:
        each = task.log_likelihood(predictor(at), likelihood.y[at, None].expand(-1, count))
        total = total.index_add(0, term.index[at], each * likelihood.weight[at, None])

    def gradients(share: Tensor) -> tuple[Tensor, Tensor]:
        scores, factor_gradient = [], nodes.new_zeros(term.size)
        for at in parts:
            first, _ = task.derivatives(predictor(at), likelihood.y[at, None].expand(-1, count))
            each = first * share[term.index[at]] * likelihood.weight[at, None]
            scores.append(each.sum(-1))
            products = torch.einsum("ij,ijd->id", each, nodes[term.index[at]])
            factor_gradient = factor_gradient + (products * term.design[at]).sum(0)
        return torch.cat(scores), factor_gradient

    return total, gradients
