"""Sums of products over the samples of a cluster."""

import torch
from torch import Tensor

GRAM_VALUES = 2**24
"""Numbers that are held at a time."""


def summed_products(left: Tensor, right: Tensor, place: Tensor, count: int) -> Tensor:
    """Sum ``left_b right_b'`` of blocks (blocks, d, length), (blocks, e, length) by place, (count, d, e).

    Some blocks at a time, as the products of all of them would be (blocks, d, e).
    """
    sizes = left.shape[1], right.shape[1]
    total, step = left.new_zeros(count, *sizes), max(1, GRAM_VALUES // (sizes[0] * sizes[1]))
    for start in range(0, len(left), step):
        at = slice(start, start + step)
        products = torch.einsum("bdi,bei->bde", left[at], right[at])
        total = total.index_add(0, place[at], products)
    return total
