"""A dense adversary."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn

from armed.adversaries.base import ClusterClassifier, check_clusters
from armed.errors import ConfigError
from armed.nn.layers import glorot


class Adversary(ClusterClassifier):
    """A dense classifier of the cluster from concatenated activations.

    Its logits are ``a([h_1, ..., h_L]; c)``, each activation flattened.

    Parameters
    ----------
    features : int, optional
        Summed width of the watched activations, flattened.
    clusters : int, optional
        Number of clusters. What is not given is found out before training.
    hidden : sequence of int
        Widths of the hidden layers (ReLU).
    learning_rate_factor, bounded
        See `armed.adversaries.base.ClusterClassifier`.

    Examples
    --------
    >>> adversary = Adversary(8, 5, hidden=[4])
    >>> adversary([torch.randn(2, 6), torch.randn(2, 2)]).shape
    torch.Size([2, 5])
    """

    stackable = True

    def __init__(
        self,
        features: int | None = None,
        clusters: int | None = None,
        *,
        hidden: Sequence[int],
        learning_rate_factor: float = 1.0,
        bounded: bool = False,
    ) -> None:
        super().__init__(learning_rate_factor=learning_rate_factor, bounded=bounded)
        self.features, self.clusters, self._hidden = features, clusters, tuple(hidden)
        self.layers = nn.Sequential()
        if features is not None and clusters is not None:
            self._build(features, clusters)

    def _build(self, features: int, clusters: int) -> None:
        self.features, self.clusters = features, clusters
        widths = [features, *self._hidden]
        layers: list[nn.Module] = []
        for before, after in pairwise(widths):
            layers += [glorot(nn.Linear(before, after)), nn.ReLU()]
        self.layers = nn.Sequential(*layers, glorot(nn.Linear(widths[-1], clusters)))

    def measure(self, activations: Sequence[Tensor], *, clusters: int) -> None:
        """Make the layers, if a width was left open; check both widths."""
        if not activations:
            raise ConfigError(
                "an adversary was given and no layer to watch; expected names of hidden layers; name them "
                "in ModelComponents.watch"
            )
        width = sum(h[:1].numel() for h in activations)
        if not len(self.layers):
            own = (self.features, self.clusters)
            self._build(
                *(a if a is not None else b for a, b in zip(own, (width, clusters), strict=True))
            )
            self.layers.to(activations[0].device)
        check_clusters(self.clusters or 0, clusters)
        if self.features != width:
            raise ConfigError(
                f"the adversary takes {self.features} features and the watched layers give {width}; expected "
                "as many; leave the width out, and it is found out"
            )

    def _load_from_state_dict(self, state: Any, prefix: str, *others: Any) -> None:
        # Layers and ReLUs alternate, so that the last layer is the place of twice the hidden ones.
        last = f"{prefix}layers.{2 * len(self._hidden)}.weight"
        if not len(self.layers) and last in state:
            self._build(state[f"{prefix}layers.0.weight"].shape[1], len(state[last]))
        super()._load_from_state_dict(state, prefix, *others)

    def forward(self, activations: Sequence[Tensor]) -> Tensor:
        """Logits of the cluster, shape (batch, clusters)."""
        # All layers at once: the cluster may show in one and hide in the next.
        logits: Tensor = self.layers(torch.cat([h.flatten(1) for h in activations], dim=-1))
        return logits
