"""A network that anybody wrote: run once on a few samples, so that what is around it fits."""

from typing import Any

from torch import Tensor, nn

from armed.errors import ConfigError
from armed.nn.activations import call
from armed.nn.modes import KeepsModes, looking


class Measured(KeepsModes):
    """A method as far as it is around its network: `measure` finds out widths and checks them.

    ``task`` says what its output should be.
    """

    network: nn.Module
    task: Any
    measured = False

    def whole(self) -> nn.Module:
        """Return the network that is trained."""
        return self.network

    def look(self, x: Tensor) -> tuple[Tensor, tuple[Tensor, ...]]:
        """Output of the network, and the activations that the method watches: none, by default."""
        return call(self.network, x), ()

    def measure(self, x: Tensor, *, seed: int = 0) -> None:
        """Run the network once on a few samples: fill in widths left open, check those given.

        `fit` and `predict` do so by themselves; ``seed`` is that of values that are filled in.
        """
        first = next(self.whole().parameters(), x)
        x = prepared(self, x).to(first.device)
        with looking(self, seed):
            try:
                output, activations = self.look(x)
            except (RuntimeError, TypeError) as error:
                raise ConfigError(
                    f"{type(self.whole()).__name__} cannot be run on samples of shape {tuple(x.shape)} and "
                    f"{x.dtype}: {str(error).splitlines()[0]}; expected a network for these samples; correct "
                    "one of them"
                ) from error
            self.task.check_output(output)
            self.set_widths(x, activations)
        self.measured = True

    def set_widths(self, x: Tensor, activations: tuple[Tensor, ...]) -> None:
        """Fill in and check what depends on the widths of activations: nothing, by default."""


def prepared(method: nn.Module, x: Tensor) -> Tensor:
    """Return samples as the network takes them: whole numbers are tokens to one that embeds, else numbers."""
    embeds = any(isinstance(m, nn.Embedding | nn.EmbeddingBag) for m in method.modules())
    return x if embeds or x.is_floating_point() else x.float()
