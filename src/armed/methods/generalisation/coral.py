"""Correlation alignment: hidden features with the same mean and covariance in every cluster."""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from armed.data.arrays import as_weights
from armed.data.samples import Batch
from armed.losses import LossTerms, Term
from armed.methods.base import Method, ModelComponents
from armed.nn.activations import call_recorded


@dataclass(frozen=True)
class CoralSettings:
    """Settings of CORAL.

    Parameters
    ----------
    alignment_weight : float, at least 0
        Weight of the distance between clusters.
    samples_per_cluster : int, at least 2
        Samples of each cluster in a minibatch.
    """

    alignment_weight: float = 1.0
    samples_per_cluster: int = 8


class Coral(Method):
    r"""``L(y, f(x)) + w D``, ``D`` the mean distance of two clusters by moments of their hidden features.

    ``h`` being the last hidden features (d of them), with mean ``m_k`` and covariance ``C_k`` in cluster
    ``k`` of a minibatch, ``D`` is the mean over pairs of ``|m_k - m_l|^2 / d + |C_k - C_l|_F^2 / d^2``.
    Minibatches hold the same number of samples of every cluster in training.

    References
    ----------
    Sun and Saenko, Deep CORAL, ECCV workshops 2016; Gulrajani and Lopez-Paz, In search of lost domain
    generalization, ICLR 2021, whose CORAL this is (means besides covariances, more than two domains).
    """

    Settings = CoralSettings
    batches = "per_cluster"
    soft_clusters = False

    def __init__(self, components: ModelComponents, settings: CoralSettings) -> None:
        super().__init__(components, settings)
        self.aligned = components.last_hidden or components.watch[-1]

    def recorded(self, x: Tensor) -> tuple[Tensor, tuple[Tensor, ...]]:
        """Output of the network and the features that are aligned."""
        return call_recorded(self.network, (self.aligned,), x)

    def losses(self, group: str, batch: Batch, outputs: Any) -> LossTerms:
        """Outcome loss and distance between clusters."""
        output, (hidden,) = self.recorded(batch.x)
        # Squares of differences need 32 bits, whatever the network computes in.
        with torch.autocast(output.device.type, enabled=False):
            members = as_weights(batch.z, self.clusters) * batch.mask[:, None]
            distance = moment_distance(hidden.flatten(1).float(), members)
        return LossTerms(
            *self.task.terms(output, batch),
            Term("alignment", distance, self.settings.alignment_weight),
        )


def moment_distance(h: Tensor, members: Tensor) -> Tensor:
    """Mean over pairs of clusters of the distance of their moments, a scalar; see `Coral`.

    ``h`` (batch, d); ``members`` (batch, clusters): 1 where a sample is of a cluster. Clusters without
    samples are in no pair.
    """
    # n_k, m_k and C_k of all clusters at once: replicas of a stack have different ones present.
    count = members.sum(0)
    mean = (members.T @ h) / count.clamp_min(1)[:, None]
    # Padding is of no cluster, so that its rows count nowhere.
    centred = h - members @ mean
    covariance = torch.einsum("bk,bi,bj->kij", members, centred, centred)
    covariance = covariance / (count - 1).clamp_min(1)[:, None, None]
    present = (count > 0).to(h.dtype)
    width = h.shape[1]
    return _spread(mean, present) / width + _spread(covariance.flatten(1), present) / width**2


def _spread(values: Tensor, present: Tensor) -> Tensor:
    """Mean squared distance of two rows of ``values`` (clusters, ...), of those that are present."""
    # Over pairs of K rows it is 2 / (K - 1) times the sum of squared distances from their mean.
    number = present.sum()
    centre = (present @ values) / number.clamp_min(1)
    squares = ((values - centre).square() * present[:, None]).sum()
    return 2 * squares / (number - 1).clamp_min(1)


METHOD = Coral
