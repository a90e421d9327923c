"""The closed-form update of a network's random effects after an epoch."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import torch
from torch import Tensor, nn

from armed.errors import TrainingError
from armed.inference.blocks.terms import EffectsTerm
from armed.inference.em import em_round, expectation
from armed.inference.estimate import largest_change, settle
from armed.inference.held_out import HeldOut, calibrated, unexplained
from armed.inference.mixed_model import Expectation, MixedModel, State
from armed.inference.start import revived
from armed.tasks.base import Task

ROUNDS, CHANGE = 4, 0.1
"""An epoch's rounds of expectation-maximisation, at most, and the change of a standard deviation that is the
last one, of itself. A round takes one Newton step: each epoch goes on where the last one ended."""
LAST_ROUNDS, LAST_TOLERANCE = 200, 1e-3
STEPS, FIRST_STEPS = 2, 6
"""Rounds after training, how far they may end from where they lead, and Newton steps of a round; those of
effects that may be none to begin with."""
SD_SCALE = 5.0
"""Scale of the half-normal prior on what effects add to a logit, or to the logarithm of a count."""


@dataclass(frozen=True, eq=False)
class Updated:
    """Effects: their ``mean`` (clusters, d), ``covariance`` (clusters, d, d), prior ``root`` (d, d).

    ``noise`` (1,) is the residual variance. ``calibration`` (4,): intercept and slope with which the
    network's linear predictor is that of samples it has not seen, what effects are to be divided by then,
    and the variance of what it does not know of a sample's predictor; None where nothing tells.
    """

    mean: Tensor
    covariance: Tensor
    root: Tensor
    noise: Tensor
    calibration: Tensor | None = None


def updated_effects(
    task: Task,
    terms: Sequence[EffectsTerm],
    offset: Tensor,
    y: Tensor,
    weight: Tensor,
    *,
    before: Sequence[Updated],
    share: Tensor | None = None,
    held_out: HeldOut | None = None,
    estimate: bool = True,
    last: bool = False,
) -> list[Updated]:
    """Return effects and variances of each term after rounds of expectation-maximisation.

    Parameters
    ----------
    terms : sequence of EffectsTerm
        Design (samples, d) and clusters of the training samples, by factor.
    offset, y, weight : Tensor, shape (samples,)
        The network's linear predictor, outcome, and weight of a sample in its loss (0: padding).
    before : sequence of Updated
        Where the rounds begin; the residual variance is that of the first.
    share : Tensor, shape (samples,), optional
        As how much of a sample each counts, default 1.
    held_out : HeldOut, optional
        Offsets that make the variances, instead of those of the network itself, which has seen the samples;
        and, with intercept and slope as they fit best, the effects. Both are then what they would be if the
        fixed part were known, see Notes.
    estimate : bool
        Whether to find variances; if not, effects only, under those of ``before``.
    last : bool
        Whether training is over, and the rounds are to go on until nothing changes.

    Notes
    -----
    Class weights make a likelihood that counts a rare sample several times, and with it effects and variances
    that are too large. Each sample counts once here, and what the weights do to the odds is taken out of the
    offset.

    With a part of the fixed effects unknown, of variance ``s^2``, effects on a logit are those of the model
    divided by ``sqrt(1 + c s^2)``, ``c`` the task's ``attenuation``: they are multiplied by that.
    """
    kind = torch.promote_types(offset.dtype, torch.float64)
    real = (weight > 0).to(kind) * (1 if share is None else share.to(kind))
    odds = odds_change(task, y, weight).to(kind)
    offset = offset.to(kind) - odds
    scale = SD_SCALE if task.curvature_change else None
    # The term of the most clusters is solved for cluster by cluster, and comes first.
    places = sorted(range(len(terms)), key=lambda place: -terms[place].clusters)
    ordered = [replace(terms[place], design=terms[place].design.to(kind)) for place in places]
    model = MixedModel(task, y.to(kind), offset, real, ordered, sd_scale=scale)
    model, order = model.in_blocks()
    state = _state(model, [before[place] for place in places], before[0].noise[0].to(kind))
    calibration, attenuation = None, offset.new_ones(())
    settled = partial(_settled, last=last)
    try:
        if held_out is not None:
            fit = calibrated(model, state, held_out.ordered(places, order), settled)
            model, state = replace(model, offset=fit.known), fit.state
            found = expectation(model, state, steps=2 * STEPS)
            unknown = unexplained(model, found, fit.seen)
            attenuation = (1 + task.attenuation * unknown).sqrt()
            # The network's predictors are on average what those of networks are that have seen the samples.
            away = fit.seen - fit.slope * (offset[order] + odds)
            intercept = (model.weight * away).sum() / model.weight.sum() + odds[0]
            calibration = torch.stack([intercept, fit.slope, attenuation, unknown])
            calibration = calibration.to(before[0].mean.dtype)
        elif estimate:
            state = settled(model, state)
            found = expectation(model, state, steps=STEPS if last else 1)
        else:
            # Effects that were found under other variances may be none under these.
            state = replace(state, means=[torch.zeros_like(mean) for mean in state.means])
            found = expectation(model, state, steps=FIRST_STEPS)
    except torch.linalg.LinAlgError as error:
        raise _unbounded(terms, real) from error
    roots = [attenuation * root for root in state.roots]
    new = dict(zip(places, _as_effects(found, roots, before[0].mean.dtype), strict=True))
    return [replace(new[place], calibration=calibration) for place in range(len(terms))]


def _state(model: MixedModel, before: Sequence[Updated], noise: Tensor) -> State:
    """Where the rounds of a model begin."""
    pairs = zip(model.terms, before, strict=True)
    # Factors count as independent where the rounds begin.
    variance = torch.stack([term.variance(one.covariance.double()) for term, one in pairs]).sum(0)
    roots, means = [one.root.double() for one in before], [one.mean.double() for one in before]
    return State(roots, model.offset.new_zeros(0), noise, means, variance)


def _as_effects(found: Expectation, roots: list[Tensor], kind: torch.dtype) -> list[Updated]:
    """Effects ``u = root v`` of standardised ones that were found, by term."""
    made = zip(found.means, found.covariances, roots, strict=True)
    parts = [(m @ r.T, r @ c @ r.T, r, found.state.noise[None]) for m, c, r in made]
    return [Updated(*(value.to(kind) for value in values)) for values in parts]


def _unbounded(terms: Sequence[EffectsTerm], real: Tensor) -> TrainingError:
    effects = " and ".join(f"{t.size} random effects of {t.clusters} clusters" for t in terms)
    return TrainingError(
        f"the variances of {effects} grow without bound on {int((real > 0).sum())} training samples, "
        "expected fewer effects than these can tell; leave random slopes out, or let gradients move them "
        "(LinearEffects replaced by RandomSlope; in a study random_effects.estimated: false)"
    )


def centred(
    task: Task, term: EffectsTerm, new: Updated, center: Tensor, weight: Tensor
) -> tuple[Tensor, Tensor]:
    """Effects without their mean over clusters, and the fixed effects ``center`` (d,) with it.

    Fixed effects of a logit or a logarithm have the prior ``N(0, SD_SCALE^2)``, in the same unit as standard
    deviations: where they separate outcomes, nothing else would hold them. A cluster without samples has no
    effect, and none that could move the mean.
    """
    present = term.present(weight).to(new.mean.dtype)[:, None]
    count, total = present.sum(), center + (new.mean * present).sum(0) / present.sum()
    if task.curvature_change:
        # Posterior mean of b, of which b + u_k are K draws from N(b, D).
        squares = term.by_effect((term.design.square() * weight[:, None]).sum(0) / weight.sum())
        spread = new.root.square().sum(1) * squares / SD_SCALE**2
        total = total * count / (count + spread)
    return (new.mean - (total - center)) * present, total


def _settled(model: MixedModel, state: State, *, last: bool) -> State:
    """State after an epoch's rounds, or the last ones."""
    state = revived(model, state)
    if last:
        rounds, tolerance = LAST_ROUNDS, LAST_TOLERANCE
        return settle(model, state, rounds=rounds, tolerance=tolerance, steps=STEPS)[0]
    for _ in range(ROUNDS):
        before, (state, _) = state, em_round(model, state, steps=1)
        if largest_change(model, before, state) < CHANGE:
            break
    return state


def odds_change(task: Task, y: Tensor, weight: Tensor) -> Tensor:
    """What class weights add to a linear predictor, (1,), or those of classes, (classes,); 0 of others."""
    if not task.has_classes:
        return torch.zeros_like(weight[:1])
    # log odds of the weighted samples are those of the samples plus log(w_c / w_d)
    member = nn.functional.one_hot(y.long(), max(task.predictors, 2)).to(weight)
    counts, totals = (weight > 0).to(weight) @ member, weight @ member
    # Mean weight of each class; one of which there are no samples has changed nothing.
    change = torch.where(counts > 0, totals / counts.clamp_min(1), 1).log()
    return change if task.predictors > 1 else change[1:] - change[:1]
