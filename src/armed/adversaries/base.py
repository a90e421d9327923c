"""The contract of an adversary: it predicts the cluster from the activations of the network."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from armed.data.samples import Batch
from armed.losses import Term, batch_mean


class ClusterClassifier(nn.Module, ABC):
    """``a(h_1..h_L; c)``: what every adversary is, a classifier of the cluster."""

    @abstractmethod
    def forward(self, activations: Sequence[Tensor]) -> Tensor:
        """Logits of the cluster, shape (batch, clusters)."""

    def loss(self, activations: Sequence[Tensor], z: Tensor) -> Tensor:
        """Cross-entropy ``CE(z, a(h_1..h_L))`` of the cluster per sample, shape (batch,).

        Parameters
        ----------
        activations : sequence of Tensor
            ``h_1..h_L``; detached ones for the adversary's own step.
        z : Tensor of int64, shape (batch,)
        """
        # -log softmax(a)_z; the row of z is looked up, so that no one-hot matrix is formed.
        return -torch.log_softmax(self(activations), dim=-1).gather(-1, z[:, None])[:, 0]

    def term(
        self, name: str, activations: Sequence[Tensor], batch: Batch, weight: float = 1.0
    ) -> Term:
        """Mean `loss` of the samples of a minibatch, as a loss term of that name and weight."""
        return Term(
            name, batch_mean(self.loss(activations, batch.z), batch.mask, batch.mask), weight
        )
