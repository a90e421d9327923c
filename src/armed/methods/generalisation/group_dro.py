"""Distributionally robust optimisation over groups: the clusters that are predicted worst count most."""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from armed.data.samples import Batch
from armed.losses import LossTerms
from armed.methods.base import Method, ModelComponents
from armed.nn.activations import call


@dataclass(frozen=True)
class GroupDroSettings:
    """Settings of GroupDRO.

    Parameters
    ----------
    step : float, at least 0
        By how much the logarithm of a cluster's weight grows after an epoch, for each unit of its loss.
    """

    step: float = 0.1


class GroupDro(Method):
    r"""``sum_k q_k L_k``, ``L_k`` the mean loss of cluster ``k``, ``q_k`` its weight, large where ``L_k`` is.

    After every epoch ``q_k`` is multiplied by ``exp(step L_k)`` and all are divided by their sum. They start
    equal: with ``step`` 0 each cluster counts alike, whatever its size.

    References
    ----------
    Sagawa et al., Distributionally robust neural networks for group shifts, ICLR 2020.

    Departures from the paper
    -------------------------
    Weights move after an epoch, by the losses of all training samples, and not in every step by those of a
    minibatch, of which a small cluster may have no sample. There is no adjustment by the size of a group.
    """

    Settings = GroupDroSettings
    soft_clusters = False
    cluster_weights: Tensor

    def __init__(self, components: ModelComponents, settings: GroupDroSettings) -> None:
        super().__init__(components, settings)
        equal = torch.full((self.clusters,), 1 / self.clusters)
        self.register_buffer("cluster_weights", equal, persistent=True)

    def forget(self, absent: Tensor) -> None:
        """Let absent clusters weigh nothing."""
        kept = self.cluster_weights * ~absent
        self.cluster_weights.copy_(kept / kept.sum())

    def losses(self, group: str, batch: Batch, outputs: Any) -> LossTerms:
        """Outcome loss, each sample weighted such that its cluster counts as its weight says."""
        # E[1/B sum_i q_z(i) (n / n_z(i)) l_i] = sum_k q_k L_k, over minibatches of B of n samples
        weight = batch.weight * self.cluster_weights[batch.z] * batch.kl_scale
        return LossTerms(
            *self.task.terms(call(self.network, batch.x), batch._replace(weight=weight))
        )

    def statistics(self, x: Tensor) -> tuple[Tensor, ...]:
        """Linear predictors of the outcome."""
        return (call(self.network, x)[:, : self.task.predictors],)

    def update(
        self,
        statistics: tuple[Tensor, ...],
        y: Tensor,
        z: Tensor,
        weight: Tensor,
        held_out: tuple[Tensor, ...] | None = None,
        last: bool = False,
    ) -> dict[str, Tensor]:
        """Let the clusters of large losses weigh more."""
        own = self.task.loss(statistics[0], y)
        zero = torch.zeros_like(self.cluster_weights)
        count = zero.index_add(0, z, (weight > 0).to(zero.dtype))
        loss = zero.index_add(0, z, own * weight) / count.clamp_min(1)
        # From the largest on, so that exp does not overflow.
        grown = self.cluster_weights * (self.settings.step * (loss - loss.max())).exp()
        return {"cluster_weights": grown / grown.sum()}


METHOD = GroupDro
