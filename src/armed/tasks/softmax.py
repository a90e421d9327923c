"""Averages of a categorical likelihood over Gaussian linear predictors."""

from collections.abc import Iterator

import torch
from torch import Tensor
from torch.nn import functional as F

from armed.nn.gaussians import root_of, standard_points

POINTS, MANY = 64, 1024
"""Points of an average; of one that is to be right to 1e-3 of any variance."""
VALUES = 2**22
"""Predictors that are held at a time."""


def averaged_softmax(eta: Tensor, covariance: Tensor) -> Tensor:
    """``E[softmax(e)]``, (samples, classes), over ``e ~ N(eta, covariance)``.

    Parameters
    ----------
    eta, covariance : Tensor, shapes (samples, classes), (samples, classes, classes)
    """
    parts = [torch.softmax(e, 1) @ mass for e, mass in _predictors(eta, covariance, MANY)]
    return torch.cat(parts)


def averaged_softmax_derivatives(
    eta: Tensor, covariance: Tensor, y: Tensor
) -> tuple[Tensor, Tensor]:
    r"""Average gradient and minus Hessian of ``log softmax(e)_y`` over ``e ~ N(eta, covariance)``.

    Parameters
    ----------
    eta, covariance : Tensor, shapes (samples, classes), (samples, classes, classes)
    y : Tensor, shape (samples,)
        Number of the class.

    Returns
    -------
    ``onehot(y) - E[p]`` (samples, classes), ``E[diag(p) - p p']`` (samples, classes, classes).
    """
    mean, second = [], []
    for e, mass in _predictors(eta, covariance, POINTS):
        p = torch.softmax(e, 1)
        mean.append(p @ mass)
        second.append(torch.diag_embed(mean[-1]) - (p * mass) @ p.mT)
    return F.one_hot(y.long(), eta.shape[-1]) - torch.cat(mean), torch.cat(second)


def averaged_log_softmax(eta: Tensor, covariance: Tensor, y: Tensor) -> Tensor:
    """``E[log softmax(e)_y]``, (samples,); for the arguments see `averaged_softmax_derivatives`."""
    # Relative to the last class: log softmax(e)_y = e_y - log sum exp(e)
    own = (eta - eta[:, -1:]).gather(1, y.long()[:, None])[:, 0]
    parts = [torch.logsumexp(e, 1) @ mass for e, mass in _predictors(eta, covariance, POINTS)]
    return own - torch.cat(parts)


def _predictors(eta: Tensor, covariance: Tensor, count: int) -> Iterator[tuple[Tensor, Tensor]]:
    """Predictors (samples, classes, points) and the weights of the points, some samples at a time.

    Softmax knows of differences alone: those from the last class, which is 0 at all points. It is fast across
    points, and slow over a few classes that lie side by side.
    """
    across = covariance - covariance[..., -1:, :]
    root = root_of((across - across[..., -1:])[..., :-1, :-1])
    mean = eta - eta[:, -1:]
    points, mass = standard_points(root.shape[-1], count, eta)
    step = max(1, VALUES // (len(points) * eta.shape[1]))
    for start in range(0, max(len(eta), 1), step):
        some = slice(start, start + step)
        yield mean[some, :, None] + F.pad(root[some] @ points.T, (0, 0, 0, 1)), mass
