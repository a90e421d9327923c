"""Meta-learning domain generalisation, with clusters as domains."""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.func import grad_and_value

from armed.data.samples import Batch
from armed.losses import LossTerms, Term
from armed.methods.base import Method
from armed.nn.activations import two_dimensional
from armed.nn.stacking import call_with, can_stack


@dataclass(frozen=True)
class MldgSettings:
    """Settings of MLDG.

    Parameters
    ----------
    inner_learning_rate : float, above 0
        Step of the virtual update.
    meta_weight : float, at least 0
        Weight m of the meta-test loss.
    samples_per_cluster : int, at least 1
        Samples of each cluster in a minibatch.
    meta_test_share : float, above 0, below 1
        Share of the clusters that is held back in a step.
    first_order : bool
        Whether the second derivatives are dropped.
    """

    inner_learning_rate: float = 1e-3
    meta_weight: float = 1.0
    samples_per_cluster: int = 4
    meta_test_share: float = 0.3
    first_order: bool = False


class Mldg(Method):
    r"""``L_train(b) + m L_test(b - a grad L_train(b))`` with clusters split again at every step.

    Its gradient holds the second derivatives of ``L_train``. Minibatches hold the same number of
    samples of every cluster in training.

    References
    ----------
    Li et al., AAAI 2018.
    """

    Settings = MldgSettings
    batches = "per_cluster"
    soft_clusters = False

    def draw(self, generator: torch.Generator, steps: int, batch_size: int) -> Tensor:
        """Uniform numbers by cluster; the smallest are the meta-test clusters of the step."""
        return torch.rand(steps, self.clusters, generator=generator)

    def losses(self, group: str, batch: Batch, outputs: Any) -> LossTerms:
        """Meta-train loss, and meta-test loss after a virtual step on the former."""
        train, test = self._sides(batch)
        named = self.network.named_parameters()
        # Frozen ones have no virtual step; in a stack other tensors stand in the place of parameters.
        parameters: dict[str, Tensor] = {
            name: value
            for name, value in named
            if value.requires_grad or not isinstance(value, nn.Parameter)
        }

        def loss(parameters: dict[str, Tensor], part: Batch) -> Tensor:
            output = call_with(self.network, parameters, part.x)
            output = two_dimensional(self.network, output, len(part.x))
            return LossTerms(*self.task.terms(output, part)).total

        first_order = self.settings.first_order
        # g = grad L_train(b), differentiable in b itself unless second derivatives are dropped
        if can_stack(self.network):
            gradient, now = grad_and_value(loss)(parameters, train)
        else:
            # torch.func refuses layers that keep statistics; outside of a stack, autograd will do.
            now = loss(parameters, train)
            gradients = torch.autograd.grad(
                now,
                list(parameters.values()),
                create_graph=not first_order,
                allow_unused=True,
                materialize_grads=True,
            )
            gradient = dict(zip(parameters, gradients, strict=True))
        # Without the second derivatives, g is a constant: grad L_test(b - a g) instead of (1 - a H) times it.
        if first_order:
            gradient = {name: value.detach() for name, value in gradient.items()}
            now = _linear(now, parameters, gradient)
        # b' = b - a g, at which the meta-test clusters are scored
        rate = self.settings.inner_learning_rate
        moved = {name: value - rate * gradient[name] for name, value in parameters.items()}
        return LossTerms(
            Term("meta_train", now),
            Term("meta_test", loss(moved, test), self.settings.meta_weight),
        )

    def _sides(self, batch: Batch) -> tuple[Batch, Batch]:
        """Samples of meta-train and of meta-test clusters; those of the minibatch are dealt again."""
        tested = self._meta_test(batch) * batch.mask
        return self._side(batch, batch.mask - tested), self._side(batch, tested)

    def _side(self, batch: Batch, part: Tensor) -> Batch:
        """Samples of one side, 1 in ``part`` (batch,): in a stack all, those of the other counted as none.

        Replicas of a stack have sides of different sizes. A network that is not stacked may have batch norm,
        whose statistics are to be those of the side.
        """
        if can_stack(self.network):
            return batch._replace(mask=part)
        rows = part.nonzero().squeeze(1)
        own = {name: value[rows] for name, value in batch._asdict().items() if name != "noise"}
        return Batch(**own, noise=batch.noise)

    def _meta_test(self, batch: Batch) -> Tensor:
        """1 for samples of the clusters whose draw is among the smallest of those in the batch."""
        # By rank and not by sorting: replicas that are computed together have different clusters present.
        draws = batch.noise
        present = torch.zeros_like(draws).index_add(0, batch.z, batch.mask).clamp_max(1)
        rank = ((draws[None, :] < draws[:, None]) * present[None, :]).sum(-1)
        # Rounding lifts 0.3 of 50 above 15: without the subtraction that would be 16 clusters.
        count = (present.sum() * self.settings.meta_test_share - 1e-4).ceil().clamp_min(1)
        # At least one cluster stays to train on.
        count = torch.minimum(count, present.sum() - 1)
        return (rank < count).to(draws.dtype)[batch.z]


def _linear(value: Tensor, at: dict[str, Tensor], gradient: dict[str, Tensor]) -> Tensor:
    """Return a value whose gradient is known already: it is not passed back through the network again."""
    moves = [((own - own.detach()) * gradient[name]).sum() for name, own in at.items()]
    return value.detach() + torch.stack(moves).sum()


METHOD = Mldg
