"""Posterior covariances of effects, from the solved arrow of a mixed model."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from armed.inference.terms import EffectsTerm


@dataclass(frozen=True, eq=False)
class Slots:
    """Clusters of an outer term that a cluster of the inner one meets, numbered from 0 in each of those.

    ``index`` (samples,): number of a sample's outer cluster; ``met`` (clusters, count): the outer clusters by
    number, -1 beyond those that are met.
    """

    index: Tensor
    met: Tensor

    @property
    def count(self) -> int:
        """Most outer clusters that an inner one meets."""
        return self.met.shape[1]

    @classmethod
    def of(cls, inner: EffectsTerm, outer: EffectsTerm) -> "Slots":
        """Number the pairs of clusters that share a sample."""
        if outer.clusters == 1:
            return cls(torch.zeros_like(outer.index), inner.index.new_zeros(inner.clusters, 1))
        keys = inner.index * outer.clusters + outer.index
        pairs, place = torch.unique(keys, return_inverse=True)
        owner = pairs // outer.clusters
        # Pairs of one inner cluster lie behind one another: a number is the distance to the first of them.
        first = torch.searchsorted(owner, torch.arange(inner.clusters, device=owner.device))
        number = torch.arange(len(pairs), device=owner.device) - first[owner]
        met = inner.index.new_full((inner.clusters, int(number.max()) + 1), -1)
        met[owner, number] = pairs % outer.clusters
        return cls(number[place], met)


@dataclass(frozen=True, eq=False)
class Layout:
    """What lies where in an arrow: the ``inner`` term by itself, the ``outer`` ones behind one another.

    ``places[t]`` are the rows of an outer term, ``slots[t]`` those of its clusters that an inner one meets,
    and ``columns`` (clusters, width) the rows of all of them, ``size`` where there is none. Of the common
    part the first ``random`` rows are random effects, and covariances hold the first ``kept``.
    """

    inner: EffectsTerm
    outer: Sequence[EffectsTerm]
    places: Sequence[slice]
    slots: Sequence[Slots]
    columns: Tensor
    size: int
    random: int
    kept: int

    @classmethod
    def of(
        cls, inner: EffectsTerm, outer: Sequence[EffectsTerm], slots: Sequence[Slots], *,
        random: int, integrate_fixed: bool,
    ) -> "Layout":  # fmt: skip
        """Return the layout of terms, the first ``random`` outer ones of random effects."""
        widths = [term.clusters * term.size for term in outer]
        ends = [sum(widths[: i + 1]) for i in range(len(widths))]
        places = [slice(end - width, end) for end, width in zip(ends, widths, strict=True)]
        size, columns = sum(widths), [inner.index.new_zeros(inner.clusters, 0)]
        for place, slot, term in zip(places, slots, outer, strict=True):
            each = torch.arange(term.size, device=slot.met.device)
            rows = place.start + slot.met[..., None] * term.size + each
            columns.append(torch.where(slot.met[..., None] < 0, size, rows).flatten(1))
        held = sum(widths[:random])
        kept = size if integrate_fixed else held
        return cls(inner, outer, places, slots, torch.cat(columns, 1), size, held, kept)

    def scattered(self, values: Tensor) -> Tensor:
        """Add what clusters have in their columns, (clusters, width) or twice, in the common part."""
        size = self.size + 1  # the last one takes what no column is for
        if values.ndim == 2:
            total = values.new_zeros(size).index_add(0, self.columns.flatten(), values.flatten())
            return total[:-1]
        place = self.columns[:, :, None] * size + self.columns[:, None, :]
        total = values.new_zeros(size * size).index_add(0, place.flatten(), values.flatten())
        return total.reshape(size, size)[:-1, :-1]

    def gathered(self, common: Tensor) -> Tensor:
        """Of a vector or matrix of the common part what each cluster has in its columns."""
        padded = common.new_zeros([self.size + 1] * common.ndim)
        padded[tuple(slice(0, length) for length in common.shape)] = common
        if common.ndim == 1:
            return padded[self.columns]
        return padded[self.columns[:, :, None], self.columns[:, None, :]]

    def blocks(self, common: Tensor, one: int, other: int) -> Tensor:
        """Part (clusters, clusters, d, e) of a matrix (m, m) that belongs to two outer terms."""
        first, second = self.outer[one], self.outer[other]
        part = common[self.places[one], self.places[other]]
        part = part.reshape(first.clusters, first.size, second.clusters, second.size)
        return part.transpose(1, 2)


@dataclass(frozen=True, eq=False)
class Solved:
    """Newton step by term, and what covariances are made of: roots of ``A`` and the Schur complement.

    ``inner_inverse`` is ``inv(A)``, ``across`` (clusters, d, width) ``inv(A) B`` in each cluster's columns.
    """

    layout: Layout
    step: list[Tensor]
    inner_root: Tensor
    inner_inverse: Tensor
    across: Tensor
    schur: Tensor
    root: Tensor

    @cached_property
    def _kept(self) -> tuple[Tensor, Tensor, Tensor]:
        """Covariances of the inner term (clusters, d, d), with the common part, and of that."""
        inner, kept = self.inner_inverse, self.layout.kept
        if not kept:
            return inner, torch.zeros_like(self.across), self.schur[:0, :0]
        common = torch.cholesky_inverse(torch.linalg.cholesky(self.schur[:kept, :kept]))
        # The inverse of the arrow: Cov(inner, common) = -inv(A) B common, and
        # Cov(inner) = inv(A) + inv(A) B common B' inv(A).
        between = -self.across @ self.layout.gathered(common)
        return inner - between @ self.across.transpose(1, 2), between, common

    def covariances(self) -> list[Tensor]:
        """Covariance of each cluster's effects by term, (clusters, d, d); 0 of fixed effects held."""
        inner, _, common = self._kept
        found = [inner]
        for number, term in enumerate(self.layout.outer):
            if self.layout.places[number].stop > self.layout.kept:
                found.append(inner.new_zeros(term.clusters, term.size, term.size))
                continue
            own = self.layout.blocks(common, number, number)
            found.append(own.diagonal(dim1=0, dim2=1).permute(2, 0, 1))
        return found

    def with_predictor(self) -> list[Tensor]:
        """``Cov(u_{index_i}, eta_i)`` by term, (samples, d): its product with the design is a variance."""
        layout, first = self.layout, self.layout.inner
        inner, between, common = self._kept
        kept = [n for n, place in enumerate(layout.places) if place.stop <= layout.kept]
        own, start = (inner[first.owner] @ first.columns).mT.flatten(0, 1), 0
        found = [torch.zeros_like(term.design) for term in layout.outer]
        for one in kept:
            term, slots = layout.outer[one], layout.slots[one]
            part = between[..., start : start + slots.count * term.size]
            part = part.reshape(first.clusters, first.size, slots.count, term.size)
            if term.clusters == 1:
                met = part[:, :, 0][first.owner]
                own = own + (met @ first.in_columns(term.design)).mT.flatten(0, 1)
                found[one] = found[one] + (met.mT @ first.columns).mT.flatten(0, 1)
            else:
                met = part.transpose(1, 2)[first.index, slots.index]
                own = own + _times(met, term.design)
                found[one] = found[one] + _times(met.transpose(1, 2), first.design)
            start += slots.count * term.size
            for other in kept:
                blocks, right = layout.blocks(common, one, other), layout.outer[other]
                if term.clusters == right.clusters == 1:  # one matrix for all samples
                    found[one] = found[one] + right.design @ blocks[0, 0].T
                else:
                    at = blocks[term.index, right.index]
                    found[one] = found[one] + _times(at, right.design)
        return [own, *found]

    def variance(self) -> Tensor:
        """``phi_i' S phi_i``: variance of the linear predictor of each sample, (samples,)."""
        if not self.layout.outer:
            return self.layout.inner.variance(self.inner_inverse)
        terms = (self.layout.inner, *self.layout.outer)
        parts = zip(terms, self.with_predictor(), strict=True)
        return torch.stack([(term.design * each).sum(-1) for term, each in parts]).sum(0)

    def log_determinant(self) -> Tensor:
        """Log-determinant of the precision of all effects that are integrated over."""
        kept = self.schur[: self.layout.kept, : self.layout.kept]
        inner = 2 * self.inner_root.diagonal(dim1=-2, dim2=-1).log().sum()
        return inner + torch.linalg.slogdet(kept)[1] if len(kept) else inner

    def fixed_covariance(self) -> Tensor:
        """Covariance of the fixed effects, (p, p), the random ones integrated out."""
        at = self.layout.places[-1]
        return torch.cholesky_inverse(self.root)[at, at]


def _times(matrix: Tensor, right: Tensor) -> Tensor:
    """``matrix_i right_i``, (samples, d)."""
    return torch.einsum("ide,ie->id", matrix, right)
