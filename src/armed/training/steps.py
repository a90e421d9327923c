"""The steps of an epoch: gradients of each parameter group, then its optimiser."""

from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor

from armed.data.samples import Batch
from armed.errors import TrainingError
from armed.methods.base import Method
from armed.nn._trace import traced
from armed.nn.measured import named_failure
from armed.training.batching import BatchLoader
from armed.training.ensemble import Ensemble
from armed.training.optimizers import FitSettings, decayed_parameters, make_optimizer

Step = Callable[[Batch], tuple[list[Tensor], Tensor]]


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
        self._optimizers = {
            group: make_optimizer(
                settings, {n: moved[n] for n in names}, decayed=decayed, steps=steps
            )
            for group, names in self._groups.items()
        }
        self._steps: dict[str, Step] = {}

    def epoch(self, loader: BatchLoader, *, where: Sequence[str]) -> dict[str, np.ndarray]:
        """Take all steps of an epoch.

        Returns
        -------
        dict
            Mean of each loss term, (replicas,).

        Raises
        ------
        TrainingError
            If a loss term or a parameter is not finite; it names the replica by ``where``.
        """
        sums: dict[str, Tensor] = {}
        self._ensemble.template.train()
        for batch in loader.epoch():
            # In the order of the groups: an adversary moves first, on the network of the step before.
            for group in self._groups:
                terms = self._step(group, batch)
                sums[group] = sums[group].add_(terms) if group in sums else terms.clone()
        means = {
            name: (total[: len(where), i] / loader.steps).cpu().numpy()
            for group, total in sums.items()
            for i, name in enumerate(self._ensemble.template.term_names[group])
        }
        _check_finite(means, self._ensemble, where)
        return means

    def _step(self, group: str, batch: Batch) -> Tensor:
        """Move the parameters of a group; its loss terms, (replicas, terms)."""
        if group not in self._steps:
            self._steps[group] = step_function(self._ensemble, group, batch, trace=self._trace)
        gradients, terms = self._steps[group](batch)
        for name, gradient in zip(self._groups[group], gradients, strict=True):
            self._ensemble.parameters[name].grad = gradient
        self._ensemble.precision.step(self._optimizers[group])
        return terms


def step_function(ensemble: Ensemble, group: str, example: Batch, *, trace: bool = True) -> Step:
    """Return a function from a minibatch to the gradients of ``group`` and the loss terms.

    The gradients come in the order of ``groups()[group]``, the terms as (replicas, terms).

    Parameters
    ----------
    ensemble : Ensemble
    group : str
    example : Batch
        A minibatch of the shapes of all.
    trace : bool
        Whether to trace the computation of a stack once and run the trace, see `armed.nn._trace`.
    """
    names, penalised = ensemble.template.groups()[group], ensemble.template.penalised(group)
    if not ensemble.stacked:
        return _as_written(ensemble, group, names, penalised)
    others = [name for name in ensemble.parameters if name not in set(names)]
    buffers = list(ensemble.buffers)

    def total_loss(method: Method, *batch: Tensor) -> tuple[Tensor, Tensor]:
        return method.total_loss(group, penalised, Batch(*batch))

    # From tensors to tensors and without a side effect, so that it can be traced.
    def compute(*tensors: Tensor) -> list[Tensor]:
        values = iter(tensors)
        moving = {name: next(values).detach().requires_grad_() for name in names}
        frozen = {name: next(values).detach() for name in others}
        kept = {name: next(values) for name in buffers}
        with ensemble.precision.context():
            total, terms = ensemble.apply({**moving, **frozen}, kept, total_loss, tuple(values))
        # Replicas share no parameter: the gradient of the sum holds the gradient of each.
        return [*_gradients(ensemble, total.sum(), list(moving.values())), terms.detach()]

    def arguments(batch: Batch) -> list[Tensor]:
        parameters = [ensemble.parameters[name] for name in (*names, *others)]
        return [*parameters, *(ensemble.buffers[name] for name in buffers), *batch]

    run = traced(compute, [t.detach() for t in arguments(example)]) if trace else compute

    def step(batch: Batch) -> tuple[list[Tensor], Tensor]:
        *gradients, terms = run(*arguments(batch))
        return gradients, terms

    return step


def _as_written(
    ensemble: Ensemble, group: str, names: Sequence[str], penalised: tuple[str, ...]
) -> Step:
    """Return the step of a single method, called as anybody would call it."""
    method, moving = ensemble.template, [ensemble.parameters[name] for name in names]
    others = [
        value
        for name, value in ensemble.parameters.items()
        if value.requires_grad and name not in set(names)
    ]

    def step(batch: Batch) -> tuple[list[Tensor], Tensor]:
        # For the time of the step what does not move is a constant, of which nothing has to be kept.
        for value in others:
            value.requires_grad_(False)
        try:
            own = Batch(*(t[0] for t in batch))
            with named_failure(method, own.x, "trained"):
                with ensemble.precision.context():
                    total, terms = method.total_loss(group, penalised, own)
                return _gradients(ensemble, total, moving), terms.detach()[None]
        finally:
            for value in others:
                value.requires_grad_()

    return step


def _gradients(ensemble: Ensemble, total: Tensor, moving: Sequence[Tensor]) -> list[Tensor]:
    gradients = torch.autograd.grad(
        ensemble.precision.scaled(total), list(moving), allow_unused=True, materialize_grads=True
    )
    # Fused optimisers read a gradient's memory in the order of the parameter's.
    return [ensemble.laid_out(gradient) for gradient in gradients]


def _check_finite(means: dict[str, np.ndarray], ensemble: Ensemble, where: Sequence[str]) -> None:
    """Check the loss terms of an epoch and the parameters that it ended with."""
    finite = {f"loss term {name!r}": np.isfinite(values) for name, values in means.items()}
    for name, value in ensemble.parameters.items():
        # A loss may still be finite when a parameter no longer is.
        rows = value.detach() if ensemble.stacked else value.detach()[None]
        finite[f"parameter {name!r}"] = rows.isfinite().flatten(1).all(1).cpu().numpy()
    for what, good in finite.items():
        bad = np.flatnonzero(~good[: len(where)])
        if bad.size:
            method = type(ensemble.template).__module__.rpartition(".")[2]
            raise TrainingError(
                f"method {method!r}, {where[bad[0]]}: {what} is no longer a finite number, as "
                "expected; lower training.learning_rate or check the features for extreme values"
            )
