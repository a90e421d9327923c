"""A second input of a network, appended where it is wanted."""

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Context:
    """``width`` further features, appended at each of ``places``.

    ``input``: before the first dense layer, which is the input of a dense network and the flattened
    features of a convolutional one; ``output``: before the output layer.
    """

    width: int = 0
    places: tuple[str, ...] = ()

    def at(self, place: str) -> int:
        """Number of features that are appended at ``place``."""
        return self.width if place in self.places else 0

    def append(self, h: Tensor, context: Tensor | None, place: str) -> Tensor:
        """``h`` (batch, features), with ``context`` (batch, width) behind it if it belongs there."""
        if context is None or place not in self.places:
            return h
        return torch.cat([h, context], dim=-1)
