"""Which replicas can be computed together, and how many numbers at a time."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

import torch
from torch import nn

_STATEFUL = (nn.modules.batchnorm._BatchNorm, nn.modules.dropout._DropoutNd, nn.RReLU)

BLOCK_ROWS = 1024
"""Rows that are predicted at a time, at most."""

BLOCK_VALUES = 2**20
"""Numbers in the rows that are predicted at a time, at most: of images fewer fit."""


def can_stack(method: nn.Module) -> bool:
    """Whether replicas can be stacked: no layer draws random numbers or keeps statistics."""
    return not any(
        isinstance(module, _STATEFUL) or getattr(module, "track_running_stats", False)
        for module in method.modules()
    )


def rows_at_a_time(shape: Sequence[int]) -> int:
    """Return how many samples of ``shape`` are predicted at a time."""
    return max(1, min(BLOCK_ROWS, BLOCK_VALUES // max(1, prod(shape))))


def lanes() -> int:
    """Floats that PyTorch's elementwise loops take at a time: two vector registers.

    Stacks are padded to a multiple of it. Every element of a stacked tensor is then computed by
    vector instructions and none by the scalar code for a remainder, which may round differently: so
    a replica's result does not depend, to the last bit, on how many others it is trained with.
    """
    return 32 if "AVX512" in torch.backends.cpu.get_cpu_capability() else 16
