"""Arrays as users have them, made tensors: checked once, converted, or refused in a sentence."""

from numbers import Real
from typing import Any, NoReturn

import numpy as np
import torch
from torch import Tensor

from armed.data.lazy_rows import LazyRows
from armed.errors import DataError

UNKNOWN = -1
"""What stands in a converted ``z`` for a sample whose cluster is missing."""

_ROUNDING = 1e-4


def features(x: Any) -> Tensor | LazyRows:
    """Samples (n, ...) as float32; whole numbers, which may be tokens, as int64. Rows on disk stay there."""
    if isinstance(x, LazyRows):
        return x
    values = _numbers(x, "x")
    values = values.long() if _is_whole(values) else values.float()
    if values.ndim < 2:
        raise DataError(
            f"x has shape {tuple(values.shape)}; expected (samples, ...), also for a single sample or "
            "column; add the dimension that is missing"
        )
    return _finite(values, "x")


def outcomes(y: Any) -> Tensor:
    """Outcomes (n,), whole numbers as int64, others as float32; what they may be, a task says."""
    values = _column(_numbers(y, "y"))
    if values.ndim != 1:
        raise DataError(
            f"y has shape {tuple(values.shape)}; expected (samples,); pass one outcome a sample"
        )
    return _finite(values.long() if _is_whole(values) else values.float(), "y")


def cluster_column(z: Any) -> Tensor:
    """Clusters (n,) as int64, `UNKNOWN` where missing; or weights over clusters (n, K) as float32.

    Of categories the codes are taken. Missing is a missing category, or None or NaN in a column of objects
    or floats.
    """
    if getattr(z, "ndim", 0) == 2 and hasattr(z, "iloc") and z.shape[1] == 1:
        z = z.iloc[:, 0]
    if str(getattr(z, "dtype", "")) == "category":
        codes = z.cat.codes if hasattr(z, "cat") else z.codes
        return torch.from_numpy(np.array(codes, dtype=np.int64))
    values = _numbers(z, "z")
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
    """Clusters (n,) as weights (n, clusters), zeros for one that is unknown; weights as they are."""
    if z.is_floating_point():
        return z
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


def refuse(values: Tensor, bad: Tensor, name: str, expected: str) -> None:
    """Raise if any of ``bad`` is true: the first such value, its row, and what is expected instead."""
    if not bad.any():
        return
    place = tuple(bad.nonzero()[0].tolist())
    raise DataError(f"{name} holds {values[place].item():g} at row {place[0]}; expected {expected}")


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
    odd = ~missing & ((values < 0) | (values != values.floor()))
    refuse(values, odd, "z", "whole numbers from 0, or missing; number the clusters from 0")
    return torch.where(missing, UNKNOWN, values).long()


def _is_whole(values: Tensor) -> bool:
    return not values.is_floating_point()


def _column(values: Tensor) -> Tensor:
    return values[:, 0] if values.ndim == 2 and values.shape[1] == 1 else values


def _numbers(values: Any, name: str) -> Tensor:
    """Return a tensor of bools, whole numbers or floats; NaN is what is missing."""
    # Tensors stay what and where they are: a gradient may be asked of them.
    if isinstance(values, Tensor):
        if values.is_complex() or values.ndim == 0:
            _no_numbers(name, f"a tensor of {values.dtype} and shape {tuple(values.shape)}")
        return values
    if np.ma.isMaskedArray(values):
        # Plain arrays of it would show what is hidden under the mask.
        values = np.ma.filled(values.astype(np.float64), np.nan)
    try:
        array = np.asarray(values)
    except ValueError:
        _no_numbers(name, f"a {type(values).__name__} of rows of different length")
    array = _of_objects(array, name) if array.dtype == object and array.ndim else array
    if array.dtype.kind not in "biuf" or not array.ndim:
        _no_numbers(name, f"a {type(values).__name__} of {array.dtype}")
    # A copy in a type that torch has, whatever width and byte order.
    kinds = {"b": np.bool_, "i": np.int64, "u": np.int64, "f": np.float64}
    small = array.dtype.kind == "f" and array.dtype.itemsize <= 4
    return torch.from_numpy(np.array(array, np.float32 if small else kinds[array.dtype.kind]))


def _of_objects(array: np.ndarray, name: str) -> np.ndarray:
    """Numbers of a column of objects; NaN for None, NaN and pandas' NA."""
    flat = [np.nan if _missing(value) else value for value in array.ravel()]
    for value in flat:
        if not isinstance(value, Real | np.bool_):
            _no_numbers(name, f"{value!r}")
    numbers = np.array(flat, dtype=np.float64).reshape(array.shape)
    broken = any(isinstance(value, float | np.floating) for value in flat)
    return numbers if broken else numbers.astype(np.int64)


def _missing(value: Any) -> bool:
    return value is None or type(value).__name__ in ("NAType", "NaTType") or bool(value != value)


def _no_numbers(name: str, found: str) -> NoReturn:
    raise DataError(
        f"{name} holds {found}; expected numbers, in a tensor, an array, a column or a list; convert it"
    )
