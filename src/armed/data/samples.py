"""Training samples of a replica, and a minibatch of them."""

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from armed.data.lazy_rows import LazyRows
from armed.errors import DataError


@dataclass(frozen=True)
class Samples:
    """Training samples of one replica: ``x`` (samples, ...), ``y`` and ``z`` (samples,).

    ``z`` holds cluster indices. Replicas that share a fold share one object, and its memory.
    ``x`` may be rows of an array on disk.
    """

    x: Tensor | LazyRows
    y: Tensor
    z: Tensor

    def __post_init__(self) -> None:
        if not len(self.x) == len(self.y) == len(self.z):
            raise DataError(
                f"x, y, z have {len(self.x)}, {len(self.y)}, {len(self.z)} samples; expected as "
                "many of each; pass arrays of the same samples"
            )
        if len(self.x) == 0:
            raise DataError("there are 0 training samples; expected at least 1; check the split")

    def class_weights(self) -> Tensor:
        """``n / (classes * n_class)`` for each sample, from these samples."""
        # Their mean over the samples is 1, so the loss stays in its units.
        _, inverse, counts = torch.unique(self.y, return_inverse=True, return_counts=True)
        weights: Tensor = (len(self.y) / (len(counts) * counts.float()))[inverse]
        return weights

    def kl_scale(self) -> Tensor:
        """``n / n_z`` for each sample, see `Batch`."""
        # A sample is in a minibatch with probability B / n, so that E[1/B sum_i (n / n_z(i)) KL_z(i)]
        # = sum_i KL_z(i) / n_z(i) = sum_k KL_k: the cost of a step does not grow with the clusters.
        counts = torch.bincount(self.z).float()
        return len(self.z) / counts[self.z]


class Batch(NamedTuple):
    """One minibatch of one replica.

    ``x`` (batch, ...); ``y``, ``z`` (batch,); ``mask`` 1 for a sample and 0 for padding; ``weight``
    of its outcome loss (class weight); ``kl_scale``: training samples / samples of its cluster, so
    that the mean over a minibatch of ``kl_scale * KL_z`` has the full sum over clusters as its
    expectation; ``noise``: what `Method.draw` drew for this step.
    """

    x: Tensor
    y: Tensor
    z: Tensor
    mask: Tensor
    weight: Tensor
    kl_scale: Tensor
    noise: Tensor
