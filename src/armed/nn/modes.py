"""Training and evaluation mode: what an owner has set stays so; a look at a network changes nothing."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn
from torch.nn.parameter import is_lazy


class KeepsModes(nn.Module):
    """A module of which training mode leaves alone what its owner has set to evaluation mode or frozen.

    A part that is in evaluation mode while the whole is in training mode stays in it, and so does one
    with parameters of which none requires a gradient: no running statistics change and nothing is dropped.
    Only of a network that is in evaluation mode from its root on, as one that was just looked at or
    loaded is, the mode says nothing.
    """

    _still: tuple[str, ...] = ()
    _frozen: tuple[str, ...] = ()

    def whole(self) -> nn.Module:
        """Return the network that is trained."""
        raise NotImplementedError

    def train(self, mode: bool = True) -> "KeepsModes":
        """Set the mode of everything but the parts that stay in evaluation mode."""
        # Once the whole is in evaluation mode, nobody can tell which parts were before: noted here.
        if self.training:
            network = self.whole()
            looked_at = set() if network.training else set(network.modules())
            self._still = tuple(
                name
                for name, module in self.named_modules()
                if not module.training and module not in looked_at and name not in self._frozen
            )
        super().train(mode)
        if mode:
            for name in self._still:
                self.get_submodule(name).training = False
            # Apart from those that the owner set so: they train again when their parameters do.
            # A part counts with what has no parameters in it, such as its dropout.
            held = {m for part in self.modules() if _is_frozen(part) for m in part.modules()}
            quiet = [(n, m) for n, m in self.named_modules() if n and m in held and m.training]
            self._frozen = tuple(name for name, _ in quiet)
            for _, module in quiet:
                module.training = False
        return self


def _is_frozen(module: nn.Module) -> bool:
    parameters = list(module.parameters())
    return bool(parameters) and not any(value.requires_grad for value in parameters)


@contextmanager
def evaluating(method: nn.Module) -> Iterator[None]:
    """Evaluation mode; afterwards every part is in the mode in which it was."""
    modes = {module: module.training for module in method.modules()}
    for module in modes:
        module.training = False
    try:
        yield
    finally:
        for module, mode in modes.items():
            module.training = mode


@contextmanager
def one_view(method: nn.Module) -> Iterator[None]:
    """For its time no module averages over views of its input, as one with ``averages`` does to predict."""
    averaging = [module for module in method.modules() if getattr(module, "averages", False)]
    for module in averaging:
        module.averages = False  # type: ignore[assignment]
    try:
        yield
    finally:
        for module in averaging:
            module.averages = True  # type: ignore[assignment]


@contextmanager
def inspecting(method: KeepsModes, seed: int) -> Iterator[None]:
    """Evaluation mode without gradients, with random numbers of its own; all is put back afterwards.

    That includes the buffers of the network, as some layers count or average in evaluation mode too.
    """
    buffers = [
        (module, name, value, value.clone())
        for module in method.whole().modules()
        for name, value in module.named_buffers(recurse=False)
        if not is_lazy(value)
    ]
    with evaluating(method), torch.no_grad(), torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        try:
            yield
        finally:
            for module, name, value, before in buffers:
                setattr(module, name, value.copy_(before))
