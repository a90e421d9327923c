"""Linear systems of mixed models: an arrow of one block per cluster and what is common to them.

The precision of all effects is

    [ A  B ]    A: blocks (clusters, d, d) of the inner term, each of which meets only itself,
    [ B' C ]    C: (m, m) of all other terms and the fixed effects, the common part.

The inner term is eliminated (Schur complement ``C - B' inv(A) B``). Of ``B`` a cluster keeps the columns
that it meets in a sample, so that the cost is linear in clusters and samples and cubic in ``m`` only.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from armed.inference.blocks.classes import ClassesTerm
from armed.inference.blocks.covariances import Solved
from armed.inference.blocks.layout import Layout, Slots
from armed.inference.blocks.products import summed_products
from armed.inference.blocks.terms import EffectsTerm


def pair_gram(
    first: EffectsTerm, second: EffectsTerm, weight: Tensor, place: Tensor, count: int
) -> Tensor:
    """``sum_i weight_i phi_i psi_i'`` over the samples of a place (samples,), (count, d, e)."""
    if isinstance(first, ClassesTerm) and isinstance(second, ClassesTerm):
        return first.gram_with(second, weight, place, count)
    if second.clusters == 1:
        # What all samples share is cut into blocks as the other term is.
        right, place = first.in_columns(second.design), place[:: first.length]
        weighted = first.columns * first.in_columns(weight[:, None])
        return summed_products(weighted, right, place, count)
    weighted = (first.design * weight[:, None])[..., None]
    return summed_products(weighted, second.design[..., None], place, count)


def joint_gram(terms: Sequence[EffectsTerm], weight: Tensor) -> Tensor:
    """``sum_i weight_i phi_i phi_i'`` of all effects of some terms, behind one another, (m, m)."""
    rows = []
    for one in terms:
        row = []
        for other in terms:
            place = one.index * other.clusters + other.index
            met = pair_gram(one, other, weight, place, one.clusters * other.clusters)
            met = met.reshape(one.clusters, other.clusters, one.size, other.size)
            row.append(met.transpose(1, 2).flatten(2).flatten(0, 1))
        rows.append(torch.cat(row, -1))
    return torch.cat(rows)


class ArrowSystem:
    """The arrow of some terms; the fixed effects, if any, are the last of them.

    Parameters
    ----------
    terms : sequence of EffectsTerm
        Random effects; the first is the inner one.
    fixed : EffectsTerm, optional
        Fixed effects.
    integrate_fixed : bool
        See `armed.inference.posterior.gaussian_posterior`.
    slots : sequence of Slots, optional
        Of the terms but the first, if they are known: the same for any values of their designs.
    """

    def __init__(
        self,
        terms: Sequence[EffectsTerm],
        fixed: EffectsTerm | None,
        integrate_fixed: bool,
        slots: Sequence[Slots] | None = None,
    ) -> None:
        self.terms = [*terms, *([fixed] if fixed is not None else [])]
        self.inner, self.outer = self.terms[0], self.terms[1:]
        self.random = len(terms)
        if slots is None:
            slots = [Slots.of(self.inner, term) for term in self.outer]
        self.layout = Layout.of(
            self.inner, self.outer, slots, random=self.random - 1, integrate_fixed=integrate_fixed
        )

    def zeros(self, like: Tensor) -> list[Tensor]:
        """Effects of 0."""
        return [like.new_zeros(term.clusters, term.size) for term in self.terms]

    def predictor(self, offset: Tensor, effects: Sequence[Tensor]) -> Tensor:
        """Linear predictor (samples,)."""
        for term, u in zip(self.terms, effects, strict=True):
            offset = offset + term.predictor(u)
        return offset

    def solve(self, means: Sequence[Tensor], first: Tensor, second: Tensor) -> Solved:
        """Newton step and covariances from the derivatives (samples,) of the log-likelihood."""
        # Gradient of the log posterior: sum_i l'_i phi_i - P v.
        gradients = [
            term.gather(first) - term.precision * mean
            for term, mean in zip(self.terms, means, strict=True)
        ]
        eye = torch.eye(self.inner.size, dtype=first.dtype, device=first.device)
        a = torch.linalg.cholesky(self.inner.gram(second) + eye)
        b = self._meetings(second)
        # inv(A) times the gradient and B, cluster by cluster
        inverse = torch.cholesky_inverse(a)
        solved = inverse @ torch.cat([gradients[0][..., None], b], -1)
        inner, across = solved[..., 0], solved[..., 1:]
        if not self.outer:
            nothing = inner.new_zeros(0, 0)
            return Solved(self.layout, [inner], a, inverse, across, nothing, nothing)
        layout = self.layout
        schur = self._common(second) - layout.scattered(b.transpose(1, 2) @ across)
        rest = torch.cat([gradient.flatten() for gradient in gradients[1:]])
        rest = rest - layout.scattered((b.transpose(1, 2) @ inner[..., None])[..., 0])
        root = torch.linalg.cholesky(schur)
        step = torch.cholesky_solve(rest[:, None], root)[:, 0]
        outer = [
            step[place].reshape(term.clusters, term.size)
            for place, term in zip(layout.places, self.outer, strict=True)
        ]
        inner = inner - (across @ layout.gathered(step)[..., None])[..., 0]
        return Solved(layout, [inner, *outer], a, inverse, across, schur, root)

    def _meetings(self, weight: Tensor) -> Tensor:
        """``B`` in the columns that each cluster meets: (clusters, d, width)."""
        clusters, size = self.inner.clusters, self.inner.size
        blocks = [weight.new_zeros(clusters, size, 0)]
        for number, term in enumerate(self.outer):
            slots = self.layout.slots[number]
            place, count = self.inner.index * slots.count + slots.index, clusters * slots.count
            met = pair_gram(self.inner, term, weight, place, count)
            met = met.reshape(clusters, slots.count, size, term.size)
            blocks.append(met.transpose(1, 2).flatten(2))
        return torch.cat(blocks, -1)

    def _common(self, weight: Tensor) -> Tensor:
        """``C``: (m, m)."""
        gram = joint_gram(self.outer, weight)
        ones = [weight.new_ones(term.clusters, term.size) for term in self.outer]
        prior = [one * term.precision for one, term in zip(ones, self.outer, strict=True)]
        return gram + torch.diag(torch.cat([each.flatten() for each in prior]))
