"""The contract of an adversary: it predicts the cluster from the activations of the network."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from armed.data.samples import Batch
from armed.errors import ConfigError
from armed.losses import Term, batch_mean


class ClusterClassifier(nn.Module, ABC):
    """``a(h_1..h_L; c)``: what every adversary is, a classifier of the cluster."""

    @abstractmethod
    def forward(self, activations: Sequence[Tensor]) -> Tensor:
        """Logits of the cluster, shape (batch, clusters)."""

    @abstractmethod
    def measure(self, activations: Sequence[Tensor], *, clusters: int) -> None:
        """Fill in widths that were left open, and check the others, by what `forward` will be given."""

    def loss(self, activations: Sequence[Tensor], z: Tensor) -> Tensor:
        """Cross-entropy ``CE(z, a(h_1..h_L))`` of the cluster per sample, shape (batch,).

        Parameters
        ----------
        activations : sequence of Tensor
            ``h_1..h_L``; detached ones for the adversary's own step.
        z : Tensor
            Clusters (batch,), or weights over clusters (batch, clusters).
        """
        # -log softmax(a)_z; the row of z is looked up, so that no one-hot matrix is formed. Of weights w,
        # -sum_k w_k log softmax(a)_k: nothing is asked of a sample without cluster. Clusters come first:
        # over few numbers that lie side by side a softmax takes many times as long.
        log_probability = torch.log_softmax(self(activations).T, dim=0)
        if z.is_floating_point():
            return -(z.T * log_probability).sum(0)
        return -log_probability.gather(0, z[None])[0]

    def term(
        self, name: str, activations: Sequence[Tensor], batch: Batch, weight: float = 1.0
    ) -> Term:
        """Mean `loss` of the samples of a minibatch, as a loss term of that name and weight."""
        return Term(
            name, batch_mean(self.loss(activations, batch.z), batch.mask, batch.mask), weight
        )


def check_clusters(own: int, clusters: int) -> None:
    """Check that an adversary is of as many clusters as the method that has it."""
    if own != clusters:
        raise ConfigError(
            f"the adversary is of {own} clusters in a model of {clusters} clusters; expected as many; make "
            "it for those of the model"
        )


def required(adversary: ClusterClassifier | None, method: nn.Module) -> ClusterClassifier:
    """Return the adversary that the method asks for."""
    if adversary is None:
        raise ConfigError(
            f"{type(method).__name__} was given no adversary; expected one; set ModelComponents.adversary"
        )
    return adversary
