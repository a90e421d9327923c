"""Training samples of a replica, and a minibatch of them."""

from dataclasses import dataclass, field
from typing import Any, NamedTuple

import torch
from torch import Tensor

from armed.data.arrays import cluster_column, features, outcomes, same_length, same_rows
from armed.data.categories import Names, cluster_names, no_codes, same_names
from armed.data.lazy_rows import LazyRows, read
from armed.errors import DataError


@dataclass(frozen=True, eq=False)
class Samples:
    """Training samples of one replica: ``x`` (samples, ...), ``y`` and ``z`` (samples,).

    Tensors, NumPy arrays, pandas columns or lists, converted to tensors here. ``z`` holds cluster
    indices, or weights over clusters (samples, clusters); pandas categories are numbered by their codes,
    and a missing one is a sample without cluster: it has no effect of a cluster and trains none. What is
    predicted later is to have the same categories; ``names`` holds them.
    Replicas that share a fold share one object, and its memory. ``x`` may be rows of an array on disk,
    which nobody looks at before they are trained on.

    Raises
    ------
    DataError
        If an argument does not hold finite numbers, ``z`` is no cluster, or their lengths differ.
    """

    x: Tensor | LazyRows | Any
    y: Tensor | Any
    z: Tensor | Any
    names: Names = field(init=False)

    def __post_init__(self) -> None:
        same_rows(x=self.x, y=self.y, z=self.z)
        object.__setattr__(self, "names", cluster_names(self.z))
        for name, convert in (("x", features), ("y", outcomes), ("z", cluster_column)):
            made: Any = convert(getattr(self, name))
            # Nobody asks for a gradient in what is trained on.
            if isinstance(made, Tensor) and made.requires_grad:
                made = made.detach()
            object.__setattr__(self, name, made)
        same_length(x=self.x, y=self.y, z=self.z)
        if len(self.x) == 0:
            raise DataError("there are 0 training samples; expected at least 1; check the split")

    def __len__(self) -> int:
        return len(self.y)

    def class_weights(self) -> Tensor:
        """``n / (classes * n_class)`` for each sample, from these samples."""
        # Their mean over the samples is 1, so the loss stays in its units.
        _, inverse, counts = torch.unique(self.y, return_inverse=True, return_counts=True)
        weights: Tensor = (len(self.y) / (len(counts) * counts.float()))[inverse]
        return weights

    def kl_scale(self) -> Tensor:
        """``n / n_z`` for each sample, see `Batch`; of weights ``n w_k / n_k``, (samples, clusters)."""
        # A sample is in a minibatch with probability B / n, so that E[1/B sum_i (n / n_z(i)) KL_z(i)]
        # = sum_i KL_z(i) / n_z(i) = sum_k KL_k: the cost of a step does not grow with the clusters. Of
        # weights, n_k is their sum, and a sample has its share of each cluster.
        if self.z.is_floating_point():
            total = self.z.sum(0)
            return len(self.z) * self.z / torch.where(total > 0, total, 1)
        counts = torch.bincount(self.z).float()
        return len(self.z) / counts[self.z]

    def present(self, clusters: int) -> Tensor:
        """Whether any of these samples is of a cluster, at least in part, (clusters,)."""
        if self.z.is_floating_point():
            return (self.z > 0).any(0)
        return torch.bincount(self.z, minlength=clusters) > 0


def to_predict(x: Any, z: Any, names: Names) -> tuple[Tensor, Tensor]:
    """Return ``x`` and ``z`` as tensors, checked as in `Samples`; ``names`` are the clusters trained on."""
    same_rows(x=x, z=z)
    same_names(names, cluster_names(z))
    values, clusters = read(features(x)), cluster_column(z)
    same_length(x=values, z=clusters)
    if cluster_names(z) is None and not clusters.is_floating_point():
        no_codes(names)
    return values, clusters


class Batch(NamedTuple):
    """One minibatch of one replica.

    ``x`` (batch, ...); ``y``, ``z`` (batch,), or weights ``z`` (batch, clusters); ``mask`` 1 for a sample
    and 0 for padding; ``weight`` of its outcome loss (class weight); ``kl_scale``: training samples /
    samples of its cluster, so that the mean over a minibatch of ``kl_scale * KL_z`` has the full sum over
    clusters as its expectation; ``noise``: what `Method.draw` drew for this step.
    """

    x: Tensor
    y: Tensor
    z: Tensor
    mask: Tensor
    weight: Tensor
    kl_scale: Tensor
    noise: Tensor
