"""Clusters of several factors in one tensor ``z``, the first factor before the further ones.

The first one is a column of clusters, or weights over them in as many columns; each further one is a column
of its clusters, `UNKNOWN` where a sample is of none that is known.
"""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from armed.data.arrays import UNKNOWN, within
from armed.errors import DataError


def joined(first: Tensor, further: Sequence[Tensor]) -> Tensor:
    """Clusters (n,) or weights (n, K) of the first factor with the clusters (n,) of the further ones."""
    if not further:
        return first
    # Whole numbers up to 2**24 are exact as 32-bit floats, which weights are.
    columns = first if first.is_floating_point() else first[:, None]
    return torch.cat([columns, torch.stack([*further], 1).to(columns)], 1)


def first_factor(z: Tensor, further: int) -> Tensor:
    """Return clusters (n,) or weights (n, K) of the first factor, of ``z`` with so many further ones."""
    if not further:
        return z
    return z[:, :-further] if z.is_floating_point() else z[:, 0]


def further_factor(z: Tensor, number: int, further: int) -> Tensor:
    """Return clusters (n,) of a further factor, of that number from 0."""
    return z[:, number - further].long()


def by_factor(z: Tensor, further: int) -> list[Tensor]:
    """Return clusters (n,) or weights (n, K) of the first factor, and clusters (n,) of each further one."""
    return [first_factor(z, further), *(further_factor(z, n, further) for n in range(further))]


def completed(z: Tensor, clusters: int, further: int) -> Tensor:
    """Return ``z`` of a model of so many ``clusters``, with unknown ones of further factors that it lacks."""
    columns = z.shape[1] if z.ndim > 1 else 1
    # Of weights the first factor has a column for each cluster, else one.
    lacking = further - (columns - (clusters if z.is_floating_point() else 1))
    if not lacking:
        return z
    unknown = torch.full((len(z),), UNKNOWN, device=z.device)
    return joined(z, [unknown] * lacking)


def fitting(z: Tensor, clusters: int, further: Mapping[str, int]) -> Tensor:
    """Return ``z`` if it fits a model of so many clusters of each factor; see `armed.data.arrays.within`."""
    first, *columns = by_factor(z, len(further))
    # A cluster that is missing is no cluster beyond those that there are.
    for (name, count), index in zip(further.items(), columns, strict=True):
        largest = int(index.max()) if len(z) else UNKNOWN
        if largest >= count:
            raise DataError(
                f"found cluster index {largest} of factor {name!r} in a model of {count} of its clusters; "
                f"expected 0 to {count - 1}; number them from 0"
            )
    return joined(within(first, clusters), columns)


def same_factors(given: Sequence[str], further: Mapping[str, int]) -> None:
    """Check that ``z`` had a column for each further factor of a model, in the same order."""
    if list(given) != list(further):
        found, expected = (", ".join(map(repr, names)) or "none" for names in (given, further))
        raise DataError(
            f"z has the further cluster factors {found} in a model of {expected}; expected as many, by the "
            "same names in the same order; give z as a mapping of factors to columns, the first factor "
            "first, with missing values where a cluster is not known"
        )
