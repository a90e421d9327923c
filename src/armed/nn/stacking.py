"""Which replicas of a network can be computed together."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields, is_dataclass, replace
from types import MappingProxyType
from typing import Any

import torch
from torch import Tensor, nn
from torch.func import functional_call

# Layers of which many are known to compute in one stack what each computes alone: no random numbers, no
# statistics, nothing that depends on values.
_STACKABLE = (
    nn.AvgPool2d, nn.Conv1d, nn.Conv2d, nn.ConvTranspose2d, nn.ELU, nn.Flatten, nn.GELU, nn.GroupNorm,
    nn.Identity, nn.LayerNorm, nn.LeakyReLU, nn.Linear, nn.MaxPool2d, nn.ModuleDict, nn.ModuleList, nn.PReLU,
    nn.ReLU, nn.Sequential, nn.SiLU, nn.Sigmoid, nn.Softplus, nn.Tanh, nn.Unflatten, nn.ZeroPad2d,
)  # fmt: skip
_HOOKS = (
    "_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_backward_pre_hooks",
)  # fmt: skip
_PLAIN = (bool, int, float, str, tuple, type(None))
_MODES = ("training", "_still", "_frozen", "measured")


def can_stack(*methods: nn.Module) -> bool:
    """Whether these replicas can be stacked: known to be one computation, but for their values.

    Every module is of a layer that this file lists, or of a class that says ``stackable = True`` next to
    its ``forward``; none has a hook, no two share a parameter, and none is frozen. Any other network may do
    what a stack cannot: draw random numbers, keep statistics, decide by values. It is run as it is written.
    """
    first = methods[0]
    return all(map(_is_plain, first.modules())) and all(
        _signature(other) == _signature(first) for other in methods[1:]
    ) and _count(first, duplicates=True) == _count(first, duplicates=False)  # fmt: skip


def _is_plain(module: nn.Module) -> bool:
    if any(getattr(module, hooks) for hooks in _HOOKS) or "forward" in vars(module):
        return False
    # In a stack other tensors stand in the place of parameters, of which nothing is frozen.
    if any(isinstance(p, nn.Parameter) and not p.requires_grad for p in module.parameters(False)):
        return False
    return type(module) in _STACKABLE or _says_so(type(module))


def _says_so(kind: type[nn.Module]) -> bool:
    """Whether a class or, if that one has its ``forward`` from it, a class that it is made of, says so."""
    # A class that inherits what was said but has a forward of its own may do anything in it.
    for each in kind.__mro__:
        if "stackable" in vars(each):
            return bool(vars(each)["stackable"])
        if "forward" in vars(each):
            return False
    return False


def _signature(method: nn.Module) -> Any:
    """Everything about a method that replicas must have in common."""
    modules = [
        (name, type(m), {k: v for k, v in vars(m).items() if isinstance(v, _PLAIN) and k not in _MODES})
        for name, m in method.named_modules()
    ]  # fmt: skip
    parameters = [(n, p.shape, p.dtype, p.requires_grad) for n, p in method.named_parameters()]
    return modules, parameters, _but_numbers(getattr(method, "settings", None))


def _but_numbers(settings: Any) -> Any:
    """Return settings without those that are floats: replicas may have each their own."""
    if not is_dataclass(settings):
        return settings
    named = {field.name: getattr(settings, field.name) for field in fields(settings)}
    return type(settings), {n: v for n, v in named.items() if not isinstance(v, float)}


def differing(
    methods: Sequence[nn.Module], slots: Sequence[int], device: torch.device
) -> dict[str, Tensor]:
    """Return the settings in which methods differ, by name, of each place of the stack, (slots,)."""
    # A loss that multiplies by a number multiplies by a tensor of one as well, to the same bits.
    each: list[Any] = [method.settings for method in methods]
    names = [field.name for field in fields(each[0])] if is_dataclass(each[0]) else []
    found = {name: [getattr(settings, name) for settings in each] for name in names}
    return {
        name: torch.tensor([values[slot] for slot in slots], device=device)
        for name, values in found.items()
        if len(set(values)) > 1
    }


@contextmanager
def having(
    method: nn.Module, settings: Any, values: Mapping[str, Any] = MappingProxyType({})
) -> Iterator[None]:
    """For its time a method has these settings, some of them replaced by ``values``, which may be tensors."""
    # In a stack one method computes for all of them: it sees the numbers of the replica that it stands for.
    before = method.settings
    method.settings = replace(settings, **values) if values else settings
    try:
        yield
    finally:
        method.settings = before


def _count(method: nn.Module, *, duplicates: bool) -> int:
    return sum(1 for _ in method.named_parameters(remove_duplicate=not duplicates))


def vector_width() -> int:
    """Floats that PyTorch's elementwise loops take at a time: two vector registers.

    Stacks are padded to a multiple of it. Every element of a stacked tensor is then computed by
    vector instructions and none by the scalar code for a remainder, which may round differently: so
    a replica's result does not depend, to the last bit, on how many others it is trained with.
    """
    return 32 if "AVX512" in torch.backends.cpu.get_cpu_capability() else 16


class AsModule(nn.Module):
    """A function of a network as a module: `functional_call` calls modules only."""

    def __init__(self, method: nn.Module, function: Callable[..., Any]) -> None:
        super().__init__()
        self.method, self._function = method, function

    def forward(self, *arguments: Any) -> Any:
        """Return what the function does."""
        return self._function(self.method, *arguments)


def call_with(network: nn.Module, values: dict[str, Tensor], *inputs: Tensor) -> Any:
    """Return ``network(*inputs)`` with these parameters in the place of its own."""
    recurrent = [m for m in network.modules() if isinstance(m, nn.RNNBase)]
    if not recurrent:
        return functional_call(network, values, inputs)
    named = {f"network.{name}": value for name, value in values.items()}
    # cuDNN has no second derivatives of recurrent layers.
    with torch.backends.cudnn.flags(enabled=False):
        try:
            return functional_call(_Refreshed(network), named, inputs)
        finally:
            _refresh(recurrent)


class _Refreshed(nn.Module):
    """A network whose recurrent layers, which keep a list of their weights, get the others first."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, *inputs: Tensor) -> Any:
        _refresh(m for m in self.network.modules() if isinstance(m, nn.RNNBase))
        return self.network(*inputs)


def _refresh(recurrent: Iterable[Any]) -> None:
    for module in recurrent:
        module._flat_weights = [getattr(module, name) for name in module._flat_weights_names]
