"""Calling a network and recording what some of its submodules return."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch
from torch import Tensor, nn

from armed.errors import ConfigError


def call(network: nn.Module, *inputs: Tensor) -> Tensor:
    """Linear predictors ``network(*inputs)``, (batch, outputs), also of a network that gives (batch,)."""
    return two_dimensional(network, network(*inputs), len(inputs[0]))


def call_recorded(
    network: nn.Module, watch: Sequence[str], *inputs: Tensor
) -> tuple[Tensor, tuple[Tensor, ...]]:
    """Linear predictors as of `call`, and what `record_activations` records on the way."""
    output, activations = record_activations(network, watch, *inputs)
    return two_dimensional(network, output, len(inputs[0])), activations


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
        If a name is no submodule of the network, is not run by its forward pass, or run twice,
        returns no tensor (batch, ...), or one that the network changes in place afterwards.
    """
    modules = check_submodules(network, watch)
    seen: dict[str, list[tuple[Any, int]]] = {name: [] for name in watch}

    def keep(name: str) -> Any:
        def hook(_module: nn.Module, _inputs: Any, output: Any) -> None:
            first = first_tensor(output)
            seen[name].append((first, changes(first)))

        return hook

    # Hooks, and not a changed forward pass: the network may be anybody's, and stays as it is.
    hooks = [module.register_forward_hook(keep(name)) for name, module in modules.items()]
    try:
        with uncompiled(network):
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
    return output, tuple(_tensor(name, *seen[name][-1], size) for name in watch)


def as_module(network: Any) -> nn.Module:
    """Return a network if it is a module; `ConfigError` if it is a function, or a class of modules."""
    if not isinstance(network, nn.Module):
        kind = network if isinstance(network, type) else type(network)
        found = f"the class {kind.__name__}" if kind is network else f"a {kind.__name__}"
        raise ConfigError(
            f"the network is {found}; expected a torch.nn.Module, whose parameters can be trained; make one "
            "of it, with what it computes as its forward"
        )
    return network


def check_submodules(network: nn.Module, watch: Sequence[str]) -> dict[str, nn.Module]:
    """Return the submodules named in ``watch``; `ConfigError` names one that there is not."""
    as_module(network)
    # Of a text each letter would be a name.
    if isinstance(watch, str) or any(not isinstance(name, str) for name in watch):
        raise ConfigError(
            f"`watch` is {watch!r}; expected a sequence of names of submodules; write them as "
            "network.named_modules() does"
        )
    modules = {}
    for name in watch:
        try:
            modules[name] = network.get_submodule(name)
        except AttributeError:
            known = [key for key, _ in network.named_modules() if key]
            raise ConfigError(
                f"{type(network).__name__} has no submodule {name!r}; it has {known}; correct `watch`"
            ) from None
        except RuntimeError:
            raise ConfigError(
                f"{type(network).__name__} is a script of layers that cannot be watched; expected one of "
                "Python; give the one that it was made of"
            ) from None
    return modules


def first_tensor(output: Any) -> Any:
    """Return what counts of an output: of several, as recurrent layers and attention have, the first."""
    return output[0] if isinstance(output, tuple | list) and output else output


def changes(output: Any) -> int:
    """Return how often a tensor was changed in place; torch does not count it in inference mode."""
    return output._version if isinstance(output, Tensor) and not output.is_inference() else 0


def _tensor(name: str, first: Any, before: int, size: int) -> Tensor:
    # Time before samples would pass for samples where both are as many, so their number is checked.
    if not isinstance(first, Tensor) or first.ndim < 2 or len(first) != size:
        found = tuple(first.shape) if isinstance(first, Tensor) else type(first).__name__
        raise ConfigError(
            f"the watched submodule {name!r} returned {found} for {size} samples; expected a tensor "
            "(samples, ...), first if there are several; watch another, or set batch_first=True"
        )
    if changes(first) != before:
        raise ConfigError(
            f"what the watched submodule {name!r} returned is changed in place by the layer after it; "
            "expected it to stay; watch that layer, or set its inplace=False"
        )
    return single(first)


def two_dimensional(network: nn.Module, output: Any, size: int) -> Tensor:
    """Return the output of ``network`` as (batch, outputs), if it is that or (batch,), of floats."""
    # (batch,) would broadcast against (batch, 1) to (batch, batch), and (1, 1) to any batch.
    if isinstance(output, Tensor) and output.ndim == 1:
        output = output.unsqueeze(1)
    shape = tuple(output.shape) if isinstance(output, Tensor) else ()
    if len(shape) != 2 or shape[0] != size or not output.is_floating_point():
        found = f"{shape} of {output.dtype}" if shape else type(output).__name__
        raise ConfigError(
            f"{type(network).__name__} returns {found} for {size} samples; expected (samples, outputs) of "
            "floats; let its last layer keep both dimensions, and return nothing else"
        )
    if _trains(network) and not output.requires_grad:
        raise ConfigError(
            f"no gradient reaches {type(network).__name__} from its output; expected an output that "
            "depends on its parameters; leave out what cuts it off in its forward pass (detach, no_grad)"
        )
    return single(output)


def _trains(network: nn.Module) -> bool:
    if not (network.training and torch.is_grad_enabled()):
        return False
    # In a stack other tensors stand in the place of parameters.
    return any(p.requires_grad for p in network.parameters() if isinstance(p, nn.Parameter))


def single(values: Tensor) -> Tensor:
    """Return floats of 32 bits, which all around a network are; in mixed precision as they are."""
    if torch.is_autocast_enabled(values.device.type) or not values.is_floating_point():
        return values
    return values.float()


def uncompiled(network: nn.Module) -> AbstractContextManager[Any]:
    """Context in which a network that is compiled runs as it was written."""
    for module in network.modules():
        if type(module).__name__ == "OptimizedModule" or module._compiled_call_impl is not None:
            # Compiled once, it would run without the hooks of a later call.
            stance: AbstractContextManager[Any] = torch.compiler.set_stance("force_eager")
            return stance
    return nullcontext()
