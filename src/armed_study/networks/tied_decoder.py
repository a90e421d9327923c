"""A decoder that runs an encoder backwards, with its kernels."""

from collections.abc import Callable, Sequence
from math import prod
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

KERNEL = 4


class Decoder(nn.Module):
    """From latents to an image through the encoder's layers in reverse, transposed.

    After the dense layer and after each but the last of the transposed convolutions come a norm and a
    PReLU.

    Parameters
    ----------
    encoder : Encoder
        With ``blocks``, ``dense`` and ``shapes`` (of the maps).
    norms : sequence of nn.Module
        One for each of its maps, the last map first.
    """

    def __init__(self, encoder: Any, norms: Sequence[nn.Module]) -> None:
        super().__init__()
        # In a tuple, so that it is no member here, too: its parameters would be named twice.
        self._tied = (encoder,)
        self.dense_bias = nn.Parameter(torch.zeros(prod(encoder.shapes[-1])))
        self.norms = nn.ModuleList(norms)
        self.activations = nn.ModuleList(nn.PReLU(shape[0]) for shape in reversed(encoder.shapes))
        self.bias = nn.Parameter(torch.zeros(1))

    def forward(self, latents: Tensor, norm: Callable[..., Tensor] | None = None) -> Tensor:
        """Images (batch, 1, size, size) of latents (batch, latents).

        ``norm(number, maps)`` normalises the maps behind a layer; the decoder's own norms if absent.
        """
        norm = norm or (lambda number, maps: self.norms[number](maps))
        (encoder,) = self._tied
        shape = encoder.shapes[-1]
        kernel = encoder.dense.weight[:, : prod(shape)]  # without what a context has appended
        h = F.linear(latents, kernel.T, self.dense_bias).unflatten(1, shape)
        for number, block in enumerate(reversed(encoder.blocks)):
            h = self.activations[number](norm(number, h))
            h = transposed(h, block.conv)
        return h + self.bias


def transposed(h: Tensor, conv: nn.Conv2d) -> Tensor:
    """Return the adjoint of a 4x4 convolution of stride 1 (same size) or 2 (half), applied to maps.

    Its input was padded by 1 before and, to keep the size, 2 behind, or 1 to halve it.
    """
    if conv.stride[0] == 2:
        return F.conv_transpose2d(h, conv.weight, stride=2, padding=1)
    return F.conv_transpose2d(h, conv.weight)[..., 1:-2, 1:-2]
