"""Many replicas of one method (folds, seeds) as one computation."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.func import functional_call, vmap
from torch.utils._pytree import tree_map

from armed.data.lazy_rows import LazyRows, read, rows_at_a_time
from armed.data.samples import Batch
from armed.methods.base import Method
from armed.nn.stacking import can_stack, vector_width
from armed.training._trace import traced
from armed.training.precision import Precision


class Ensemble:
    """Replicas of one method, with every parameter stacked along a first dimension.

    Parameters
    ----------
    methods : sequence of Method
        Alike but for the values of their parameters. One method that cannot be stacked is run as it
        is.
    device : torch.device
    pad : bool
        Whether to pad the stack, see `vector_width`.
    precision : str
        ``full`` or ``mixed``, see `armed.training.precision`.
    """

    def __init__(
        self,
        methods: Sequence[Method],
        *,
        device: torch.device | str = "cpu",
        pad: bool = True,
        precision: str = "full",
    ) -> None:
        self.methods = list(methods)
        self.stacked = can_stack(methods[0])
        if not self.stacked and len(methods) > 1:
            raise ValueError("replicas with batch norm or dropout are trained one after the other")
        missing = -len(methods) % vector_width() if pad and self.stacked else 0
        self.slots = [*range(len(methods)), *[0] * missing]
        self.device = torch.device(device)
        self.precision = Precision.choose(precision, self.device, stacked=self.stacked)
        self._template = methods[0]
        self.parameters = {
            name: value.requires_grad_(value.is_floating_point())
            for name, value in self._collect(nn.Module.named_parameters)
        }
        self.buffers = dict(self._collect(nn.Module.named_buffers))

    def _collect(self, named: Callable) -> Iterator[tuple[str, Tensor]]:
        """Values by name, contiguous and our own: stacked, or those of the only method."""
        members = [dict(named(method)) for method in self.methods]
        for name in members[0]:
            values = [members[slot][name].detach() for slot in self.slots]
            value = torch.stack(values) if self.stacked else values[0].clone()
            yield name, self._laid_out(value.to(self.device))

    def _laid_out(self, value: Tensor) -> Tensor:
        """Contiguous; the kernels of convolutions by channel, which computes faster."""
        if self.stacked or value.ndim != 4:
            return value.contiguous()
        return value.contiguous(memory_format=torch.channels_last)

    def predict(self, x: Tensor, z: Tensor) -> dict[str, Tensor]:
        """Scores of every replica, see `Method.predict`; ``x`` and ``z`` carry the replica first."""
        return self._evaluate(lambda method, *given: method.predict(*given), x, z)

    def predict_in_blocks(self, x: Tensor | LazyRows, z: Tensor) -> dict[str, Tensor]:
        """As `predict`, some rows at a time."""
        return self._in_blocks(lambda method, *given: method.predict(*given), x, z)

    def statistics(self, x: Tensor | LazyRows) -> tuple[Tensor, ...]:
        """`Method.statistics` of every replica, some rows at a time."""
        return self._in_blocks(lambda method, *given: method.statistics(*given), x)

    def update(self, statistics: tuple[Tensor, ...], *given: Tensor) -> dict[str, Tensor]:
        """`Method.update` of every replica, given ``y``, ``z`` and weights of its samples."""
        return self._evaluate(lambda method, *given: method.update(*given), statistics, *given)

    def _evaluate(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """Apply ``function(method, *arguments)`` to every replica, in evaluation mode."""
        self._template.eval()
        return self._apply(self.parameters, self.buffers, function, arguments)

    def _in_blocks(self, function: Callable[..., Any], *arguments: Tensor | LazyRows) -> Any:
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
        return tree_map(lambda *values: torch.cat(values, dim=1)[:, :rows], *parts)

    def replace_buffers(self, new: dict[str, Tensor]) -> None:
        """Put new values, the replica first, in place of buffers."""
        for name, value in new.items():
            self.buffers[name] = self._laid_out(value if self.stacked else value[0])

    def _apply(
        self,
        parameters: dict[str, Tensor],
        buffers: dict[str, Tensor],
        function: Callable[..., Any],
        arguments: Any,
    ) -> Any:
        called = _Called(self._template, function)

        def one(parameters: Any, buffers: Any, arguments: Any) -> Any:
            values = {f"method.{name}": value for name, value in (parameters | buffers).items()}
            return functional_call(called, values, arguments)

        if self.stacked:
            return vmap(one)(parameters, buffers, arguments)
        squeezed = tree_map(lambda t: t[0], arguments)
        result = one(parameters, buffers, squeezed)
        return tree_map(lambda t: t[None], result)

    def step_function(
        self, group: str, example: Batch, *, trace: bool = True
    ) -> Callable[[Batch], tuple[list[Tensor], Tensor]]:
        """Return a function from a minibatch to the gradients of ``group`` and the loss terms.

        The gradients come in the order of ``groups()[group]``, the terms as (replicas, terms).
        """
        names, penalised = self._template.groups()[group], self._template.penalised(group)
        others = [name for name in self.parameters if name not in set(names)]
        buffers = list(self.buffers)

        def total_loss(method: Method, *batch: Tensor) -> tuple[Tensor, Tensor]:
            return method.total_loss(group, penalised, Batch(*batch))

        def compute(*tensors: Tensor) -> list[Tensor]:
            values = iter(tensors)
            moving = {name: next(values).detach().requires_grad_() for name in names}
            still = {name: next(values).detach() for name in others}
            kept = {name: next(values) for name in buffers}
            with self.precision.context():
                self._template.train()
                total, terms = self._apply({**moving, **still}, kept, total_loss, tuple(values))
            gradients = torch.autograd.grad(
                self.precision.scaled(total.sum()),
                list(moving.values()),
                allow_unused=True,
                materialize_grads=True,
            )
            # Fused optimisers read a gradient's memory in the order of the parameter's.
            return [*map(self._laid_out, gradients), terms.detach()]

        def arguments(batch: Batch) -> list[Tensor]:
            parameters = [self.parameters[name] for name in (*names, *others)]
            return [*parameters, *(self.buffers[name] for name in buffers), *batch]

        run = traced(compute, [t.detach() for t in arguments(example)]) if trace else compute

        def step(batch: Batch) -> tuple[list[Tensor], Tensor]:
            *gradients, terms = run(*arguments(batch))
            return gradients, terms

        return step

    def term_names(self, group: str) -> tuple[str, ...]:
        """Names of the loss terms of ``group``, once its step function has been made."""
        return self._template.term_names[group]

    def snapshot(self) -> dict[str, Tensor]:
        """Copy of all parameters and buffers."""
        return {k: v.detach().clone() for k, v in (self.parameters | self.buffers).items()}

    def restore(self, state: dict[str, Tensor]) -> None:
        """Put back what `snapshot` returned."""
        with torch.no_grad():
            for name, value in (self.parameters | self.buffers).items():
                value.copy_(state[name])

    def unstack(self) -> list[Method]:
        """Put the trained values into the methods; they come back in evaluation mode."""
        state = self.parameters | self.buffers
        with torch.no_grad():
            for index, method in enumerate(self.methods):
                for name, target in [*method.named_parameters(), *method.named_buffers()]:
                    target.copy_(state[name][index] if self.stacked else state[name])
                method.eval()
        return self.methods


class _Called(nn.Module):
    """A function of a method as a module: `functional_call` calls modules only."""

    def __init__(self, method: Method, function: Callable[..., Any]) -> None:
        super().__init__()
        self.method, self._function = method, function

    def forward(self, *arguments: Any) -> Any:
        return self._function(self.method, *arguments)
