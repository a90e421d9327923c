"""Whatever holds numbers, made a tensor of them."""

from numbers import Integral, Real
from typing import Any, NoReturn

import numpy as np
import torch
from torch import Tensor

from armed.errors import DataError


def numbers_in(values: Any, name: str) -> Tensor:
    """Return a tensor of bools, whole numbers or floats; NaN is what is missing."""
    # Tensors stay what and where they are: a gradient may be asked of them.
    if isinstance(values, Tensor):
        return _dense(values, name)
    if np.ma.isMaskedArray(values):
        # Plain arrays of it would show what is hidden under the mask.
        values = np.ma.filled(values.astype(np.float64), np.nan)
    try:
        array = np.asarray(values)
    except ValueError:
        _no_numbers(name, f"a {type(values).__name__} of rows of different length")
    except (RuntimeError, TypeError) as error:  # of lists of tensors
        _no_numbers(name, f"a {type(values).__name__} that NumPy cannot read ({error})")
    array = _of_objects(array, name) if array.dtype == object and array.ndim else array
    if array.dtype.kind not in "biuf" or not array.ndim:
        _no_numbers(name, f"a {type(values).__name__} of {array.dtype}")
    # A copy in a type that torch has, whatever width and byte order.
    kinds = {"b": np.bool_, "i": np.int64, "u": np.int64, "f": np.float64}
    small = array.dtype.kind == "f" and array.dtype.itemsize <= 4
    made = torch.from_numpy(np.array(array, np.float32 if small else kinds[array.dtype.kind]))
    return _within_64_bits(made, name) if array.dtype.kind == "u" else made


def _dense(values: Tensor, name: str) -> Tensor:
    """Return a tensor that holds its numbers one by one."""
    odd = {
        "a nested tensor": values.is_nested,
        "a quantized tensor": values.is_quantized,
        "a tensor on the device meta": values.is_meta,
        f"a tensor of layout {values.layout}": values.layout != torch.strided,
        f"a tensor of {values.dtype}": values.is_complex(),
        "a tensor of shape ()": not values.is_nested and values.ndim == 0,
    }
    for found in (found for found, is_so in odd.items() if is_so):
        _no_numbers(name, found)
    return _within_64_bits(values.long(), name) if values.dtype == torch.uint64 else values


def _within_64_bits(values: Tensor, name: str) -> Tensor:
    # What does not fit has become negative.
    if (values < 0).any():
        _no_numbers(name, "whole numbers from 2**63 on")
    return values


def _of_objects(array: np.ndarray, name: str) -> np.ndarray:
    """Numbers of a column of objects; NaN for None, NaN and pandas' NA."""
    flat = [np.nan if missing(value) else value for value in array.ravel()]
    for value in flat:
        if not isinstance(value, Real | np.bool_):
            _no_numbers(name, f"{value!r}")
    # Fractions are no whole numbers, and what has more than 64 bits is none of torch's.
    whole = all(isinstance(v, Integral | np.bool_) and -(2**63) <= int(v) < 2**63 for v in flat)
    return np.array(flat, dtype=np.int64 if whole else np.float64).reshape(array.shape)


def missing(value: Any) -> bool:
    """Whether a value is None, NaN, or pandas' NA or NaT."""
    return value is None or type(value).__name__ in ("NAType", "NaTType") or bool(value != value)


def _no_numbers(name: str, found: str) -> NoReturn:
    raise DataError(
        f"{name} holds {found}; expected numbers, in a tensor, an array, a column or a list; convert it"
    )
