"""The appearance of a cluster as a scale and a shift of latents."""

from typing import Any

import torch
from torch import Tensor, nn

from armed.data.lazy_rows import read
from armed.data.samples import Samples
from armed.effects.base import RandomEffect
from armed_study.networks.inputs import some_samples


class LatentAppearance(RandomEffect):
    r"""Reconstruction ``D((1 + g_z) * c + s_z)`` of latents ``c``: without an effect, that of no cluster.

    Its output takes the place of the fixed reconstruction; the logit is left as it is. At first, ``g`` is 0
    and ``s`` is where the cluster's latents lie, and these the encoder no longer has: what is cluster and
    what is sample are apart before training, which has only to keep them so.

    Parameters
    ----------
    encoder, decoder : nn.Module
        Those of the network; a ``linear`` layer ends the encoder.
    clusters : int
    prior_sd : float
        Of all scales and shifts, in units of the latents.
    """

    label = "scale_shift"

    def __init__(self, encoder: Any, decoder: nn.Linear, clusters: int, *, prior_sd: float) -> None:
        super().__init__(clusters, 2 * decoder.in_features, prior_sd=prior_sd, on="encoder")
        # In a tuple, so that they are no members here, too: their parameters would be named twice.
        self._network = (encoder, decoder)

    def change(self, output: Tensor, h: Tensor, z: Tensor, noise: Tensor | None = None) -> Tensor:
        """Outputs with the reconstruction of cluster ``z`` behind the logit."""
        scale, shift = self.coefficients(z, noise).chunk(2, dim=-1)
        image = self._network[1]((1 + scale) * h + shift)
        return torch.cat([output[:, :1], image], dim=1)

    @torch.no_grad()
    def initialise(self, samples: Samples) -> None:
        """Move what of the latents is the clusters' from the encoder to the shifts.

        Of latents with unit variance: the directions in which more than half of it lies between clusters. In
        the others the encoder keeps what little it could tell a cluster by, for the adversary to find.
        """
        encoder, some = self._network[0], some_samples(samples)
        latents = encoder(read(some.x))
        present = some.present(len(self.mean)).nonzero()[:, 0]
        means = torch.stack([latents[some.z == k].mean(0) for k in present])
        share = torch.bincount(some.z, minlength=len(self.mean))[present] / len(latents)
        # Eigenvalues of sum_k p_k m_k m_k' are shares of the variance, as the latents' is 1.
        between, directions = torch.linalg.eigh((means.T * share) @ means)
        apart = directions[:, between > 1 / 2]
        clusters = apart @ apart.T
        self.mean.zero_()
        self.mean[present, latents.shape[1] :] = means @ clusters
        encoder.linear.weight.sub_(clusters @ encoder.linear.weight)
        encoder.linear.bias.sub_(clusters @ encoder.linear.bias)
