"""Where a fit of a mixed model begins."""

from dataclasses import replace

import torch
from torch import Tensor

from armed.inference.blocks.terms import EffectsTerm
from armed.inference.mixed_model import MixedModel, State
from armed.inference.posterior import Likelihood

NEWTON_STEPS = 20
INACTIVE = 1e-6
LEAST = 0.05
"""Share of an effect's variance that a cluster would tell, at which rounds begin with one that was 0."""


def initial_state(model: MixedModel, *, share: float = 0.5) -> State:
    """State of effects 0, with fixed effects that fit best with these.

    The variances, added up over the effects, are ``share`` of the outcome's scale: of the variance of
    ``y - offset`` where the task has a residual variance, else of 1.
    """
    one = torch.ones_like(model.weight[:1])[0]
    noise = (model.y - model.offset).var() if model.task.has_noise else one
    roots = []
    for rms in model.scales[: len(model.terms)]:
        # a column of zeros has no scale
        roots.append(torch.diag((share * noise).sqrt() / torch.where(rms > 0, rms, 1)))
    means = [term.design.new_zeros(term.clusters, term.size) for term in model.terms]
    fixed = model.offset.new_zeros(0)
    if model.fixed is not None:
        fixed = without_effects(model, model.fixed)
    first = model.terms[0]
    none = model.offset.new_zeros(first.clusters, first.size, first.size)
    return State(roots, fixed, noise, means, first.variance(none))


def without_effects(model: MixedModel, fixed: EffectsTerm) -> Tensor:
    """Fixed effects (p,) that fit best without random ones, by Newton's steps."""
    design, found = fixed.design, model.offset.new_zeros(fixed.size)
    prior = torch.diag(torch.ones_like(found) * fixed.precision)
    ridge = prior + 1e-6 * torch.eye(len(found), dtype=found.dtype, device=found.device)
    for _ in range(NEWTON_STEPS):
        first, second = model.task.derivatives(model.offset + design @ found, model.y)
        curvature = design.T @ (design * (model.weight * second)[:, None])
        slope = design.T @ (model.weight * first) - prior @ found
        step = torch.linalg.solve(curvature + ridge, slope)
        # Not longer than is safe, as in `armed.inference.posterior`.
        reach = (model.task.curvature_change * (design @ step).abs().max()).clamp_min(1e-12)
        found = found + step * torch.log1p(reach) / reach
    return found


def revived(model: MixedModel, state: State) -> State:
    """State in which effects of nearly no variance have some, if the evidence rises with it.

    At a variance of 0 its slope is ``sum_k (G_k^2 - H_k) / 2``, of gradient and curvature of a cluster's
    log-likelihood in the effect: rounds alone never come back from there.
    """
    likelihood = Likelihood(model.task, model.offset, model.y, model.weight / state.noise)
    eta = model.offset
    for term, mean in zip(model.terms, state.means, strict=True):
        eta = eta + term.predictor(mean)
    if model.fixed is not None:
        eta = eta + model.fixed.design @ state.fixed
    averages = likelihood.averages(eta, state.variance)
    first, second = likelihood.weighted(averages)
    roots = []
    for term, root in zip(model.terms, state.roots, strict=True):
        curvature = term.gram(second).diagonal(dim1=1, dim2=2)
        rises = term.shared((term.gather(first).square() - curvature).sum(0)) > 0
        rises &= term.clusters > 1  # what all samples share tells nothing of a variance
        information = term.shared(curvature.sum(0)) / term.present(model.weight).sum()
        least = torch.where(information > INACTIVE, (LEAST / information).sqrt(), 0)
        lacking = (least - root.diagonal()).clamp_min(0)
        roots.append(root + torch.diag(torch.where(rises, lacking, 0)))
    return replace(state, roots=roots, averages=averages)
