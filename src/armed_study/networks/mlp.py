"""Dense network for tables."""

import itertools
from collections.abc import Sequence

from torch import Tensor, nn

from armed.errors import ConfigError
from armed.nn.layers import glorot
from armed_study.networks.inputs import Context


class MLP(nn.Module):
    """Dense layers with ReLU and a linear output.

    Parameters
    ----------
    features : int
        Width of the input.
    hidden : sequence of int, at least 1 of them, each at least 1
        Widths of the hidden layers, ReLU.
    linear_path : bool
        Whether the output has a linear function of the input besides, as a mixed model has.
    outputs : int
        Width of the output (logits or means).
    context : Context
        An optional second argument, and where it is appended.
    """

    stackable = True

    def __init__(
        self,
        features: int,
        *,
        hidden: Sequence[int],
        linear_path: bool = False,
        outputs: int = 1,
        context: Context = Context(),  # noqa: B008 (frozen)
    ) -> None:
        super().__init__()
        widths = [features + context.at("input"), *hidden]
        self.layers = nn.ModuleList(
            nn.Sequential(glorot(nn.Linear(before, after)), nn.ReLU())
            for before, after in itertools.pairwise(widths)
        )
        self.output = glorot(nn.Linear(widths[-1] + context.at("output"), outputs))
        self.linear = nn.Linear(features, outputs, bias=False) if linear_path else None
        if self.linear is not None:
            nn.init.zeros_(self.linear.weight)
        self.context = context
        self.watch = tuple(f"layers.{i}" for i in range(len(hidden)))
        self.watched_shapes = tuple((width,) for width in hidden)
        self.last_hidden = (self.watch[-1], hidden[-1])

    @classmethod
    def for_samples(cls, shape: tuple[int, ...], **options: object) -> "MLP":
        """Return a network for samples of ``shape`` (columns,)."""
        if len(shape) != 1:
            raise ConfigError(
                f"the network is dense and a sample has shape {shape}; expected columns; set "
                "network.kind to slice_cnn for images"
            )
        return cls(*shape, **options)  # type: ignore[arg-type]

    def forward(self, x: Tensor, context: Tensor | None = None) -> Tensor:
        """Linear predictors, shape (batch, outputs)."""
        h = self.context.append(x, context, "input")
        for layer in self.layers:
            h = layer(h)
        output = self.output(self.context.append(h, context, "output"))
        return output if self.linear is None else output + self.linear(x)


NETWORK = MLP
