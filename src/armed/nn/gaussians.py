"""Gaussian vectors: roots of their covariances, and points that stand for all draws."""

import math
from functools import cache

import numpy as np
import torch
from torch import Tensor

DENSE, MOST = 8, 64
"""Nodes in each direction from which on a grid is better than as many quasi-random points; and at most."""


def root_of(covariance: Tensor) -> Tensor:
    """Lower triangular root (..., n, n) of a covariance, which may be singular."""
    # Rounding may have made eigenvalues of 0 negative.
    eps, trace = torch.finfo(covariance.dtype).eps, covariance.diagonal(dim1=-2, dim2=-1).sum(-1)
    least = eps * (10 * trace + 1e-3)
    eye = torch.eye(covariance.shape[-1], dtype=covariance.dtype, device=covariance.device)
    root: Tensor = torch.linalg.cholesky_ex(covariance + least[..., None, None] * eye)[0]
    return root


def standard_normal_nodes(nodes: int, like: Tensor) -> tuple[Tensor, Tensor]:
    """Nodes ``t_j`` and weights ``w_j`` with ``E[g(e)] = sum_j w_j g(t_j)``, ``e ~ N(0, 1)``."""
    return _nodes(nodes, like.dtype, like.device)


@cache
def _nodes(count: int, dtype: torch.dtype, device: torch.device) -> tuple[Tensor, Tensor]:
    # hermgauss is for exp(-t^2); of the standard normal density the nodes are sqrt(2) t and the
    # weights w / sqrt(pi) (Abramowitz and Stegun 25.4.46).
    points, mass = np.polynomial.hermite.hermgauss(count)
    scaled = points * math.sqrt(2), mass / math.sqrt(math.pi)
    with torch.inference_mode(False):  # what is kept serves differentiation, too
        first, second = (torch.tensor(values, dtype=dtype, device=device) for values in scaled)
    return first, second


def standard_points(size: int, count: int, like: Tensor) -> tuple[Tensor, Tensor]:
    """Points (points, size) and weights (points,): sums over them are nearly means over ``N(0, I)``.

    A Gauss-Hermite grid, in few dimensions; in many quasi-random points with their opposites, made to have
    the covariance of ``N(0, I)``, so that means of polynomials up to the third degree are exact.

    Parameters
    ----------
    size : int
        Dimensions.
    count : int
        About as many points.
    """
    at, mass = _points(size, count)
    return at.to(like), mass.to(like)


@cache
def _points(size: int, count: int) -> tuple[Tensor, Tensor]:
    nodes = min(int(count ** (1 / size) + 1e-9), MOST)
    if nodes >= DENSE:
        axis, mass = map(torch.from_numpy, np.polynomial.hermite_e.hermegauss(nodes))
        at = torch.cartesian_prod(*[axis] * size).view(-1, size)
        weight = torch.cartesian_prod(*[mass / mass.sum()] * size).view(-1, size).prod(-1)
        return at, weight
    engine = torch.quasirandom.SobolEngine(size, scramble=True, seed=0)  # type: ignore[no-untyped-call]
    # Fewer than there are directions would not have the covariance.
    drawn = engine.draw(max(count // 2, 2 * size), dtype=torch.float64)
    half = torch.special.ndtri(drawn.clamp(1e-9, 1 - 1e-9))
    whole = torch.cat([half, -half])
    root = torch.linalg.cholesky(whole.T @ whole / len(whole))
    at = torch.linalg.solve_triangular(root, whole.T, upper=False).T
    return at, torch.full_like(at[:, 0], 1 / len(at))
