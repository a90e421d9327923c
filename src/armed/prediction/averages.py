"""Expected outcomes where the linear predictor is not known."""

import torch
from torch import Tensor

from armed.tasks.base import Task
from armed.tasks.softmax import averaged_softmax

FURTHEST = 8.0
NODES = 101
"""Standard deviations that an average reaches to, and the points in which it is taken."""
VALUES = 2**22
"""Scores that are held at a time."""


def averaged_score(task: Task, eta: Tensor, variance: Tensor) -> Tensor:
    r"""``E[link(e)]`` over ``e ~ N(eta, variance)``, what `Task.score` gives of it.

    By the trapezoidal rule, whose error falls exponentially with the number of points: of a logistic link up
    to a standard deviation of 5 it is below 1e-10, where as many Gauss-Hermite nodes give 4e-6.

    Parameters
    ----------
    task : Task
        Of one linear predictor.
    eta, variance : Tensor, shape (samples,)

    References
    ----------
    Trefethen and Weideman, SIAM Review 56:385-458, 2014.
    """
    at = torch.linspace(-FURTHEST, FURTHEST, NODES, dtype=eta.dtype, device=eta.device)
    # The weights of points of equal distance are their densities, made to add up to 1.
    mass = torch.softmax(-0.5 * at.square(), 0)
    spread = variance.clamp_min(0).sqrt()
    parts = [
        torch.tensordot(
            scores_of(task, eta[some, None] + spread[some, None] * at), mass, ([1], [0])
        )
        for some in blocks(len(eta), VALUES // NODES)
    ]
    return torch.cat(parts)


def score_over(task: Task, eta: Tensor, spread: Tensor) -> Tensor:
    """`averaged_score` over what `armed.prediction.known_effects.KnownEffects.predictor` says."""
    if eta.ndim > 1:
        return averaged_softmax(eta, spread @ spread.mT)
    # The variance of phi . u is that of a standard normal vector times s.
    return averaged_score(task, eta, spread.square().sum(-1))


def blocks(count: int, size: int) -> list[slice]:
    """Slices of at most ``size`` that cover so many rows; one of none."""
    return [slice(start, start + size) for start in range(0, max(count, 1), size)]


def scores_of(task: Task, eta: Tensor) -> Tensor:
    """`Task.score` of linear predictors (samples, points), (samples, points, ...)."""
    found = task.score(eta.reshape(-1, 1))
    return found.reshape(*eta.shape, *found.shape[1:])
