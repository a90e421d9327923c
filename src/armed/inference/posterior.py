"""Gaussian posterior of the effects of one or several terms, in closed form."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor

from armed.inference.blocks.covariances import Solved
from armed.inference.blocks.layout import Slots
from armed.inference.blocks.system import ArrowSystem
from armed.inference.blocks.terms import EffectsTerm
from armed.nn.gaussians import standard_normal_nodes
from armed.tasks.base import Task
from armed.tasks.softmax import averaged_log_softmax, averaged_softmax_derivatives

NEWTON_STEPS = 20
NODES = ((0.1, 5), (0.5, 9), (math.inf, 31))
"""Gauss-Hermite nodes of an average over one linear predictor, up to each variance of it.

Averages of the likelihoods here, and of their derivatives, are right to 1e-7 up to a variance of 2.
"""

Averages = tuple[Tensor, Tensor]


def averaged_derivatives(task: Task, eta: Tensor, variance: Tensor, y: Tensor) -> Averages:
    r"""``E[l'(e)]`` and ``E[-l''(e)]`` over ``e ~ N(eta, variance)``, each (samples,).

    These are the derivatives of the expected log-likelihood in mean and (twice) variance of the
    predictor, so that a Newton step with them in the place of ``l'`` and ``l''`` at the mean climbs the
    evidence bound (Opper and Archambeau 2009).
    """
    if task.predictors > 1:
        return averaged_softmax_derivatives(eta, variance, y)
    if not task.curvature_change:
        # A quadratic log-likelihood: the average of l' is l' at the mean, and l'' does not change.
        return task.derivatives(eta, y)
    first, second = _averaged(task.derivatives, eta, variance, y)
    return first, second


def averaged_log_likelihood(task: Task, eta: Tensor, variance: Tensor, y: Tensor) -> Tensor:
    """``E[l(e)]`` over ``e ~ N(eta, variance)``, (samples,)."""
    if task.predictors > 1:
        return averaged_log_softmax(eta, variance, y)
    return _averaged(lambda e, y: (task.log_likelihood(e, y),), eta, variance, y)[0]


def _averaged(
    values: Callable[[Tensor, Tensor], tuple[Tensor, ...]], eta: Tensor, variance: Tensor, y: Tensor
) -> list[Tensor]:
    """Averages (samples,) of what ``values`` gives of predictors and outcomes (nodes, samples)."""
    sd, largest = variance.clamp_min(0).sqrt(), float(variance.detach().max()) if len(eta) else 0

    def over(some: Tensor, by: Tensor, outcome: Tensor, count: int) -> list[Tensor]:
        nodes, mass = standard_normal_nodes(count, eta)
        predictor = torch.addcmul(some, by, nodes[:, None])
        return [mass @ each for each in values(predictor, outcome.expand_as(predictor))]

    found = over(eta, sd, y, NODES[0][1])
    # Few samples have a variance that takes more nodes.
    for (least, _), (most, count) in pairwise(NODES):
        if largest > least:
            at = ((variance > least) & (variance <= most)).nonzero()[:, 0]
            again = over(eta[at], sd[at], y[at], count)
            found = [one.index_copy(0, at, by) for one, by in zip(found, again, strict=True)]
    return found


@dataclass(frozen=True, eq=False)
class Posterior:
    """``q(v) = N(mean, covariance)`` of the standardised effects of each term, with ``v ~ N(0, I)`` before.

    ``means[t]`` (clusters, d) and ``covariances[t]`` (clusters, d, d) of one cluster's effects; those of
    the fixed effects, if there are any, come last. ``eta`` and ``variance`` (samples,): mean and variance of
    the linear predictor. ``solved`` is the system of the last step, of whose precision the covariances are.
    """

    means: list[Tensor]
    covariances: list[Tensor]
    eta: Tensor
    variance: Tensor
    solved: Solved


@dataclass(frozen=True, eq=False)
class Likelihood:
    """What is known of the samples: ``y_i ~ task(offset_i + ...)``, in units of the linear predictor.

    ``weight_i`` times the log-likelihood counts (0: padding); a residual variance is divided out there.
    """

    task: Task
    offset: Tensor
    y: Tensor
    weight: Tensor

    def averages(self, eta: Tensor, variance: Tensor) -> Averages:
        """See `averaged_derivatives`."""
        return averaged_derivatives(self.task, eta, variance, self.y)

    def weighted(self, averages: Averages) -> Averages:
        """Return each sample's share."""
        first, second = (torch.einsum("i...,i->i...", each, self.weight) for each in averages)
        return first, second


def gaussian_posterior(
    terms: Sequence[EffectsTerm],
    likelihood: Likelihood,
    *,
    fixed: EffectsTerm | None = None,
    integrate_fixed: bool = False,
    start: Sequence[Tensor] | None = None,
    variance: Tensor | None = None,
    averages: Averages | None = None,
    slots: Sequence[Slots] | None = None,
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
        Fixed effects (`armed.inference.blocks.terms.fixed_term`).
    integrate_fixed : bool
        Whether the covariances of the random effects hold the uncertainty of the fixed ones (REML), or
        are those at the best fixed effects (maximum likelihood).
    start : sequence of Tensor, optional
        Means to begin at, default 0.
    variance : Tensor, shape (samples,), optional
        Of the linear predictor to begin with, default 0.
    averages : pair of Tensor, optional
        `Likelihood.averages` there, if they are known.
    slots : sequence of Slots, optional
        See `armed.inference.blocks.ArrowSystem`.
    steps : int
        Newton steps.

    References
    ----------
    Opper and Archambeau, Neural Computation 21:786-792, 2009; Challis and Barber, JMLR 14:2239-2286, 2013.
    """
    system = ArrowSystem(terms, fixed, integrate_fixed, slots)
    means = list(start) if start is not None else system.zeros(likelihood.offset)
    variance = torch.zeros_like(likelihood.offset) if variance is None else variance
    # One step finds the mean of a Gaussian outcome, whatever it starts at.
    for _ in range(steps if likelihood.task.curvature_change else 1):
        if averages is None:
            averages = likelihood.averages(system.predictor(likelihood.offset, means), variance)
        solved = system.solve(means, *likelihood.weighted(averages))
        means = _damped(system, likelihood, means, solved.step)
        variance, averages = solved.variance(), None
    eta = system.predictor(likelihood.offset, means)
    return Posterior(means, solved.covariances(), eta, variance, solved)


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
    moved = system.predictor(torch.zeros_like(likelihood.offset), step)
    if moved.ndim > 1:  # what all classes move by changes nothing
        moved = moved.amax(1) - moved.amin(1)
    moved = moved.abs() * (likelihood.weight > 0)
    # Clusters that share nothing move as far as each may.
    furthest = system.inner.largest(moved)[:, None] if len(step) == 1 else moved.max()
    reach = (change * furthest).clamp_min(1e-12)
    share = torch.log1p(reach) / reach
    return [mean + share * by for mean, by in zip(means, step, strict=True)]
