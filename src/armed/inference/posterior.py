"""Gaussian posterior of the effects of one or several terms, in closed form."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from armed.inference.arrow import ArrowSystem
from armed.inference.terms import EffectsTerm
from armed.tasks.base import Task

NEWTON_STEPS = 20
NODES = ((0.1, 5), (1.0, 9), (math.inf, 15))
"""Gauss-Hermite nodes of an average over one linear predictor, up to each variance of it.

Up to a variance of 2 they give averages of the likelihoods here to four digits.
"""


def standard_normal_nodes(nodes: int, like: Tensor) -> tuple[Tensor, Tensor]:
    """Nodes ``t_j`` and weights ``w_j`` with ``E[g(e)] = sum_j w_j g(t_j)``, ``e ~ N(0, 1)``."""
    # hermgauss is for exp(-t^2); of the standard normal density the nodes are sqrt(2) t and the
    # weights w / sqrt(pi) (Abramowitz and Stegun 25.4.46).
    points, mass = np.polynomial.hermite.hermgauss(nodes)
    return like.new_tensor(points * math.sqrt(2)), like.new_tensor(mass / math.sqrt(math.pi))


def averaged_derivatives(
    task: Task, eta: Tensor, variance: Tensor, y: Tensor
) -> tuple[Tensor, Tensor]:
    r"""``E[l'(e)]`` and ``E[-l''(e)]`` over ``e ~ N(eta, variance)``, each (samples,).

    These are the derivatives of the expected log-likelihood in mean and (twice) variance of the
    predictor, so that a Newton step with them in the place of ``l'`` and ``l''`` at the mean climbs the
    evidence bound (Opper and Archambeau 2009).
    """
    if not task.curvature_change:
        # A quadratic log-likelihood: the average of l' is l' at the mean, and l'' does not change.
        return task.derivatives(eta, y)
    at, mass = _around(eta, variance)
    gradient, curvature = task.derivatives(at, y[:, None])
    return gradient @ mass, curvature @ mass


def averaged_log_likelihood(task: Task, eta: Tensor, variance: Tensor, y: Tensor) -> Tensor:
    """``E[l(e)]`` over ``e ~ N(eta, variance)``, (samples,)."""
    at, mass = _around(eta, variance)
    return task.log_likelihood(at, y[:, None]) @ mass


def _around(eta: Tensor, variance: Tensor) -> tuple[Tensor, Tensor]:
    """Predictors (samples, nodes) around each mean, and their weights (nodes,)."""
    largest = float(variance.max()) if len(variance) else 0.0
    count = next(count for most, count in NODES if not largest > most)
    at, mass = standard_normal_nodes(count, eta)
    return eta[:, None] + variance.clamp_min(0).sqrt()[:, None] * at, mass


@dataclass(frozen=True, eq=False)
class Posterior:
    """``q(v) = N(mean, covariance)`` of the standardised effects of each term, with ``v ~ N(0, I)`` before.

    ``means[t]`` (clusters, d) and ``covariances[t]`` (clusters, d, d) of one cluster's effects; those of
    the fixed effects, if there are any, come last. ``eta`` and ``variance`` (samples,): mean and variance of
    the linear predictor, ``with_predictor[t]`` (samples, d) the covariance of a sample's own effects with it.
    ``log_determinant``: of the precision of all of ``v``.
    """

    means: list[Tensor]
    covariances: list[Tensor]
    eta: Tensor
    variance: Tensor
    with_predictor: list[Tensor]
    log_determinant: Tensor


@dataclass(frozen=True, eq=False)
class Likelihood:
    """What is known of the samples: ``y_i ~ task(offset_i + ...)``, in units of the linear predictor.

    ``weight_i`` times the log-likelihood counts (0: padding); a residual variance is divided out there.
    """

    task: Task
    offset: Tensor
    y: Tensor
    weight: Tensor

    def derivatives(self, eta: Tensor, variance: Tensor) -> tuple[Tensor, Tensor]:
        """Averaged first and minus second derivative of each sample's share, (samples,) each."""
        first, second = averaged_derivatives(self.task, eta, variance, self.y)
        return first * self.weight, second * self.weight


def gaussian_posterior(
    terms: Sequence[EffectsTerm],
    likelihood: Likelihood,
    *,
    fixed: EffectsTerm | None = None,
    integrate_fixed: bool = False,
    start: Sequence[Tensor] | None = None,
    variance: Tensor | None = None,
    steps: int = NEWTON_STEPS,
) -> Posterior:
    r"""Gaussian that is best in the evidence bound, ``q(v) = N(m, S)``; exact for a Gaussian outcome.

    Newton's steps on ``m`` with averaged derivatives (`armed.inference.posterior`); ``S`` is the inverse of
    ``P + sum_i w_i phi_i phi_i'``, ``w_i`` the averaged curvature.

    Parameters
    ----------
    terms : sequence of EffectsTerm
        Random effects, standardised: their prior is ``N(0, I)``. Those of the first are solved for
        cluster by cluster, those of all others jointly: put the term of the most clusters first.
    likelihood : Likelihood
    fixed : EffectsTerm, optional
        Fixed effects, of a flat prior (`armed.inference.terms.fixed_term`).
    integrate_fixed : bool
        Whether the covariances of the random effects hold the uncertainty of the fixed ones (REML), or
        are those at the best fixed effects (maximum likelihood).
    start : sequence of Tensor, optional
        Means to begin at, default 0.
    variance : Tensor, shape (samples,), optional
        Of the linear predictor to begin with, default 0.
    steps : int
        Newton steps.

    References
    ----------
    Opper and Archambeau, Neural Computation 21:786-792, 2009; Challis and Barber, JMLR 14:2239-2286, 2013.
    """
    system = ArrowSystem(terms, fixed, integrate_fixed)
    means = list(start) if start is not None else system.zeros(likelihood.offset)
    variance = torch.zeros_like(likelihood.offset) if variance is None else variance
    # One step finds the mean of a Gaussian outcome, whatever it starts at.
    for _ in range(steps if likelihood.task.curvature_change else 1):
        eta = system.predictor(likelihood.offset, means)
        first, second = likelihood.derivatives(eta, variance)
        solved = system.solve(means, first, second)
        means = _damped(system, likelihood, means, solved.step)
        variance = solved.variance()
    eta = system.predictor(likelihood.offset, means)
    return Posterior(
        means,
        solved.covariances(),
        eta,
        variance,
        solved.with_predictor(),
        solved.log_determinant(),
    )


def _damped(
    system: ArrowSystem, likelihood: Likelihood, means: list[Tensor], step: list[Tensor]
) -> list[Tensor]:
    """Means after a step that is short enough to climb.

    A full Newton step can overshoot for ever where the offsets are large. With ``|l'''| <= c l''``, the step
    ``log(1 + b) / b`` of it, ``b = c max_i |phi_i . step|``, always climbs and becomes the full step at the
    mode (Sun and Tran-Dinh, Math. Program. 2019). A quadratic log-likelihood (c = 0) needs none of it.
    """
    change = likelihood.task.curvature_change
    if not change:
        return [mean + by for mean, by in zip(means, step, strict=True)]
    moved = system.predictor(torch.zeros_like(likelihood.offset), step).abs()
    moved = moved * (likelihood.weight > 0)
    if len(step) == 1:
        # Clusters that share nothing move as far as each may.
        first = system.terms[0]
        furthest = moved.new_zeros(first.clusters)
        furthest = furthest.scatter_reduce(0, first.index, moved, "amax")[:, None]
    else:
        furthest = moved.max()
    reach = (change * furthest).clamp_min(1e-12)
    share = torch.log1p(reach) / reach
    return [mean + share * by for mean, by in zip(means, step, strict=True)]
