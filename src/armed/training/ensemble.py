"""Many replicas of one method (folds, seeds) as one computation."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

import torch
from torch import Tensor, nn
from torch.func import functional_call, vmap
from torch.utils._pytree import tree_map

from armed.data.lazy_rows import LazyRows, read, rows_at_a_time
from armed.methods.base import Method
from armed.nn.precision import Precision
from armed.nn.stacking import AsModule, can_stack, differing, having, vector_width

T = TypeVar("T")


class Ensemble:
    """Replicas of one method, with every parameter stacked along a first dimension.

    Parameters
    ----------
    methods : sequence of Method
        Stacked if they are known to be one computation (`armed.nn.stacking.can_stack`). Any others are run as
        they are written, one after the other, on their own parameters; of these one at a time is trained.
    device : torch.device
    pad : bool
        Whether to pad the stack, see `armed.nn.stacking.vector_width`.
    precision, channels_last
        See `armed.training.optimizers.FitSettings`.
    """

    def __init__(
        self,
        methods: Sequence[Method],
        *,
        device: torch.device | str = "cpu",
        pad: bool = True,
        precision: str = "full",
        channels_last: bool = True,
    ) -> None:
        self.methods = list(methods)
        self.stacked = can_stack(*methods)
        # Places beyond the replicas repeat the first one, for nothing.
        missing = -len(methods) % vector_width() if pad and self.stacked else 0
        self.slots = [*range(len(methods)), *[0] * missing]
        self.device = torch.device(device)
        self.precision = Precision.choose(precision, self.device, stacked=self.stacked)
        self._channels_last = channels_last and not self.stacked
        self.template = methods[0]
        if not self.stacked:
            for method in self.methods:
                method.to(self.device)
            self.parameters: dict[str, Tensor] = dict(self.template.named_parameters())
            self.buffers: dict[str, Tensor] = {}
            return
        self.parameters = {
            name: value.requires_grad_(value.is_floating_point())
            for name, value in self._collect(nn.Module.named_parameters)
        }
        self.buffers = dict(self._collect(nn.Module.named_buffers))
        self._settings = differing(self.methods, self.slots, self.device)

    def lay_out(self) -> None:
        """Lay values out as trains fastest, until `unstack`."""
        for value in self.parameters.values():
            value.data = self.laid_out(value.data)

    def _collect(
        self, named: Callable[[nn.Module], Iterator[tuple[str, T]]]
    ) -> Iterator[tuple[str, Tensor]]:
        """Values by name, stacked."""
        members = [dict(named(method)) for method in self.methods]
        for name in members[0]:
            values = [members[slot][name].detach() for slot in self.slots]
            yield name, torch.stack(values).to(self.device).contiguous()  # methods keep their own

    def laid_out(self, value: Tensor) -> Tensor:
        """Contiguous; kernels of convolutions by channel if asked for, which computes faster."""
        if value.ndim != 4 or not self._channels_last:
            return value.contiguous()
        # Of one channel a kernel is contiguous either way: its strides say which is meant.
        return torch.empty_like(value, memory_format=torch.channels_last).copy_(value)

    def predict(self, x: Tensor | LazyRows, z: Tensor) -> dict[str, Tensor]:
        """Scores of every replica, see `Method.scores`; ``x`` and ``z`` carry the replica first."""
        return self.by_rows(lambda method, *given: method.scores(*given), x, z)

    @torch.no_grad()
    def update(
        self,
        x: Tensor | LazyRows,
        y: Tensor,
        z: Tensor,
        weight: Tensor,
        *,
        held_out: tuple[Tensor, ...] | None = None,
        last: bool = False,
    ) -> None:
        """Put in place of buffers what `Method.update` makes of all training samples.

        ``held_out``: by other networks, ``last``: after training, see `Method.update`; replica first, as
        everything.
        """
        # Statistics are computed block by block, and the update from all of them at once: of each replica by
        # itself, as it goes on until it has converged, and to the same bits whatever the others are.
        statistics = self.by_rows(lambda method, *given: method.statistics(*given), x)
        self.template.eval()
        for number in range(len(self.methods)):
            kept = tuple(values[number] for values in statistics)
            others = None if held_out is None else tuple(values[number] for values in held_out)
            own = (kept, y[number], z[number], weight[number], others)
            values = {n: v[number] for n, v in self._state().items()} if self.stacked else {}
            called = AsModule(self.template, lambda m, *given: m.update(*given, last=last))
            inside = {f"method.{name}": value for name, value in values.items()}
            state, slots = self._state(), [i for i, r in enumerate(self.slots) if r == number]
            with having(self.template, self.methods[number].settings):
                found = functional_call(called, inside, own)
            for name, value in found.items():
                state[name][slots if self.stacked else ...] = value

    def _evaluate(self, function: Callable[..., T], *arguments: Any) -> T:
        """Apply ``function(method, *arguments)`` to every replica, in evaluation mode."""
        if self.stacked:
            self.template.eval()
            return self.apply(self.parameters, self.buffers, function, arguments)
        each = []
        for number, method in enumerate(self.methods):
            own = tree_map(lambda values, number=number: values[number], arguments)
            each.append(function(method.eval(), *own))
        joined: T = tree_map(lambda *values: torch.stack(values), *each)
        return joined

    def by_rows(self, function: Callable[..., T], *arguments: Tensor | LazyRows) -> T:
        """As `_evaluate`, of a function that treats each row (second dimension) by itself.

        Of a stack always as many rows at a time, the last ones padded by zeros: a row's result then
        does not depend, to the last bit, on how many rows the other replicas have.
        """
        rows, parts = arguments[0].shape[1], []
        size = rows_at_a_time(arguments[0].shape[2:])
        for start in range(0, rows, size):
            some = [read(values[:, start : start + size]) for values in arguments]
            missing = size - some[0].shape[1] if self.stacked else 0
            padding = [v.new_zeros(len(v), missing, *v.shape[2:]) for v in some]
            whole = [torch.cat(pair, dim=1) for pair in zip(some, padding, strict=True)]
            parts.append(self._evaluate(function, *whole))
        joined: T = tree_map(lambda *values: torch.cat(values, dim=1)[:, :rows], *parts)
        return joined

    def apply(
        self,
        parameters: dict[str, Tensor],
        buffers: dict[str, Tensor],
        function: Callable[..., T],
        arguments: Any,
    ) -> T:
        """Return ``function(method, *arguments)`` of every replica of a stack, with these values in it.

        Values, arguments and results carry the replica first.
        """

        def one(parameters: Any, buffers: Any, settings: Any, arguments: Any) -> Any:
            values = {f"method.{name}": value for name, value in (parameters | buffers).items()}
            with having(self.template, self.template.settings, settings):
                return functional_call(AsModule(self.template, function), values, arguments)

        result: T = vmap(one)(parameters, buffers, self._settings, arguments)
        return result

    def snapshot(self) -> dict[str, Tensor]:
        """Copy of all parameters and buffers."""
        return {name: value.detach().clone() for name, value in self._state().items()}

    def restore(self, state: dict[str, Tensor]) -> None:
        """Put back what `snapshot` returned."""
        with torch.no_grad():
            for name, value in self._state().items():
                value.copy_(state[name])

    def _state(self) -> dict[str, Tensor]:
        if self.stacked:
            return self.parameters | self.buffers
        return self.parameters | dict(self.template.named_buffers())  # it may replace a buffer

    def unstack(self) -> list[Method]:
        """Put the trained values into the methods; they come back on the device, in evaluation mode."""
        state = self.parameters | self.buffers
        with torch.no_grad():
            for index, method in enumerate(self.methods):
                own = [*method.named_parameters(), *method.named_buffers()]
                for name, target in own if self.stacked else ():
                    target.copy_(state[name][index])
                for value in method.parameters():
                    value.grad = None
                    # As of a method that reads its values from a file: they predict the same.
                    value.data = value.data.clone(memory_format=torch.contiguous_format)
                method.to(self.device).eval()
        return self.methods
