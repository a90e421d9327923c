"""The dense network of tables."""

from collections.abc import Sequence
from itertools import pairwise

from torch import Tensor, nn

from armed.nn.layers import glorot


class DenseNetwork(nn.Module):
    """Dense layers with ReLU and a linear output.

    Parameters
    ----------
    features : int
        Width of the input.
    hidden : sequence of int, at least 1 of them
        Widths of the hidden layers.
    linear_path : bool
        Whether the output has a linear function of the input besides, as a mixed model has.
    outputs : int
        Width of the output (logits or means).
    appended : (int, int)
        Width of what a subclass appends to the input, and to what the output layer is given.

    Attributes
    ----------
    watch : tuple of str
        Names of the hidden layers.

    Examples
    --------
    >>> import torch
    >>> DenseNetwork(3, hidden=[8, 4])(torch.zeros(2, 3)).shape
    torch.Size([2, 1])
    """

    stackable = True

    def __init__(
        self,
        features: int,
        *,
        hidden: Sequence[int],
        linear_path: bool = False,
        outputs: int = 1,
        appended: tuple[int, int] = (0, 0),
    ) -> None:
        super().__init__()
        widths = [features + appended[0], *hidden]
        self.layers = nn.ModuleList(
            nn.Sequential(glorot(nn.Linear(before, after)), nn.ReLU())
            for before, after in pairwise(widths)
        )
        self.output = glorot(nn.Linear(widths[-1] + appended[1], outputs))
        self.linear = nn.Linear(features, outputs, bias=False) if linear_path else None
        if self.linear is not None:
            # It begins as the dense layers alone.
            nn.init.zeros_(self.linear.weight)
        self.watch = tuple(f"layers.{i}" for i in range(len(hidden)))

    def forward(self, x: Tensor) -> Tensor:
        """Linear predictors, shape (batch, outputs)."""
        h = x
        for layer in self.layers:
            h = layer(h)
        output: Tensor = self.output(h)
        return output if self.linear is None else output + self.linear(x)
