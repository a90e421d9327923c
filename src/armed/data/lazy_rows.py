"""Samples too large to be held: rows of an array, read when they are needed."""

import mmap
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import prod
from typing import Any

import numpy as np
import torch
from torch import Tensor

from armed.errors import DataError

BLOCK_ROWS = 1024
"""Rows that are predicted at a time, at most."""

BLOCK_VALUES, BLOCK_IMAGES = 2**17, 16
"""Numbers in the rows that are predicted at a time, at most: of images fewer fit, but some always do.

What a network makes of many more is larger than the caches of a processor, and takes twice as long.
"""


@dataclass(frozen=True, eq=False)
class LazyRows:
    """Rows of an array, in the place of a tensor that holds them all.

    Indexing chooses among the rows and reads nothing; `read` reads. Of a memory-mapped array no
    page stays in this process's memory, so that it does not grow with the number of rows.

    Parameters
    ----------
    array : ndarray, shape (n, ...)
        Numbers as a network gets them, or uint8, of which a network gets the 255th part.
    index : Tensor of int64, any shape
        Row of the array at each place.
    device : torch.device
        Where they are needed.
    through_pinned : bool
        Whether they go to a GPU through pinned memory, from where it fetches them while it computes.
    """

    array: np.ndarray
    index: Tensor
    device: torch.device = torch.device("cpu")  # noqa: RUF009 (immutable)
    through_pinned: bool = True

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the tensor that this stands for."""
        return (*self.index.shape, *self.array.shape[1:])

    def __len__(self) -> int:
        return len(self.index)

    def __getitem__(self, places: Any) -> "LazyRows":
        return replace(self, index=self.index[places])

    def to(self, device: torch.device) -> "LazyRows":
        """Return the same rows, to be read to another device."""
        return replace(self, device=torch.device(device))

    def pinned(self, pinned: bool) -> "LazyRows":
        """Return the same rows, to be read through pinned memory or not."""
        return replace(self, through_pinned=pinned)

    def read(self) -> Tensor:
        """Return the rows, a float32 tensor of `shape` on the device."""
        rows = torch.from_numpy(np.asarray(self.array[self.index.flatten().numpy()]))
        _forget(self.array)
        # From pinned memory a GPU reads the rows while it computes with those before.
        if self.device.type == "cuda" and self.through_pinned:
            rows = rows.pin_memory()
        rows = rows.to(self.device, non_blocking=True)
        # Bytes are converted where they are needed: a quarter of the numbers has to travel.
        values = rows.float() / 255 if rows.dtype == torch.uint8 else rows.float()
        return values.view(self.shape)


def pick(array: np.ndarray, rows: np.ndarray) -> Tensor | LazyRows:
    """Return rows of ``array``: those of a table as a tensor, images where they are."""
    # Tables are small, and indexing a tensor is faster than reading rows time and again.
    if array.ndim > 2:
        return LazyRows(array, torch.from_numpy(rows))
    return torch.from_numpy(array[rows])


def read(values: Tensor | LazyRows) -> Tensor:
    """Return ``values`` as a tensor."""
    return values.read() if isinstance(values, LazyRows) else values


def take(values: Tensor | LazyRows, index: Tensor) -> Tensor:
    """Return ``values[index]`` as a tensor on the device of ``values``; ``index`` is on the CPU."""
    if isinstance(values, LazyRows):
        return values[index].read()
    # The same as `values[index]`, but whole rows are copied at a time, which is faster.
    rows = values.index_select(0, index.flatten().to(values.device))
    return rows.view(*index.shape, *values.shape[1:])


def combine(parts: Sequence[Tensor | LazyRows], how: Callable[[list[Tensor]], Tensor]) -> Any:
    """Apply ``how`` (`torch.cat` or `torch.stack`) to tensors, or to rows of one array."""
    rows = [part for part in parts if isinstance(part, LazyRows)]
    if not rows:
        return how([part for part in parts if isinstance(part, Tensor)])
    if len(rows) < len(parts) or any(part.array is not rows[0].array for part in rows):
        raise DataError(
            "samples are rows of several arrays; expected those of one; train replicas of one "
            "dataset together"
        )
    return replace(rows[0], index=how([part.index for part in rows]))


def row_bytes(values: Tensor | LazyRows) -> int:
    """Bytes of one row once it is read."""
    size = torch.float32.itemsize if isinstance(values, LazyRows) else values.element_size()
    return prod(values.shape[1:]) * size


def _forget(array: np.ndarray) -> None:
    """Let go of the pages that reading has brought in: the system may keep them, we need not."""
    # An array that was indexed or viewed hides the map of the file below it.
    base: Any = array
    while isinstance(base, np.ndarray):
        base = base.base
    if isinstance(base, mmap.mmap) and getattr(array, "mode", None) == "r":
        base.madvise(mmap.MADV_DONTNEED)


def rows_at_a_time(shape: Sequence[int]) -> int:
    """Return how many samples of ``shape`` are predicted at a time."""
    return min(BLOCK_ROWS, max(BLOCK_IMAGES, BLOCK_VALUES // max(1, prod(shape))))
