"""A network that anybody wrote: run once on a few samples, so that what is around it fits."""

import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from types import MappingProxyType
from typing import Any

import torch
from torch import Tensor, nn

from armed.errors import ArmedError, ArmedWarning, ConfigError
from armed.nn.activations import call, changes, first_tensor, uncompiled
from armed.nn.links import LinkRecorder, seems_linked
from armed.nn.modes import KeepsModes, evaluating, inspecting


class Measured(KeepsModes):
    """A method as far as it is around its network: `measure` finds out widths and checks them.

    ``task`` says what its output should be; ``names`` are the categories of the clusters that it was
    trained on, where there were; ``further`` are the further cluster factors that it has effects of, with the
    numbers of their clusters, and ``further_names`` the categories of these.
    """

    network: nn.Module
    task: Any
    names: tuple[Any, ...] | None = None
    further: Mapping[str, int] = MappingProxyType({})
    further_names: Mapping[str, Any] = MappingProxyType({})
    measured = False

    def whole(self) -> nn.Module:
        """Return the network that is trained."""
        return self.network

    def alone(self, x: Tensor) -> Tensor:
        """Output of the network, of no cluster."""
        return call(self.whole(), x)

    def recorded(self, x: Tensor) -> tuple[Tensor, tuple[Tensor, ...]]:
        """Output of the network, and the activations that the method watches: none, by default."""
        return self.alone(x), ()

    def measure(self, x: Tensor, *, seed: int = 0) -> None:
        """Run the network once on a few samples: fill in widths left open, check those given.

        `fit` and `predict` do so by themselves; ``seed`` is that of values that are filled in.
        """
        first = next(self.whole().parameters(), x)
        # A copy, of which torch counts the changes.
        x = prepared(self, x).to(first.device).clone()
        untouched = changes(x)
        with inspecting(self, seed):
            # Compiled code would hide its operations.
            with named_failure(self, x, "run"), uncompiled(self), LinkRecorder() as links:
                output, activations = self.recorded(x)
            if changes(x) != untouched:
                raise ConfigError(
                    f"{type(self.whole()).__name__} changes the samples that it is given in place; expected "
                    "them to stay; let it change a copy, or set inplace=False in its first layer"
                )
            self.task.check_output(output, link=links.last(output))
            self.set_widths(x, activations)
            self._warn_of_link(x, output)  # last, as widths that are filled in draw random numbers
        self.measured = True

    def _warn_of_link(self, x: Tensor, output: Tensor) -> None:
        """Warn of outputs that are to be logits and seem to be probabilities."""
        logits = slice(self.task.predictors)
        with uncompiled(self):
            linked = self.task.logits and seems_linked(
                self.whole(), lambda: self.alone(x)[:, logits], output[:, logits]
            )
        if linked:
            warnings.warn(
                f"the outputs of {type(self.whole()).__name__} are between 0 and 1 whatever its parameters "
                f"are; {type(self.task).__name__} expected logits, of which it makes probabilities itself; "
                "if the network ends in a sigmoid or softmax of its own, leave that out",
                ArmedWarning,
                stacklevel=3,
            )

    def set_widths(self, x: Tensor, activations: tuple[Tensor, ...]) -> None:
        """Fill in and check what depends on the widths of activations: nothing, by default."""

    def ready(self, x: Tensor) -> Tensor:
        """Return samples as the network takes them, where it is; `measure` it if nobody has."""
        if not self.measured:
            self.measure(x[:2])
        return prepared(self, x).to(next(self.parameters(), x).device)

    @contextmanager
    def predicting(self, x: Tensor) -> Iterator[None]:
        """Evaluation mode if it is in training mode; errors of the network name it."""
        # Otherwise as it is: who wants some layers in training mode, such as dropout, sets them so.
        with evaluating(self) if self.training else nullcontext(), named_failure(self, x, "run"):
            yield


@contextmanager
def named_failure(method: Measured, x: Tensor, what: str) -> Iterator[None]:
    """Make what goes wrong inside of the network a `ConfigError` that names it and its samples."""
    try:
        yield
    except ArmedError:
        raise
    # The network is anybody's, and so are its errors.
    except Exception as error:
        kinds = {p.dtype for p in method.whole().parameters() if p.is_floating_point()}
        if x.is_floating_point() and x.dtype not in kinds and kinds:
            raise ConfigError(
                f"{type(method.whole()).__name__} has parameters of {min(map(str, kinds))} and cannot be "
                f"{what} on samples of {x.dtype}; expected both of one type; take its .float() (on a GPU "
                "FitSettings(precision='mixed') computes in 16 bits)"
            ) from error
        first = (str(error) or type(error).__name__).splitlines()[0]
        raise ConfigError(
            f"{type(method.whole()).__name__} cannot be {what} on samples of shape {tuple(x.shape)} and "
            f"{x.dtype}: {first}; expected a network for these samples; correct one of them"
        ) from error


def prepared(method: nn.Module, x: Tensor) -> Tensor:
    """Return samples as the network takes them: whole numbers are tokens to one that embeds, else numbers."""
    embeds = any(isinstance(m, nn.Embedding | nn.EmbeddingBag) for m in method.modules())
    return x if embeds or x.is_floating_point() else x.float()


def last_hidden(network: nn.Module, x: Tensor) -> tuple[str, ...]:
    """Name of the layer that runs last before that of the output; none if there is none, or it fails.

    Layers are submodules without any of their own; of those that run once and return (batch, ...).
    """
    # In the order in which they run, which that of their names need not be.
    found: list[tuple[str, Any]] = []
    leaves = [(n, m) for n, m in network.named_modules() if n and not any(m.children())]
    hooks = [
        module.register_forward_hook(
            lambda _m, _i, out, name=name: found.append((name, first_tensor(out)))
        )
        for name, module in leaves
    ]
    try:
        with evaluating(network), uncompiled(network), torch.no_grad(), torch.random.fork_rng([]):
            network(x)
    except Exception:  # what is wrong is said where it is measured, see `Measured.measure`
        return ()
    finally:
        for hook in hooks:
            hook.remove()
    names = [name for name, _ in found]
    hidden = [
        name
        for name, out in found[:-1]
        if names.count(name) == 1
        and isinstance(out, Tensor)
        and out.ndim > 1
        and len(out) == len(x)
    ]
    return tuple(hidden[-1:])
