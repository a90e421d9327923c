"""What a network is given: square images, and a second input that is appended where it is wanted."""

from dataclasses import dataclass

import torch
from torch import Tensor

from armed.errors import ConfigError


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


def image_size(shape: tuple[int, ...], network: str) -> int:
    """Return ``size`` of samples of shape (1, size, size); `ConfigError` for other samples."""
    if len(shape) != 3 or shape[0] != 1 or shape[1] != shape[2]:
        raise ConfigError(
            f"the network is {network} and a sample has shape {shape}; expected square images of "
            "one channel, (1, size, size); prepare such images or set network.kind to mlp"
        )
    return shape[1]
