"""The contract of an adversary: it predicts the cluster from the activations of the network."""

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from armed.data.samples import Batch
from armed.errors import ConfigError
from armed.losses import Term, batch_mean


class ClusterClassifier(nn.Module, ABC):
    """``a(h_1..h_L; c)``: what every adversary is, a classifier of the cluster.

    Parameters
    ----------
    learning_rate_factor : float
        Its learning rate, in units of that of the network. A network runs away from an adversary as slow as
        itself: its features then mislead this one, and tell a new one as much as before.
    bounded : bool
        Whether the network raises the cross-entropy of a sample only up to log K, that of a guess among K
        clusters. Without bound it gains more by making the adversary surely wrong, which hides nothing.
    """

    def __init__(self, *, learning_rate_factor: float = 1.0, bounded: bool = False) -> None:
        super().__init__()
        self.learning_rate_factor, self.bounded = learning_rate_factor, bounded

    @abstractmethod
    def forward(self, activations: Sequence[Tensor]) -> Tensor:
        """Logits of the cluster, shape (batch, clusters)."""

    @abstractmethod
    def measure(self, activations: Sequence[Tensor], *, clusters: int) -> None:
        """Fill in widths that were left open, and check the others, by what `forward` will be given."""

    def loss(self, activations: Sequence[Tensor], z: Tensor, *, bounded: bool = False) -> Tensor:
        """Cross-entropy ``CE(z, a(h_1..h_L))`` of the cluster per sample, shape (batch,).

        Parameters
        ----------
        activations : sequence of Tensor
            ``h_1..h_L``; detached ones for the adversary's own step.
        z : Tensor
            Clusters (batch,), or weights over clusters (batch, clusters).
        bounded : bool
            Whether what exceeds log K counts as log K, and so passes no gradient.
        """
        # -log softmax(a)_z; the row of z is looked up, so that no one-hot matrix is formed. Of weights w,
        # -sum_k w_k log softmax(a)_k: nothing is asked of a sample without cluster. Clusters come first:
        # over few numbers that lie side by side a softmax takes many times as long.
        log_probability = torch.log_softmax(self(activations).T, dim=0)
        if z.is_floating_point():
            loss = -(z.T * log_probability).sum(0)
        else:
            loss = -log_probability.gather(0, z[None])[0]
        return loss.clamp(max=math.log(len(log_probability))) if bounded else loss

    def term(
        self, name: str, activations: Sequence[Tensor], batch: Batch, weight: float = 1.0
    ) -> Term:
        """Mean `loss` of the samples of a minibatch, as a loss term of that name and weight.

        A weight below 0 is that of the network, which raises what the adversary lowers.
        """
        loss = self.loss(activations, batch.z, bounded=self.bounded and weight < 0)
        return Term(name, batch_mean(loss, batch.mask, batch.mask), weight)


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
