"""A second decoder whose norm is the appearance of a cluster."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from armed.effects.base import ClusterEffect
from armed.effects.scale_shift import RandomScaleShift
from armed_study.networks.tied_decoder import Decoder


class ClusterDecoder(ClusterEffect):
    """Reconstruction with the scale and shift of a cluster in the place of each norm.

    It has the encoder's kernels, as the other decoder does, and biases and PReLUs of its own. Its
    output takes the place of the fixed reconstruction; the logit is left as it is.

    Parameters
    ----------
    encoder : Encoder
    channels : sequence of int
        Of the maps, the last map first.
    clusters : int
    prior_sd : float
        Of all scales and shifts.
    """

    on = "encoder"

    def __init__(
        self, encoder: Any, channels: Sequence[int], *, clusters: int, prior_sd: float
    ) -> None:
        super().__init__()
        self.decoder = Decoder(encoder, [])
        self.scale_shifts = nn.ModuleList(
            RandomScaleShift(clusters, count, prior_sd=prior_sd, label=f"scale_shift{number}")
            for number, count in enumerate(channels)
        )
        self.size = sum(effect.size for effect in self._effects())

    def change(self, output: Tensor, h: Tensor, z: Tensor, noise: Tensor | None = None) -> Tensor:
        """Outputs with the reconstruction of cluster ``z`` behind the logit."""
        effects = self._effects()
        parts: Sequence[Tensor | None] = [None] * len(effects)
        if noise is not None:
            parts = noise.split([effect.size for effect in effects], dim=1)

        def norm(number: int, maps: Tensor) -> Tensor:
            return effects[number](maps, z, parts[number])

        return torch.cat([output[:, :1], self.decoder(h, norm).flatten(1)], dim=1)

    def measure(self, h: Tensor, *, outputs: int, clusters: int) -> None:
        """Check the number of clusters."""
        for effect in self._effects():
            effect.measure(h, outputs=outputs, clusters=clusters)

    def kl(self, z: Tensor) -> Tensor:
        """Sum over all scales and shifts."""
        return torch.stack([effect.kl(z) for effect in self._effects()]).sum(0)

    def posterior(self) -> dict[str, tuple[Tensor, Tensor]]:
        """Posterior mean and sd of scales and shifts, by layer."""
        return {
            name: each for effect in self._effects() for name, each in effect.posterior().items()
        }

    def _effects(self) -> list[RandomScaleShift]:
        return list(self.scale_shifts)  # type: ignore[arg-type]
