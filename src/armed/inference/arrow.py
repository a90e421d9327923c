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

from armed.inference.covariances import Layout, Solved
from armed.inference.terms import EffectsTerm

GRAM_VALUES = 2**24
"""Numbers that `summed_products` holds at a time."""


def summed_products(
    first: EffectsTerm, second: EffectsTerm, weight: Tensor, place: Tensor, count: int
) -> Tensor:
    """Sum ``weight_i phi_i psi_i'`` over the samples of a place, (count, d, e).

    Some samples at a time, as the products of all of them would be (samples, d, e).
    """
    left = first.design * weight[:, None]
    total = weight.new_zeros(count, first.size, second.size)
    block = max(1, GRAM_VALUES // (first.size * second.size))
    for start in range(0, len(left), block):
        at = slice(start, start + block)
        products = left[at, :, None] * second.design[at, None, :]
        total = total.index_add(0, place[at], products)
    return total


def cluster_gram(term: EffectsTerm, weight: Tensor) -> Tensor:
    """``sum_i weight_i phi_i phi_i'`` by cluster: (clusters, d, d)."""
    return summed_products(term, term, weight, term.index, term.clusters)


class ArrowSystem:
    """The arrow of some terms; the fixed effects, if any, are the last of them.

    Parameters
    ----------
    terms : sequence of EffectsTerm
        Random effects of prior precision 1; the first is the inner one.
    fixed : EffectsTerm, optional
        Fixed effects, of prior precision 0.
    integrate_fixed : bool
        See `armed.inference.posterior.gaussian_posterior`.
    """

    def __init__(
        self, terms: Sequence[EffectsTerm], fixed: EffectsTerm | None, integrate_fixed: bool
    ) -> None:
        self.terms = [*terms, *([fixed] if fixed is not None else [])]
        self.inner, self.outer = self.terms[0], self.terms[1:]
        self.random = len(terms)
        self.layout = Layout.of(self.inner, self.outer, self.random - 1, integrate_fixed)

    def zeros(self, like: Tensor) -> list[Tensor]:
        """Effects of 0."""
        return [like.new_zeros(term.clusters, term.size) for term in self.terms]

    def predictor(self, offset: Tensor, effects: Sequence[Tensor]) -> Tensor:
        """Linear predictor (samples,)."""
        parts = [term.predictor(u) for term, u in zip(self.terms, effects, strict=True)]
        return offset + torch.stack(parts).sum(0)

    def solve(self, means: Sequence[Tensor], first: Tensor, second: Tensor) -> Solved:
        """Newton step and covariances from the derivatives (samples,) of the log-likelihood."""
        # Gradient of the log posterior: sum_i l'_i phi_i - P v, P the identity, 0 of fixed effects.
        gradients = [
            term.gather(first) - (mean if number < self.random else 0)
            for number, (term, mean) in enumerate(zip(self.terms, means, strict=True))
        ]
        eye = torch.eye(self.inner.size, dtype=first.dtype, device=first.device)
        a = torch.linalg.cholesky(cluster_gram(self.inner, second) + eye)
        b = self._meetings(second)
        # inv(A) times the gradient and B, cluster by cluster
        solved = torch.cholesky_solve(torch.cat([gradients[0][..., None], b], -1), a)
        inner, across = solved[..., 0], solved[..., 1:]
        if not self.outer:
            nothing = inner.new_zeros(0, 0)
            return Solved(self.layout, [inner], a, across, nothing, nothing)
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
        return Solved(layout, [inner, *outer], a, across, schur, root)

    def _meetings(self, weight: Tensor) -> Tensor:
        """``B`` in the columns that each cluster meets: (clusters, d, width)."""
        clusters, size = self.inner.clusters, self.inner.size
        blocks = [weight.new_zeros(clusters, size, 0)]
        for number, term in enumerate(self.outer):
            slots = self.layout.slots[number]
            place, count = self.inner.index * slots.count + slots.index, clusters * slots.count
            met = summed_products(self.inner, term, weight, place, count)
            met = met.reshape(clusters, slots.count, size, term.size)
            blocks.append(met.transpose(1, 2).flatten(2))
        return torch.cat(blocks, -1)

    def _common(self, weight: Tensor) -> Tensor:
        """``C``: (m, m)."""
        rows = []
        for one in self.outer:
            row = []
            for other in self.outer:
                place = one.index * other.clusters + other.index
                met = summed_products(one, other, weight, place, one.clusters * other.clusters)
                met = met.reshape(one.clusters, other.clusters, one.size, other.size)
                row.append(met.transpose(1, 2).flatten(2).flatten(0, 1))
            rows.append(torch.cat(row, -1))
        prior = torch.zeros_like(rows[0][0])
        prior[: self.layout.random] = 1
        return torch.cat(rows) + torch.diag(prior)
