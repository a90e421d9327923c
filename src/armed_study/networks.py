"""Plain fixed-effects networks: nothing here knows of clusters, adversaries or random effects."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from armed.adversary import glorot


class MLP(nn.Module):
    """Dense layers with ReLU and a linear output.

    Parameters
    ----------
    features : int
        Width of the input.
    hidden : sequence of int
        Widths of the hidden layers.
    outputs : int
        Width of the output (logits or means).
    context : int
        Width of an optional second argument that is appended to the input.
    """

    def __init__(
        self, features: int, *, hidden: Sequence[int], outputs: int = 1, context: int = 0
    ) -> None:
        super().__init__()
        widths = [features + context, *hidden]
        self.layers = nn.ModuleList(
            nn.Sequential(glorot(nn.Linear(before, after)), nn.ReLU())
            for before, after in itertools.pairwise(widths)
        )
        self.output = glorot(nn.Linear(widths[-1], outputs))
        self.watch = tuple(f"layers.{i}" for i in range(len(hidden)))
        self.hidden_sizes = tuple(hidden)

    def forward(self, x: Tensor, context: Tensor | None = None) -> Tensor:
        """Linear predictors, shape (batch, outputs)."""
        h = x if context is None else torch.cat([x, context], dim=-1)
        for layer in self.layers:
            h = layer(h)
        return self.output(h)
