"""Random scale and shift of the channels of a convolutional layer."""

from torch import Tensor
from torch.nn import functional as F

from armed.effects.base import RandomEffect


class RandomScaleShift(RandomEffect):
    """``(1 + g_z) * norm(h) + s_z`` by channel: the appearance of a cluster, on the maps of a network.

    ``norm`` is instance normalisation, (h - mean) / sd over height and width, so that what is left of
    scale and shift of a channel is the cluster's.

    Parameters
    ----------
    channels : int
        Of the maps; ``u`` holds ``g`` and then ``s``.
    label : str
        Name of the effect among those of a network.
    """

    stackable = True

    def __init__(
        self, clusters: int, channels: int, *, prior_sd: float, label: str = "scale_shift"
    ) -> None:
        super().__init__(clusters, 2 * channels, prior_sd=prior_sd)
        self.label = label

    def forward(self, h: Tensor, z: Tensor, noise: Tensor | None = None) -> Tensor:
        """Return maps like ``h`` (batch, channels, height, width)."""
        # The scale is 1 + g, so that the prior's mean 0 is no change, as it is for s.
        scale, shift = self.coefficients(z, noise).chunk(2, dim=-1)
        return (1 + scale[..., None, None]) * F.instance_norm(h) + shift[..., None, None]
