"""A dense adversary."""

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn

from armed.adversaries.base import ClusterClassifier
from armed.nn.layers import glorot


class Adversary(ClusterClassifier):
    """A dense classifier of the cluster from concatenated activations.

    Its logits are ``a([h_1, ..., h_L]; c)``, each activation flattened.

    Parameters
    ----------
    features : int
        Summed width of the watched activations, flattened.
    clusters : int
        Number of clusters.
    hidden : sequence of int
        Widths of the hidden layers (ReLU).

    Examples
    --------
    >>> adversary = Adversary(8, 5, hidden=[4])
    >>> adversary([torch.randn(2, 6), torch.randn(2, 2)]).shape
    torch.Size([2, 5])
    """

    def __init__(self, features: int, clusters: int, *, hidden: Sequence[int]) -> None:
        super().__init__()
        widths = [features, *hidden]
        layers: list[nn.Module] = []
        for before, after in pairwise(widths):
            layers += [glorot(nn.Linear(before, after)), nn.ReLU()]
        self.layers = nn.Sequential(*layers, glorot(nn.Linear(widths[-1], clusters)))

    def forward(self, activations: Sequence[Tensor]) -> Tensor:
        """Logits of the cluster, shape (batch, clusters)."""
        # All layers at once: the cluster may show in one and hide in the next.
        logits: Tensor = self.layers(torch.cat([h.flatten(1) for h in activations], dim=-1))
        return logits
