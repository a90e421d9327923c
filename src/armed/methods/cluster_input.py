"""The cluster as a further input of the network."""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from armed.data.arrays import as_weights
from armed.data.samples import Batch
from armed.losses import LossTerms
from armed.methods.base import Method, ModelComponents
from armed.nn.activations import call


@dataclass(frozen=True)
class ClusterInputSettings:
    """Where the cluster is given.

    Parameters
    ----------
    output_layer : bool
        Whether the network's output layer gets the cluster, too.
    embedding : int, at least 0
        Numbers that stand for a cluster, learned, in the place of its one-hot code; 0: the code itself.
    """

    output_layer: bool = False
    embedding: int = 0


class ClusterInput(Method):
    """``f([x, z])`` with ``z`` one-hot: the textbook way of telling a network its cluster.

    The network takes a second argument of width ``clusters`` or, with an embedding ``E`` (clusters,
    embedding), ``f([x, z E])``, of that of the embedding. Weights over clusters are passed as they are; a
    sample without cluster is all zeros. ``fixed`` is the score with zeros, ``mixed`` with ``z``. A
    convolutional network appends it to its flattened features.

    Departures from the paper
    -------------------------
    How the paper's 'Cluster input+' is defined is not known to us; ours is ``output_layer``.
    """

    Settings = ClusterInputSettings
    uses_clusters = True
    trained: Tensor

    @classmethod
    def context_places(cls, settings: ClusterInputSettings) -> tuple[str, ...]:
        """At the input and, if set so, before the output layer."""
        return ("input", "output") if settings.output_layer else ("input",)

    def __init__(self, components: ModelComponents, settings: ClusterInputSettings) -> None:
        super().__init__(components, settings)
        # What the weights of a cluster that nobody trained would say is their random start.
        self.register_buffer("trained", torch.ones(self.clusters), persistent=True)
        # At 0 all clusters are alike, as is none; the network's own weights tell the numbers apart.
        size = (self.clusters, settings.embedding)
        self.embedding = nn.Parameter(torch.zeros(size)) if settings.embedding else None

    @classmethod
    def context_width(cls, settings: ClusterInputSettings, clusters: int) -> int:
        """That of the embedding, if there is one."""
        return settings.embedding or clusters

    def alone(self, x: Tensor) -> Tensor:
        """Output of the network without a cluster."""
        width = self.context_width(self.settings, self.clusters)
        return call(self.network, x, x.new_zeros(len(x), width, dtype=torch.float32))

    def forget(self, absent: Tensor) -> None:
        """Tell the network nothing of absent clusters."""
        self.trained.copy_(~absent)

    def losses(self, group: str, batch: Batch, outputs: Any) -> LossTerms:
        """Outcome loss."""
        return LossTerms(
            *self.task.terms(call(self.network, batch.x, self.context(batch.z)), batch)
        )

    def linear_predictor(self, x: Tensor, z: Tensor) -> dict[str, Tensor]:
        """Linear predictors without (``fixed``) and with the cluster (``mixed``)."""
        context = self.context(z)
        return {
            "fixed": call(self.network, x, torch.zeros_like(context)),
            "mixed": call(self.network, x, context),
        }

    def context(self, z: Tensor) -> Tensor:
        """Weights over clusters, (batch, clusters), or the mean of embeddings by them, (batch, embedding)."""
        weights = as_weights(z, self.clusters) * self.trained
        return weights if self.embedding is None else weights @ self.embedding


METHOD = ClusterInput
