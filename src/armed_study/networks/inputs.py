"""What a network is given: square images, a second input where it is wanted, and samples to start from."""

from dataclasses import dataclass
from math import prod
from typing import Protocol, runtime_checkable

import torch
from torch import Tensor, nn

from armed.data.samples import Samples
from armed.errors import ConfigError

MOST_VALUES = 2**28


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


@runtime_checkable
class StartsFromSamples(Protocol):
    """A network, or an effect on one, whose initial values are found from its training samples."""

    def initialise(self, samples: Samples) -> None:
        """Set the initial values."""
        ...


def initialise(method: nn.Module, samples: Samples) -> None:
    """Start those parts of a method from its training samples that ask for it, the network before effects."""
    for part in method.modules():
        if isinstance(part, StartsFromSamples):
            part.initialise(samples)


def some_samples(samples: Samples) -> Samples:
    """Return as many samples as fit in a gigabyte, evenly spaced: all of small images."""
    count = min(len(samples), MOST_VALUES // prod(samples.x.shape[1:]))
    index = torch.arange(count) * len(samples) // count
    return Samples(samples.x[index], samples.y[index], samples.z[index])


def check_autoencoder(size: int, outputs: int, *, least: int) -> None:
    """Check that images are a power of 2 wide, from ``least``, and outputs a logit and their pixels."""
    if size < least or size & (size - 1):
        raise ConfigError(
            f"images are {size} pixels wide; expected a power of 2 from {least}, such as 64 or 256; set the "
            "size of the images to one of these"
        )
    if outputs != 1 + size**2:
        raise ConfigError(
            f"an autoencoder of images of {size} pixels was asked for {outputs} outputs; expected "
            f"{1 + size**2}, a logit and the pixels; set the study's task to reconstruction"
        )
