"""Autoencoder-classifier (AEC) for square images of one channel."""

from collections import OrderedDict
from collections.abc import Sequence
from itertools import pairwise
from math import prod

import torch
from torch import Tensor, nn

from armed.effects.base import ClusterEffect
from armed.nn.layers import glorot
from armed_study.networks.cluster_decoder import ClusterDecoder
from armed_study.networks.inputs import Context, check_autoencoder, image_size
from armed_study.networks.tied_decoder import KERNEL, Decoder

WIDTHS, STRIDES = (1, 1, 1, 2, 4, 8), (1, 1, 1, 2, 2, 2)
LEAST_SIZE = 32


class Encoder(nn.Module):
    """Six 4x4 convolutions with batch norm and PReLU, the last three halving; latents, normalised.

    Parameters
    ----------
    size : int
        Height and width of the images.
    filters : int
        Channels of the first convolution; the others have 1, 1, 2, 4, 8 times as many.
    latents : int
        Width of the dense layer behind them, with batch norm.
    context : Context
        An optional second argument, appended to the flattened map.
    """

    def __init__(self, size: int, *, filters: int, latents: int, context: Context) -> None:
        super().__init__()
        channels = [1, *(filters * width for width in WIDTHS)]
        self.blocks = nn.ModuleList(
            _block(before, after, stride)
            for (before, after), stride in zip(pairwise(channels), STRIDES, strict=True)
        )
        sizes = [size // (prod(STRIDES[: i + 1])) for i in range(len(STRIDES))]
        self.shapes = [(c, s, s) for c, s in zip(channels[1:], sizes, strict=True)]
        self.dense = glorot(nn.Linear(prod(self.shapes[-1]) + context.at("input"), latents))
        self.norm = nn.BatchNorm1d(latents)
        self.context = context

    def forward(self, x: Tensor, context: Tensor | None = None) -> Tensor:
        """Latents (batch, latents)."""
        h = x
        for block in self.blocks:
            h = block(h)
        return self.norm(self.dense(self.context.append(h.flatten(1), context, "input")))


class AutoencoderClassifier(nn.Module):
    """Encoder, decoder with the encoder's kernels, and a classifier of the latents.

    The first output is the logit of the outcome, the others are the reconstruction, flattened: a
    network for `armed.tasks.reconstruction.ReconstructionTask`.

    Parameters
    ----------
    size : int
        Height and width of the images, a power of 2 from 32.
    filters : int, at least 1
        Channels of the first block; published: 64.
    latents : int, at least 1
        Width of the code; published: 56.
    classifier_units : int, at least 1
        Units of the classifier's hidden layer (LeakyReLU); published: 32.
    outputs : int
        1 and the pixels of an image.
    context : Context
        An optional second argument, and where it is appended.

    Raises
    ------
    ConfigError
        For another size or number of outputs.

    Departures from the paper
    -------------------------
    PReLU has one slope a channel, starting at 0.25. The decoder ends in a linear layer. A convolution
    before a norm has no bias.
    """

    latents = "encoder"

    def __init__(
        self,
        size: int,
        *,
        filters: int = 64,
        latents: int = 56,
        classifier_units: int = 32,
        outputs: int,
        context: Context = Context(),  # noqa: B008 (frozen)
    ) -> None:
        super().__init__()
        check_autoencoder(size, outputs, least=LEAST_SIZE)
        self.encoder = Encoder(size, filters=filters, latents=latents, context=context)
        self.decoder = Decoder(self.encoder, [nn.BatchNorm2d(c) for c in self._normed()])
        dense = glorot(nn.Linear(latents, classifier_units))
        self.classifier = nn.Sequential(OrderedDict(linear=dense, activation=nn.LeakyReLU()))
        self.output = glorot(nn.Linear(classifier_units + context.at("output"), 1))
        self.context = context
        self.watch = (*(f"encoder.blocks.{i}" for i in range(len(WIDTHS))), "encoder")
        self.watched_shapes = (*self.encoder.shapes, (latents,))
        self.last_hidden = ("classifier", classifier_units)

    @classmethod
    def for_samples(cls, shape: tuple[int, ...], **options: object) -> "AutoencoderClassifier":
        """Return a network for samples of ``shape`` (1, size, size)."""
        return cls(image_size(shape, "an autoencoder"), **options)  # type: ignore[arg-type]

    def forward(self, x: Tensor, context: Tensor | None = None) -> Tensor:
        """Logit and reconstruction, (batch, 1 + size^2), of images (batch, 1, size, size)."""
        latents = self.encoder(x, context)
        features = self.classifier(latents)
        logit = self.output(self.context.append(features, context, "output"))
        return torch.cat([logit, self.decoder(latents).flatten(1)], dim=1)

    def cluster_decoder(self, clusters: int, *, prior_sd: float) -> ClusterEffect:
        """Return a decoder of the same kernels whose appearance is that of a cluster."""
        return ClusterDecoder(self.encoder, self._normed(), clusters=clusters, prior_sd=prior_sd)

    def _normed(self) -> Sequence[int]:
        """Channels of the maps that a decoder normalises."""
        return [shape[0] for shape in reversed(self.encoder.shapes)]


def _block(inputs: int, filters: int, stride: int) -> nn.Sequential:
    # To keep the size, 1 before and 2 behind; to halve it, 1 on either side.
    before, behind = (1, 2) if stride == 1 else (1, 1)
    return nn.Sequential(
        OrderedDict(
            pad=nn.ZeroPad2d((before, behind, before, behind)),
            conv=glorot(nn.Conv2d(inputs, filters, KERNEL, stride=stride, bias=False)),
            norm=nn.BatchNorm2d(filters),
            activation=nn.PReLU(filters),
        )
    )


NETWORK = AutoencoderClassifier
