"""Variances from linear predictors of samples that a network has not seen."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from armed.inference.blocks.terms import EffectsTerm, fixed_term
from armed.inference.mixed_model import MixedModel, State
from armed.inference.start import without_effects

COMMON_SD = 0.3
"""Where the standard deviation of slopes that all clusters share starts."""


@dataclass(frozen=True, eq=False)
class HeldOut:
    """What two networks say of samples that they have not seen.

    ``design`` (samples, d), ``offset`` (samples,) their linear predictors, ``network`` (samples,): 0 or 1.
    """

    design: Tensor
    offset: Tensor
    network: Tensor

    def ordered(self, order: Tensor) -> "HeldOut":
        """Those samples, in that order."""
        return HeldOut(self.design[order], self.offset[order], self.network[order])

    def columns(self) -> Tensor:
        """Intercept and offset of each of the two, (samples, 4)."""
        one = self.network[:, None]
        both = torch.stack([torch.ones_like(self.offset), self.offset], 1)
        return torch.cat([(1 - one) * both, one * both], 1)


def calibrated(
    model: MixedModel, state: State, held_out: HeldOut, fit: Callable[[MixedModel, State], State]
) -> tuple[State, Tensor]:
    """State with variances by held-out offsets, and these with their best intercepts and slopes.

    Parameters
    ----------
    model : MixedModel
        Of one term.
    state : State
        Where ``fit`` begins.
    held_out : HeldOut
    fit : callable
        Moves a state towards the best one of a model.
    """
    term, kind = model.terms[0], model.offset.dtype
    own = replace(term, design=held_out.design.to(kind))
    # A network of half of the samples may not know the slopes that all clusters share.
    common = _in_common(own)
    columns = held_out.columns().to(kind)
    apart = replace(
        model,
        offset=torch.zeros_like(model.offset),
        terms=[own, common] if common.size else [own],
        fixed=fixed_term(columns),
    )
    state = replace(state, fixed=without_effects(apart, columns))
    if common.size:
        root = COMMON_SD * torch.eye(common.size, dtype=kind, device=columns.device)
        none = columns.new_zeros(1, common.size)
        state = replace(state, roots=[*state.roots, root], means=[*state.means, none])
    found = fit(apart, state)
    known = columns @ found.fixed
    if common.size:
        known = known + common.predictor(found.means[1])
    # this network's linear predictors are others
    return replace(found, roots=found.roots[:1], means=found.means[:1], averages=None), known


def _in_common(term: EffectsTerm) -> EffectsTerm:
    """Slopes that all clusters share, of one variance, which is estimated with the others."""
    design = term.design[:, term.design.std(0) > 0]
    numbers = torch.zeros(design.shape[1], dtype=torch.int64, device=design.device)
    return EffectsTerm(
        design, torch.zeros_like(term.index), 1, correlated=False, variance_of=numbers
    )
