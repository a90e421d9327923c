"""A mixed model fitted to convergence."""

from contextlib import suppress
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from armed.errors import TrainingError
from armed.inference.blocks.terms import check_term
from armed.inference.em import em_round, expectation
from armed.inference.maximisation import maximisation
from armed.inference.mixed_model import (
    MixedModel,
    State,
    to_state,
    to_vector,
)
from armed.inference.start import initial_state

STEPS = 4
"""Newton steps of an E step that begins at the effects of the round before."""
FIRST_STEPS = 30
TOLERANCE = 1e-6
"""How far, relative to themselves, parameters may be from where the rounds lead."""
NO_CHANGE = 1e-2
"""Share of it below which a round's change is none, whatever the rate (a variance goes to 0 ever slower)."""
SMALLEST = 1e-4
"""Standard deviation, relative to the scale of the outcome, that counts as 0 (lme4's ``isSingular``)."""
SHORTEST, LONGEST = 1.5, 1e4
FURTHEST = 5.0
ROUNDING = 1e-8
"""Relative error of the evidence, which may fall by as much without having fallen."""


@dataclass(frozen=True, eq=False)
class Estimate:
    """A fitted mixed model.

    ``covariances[t]`` (d, d) is ``D_t``; ``effects[t]`` (clusters, d) and ``effect_covariances[t]``
    (clusters, d, d) the posterior of ``u``; ``fixed`` (p,); ``noise`` the residual variance; ``evidence`` the
    (restricted) log-likelihood, a bound of it where moments are not exact.
    """

    covariances: list[Tensor]
    effects: list[Tensor]
    effect_covariances: list[Tensor]
    fixed: Tensor
    noise: Tensor
    evidence: float
    rounds: int
    converged: bool


def estimate(
    model: MixedModel,
    *,
    start: State | None = None,
    rounds: int = 3000,
    tolerance: float = TOLERANCE,
) -> Estimate:
    """Fit variances, fixed effects and effects until they no longer change.

    Rounds of expectation-maximisation; every two of them are extrapolated (SQUAREM), and where that lowers
    the evidence it is undone.

    Parameters
    ----------
    model : MixedModel
    start : State, optional
        Default: `armed.inference.start.initial_state`.
    rounds : int
        At most.
    tolerance : float
        See `TOLERANCE`.

    Raises
    ------
    TrainingError
        If the evidence is not finite.

    References
    ----------
    Varadhan and Roland, Scandinavian Journal of Statistics 35:335-353, 2008.
    """
    for term in (*model.terms, *([model.fixed] if model.fixed is not None else [])):
        check_term(term, len(model.y))
    start = start or initial_state(model)
    model, order = model.in_blocks()
    start = replace(start, variance=start.variance[order])
    try:
        state, _ = em_round(model, start, steps=FIRST_STEPS)
        state, done, converged = settle(model, state, rounds=rounds, tolerance=tolerance)
        found = expectation(model, state, steps=FIRST_STEPS)
    except torch.linalg.LinAlgError as error:
        raise TrainingError(
            "a matrix of the mixed model has no inverse, as expected; check the designs for columns that "
            "depend on each other, and outcome, offset and designs for values that are not finite"
        ) from error
    effects = [m @ r.T for m, r in zip(found.means, state.roots, strict=True)]
    covariances = [r @ c @ r.T for c, r in zip(found.covariances, state.roots, strict=True)]
    return Estimate(
        [root @ root.T for root in state.roots],
        effects,
        covariances,
        found.state.fixed,
        state.noise,
        float(found.evidence),
        done,
        converged,
    )


def settle(
    model: MixedModel, state: State, *, rounds: int, tolerance: float, steps: int = STEPS
) -> tuple[State, int, bool]:
    """Go on from a state until what is left to go is less than ``tolerance``, relative to the parameters.

    Rounds shrink by a rate, the last one over the one before, so that what is left is a geometric series;
    a variance that is far too small grows slowly, but at a rate above 1.

    Returns
    -------
    state : State
    rounds : int
        Taken.
    converged : bool
    """
    zero, done = state, 0
    while done < rounds:
        one, _ = em_round(model, zero, steps=steps)
        two, found = em_round(model, one, steps=steps)
        done += 2
        first, second = largest_change(model, zero, one), largest_change(model, one, two)
        if second < NO_CHANGE * tolerance or second * second < tolerance * (first - second):
            return two, done, True
        _check_finite(found.evidence, done)
        least = found.evidence - ROUNDING * found.evidence.abs()
        zero, taken = _extrapolate(model, (zero, one, two), least, steps)
        done += taken
    return zero, done, False


def _extrapolate(
    model: MixedModel, last: tuple[State, State, State], least: Tensor, steps: int
) -> tuple[State, int]:
    """State after the longest extrapolation of two rounds whose evidence is ``least``, and rounds taken."""
    start, r, v, length = _direction(*last)
    taken = 0
    while length > SHORTEST:
        # Logarithms of variances that go to 0 have no end.
        step = (2 * length * r + length**2 * v).clamp(-FURTHEST, FURTHEST)
        taken += 1
        # Far off the matrices may not even be definite.
        with suppress(torch.linalg.LinAlgError):
            found = expectation(model, to_state(start + step, last[2]), steps=2 * steps)
            if bool(found.evidence >= least):
                return maximisation(model, found), taken
        length = length / 8
    return last[2], taken


def _check_finite(evidence: Tensor, rounds: int) -> None:
    if not bool(evidence.isfinite()):
        raise TrainingError(
            f"the log-likelihood of the mixed model is no longer finite after {rounds} rounds, as expected; "
            "check the designs for columns that depend on each other or extreme values"
        )


def _direction(zero: State, one: State, two: State) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """``p0``, ``r = p1 - p0``, ``v = (p2 - p1) - r``, ``a = |r| / |v|`` of ``p0 + 2 a r + a^2 v``."""
    # Steps of rounds that shrink at one rate end at p0 + r / (1 - rate), where this goes in one leap.
    start = to_vector(zero)
    r = to_vector(one) - start
    v = to_vector(two) - to_vector(one) - r
    return start, r, v, (r.norm() / v.norm().clamp_min(1e-300)).clamp(1.0, LONGEST)


def largest_change(model: MixedModel, one: State, two: State) -> float:
    """Largest change of a parameter, of standard deviations relative to the scale of the outcome."""
    scale = two.noise.sqrt()
    changes = [(two.noise / one.noise).log().abs()[None]]
    for rms, before, after in zip(model.scales, one.roots, two.roots, strict=False):
        sd = after.square().sum(1).sqrt()
        moved = (after - before).abs().amax(1) / sd
        # by the standard deviation of what an effect adds to the linear predictor
        changes.append(torch.where(sd * rms / scale < SMALLEST, 0, moved))
    if model.fixed is not None:
        changes.append((two.fixed - one.fixed).abs() * model.scales[-1] / scale)
    return float(torch.cat(changes).max())
