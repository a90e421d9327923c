"""The cluster as a further input of the network."""

from dataclasses import dataclass

import torch
from torch import Tensor

from armed.data.samples import Batch
from armed.losses import LossTerms
from armed.methods.base import Method


@dataclass(frozen=True)
class ClusterInputSettings:
    """Where the cluster is given.

    Parameters
    ----------
    output_layer : bool
        Whether the network's output layer gets the cluster, too.
    """

    output_layer: bool = False


class ClusterInput(Method):
    """``f([x, z])`` with ``z`` one-hot: the textbook way of telling a network its cluster.

    The network takes a second argument of width ``clusters``. Weights over clusters are passed as
    they are; a sample without cluster is all zeros. ``fixed`` is the score with zeros, ``mixed``
    with ``z``. A convolutional network appends it to its flattened features.

    Departures from the paper
    -------------------------
    How the paper's 'Cluster input+' is defined is not known to us; ours is ``output_layer``.
    """

    Settings = ClusterInputSettings
    uses_clusters = True

    @classmethod
    def context_places(cls, settings: ClusterInputSettings) -> tuple[str, ...]:
        """At the input and, if set so, before the output layer."""
        return ("input", "output") if settings.output_layer else ("input",)

    def losses(self, group: str, batch: Batch) -> LossTerms:
        """Outcome loss."""
        return LossTerms(*self.task.terms(self.network(batch.x, self.weights(batch.z)), batch))

    def linear_predictor(self, x: Tensor, z: Tensor) -> dict[str, Tensor]:
        """Linear predictors without (``fixed``) and with the cluster (``mixed``)."""
        weights = self.weights(z)
        return {
            "fixed": self.network(x, torch.zeros_like(weights)),
            "mixed": self.network(x, weights),
        }

    def weights(self, z: Tensor) -> Tensor:
        """Weights over clusters, shape (batch, clusters)."""
        if z.is_floating_point():
            return z
        every = torch.arange(self.clusters, device=z.device)
        return (z[:, None] == every[None, :]).to(torch.get_default_dtype())


METHOD = ClusterInput
