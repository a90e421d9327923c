"""What lies where: samples in blocks, and effects in the arrow of a mixed model."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from armed.inference.blocks.terms import EffectsTerm

BLOCK_COST = 8
"""Samples that take as long as it takes to begin a block."""


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


def in_blocks(index: Tensor, counts: Tensor) -> tuple[Tensor, Tensor, int]:
    """Order of samples in which those of a cluster lie behind one another, in blocks of one length.

    Parameters
    ----------
    index : Tensor, shape (samples,)
        Cluster of each.
    counts : Tensor of bool, shape (samples,)
        Whether a sample counts; at least one does, and the others are left out.

    Returns
    -------
    order : Tensor, shape (places,)
        Sample of each place. The last block of a cluster is filled up with its first sample.
    real : Tensor of bool, shape (places,)
        Whether a place is more than filling.
    length : int
        Of a block, that which takes the least time.
    """
    kept = counts.nonzero()[:, 0]
    ranked, rank = torch.sort(index[kept], stable=True)
    kept = kept[rank]
    _, sizes = torch.unique_consecutive(ranked, return_counts=True)
    longest = int(sizes.max())
    lengths = [2**power for power in range(longest.bit_length()) if 2**power < longest] + [longest]
    length = min(lengths, key=lambda n: int((-(-sizes // n)).sum()) * (n + BLOCK_COST))
    filled = -(-sizes // length) * length
    starts, places = sizes.cumsum(0) - sizes, filled.cumsum(0) - filled
    place = torch.arange(len(kept), device=kept.device) + (places - starts).repeat_interleave(sizes)
    order = kept[starts].repeat_interleave(filled)
    order[place] = kept
    real = torch.zeros_like(order, dtype=torch.bool)
    real[place] = True
    return order, real, length
