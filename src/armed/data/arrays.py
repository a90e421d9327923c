"""Arrays as users have them, made tensors: checked once, converted, or refused in a sentence."""

import warnings
from itertools import combinations
from typing import Any

import numpy as np
import torch
from torch import Tensor

from armed.data.categories import categorical, one_column
from armed.data.conversion import numbers_in
from armed.data.lazy_rows import LazyRows
from armed.errors import ArmedWarning, DataError

UNKNOWN = -1
"""What stands in a converted ``z`` for a sample whose cluster is missing."""

_ROUNDING = 1e-4
_LOST = 0.01  # of the range of a column, which rounding may take


def features(x: Any) -> Tensor | LazyRows:
    """Samples (n, ...) as float32; whole numbers, which may be tokens, as int64. Rows on disk stay there."""
    if isinstance(x, LazyRows):
        return x
    values = numbers_in(x, "x")
    _warn_of_rounding(values, "x")
    values = values.long() if _is_whole(values) else values.float()
    if values.ndim < 2:
        raise DataError(
            f"x has shape {tuple(values.shape)}; expected (samples, ...), also for a single sample or "
            "column; add the dimension that is missing"
        )
    return _finite(values, "x")


def outcomes(y: Any) -> Tensor:
    """Outcomes (n,), whole numbers as int64, others as float32; what they may be, a task says."""
    values = _column(numbers_in(y, "y"))
    if values.ndim != 1:
        raise DataError(
            f"y has shape {tuple(values.shape)}; expected (samples,); pass one outcome a sample"
        )
    _warn_of_rounding(values, "y")
    return _finite(values.long() if _is_whole(values) else values.float(), "y")


def weights_of(weight: Any, count: int) -> Tensor:
    """Weights (n,) of so many samples, above 0, divided by their mean."""
    values = _column(numbers_in(weight, "weight")).double()
    same_length(samples=range(count), weight=values)
    bad = ~((values > 0) & values.isfinite())
    refuse(values, bad, "weight", "a number above 0; leave the sample out, or correct it")
    # Of mean 1, so that the loss stays in its unit.
    return (values / values.mean()).float()


def cluster_column(z: Any) -> Tensor:
    """Clusters (n,) as int64, `UNKNOWN` where missing; or weights over clusters (n, K) as float32.

    Of categories the codes are taken. Missing is a missing category, or None or NaN in a column of objects
    or floats.
    """
    categories = categorical(z)
    if categories is not None:
        return torch.from_numpy(np.array(categories.codes, dtype=np.int64))
    values = numbers_in(one_column(z), "z")
    whole = _is_whole(values)
    values = _column(values) if whole or values.isnan().any() else values
    if values.ndim == 2 and not whole:
        return _weights(values.float())
    if values.ndim != 1:
        raise DataError(
            f"z has shape {tuple(values.shape)}; expected (samples,) whole numbers, or (samples, "
            "clusters) weights of floats; pass one cluster a sample"
        )
    return _indices(values)


def as_weights(z: Tensor, clusters: int) -> Tensor:
    """Clusters (n,) as weights (n, clusters), zeros for one that is unknown; weights as they are.

    Further factors keep their columns, see `armed.data.factors`.
    """
    if z.is_floating_point():
        return z
    if z.ndim == 2:
        return torch.cat([as_weights(z[:, 0], clusters), z[:, 1:].float()], 1)
    every = torch.arange(clusters, device=z.device)
    return (z[:, None] == every[None, :]).float()


def within(z: Tensor, clusters: int) -> Tensor:
    """Return ``z`` if it fits a model of so many clusters; weights where a cluster is unknown."""
    if z.is_floating_point():
        if z.shape[1] != clusters:
            raise DataError(
                f"z holds weights over {z.shape[1]} clusters in a model of {clusters} clusters; expected "
                f"{clusters} columns; give every cluster of the model one"
            )
        return z
    largest = int(z.max()) if len(z) else 0
    if largest >= clusters:
        raise DataError(
            f"found cluster index {largest} in a model of {clusters} clusters; expected 0 to "
            f"{clusters - 1}; number the clusters from 0"
        )
    return as_weights(z, clusters) if (z == UNKNOWN).any() else z


def same_length(**columns: Any) -> None:
    """Check that the arguments hold as many samples."""
    sizes = {name: len(column) for name, column in columns.items()}
    if len(set(sizes.values())) > 1:
        raise DataError(
            f"{', '.join(sizes)} have {', '.join(map(str, sizes.values()))} samples; expected as "
            "many of each; pass arrays of the same samples"
        )


def same_rows(**columns: Any) -> None:
    """Check that pandas columns of the same rows have these in one order, as an index is not looked at."""
    indices = {name: column.index for name, column in columns.items() if hasattr(column, "iloc")}
    for (one, index), (other, second) in combinations(indices.items(), 2):
        if not index.equals(second) and set(index) == set(second):
            raise DataError(
                f"{one} and {other} have the same index in different orders; expected their rows in one "
                f"order, in which they are taken; sort them, as by {other}.loc[{one}.index]"
            )


def refuse(values: Tensor, bad: Tensor, name: str, expected: str) -> None:
    """Raise if any of ``bad`` is true: the first such value, its row, and what is expected instead."""
    if not bad.any():
        return
    place = tuple(bad.nonzero()[0].tolist())
    raise DataError(f"{name} holds {values[place].item():g} at row {place[0]}; expected {expected}")


def _warn_of_rounding(values: Tensor, name: str) -> None:
    """Warn of 64-bit numbers that differ by little of their size, of which 32 bits lose the differences."""
    if values.dtype not in (torch.float64, torch.int64) or len(values) < 2:
        return
    exact = values.detach().double()
    low, high = exact.aminmax(dim=0)
    lost = (exact - values.detach().float()).abs().amax(0) > _LOST * (high - low)
    lost &= high > low
    if lost.any():
        warnings.warn(
            f"{name} holds numbers such as {high[lost][0].item():.10g}, which networks round in 32 bits by "
            f"more than a hundredth of their range; expected numbers near 0; subtract their mean",
            ArmedWarning,
            stacklevel=4,
        )


def _finite(values: Tensor, name: str) -> Tensor:
    if values.is_floating_point():
        expected = "finite numbers of 32 bits; fill it in, or leave the sample out"
        refuse(values, ~values.isfinite(), name, expected)
    return values


def _weights(values: Tensor) -> Tensor:
    expected = "weights over clusters, from 0, of a sum of at most 1 a sample; correct them"
    bad = ~(values.isfinite() & (values >= 0) & (values.sum(1, keepdim=True) <= 1 + _ROUNDING))
    refuse(values, bad, "z", expected)
    return values


def _indices(values: Tensor) -> Tensor:
    """Check clusters (n,); only floats have missing ones, as a column of whole numbers becomes with them."""
    if _is_whole(values):
        whole = values.long()
        refuse(whole, whole < 0, "z", "clusters from 0; number them from 0")
        return whole
    # Of floats nobody can tell clusters from weights of one cluster, but where some are missing.
    missing = values.isnan()
    if not missing.any():
        raise DataError(
            "z holds one floating-point number a sample; expected whole numbers, or weights (samples, "
            "clusters); convert cluster numbers to integers"
        )
    odd = ~missing & ((values < 0) | (values != values.floor()) | values.isinf())
    refuse(values, odd, "z", "whole numbers from 0, or missing; number the clusters from 0")
    return torch.where(missing, UNKNOWN, values).long()


def _is_whole(values: Tensor) -> bool:
    return not values.is_floating_point()


def _column(values: Tensor) -> Tensor:
    return values[:, 0] if values.ndim == 2 and values.shape[1] == 1 else values
