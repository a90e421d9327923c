"""Estimated effects of a network, by cluster factor, as the terms of a mixed model."""

from collections.abc import Sequence

import torch
from torch import Tensor

from armed.data.factors import by_factor
from armed.effects.linear_effects import LinearEffects
from armed.inference.blocks.classes import effects_term
from armed.inference.blocks.terms import EffectsTerm, hard_clusters


def factor_terms(
    effects: Sequence[LinearEffects], designs: Sequence[Tensor], z: Tensor
) -> tuple[list[EffectsTerm], Tensor]:
    """Return a term for each factor, and how much each sample counts, (samples,).

    Parameters
    ----------
    effects : sequence of LinearEffects
        Those of the first factor first.
    designs : sequence of Tensor, shape (samples, d)
        What the effects of each multiply.
    z : Tensor
        Clusters, see `armed.data.factors`. Of weights over those of the first factor the likeliest one
        counts, with its weight.
    """
    first, *others = by_factor(z, len(effects) - 1)
    (first, share), made = hard_clusters(first), []
    for own, design, index in zip(effects, designs, (first, *others), strict=True):
        if index is not first:
            # A sample of no known cluster tells nothing of any; it is put where others are.
            design = design * (index >= 0)[:, None]
            index = torch.where(index >= 0, index, index.amax().clamp_min(0))
        made.append(
            effects_term(
                design,
                index,
                own.clusters,
                outputs=own.outputs,
                correlated=own.correlated,
                name=str(own.factor),
                variance_of=own.variance_of,
            )
        )
    return made, share
