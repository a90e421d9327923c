"""The steps of an epoch: gradients of each parameter group, then its optimiser."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor

from armed.data.samples import Batch
from armed.methods.base import Method
from armed.nn._trace import Function, traced
from armed.nn.measured import named_failure
from armed.training.batching import BatchLoader
from armed.training.ensemble import Ensemble
from armed.training.optimizers import FitSettings, decayed_parameters, make_optimizer

Move = Callable[[str, Sequence[Tensor]], None]
Step = Callable[[Batch], dict[str, Tensor]]


class Steps:
    """Optimisers and step functions of the parameter groups of an ensemble.

    Parameters
    ----------
    ensemble : Ensemble
    settings, steps
        See `armed.training.optimizers.make_optimizer`; every group has an optimiser of its own.
    trace : bool
        See `step_function`.
    """

    def __init__(
        self, ensemble: Ensemble, settings: FitSettings, *, steps: int, trace: bool
    ) -> None:
        self._ensemble, self._trace = ensemble, trace
        self._groups, moved = ensemble.template.groups(), ensemble.parameters
        decayed = decayed_parameters(ensemble.template)
        self.optimizers = {
            group: make_optimizer(
                _paced(settings, ensemble.template, group),
                {n: moved[n] for n in names},
                decayed=decayed,
                steps=steps,
            )
            for group, names in self._groups.items()
        }
        self._run: Step | None = None

    def epoch(self, loader: BatchLoader) -> dict[str, np.ndarray]:
        """Take all steps of an epoch; the mean of each loss term, (replicas,)."""
        sums: dict[str, Tensor] = {}
        self._ensemble.template.train()
        for batch in loader.epoch():
            for group, terms in self.step(batch).items():
                sums[group] = sums[group].add_(terms) if group in sums else terms.clone()
        replicas = len(self._ensemble.methods)
        return {
            name: (total[:replicas, i] / loader.steps).cpu().numpy()
            for group, total in sums.items()
            for i, name in enumerate(self._ensemble.template.term_names[group])
        }

    def step(self, batch: Batch) -> dict[str, Tensor]:
        """Move the parameters of each group; its loss terms, (replicas, terms)."""
        if self._run is None:
            self._run = step_function(self._ensemble, batch, self._move, trace=self._trace)
        return self._run(batch)

    def _move(self, group: str, gradients: Sequence[Tensor]) -> None:
        for name, gradient in zip(self._groups[group], gradients, strict=True):
            self._ensemble.parameters[name].grad = gradient
        self._ensemble.precision.step(self.optimizers[group])


def _paced(settings: FitSettings, method: Method, group: str) -> FitSettings:
    """Settings of a group: an adversary has a learning rate of its own."""
    own: Any = method  # of a group of this name there is one
    rate = float(own.adversary.learning_rate_factor) if group == "adversary" else 1.0
    return replace(settings, learning_rate=settings.learning_rate * rate)


def step_function(ensemble: Ensemble, example: Batch, move: Move, *, trace: bool = True) -> Step:
    """Return a function of a minibatch that moves every group and returns its loss terms.

    The network runs once. Then ``move`` is called of each group, in their order, with its gradients in the
    order of ``groups()[group]``: an adversary moves first, and the network meets the one that has moved. The
    terms of a group are (replicas, terms).

    Parameters
    ----------
    ensemble : Ensemble
    example : Batch
        A minibatch of the shapes of all.
    move : callable
        Given a group and its gradients, moves its parameters in place.
    trace : bool
        Whether to trace the computation of a stack once and run the trace, see `armed.nn._trace`.
    """
    if not ensemble.stacked:
        return _as_written(ensemble, move)
    groups, compute = ensemble.template.groups(), partial(_step_of_stack, ensemble)

    def arguments(batch: Batch) -> list[Tensor]:
        return [*ensemble.parameters.values(), *ensemble.buffers.values(), *batch]

    run: Function = partial(compute, move)
    if trace:
        run = traced(compute, [t.detach() for t in arguments(example)], move)

    def step(batch: Batch) -> dict[str, Tensor]:
        return dict(zip(groups, run(*arguments(batch)), strict=True))

    return step


def _step_of_stack(ensemble: Ensemble, move: Move, *tensors: Tensor) -> list[Tensor]:
    """Step of a stack, from tensors to tensors and with no side effect but ``move``: it can be traced."""
    method, values = ensemble.template, iter(tensors)
    # Every parameter is a leaf of its own, and shares its memory with the one that moves.
    leaves = {
        name: (value := next(values)).detach().requires_grad_(value.is_floating_point())
        for name in ensemble.parameters
    }
    kept = {name: next(values) for name in ensemble.buffers}
    batch, terms = Batch(*values), []
    with ensemble.precision.context():
        outputs = ensemble.apply(leaves, kept, type(method).outputs, (batch,))
    for group, names in method.groups().items():
        moving, penalised = set(names), method.penalised(group)
        own = {name: v if name in moving else v.detach() for name, v in leaves.items()}
        loss = partial(_total_loss, group=group, penalised=penalised)
        with ensemble.precision.context():
            total, found = ensemble.apply(own, kept, loss, (batch, outputs))
        # Replicas share no parameter: the gradient of the sum holds the gradient of each.
        move(group, _gradients(ensemble, total.sum(), [leaves[name] for name in names]))
        terms.append(found.detach())
    return terms


def _total_loss(
    method: Method, batch: Batch, outputs: Any, *, group: str, penalised: tuple[str, ...]
) -> tuple[Tensor, Tensor]:
    return method.total_loss(group, penalised, batch, outputs)


def _as_written(ensemble: Ensemble, move: Move) -> Step:
    """Return the step of a single method, called as anybody would call it."""
    method, precision = ensemble.template, ensemble.precision
    groups = method.groups()
    penalised = {group: method.penalised(group) for group in groups}

    def step(batch: Batch) -> dict[str, Tensor]:
        own, found = Batch(*(t[0] for t in batch)), {}
        with named_failure(method, own.x, "trained"), precision.context():
            outputs = method.outputs(own)
        for group, names in groups.items():
            moving = [ensemble.parameters[name] for name in names]
            with named_failure(method, own.x, "trained"), _frozen(ensemble, set(names)):
                with precision.context():
                    total, terms = method.total_loss(group, penalised[group], own, outputs)
                gradients = _gradients(ensemble, total, moving)
            move(group, gradients)
            found[group] = terms.detach()[None]
        return found

    return step


@contextmanager
def _frozen(ensemble: Ensemble, moving: set[str]) -> Iterator[None]:
    """For its time what does not move is a constant, of which nothing has to be kept."""
    named = ensemble.parameters.items()
    others = [value for name, value in named if value.requires_grad and name not in moving]
    for value in others:
        value.requires_grad_(False)
    try:
        yield
    finally:
        for value in others:
            value.requires_grad_()


def _gradients(ensemble: Ensemble, total: Tensor, moving: Sequence[Tensor]) -> list[Tensor]:
    gradients = torch.autograd.grad(
        ensemble.precision.scaled(total), list(moving), allow_unused=True, materialize_grads=True
    )
    # Fused optimisers read a gradient's memory in the order of the parameter's.
    return [ensemble.laid_out(gradient) for gradient in gradients]
