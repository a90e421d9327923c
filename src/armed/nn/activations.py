"""Calling a network and recording what some of its submodules return."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch
from torch import Tensor, nn

from armed.errors import ConfigError


def call(network: nn.Module, *inputs: Tensor) -> Tensor:
    """Linear predictors ``network(*inputs)``, (batch, outputs), also of a network that gives (batch,)."""
    return two_dimensional(network, network(*inputs))


def look(
    network: nn.Module, watch: Sequence[str], *inputs: Tensor
) -> tuple[Tensor, tuple[Tensor, ...]]:
    """Linear predictors as of `call`, and what `record_activations` records on the way."""
    output, activations = record_activations(network, watch, *inputs)
    return two_dimensional(network, output), activations


def record_activations(
    network: nn.Module, watch: Sequence[str], *inputs: Tensor, run: Callable[..., Any] | None = None
) -> tuple[Any, tuple[Tensor, ...]]:
    """Output of ``network(*inputs)`` and the outputs of the submodules named in ``watch``.

    ``run`` is what is called in the place of ``network``: another of its methods, which may run it several
    times; then the last outputs count. Of a submodule that returns a tuple (recurrent layers, attention),
    its first tensor counts. The network is left as it was: the hooks exist for the duration of the call
    only. One that is compiled runs uncompiled here, since compiled code passes hooks by.

    Raises
    ------
    ConfigError
        If a name is no submodule of the network, is not run by its forward pass, or run twice, or
        returns no tensor (batch, ...).
    """
    modules = check_submodules(network, watch)
    seen: dict[str, list[Any]] = {name: [] for name in watch}

    def keep(name: str) -> Any:
        return lambda _module, _inputs, output: seen[name].append(output)

    # Hooks, and not a changed forward pass: the network may be anybody's, and stays as it is.
    hooks = [module.register_forward_hook(keep(name)) for name, module in modules.items()]
    try:
        with _uncompiled(network):
            output = (run or network)(*inputs)
    finally:  # no hook survives an error in the forward pass
        for hook in hooks:
            hook.remove()
    for name, outputs in seen.items():
        if not outputs or (len(outputs) > 1 and run is None):
            raise ConfigError(
                f"the watched submodule {name!r} was run {len(outputs)} times by "
                f"{type(network).__name__}.forward; expected once; watch a submodule that the forward "
                "pass calls once, or give each call a submodule of its own"
            )
    size = len(inputs[0])
    return output, tuple(_tensor(name, seen[name][-1], size) for name in watch)


def check_submodules(network: nn.Module, watch: Sequence[str]) -> dict[str, nn.Module]:
    """Return the submodules named in ``watch``; `ConfigError` names one that there is not."""
    modules = {}
    for name in watch:
        try:
            modules[name] = network.get_submodule(name)
        except AttributeError:
            known = [key for key, _ in network.named_modules() if key]
            raise ConfigError(
                f"{type(network).__name__} has no submodule {name!r}; it has {known}; correct `watch`"
            ) from None
    return modules


def _tensor(name: str, output: Any, size: int) -> Tensor:
    # Time before samples would pass for samples where both are as many, so their number is checked.
    first = output[0] if isinstance(output, tuple | list) and output else output
    if not isinstance(first, Tensor) or first.ndim < 2 or len(first) != size:
        found = tuple(first.shape) if isinstance(first, Tensor) else type(first).__name__
        raise ConfigError(
            f"the watched submodule {name!r} returned {found} for {size} samples; expected a tensor "
            "(samples, ...), first if there are several; watch another, or set batch_first=True"
        )
    return first


def two_dimensional(network: nn.Module, output: Any) -> Tensor:
    """Return the output of ``network`` as (batch, outputs), if it is that or (batch,)."""
    # (batch,) would broadcast against (batch, 1) to (batch, batch).
    if isinstance(output, Tensor) and output.ndim == 1:
        return output.unsqueeze(1)
    if not isinstance(output, Tensor) or output.ndim != 2:
        found = tuple(output.shape) if isinstance(output, Tensor) else type(output).__name__
        raise ConfigError(
            f"{type(network).__name__} returns {found}; expected (batch, outputs); let its last layer "
            "keep the second dimension, and return nothing else"
        )
    return output


def _uncompiled(network: nn.Module) -> AbstractContextManager[Any]:
    for module in network.modules():
        if type(module).__name__ == "OptimizedModule" or module._compiled_call_impl is not None:
            # Compiled once, it would run without the hooks of a later call.
            stance: AbstractContextManager[Any] = torch.compiler.set_stance("force_eager")
            return stance
    return nullcontext()
