"""Autoencoder-classifier that starts at the principal components of its training images."""

from collections import OrderedDict
from collections.abc import Iterator
from itertools import pairwise

import torch
from torch import Tensor, nn

from armed.data.lazy_rows import read
from armed.data.samples import Samples
from armed.effects.base import ClusterEffect
from armed.errors import DataError
from armed.nn.layers import glorot
from armed_study.networks.inputs import Context, check_autoencoder, image_size, some_samples
from armed_study.networks.latent_appearance import LatentAppearance

LAST_MAP, WIDEST, LEAST_SIZE = 4, 4, 16
LEAST_SD = 1e-4  # of a component, in grey: fainter than the steps of a camera


class Encoder(nn.Module):
    """Latents that are linear in the image, with convolutions beside that add nothing at first.

    Convolutions 3x3 of stride 2 (LeakyReLU) halve the image down to 4 x 4, with ``filters`` times 1, 2, 4,
    4, ... channels; a dense layer makes of the last map what is added to the linear part.

    Parameters
    ----------
    size : int
        Height and width of the images.
    filters : int
        Channels of the first convolution; 0: no convolutions.
    latents : int
        Width of the code.
    context : Context
        An optional second argument, appended to the flattened map.
    """

    def __init__(self, size: int, *, filters: int, latents: int, context: Context) -> None:
        super().__init__()
        halvings = (size // LAST_MAP).bit_length() - 1 if filters else 0
        channels = [1, *(filters * min(2**i, WIDEST) for i in range(halvings))]
        layers: list[nn.Module] = []
        for before, after in pairwise(channels):
            conv = glorot(nn.Conv2d(before, after, 3, stride=2, padding=1))
            layers += [conv, nn.LeakyReLU(0.1)]
        self.convolutions = nn.Sequential(*layers)
        self.linear = nn.Linear(size**2, latents)
        width = (channels[-1] * LAST_MAP**2 if filters else 0) + context.at("input")
        self.dense = nn.Linear(width, latents, bias=False) if width else None
        if self.dense is not None:
            nn.init.zeros_(self.dense.weight)
        self.context = context

    def forward(self, x: Tensor, context: Tensor | None = None) -> Tensor:
        """Latents (batch, latents) of images (batch, 1, size, size)."""
        latents: Tensor = self.linear(x.flatten(1))
        if self.dense is None:
            return latents
        h = self.convolutions(x).flatten(1) if len(self.convolutions) else x.new_zeros(len(x), 0)
        return latents + self.dense(self.context.append(h, context, "input"))


class PCAAutoencoder(nn.Module):
    """Principal components with convolutions beside the linear encoder, a linear decoder, and a classifier.

    Encoder and decoder begin at the principal components of the training images, the latents of unit
    variance; training moves them on from there. As in `armed_study.networks.autoencoder`, the first
    output is the logit of the outcome, and the others are the reconstruction, flattened.

    Parameters
    ----------
    size : int
        Height and width of the images, a power of 2 from 16.
    filters : int, at least 0
        Channels of the first convolution; 0: none, and the principal components stay as they are.
    latents : int, at least 1
        Width of the code, and number of the principal components.
    classifier_units : int, at least 1
        Units of the classifier's hidden layer (LeakyReLU).
    symmetric : bool
        Whether the classifier's features, and with them the logit, are in evaluation mode the mean over the
        quarter turns of an image, as cells have no side up. Training is to draw such turns: see
        `armed.data.augmentation`.
    outputs : int
        1 and the pixels of an image.
    context : Context
        An optional second argument, and where it is appended.

    Raises
    ------
    ConfigError
        For another size or number of outputs.

    Notes
    -----
    The adversary is to watch the latents alone: reconstruction and outcome depend on the image through them,
    and no layer before them can be rid of what the image shows. The decoder is linear because convolutions
    beside it, after upsampling, took longer and lowered no error of validation frames.
    """

    latents = "encoder"

    def __init__(
        self,
        size: int,
        *,
        filters: int = 8,
        latents: int = 56,
        classifier_units: int = 32,
        symmetric: bool = True,
        outputs: int,
        context: Context = Context(),  # noqa: B008 (frozen)
    ) -> None:
        super().__init__()
        check_autoencoder(size, outputs, least=LEAST_SIZE)
        self.encoder = Encoder(size, filters=filters, latents=latents, context=context)
        self.decoder = glorot(nn.Linear(latents, size**2))
        if not filters:
            self.encoder.linear.requires_grad_(False)
            self.decoder.requires_grad_(False)
        dense = glorot(nn.Linear(latents, classifier_units))
        self.classifier = nn.Sequential(OrderedDict(linear=dense, activation=nn.LeakyReLU()))
        self.output = glorot(nn.Linear(classifier_units + context.at("output"), 1))
        self.context, self.averages = context, symmetric
        self.watch = ("encoder",)
        self.watched_shapes = ((latents,),)
        self.features = nn.Identity()  # by this name effects are on the mean over turns
        self.last_hidden = ("features", classifier_units)

    @classmethod
    def for_samples(cls, shape: tuple[int, ...], **options: object) -> "PCAAutoencoder":
        """Return a network for samples of ``shape`` (1, size, size)."""
        return cls(image_size(shape, "an autoencoder"), **options)  # type: ignore[arg-type]

    def forward(self, x: Tensor, context: Tensor | None = None) -> Tensor:
        """Logit and reconstruction, (batch, 1 + size^2), of images (batch, 1, size, size)."""
        latents = self.encoder(x, context)
        every = [self.classifier(latents)]
        if self.averages and not self.training:
            every += self._turned_features(x, context)
        features = self.features(torch.stack(every).mean(0) if len(every) > 1 else every[0])
        logit = self.output(self.context.append(features, context, "output"))
        return torch.cat([logit, self.decoder(latents)], dim=1)

    def _turned_features(self, x: Tensor, context: Tensor | None) -> Iterator[Tensor]:
        """Features of the classifier of the three other quarter turns."""
        for number in range(1, 4):
            # Their forward, without hooks: who watches latents means those of the image itself.
            latents = self.encoder.forward(torch.rot90(x, number, (2, 3)), context)
            yield self.classifier.forward(latents)

    @torch.no_grad()
    def initialise(self, samples: Samples) -> None:
        """Set encoder and decoder to the principal components of training images.

        Raises
        ------
        DataError
            If there are fewer images than latents.
        """
        images = read(some_samples(samples).x).flatten(1)
        count = self.decoder.in_features
        if len(images) < count:
            raise DataError(
                f"found {len(images)} training images for {count} latents; expected at least as many; lower "
                "network.latents or train on more images"
            )
        mean = images.mean(0)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            # As scikit-learn's randomised components, whose import takes longer than they do.
            wide = min(count + 10, *images.shape)
            _, values, components = torch.svd_lowrank(images - mean, q=wide, niter=7)
        components = components.T[:count]
        sd = (values[:count] / (len(images) - 1) ** 0.5).clamp_min(LEAST_SD)[:, None]
        # c = S^-1 V (x - m), and x^ = m + V' S c.
        self.encoder.linear.weight.copy_(components / sd)
        self.encoder.linear.bias.copy_(-(components / sd) @ mean)
        self.decoder.weight.copy_((components * sd).T)
        self.decoder.bias.copy_(mean)

    def cluster_decoder(self, clusters: int, *, prior_sd: float) -> ClusterEffect:
        """Return the decoder of latents that have the scale and shift of a cluster."""
        return LatentAppearance(self.encoder, self.decoder, clusters, prior_sd=prior_sd)


NETWORK = PCAAutoencoder
