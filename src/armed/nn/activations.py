"""Calling a network and recording what some of its submodules return."""

from collections.abc import Callable, Sequence
from typing import Any

from torch import Tensor, nn

from armed.errors import ConfigError


def record_activations(
    network: nn.Module, watch: Sequence[str], *inputs: Tensor, run: Callable[..., Any] | None = None
) -> tuple[Any, tuple[Tensor, ...]]:
    """Output of ``network(*inputs)`` and the outputs of the submodules named in ``watch``.

    ``run`` is what is called in the place of ``network``: another of its methods.
    The network is left as it was: the hooks exist for the duration of the call only. Of a submodule that
    the network runs several times, the last output counts.

    Raises
    ------
    ConfigError
        If a name is no submodule of the network or is not run by its forward pass.
    """
    modules = check_submodules(network, watch)
    seen: dict[str, Tensor] = {}

    def keep(name: str) -> Any:
        return lambda _module, _inputs, output: seen.__setitem__(name, output)

    # Hooks, and not a changed forward pass: the network may be anybody's, and stays as it is.
    hooks = [module.register_forward_hook(keep(name)) for name, module in modules.items()]
    try:
        output = (run or network)(*inputs)
    finally:  # no hook survives an error in the forward pass
        for hook in hooks:
            hook.remove()
    missed = [name for name in watch if name not in seen]
    if missed:
        raise ConfigError(
            f"watched submodules {missed} were not run by {type(network).__name__}.forward; "
            "expected submodules that the forward pass calls; correct `watch`"
        )
    return output, tuple(seen[name] for name in watch)


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
