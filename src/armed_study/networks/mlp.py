"""Dense network for tables."""

from collections.abc import Sequence

from torch import Tensor

from armed.errors import ConfigError
from armed.nn.dense import DenseNetwork
from armed_study.networks.inputs import Context


class MLP(DenseNetwork):
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
        appended = (context.at("input"), context.at("output"))
        super().__init__(
            features, hidden=hidden, linear_path=linear_path, outputs=outputs, appended=appended
        )
        self.context = context
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
