"""Variances from linear predictors of samples that a network has not seen."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from armed.inference.blocks.terms import EffectsTerm, fixed_term
from armed.inference.mixed_model import Expectation, MixedModel, State
from armed.inference.posterior import averaged_derivatives
from armed.inference.start import without_effects

COMMON_SD = 0.3
"""Where the standard deviation of slopes that all clusters share starts."""
LEAST_LEFT = 0.2
"""Share of a residual that the effects of a sample's own cluster leave of it, at least."""


@dataclass(frozen=True, eq=False)
class HeldOut:
    """What two networks say of samples, each trained on those that the other has not seen.

    ``designs`` (samples, d) of the terms and ``offset`` (samples,), a linear predictor, are of the one that
    has not seen a sample, which ``network`` (samples,) tells: 0 or 1. ``seen`` (samples,) is the other one's.
    """

    designs: Sequence[Tensor]
    offset: Tensor
    seen: Tensor
    network: Tensor

    def ordered(self, places: Sequence[int], order: Tensor) -> "HeldOut":
        """Those terms and samples, in that order."""
        others = (value[order] for value in (self.offset, self.seen, self.network))
        return HeldOut([self.designs[place][order] for place in places], *others)


@dataclass(frozen=True, eq=False)
class Calibrated:
    """A state with variances by held-out offsets.

    ``known`` (samples,): those offsets with their best intercept and slope; ``seen`` (samples,): linear
    predictors of the networks that have seen the samples, likewise. ``slope``, a scalar, is the mean of the
    two networks.
    """

    state: State
    known: Tensor
    seen: Tensor
    slope: Tensor


def calibrated(
    model: MixedModel, state: State, held_out: HeldOut, fit: Callable[[MixedModel, State], State]
) -> Calibrated:
    """Find variances by held-out offsets, and the intercepts and slopes of these that fit best.

    Parameters
    ----------
    model : MixedModel
    state : State
        Where ``fit`` begins.
    held_out : HeldOut
    fit : callable
        Moves a state towards the best one of a model.
    """
    kind, count = model.offset.dtype, len(model.terms)
    own = [
        replace(term, design=design.to(kind))
        for term, design in zip(model.terms, held_out.designs, strict=True)
    ]
    # A network of half of the samples may not know the slopes that all clusters share.
    common = _in_common(own)
    number = held_out.network.to(kind)
    offset, seen = held_out.offset.to(kind), held_out.seen.to(kind)
    columns = _columns(offset, number)
    # From an intercept of 0 and a slope of 1. What they change of a logit is held by a prior, as effects are:
    # few samples are separated by the offsets, and have no best slope.
    line = fixed_term(columns)
    apart = replace(model, offset=offset, terms=[*own, common] if common.size else own, fixed=line)
    if model.sd_scale is not None:
        line = replace(line, precision=(apart.scales[-1] / model.sd_scale).square())
        apart = replace(apart, fixed=line)
    state = replace(state, fixed=without_effects(apart, line))
    if common.size:
        root = COMMON_SD * torch.eye(common.size, dtype=kind, device=columns.device)
        none = columns.new_zeros(1, common.size)
        state = replace(state, roots=[*state.roots, root], means=[*state.means, none])
    found = fit(apart, state)
    shared = common.predictor(found.means[-1]) if common.size else 0
    # this network's linear predictors are others
    state = replace(
        found,
        roots=found.roots[:count],
        means=found.means[:count],
        averages=None,
        fixed=model.offset.new_zeros(0),
    )
    return Calibrated(
        state,
        offset + columns @ found.fixed + shared,
        seen + _columns(seen, 1 - number) @ found.fixed + shared,
        1 + found.fixed[1::2].mean(),
    )


def unexplained(model: MixedModel, found: Expectation, seen: Tensor) -> Tensor:
    r"""Variance, a scalar, of what networks do not know of the linear predictor of a sample.

    ``sum_i (s_i - o_i) E[l'_i] / sum_i E[-l''_i]``: how much a sample moves its own linear predictor, from
    ``o_i`` to ``s_i``, along with its residual, is the covariance penalty of an estimate. Of a fit that
    is linear in the outcomes it is the trace of its matrix over the samples, which for least squares and a
    smoother under its prior is the variance of the estimate's error.

    Parameters
    ----------
    model : MixedModel
        Its offsets are calibrated ones of networks that have not seen a sample.
    found : Expectation
    seen : Tensor, shape (samples,)
        Those of networks that have.

    References
    ----------
    Efron, Journal of the American Statistical Association 99:619-632, 2004.
    """
    eta, variance = model.offset, found.state.variance
    for term, mean, root in zip(model.terms, found.means, found.state.roots, strict=True):
        eta = eta + term.predictor(mean @ root.T)
    first, second = averaged_derivatives(model.task, eta, variance, model.y)
    # Without the sample's own part in the effects of its cluster, as of one left out (exact if Gaussian).
    residual = first / (1 - second * variance / found.state.noise).clamp_min(LEAST_LEFT)
    moved = (model.weight * residual * (seen - model.offset)).sum()
    return (moved / (model.weight * second).sum()).clamp_min(0)


def _columns(offset: Tensor, network: Tensor) -> Tensor:
    """Intercept and offset of each of two networks, (samples, 4)."""
    one = network[:, None]
    both = torch.stack([torch.ones_like(offset), offset], 1)
    return torch.cat([(1 - one) * both, one * both], 1)


def _in_common(terms: Sequence[EffectsTerm]) -> EffectsTerm:
    """Slopes that all clusters share, of one variance, which is estimated with the others."""
    # An intercept is common already, as that of the calibration.
    design = torch.cat([term.design[:, term.design.std(0) > 0] for term in terms], 1)
    numbers = torch.zeros(design.shape[1], dtype=torch.int64, device=design.device)
    return EffectsTerm(
        design, torch.zeros_like(terms[0].index), 1, correlated=False, variance_of=numbers
    )
