"""The closed-form update of a network's random effects after an epoch."""

from dataclasses import dataclass, replace
from functools import partial

import torch
from torch import Tensor, nn

from armed.errors import TrainingError
from armed.inference.blocks.system import cluster_gram
from armed.inference.blocks.terms import EffectsTerm
from armed.inference.em import expectation
from armed.inference.estimate import settle
from armed.inference.held_out import HeldOut, calibrated, unexplained
from armed.inference.mixed_model import Expectation, MixedModel, State
from armed.inference.posterior import Likelihood
from armed.tasks.base import Task

ROUNDS = 6
TOLERANCE = 0.05
LAST_ROUNDS, LAST_TOLERANCE = 200, 1e-3
STEPS, FIRST_STEPS = 2, 6
"""An epoch's rounds of expectation-maximisation, at most: each epoch goes on where the last one ended. How
far they may end from where they lead, the same of those after training, and the Newton steps of each."""
SD_SCALE = 5.0
"""Scale of the half-normal prior on what effects add to a logit, or to the logarithm of a count."""
INACTIVE = 1e-6
LEAST = 0.05
"""Share of an effect's variance that a cluster would tell, at which rounds begin with one that was 0."""


@dataclass(frozen=True, eq=False)
class Updated:
    """Effects: their ``mean`` (clusters, d), ``covariance`` (clusters, d, d), prior ``root`` (d, d).

    ``noise`` (1,) is the residual variance. ``calibration`` (3,): intercept and slope with which the
    network's linear predictor is that of samples it has not seen, and what effects are to be divided by then;
    None where nothing tells.
    """

    mean: Tensor
    covariance: Tensor
    root: Tensor
    noise: Tensor
    calibration: Tensor | None = None


def updated_effects(
    task: Task,
    term: EffectsTerm,
    offset: Tensor,
    y: Tensor,
    weight: Tensor,
    *,
    before: Updated,
    share: Tensor | None = None,
    held_out: HeldOut | None = None,
    estimate: bool = True,
    last: bool = False,
) -> Updated:
    """Return effects and variances after rounds of expectation-maximisation.

    Parameters
    ----------
    term : EffectsTerm
        Design (samples, d) and clusters of the training samples.
    offset, y, weight : Tensor, shape (samples,)
        The network's linear predictor, outcome, and weight of a sample in its loss (0: padding).
    before : Updated
        Where the rounds begin.
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
    term = replace(term, design=term.design.to(kind))
    scale = SD_SCALE if task.curvature_change else None
    model = MixedModel(task, y.to(kind), offset, real, [term], sd_scale=scale)
    model, order = model.in_blocks()
    mean, root = before.mean.to(kind), before.root.to(kind)
    noise, variance = before.noise[0].to(kind), model.terms[0].variance(before.covariance.to(kind))
    state = State([root], offset.new_zeros(0), noise, [mean], variance)
    calibration, attenuation = None, offset.new_ones(())
    settled = partial(_settled, last=last)
    try:
        if held_out is not None:
            fit = calibrated(model, state, held_out.ordered(order), settled)
            model, state = replace(model, offset=fit.known), fit.state
            found = expectation(model, state, steps=2 * STEPS)
            attenuation = (1 + task.attenuation * unexplained(model, found, fit.seen)).sqrt()
            calibration = torch.stack([fit.intercept + odds[0], fit.slope, attenuation])
            calibration = calibration.to(before.mean.dtype)
        elif estimate:
            state = settled(model, state)
            found = expectation(model, state, steps=STEPS)
        else:
            # Effects that were found under other variances may be none under these.
            state = replace(state, means=[torch.zeros_like(mean)])
            found = expectation(model, state, steps=FIRST_STEPS)
    except torch.linalg.LinAlgError as error:
        raise TrainingError(
            f"the variances of {term.size} random effects of {term.clusters} clusters grow without bound on "
            f"{int((real > 0).sum())} training samples, expected fewer effects than these can tell; leave "
            "random slopes out, or let gradients move them (LinearEffects replaced by RandomSlope; in a "
            "study random_effects.estimated: false)"
        ) from error
    new = _as_effects(found, attenuation * state.roots[0], state.noise, before.mean.dtype)
    return replace(new, calibration=calibration)


def _as_effects(found: Expectation, root: Tensor, noise: Tensor, kind: torch.dtype) -> Updated:
    """Effects ``u = root v`` of standardised ones that were found."""
    mean, covariance = found.means[0] @ root.T, root @ found.covariances[0] @ root.T
    return Updated(*(value.to(kind) for value in (mean, covariance, root, noise[None])))


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
    state = _revived(model, state)
    # Every epoch goes on from the last one's variances and effects: few rounds are enough.
    rounds, tolerance = (LAST_ROUNDS, LAST_TOLERANCE) if last else (ROUNDS, TOLERANCE)
    return settle(model, state, rounds=rounds, tolerance=tolerance, steps=STEPS)[0]


def _revived(model: MixedModel, state: State) -> State:
    """State in which effects of nearly no variance have some, if the evidence rises with it.

    At a variance of 0 its slope is ``sum_k (G_k^2 - H_k) / 2``, of gradient and curvature of a cluster's
    log-likelihood in the effect: rounds alone never come back from there.
    """
    term, root = model.terms[0], state.roots[0]
    likelihood = Likelihood(model.task, model.offset, model.y, model.weight / state.noise)
    eta = model.offset + term.predictor(state.means[0])
    if model.fixed is not None:
        eta = eta + model.fixed.design @ state.fixed
    averages = likelihood.averages(eta, state.variance)
    first, second = likelihood.weighted(averages)
    curvature = cluster_gram(term, second).diagonal(dim1=1, dim2=2)
    rises = term.shared((term.gather(first).square() - curvature).sum(0)) > 0
    information = term.shared(curvature.sum(0)) / term.present(model.weight).sum()
    least = torch.where(information > INACTIVE, (LEAST / information).sqrt(), 0)
    lacking = (least - root.diagonal()).clamp_min(0)
    revived = root + torch.diag(torch.where(rises, lacking, 0))
    return replace(state, roots=[revived, *state.roots[1:]], averages=averages)


def odds_change(task: Task, y: Tensor, weight: Tensor) -> Tensor:
    """What class weights add to the linear predictor of a 0/1 outcome, (1,), or those of classes, (classes,).

    To those of other outcomes nothing, (1,).
    """
    if not task.has_classes:
        return torch.zeros_like(weight[:1])
    # log odds of the weighted samples are those of the samples plus log(w_c / w_d)
    real, member = (
        (weight > 0).to(weight.dtype),
        nn.functional.one_hot(y.long(), max(task.predictors, 2)),
    )
    counts, totals = real @ member.to(real.dtype), weight @ member.to(weight.dtype)
    # Mean weight of each class; one of which there are no samples has changed nothing.
    change = torch.where(counts > 0, totals / counts.clamp_min(1), 1).log()
    return change if task.predictors > 1 else change[1:] - change[:1]
