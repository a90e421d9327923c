"""The one training loop, for every method and any number of replicas."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from armed.data.samples import Samples
from armed.errors import ConfigError, TrainingError
from armed.methods.base import Method
from armed.training.batching import BatchLoader
from armed.training.early_stopping import EarlyStopping, Monitor
from armed.training.ensemble import Ensemble
from armed.training.optimizers import make_optimizer
from armed.training.sample_order import steps_per_epoch

Progress = Callable[[int, dict[str, float]], None]


@dataclass(frozen=True)
class FitSettings:
    """How long and how fast.

    Parameters
    ----------
    epochs : int, at least 1
        Passes over the training samples, at most.
    batch_size : int, at least 1
        Samples in a minibatch.
    learning_rate : float, above 0
        Step size of the optimiser.
    optimizer : str
        Name of a class in torch.optim.
    class_weights : bool
        Whether both outcomes weigh the same in the loss.
    patience : int, at least 1, or None
        Epochs without improvement on the validation part after which a replica stops; null trains all
        epochs.
    precision : {"full", "mixed"}
        full, or mixed: on a GPU, networks that are trained one at a time compute in 16 bits where it
        does no harm; without one as full.
    """

    epochs: int = 10
    batch_size: int = 32
    learning_rate: float = 1e-3
    optimizer: str = "Adam"
    class_weights: bool = False
    patience: int | None = None
    precision: Literal["full", "mixed"] = "full"


@dataclass(frozen=True)
class Fitted:
    """Trained methods; ``history[term]`` (epochs, replicas): mean of a loss term over an epoch.

    ``stopped`` holds the epoch, from 1, whose state each replica ended with; ``ensemble`` computes
    all replicas at once.
    """

    methods: list[Method]
    ensemble: Ensemble
    history: dict[str, np.ndarray]
    stopped: np.ndarray


def fit(
    methods: Sequence[Method],
    samples: Sequence[Samples],
    *,
    settings: FitSettings,
    seeds: Sequence[int],
    labels: Sequence[str] | None = None,
    steps: int | None = None,
    validation: Sequence[Samples] | None = None,
    monitor: Monitor | None = None,
    on_epoch: Progress | None = None,
    device: torch.device | str = "cpu",
    trace: bool = True,
    pad: bool = True,
) -> Fitted:
    """Train replicas of a method, each on its own samples, as one computation.

    In each step every parameter group of the method takes its turn. Replicas share nothing but the
    computation: a replica's result is the same trained alone.

    Parameters
    ----------
    methods, samples, seeds, labels : sequences of equal length
        Replicas, their training samples, the seeds of their sample orders and noise, and what to
        call them in errors.
    settings : FitSettings
    steps : int, optional
        Minibatches per epoch, at least ``samples / batch_size``; give it where not all replicas of
        a study are trained in one call. Default: what the longest replica needs.
    validation, monitor : optional
        Samples of each replica and a function of (y, score), higher is better, for early stopping.
    on_epoch : callable, optional
        Called with the epoch from 1 and the mean loss terms.
    device : torch.device
    trace : bool
        Whether to trace a step once and run the trace, see `armed.training._trace`: the same results.
    pad : bool
        See `armed.training.ensemble.vector_width`.

    Returns
    -------
    Fitted
        Its methods are those given, with the trained values, in evaluation mode.

    Raises
    ------
    TrainingError
        As soon as an epoch ends with a loss or parameter that is not finite.
    """
    labels = labels or [f"replica {number}" for number in range(len(methods))]
    ensemble = Ensemble(methods, device=device, pad=pad, precision=settings.precision)
    loader = _loader(ensemble, samples, settings, seeds=seeds, steps=steps)
    stopping = _stopping(ensemble, settings, validation, monitor, labels)
    run = _Run(ensemble, settings, trace=trace and ensemble.stacked)
    history: list[dict[str, np.ndarray]] = []
    with _own_randomness(seeds[0], ensemble.device):
        for epoch in range(1, settings.epochs + 1):
            means = run.epoch(loader)
            _check_finite(means, ensemble, where=[f"{label}, epoch {epoch}" for label in labels])
            _update(ensemble, loader)
            if stopping is not None:
                means["monitor"] = stopping.check(epoch)
            history.append(means)
            if on_epoch is not None:
                on_epoch(epoch, {name: float(np.mean(values)) for name, values in means.items()})
            if stopping is not None and stopping.done:
                break
    stopped = np.full(len(methods), len(history)) if stopping is None else stopping.restore()
    table = {name: np.stack([means[name] for means in history]) for name in history[0]}
    return Fitted(ensemble.unstack(), ensemble, table, stopped)


def _loader(
    ensemble: Ensemble,
    samples: Sequence[Samples],
    settings: FitSettings,
    *,
    seeds: Sequence[int],
    steps: int | None,
) -> BatchLoader:
    if len(samples) != len(ensemble.methods):
        raise ConfigError(
            f"there are samples for {len(samples)} replicas and {len(ensemble.methods)} methods; "
            "expected as many; give one of each for a replica"
        )
    size = settings.batch_size
    if not ensemble.stacked:
        # Batch norm would see padding: leave no more than the one place that uneven sizes need.
        count = len(samples[0].y)
        steps = steps or steps_per_epoch(count, size)
        size = steps_per_epoch(count, steps)
    return BatchLoader(
        samples,
        ensemble.methods[0],
        seeds=seeds,
        slots=ensemble.slots,
        batch_size=size,
        steps=steps,
        class_weights=settings.class_weights,
        device=ensemble.device,
    )


def _stopping(
    ensemble: Ensemble,
    settings: FitSettings,
    validation: Sequence[Samples] | None,
    monitor: Monitor | None,
    labels: Sequence[str],
) -> EarlyStopping | None:
    if settings.patience is None:
        return None
    if validation is None or monitor is None or len(validation) != len(ensemble.methods):
        raise ConfigError(
            f"patience is {settings.patience} without validation samples of every replica and a "
            "monitor; expected both; give them or set patience to null"
        )
    return EarlyStopping(
        ensemble, validation, monitor=monitor, patience=settings.patience, labels=labels
    )


def _own_randomness(seed: int, device: torch.device) -> AbstractContextManager:
    """Dropout draws from the global stream: seed it, and leave it as it was afterwards."""
    stack = ExitStack()
    devices = [device] if device.type == "cuda" else []
    stack.enter_context(torch.random.fork_rng(devices=devices))
    torch.manual_seed(seed)
    return stack


class _Run:
    """Optimisers and step functions of the parameter groups."""

    def __init__(self, ensemble: Ensemble, settings: FitSettings, *, trace: bool) -> None:
        self._ensemble, self._trace = ensemble, trace
        self._groups = ensemble.methods[0].groups()
        self._optimizers = {
            group: make_optimizer(
                settings.optimizer,
                [ensemble.parameters[name] for name in names],
                learning_rate=settings.learning_rate,
            )
            for group, names in self._groups.items()
        }
        self._steps: dict[str, Callable] = {}

    def epoch(self, loader: BatchLoader) -> dict[str, np.ndarray]:
        """Take all steps of an epoch; mean of each loss term by replica."""
        sums: dict[str, Tensor] = {}
        for batch in loader.epoch():
            for group, names in self._groups.items():
                if group not in self._steps:
                    self._steps[group] = self._ensemble.step_function(
                        group, batch, trace=self._trace
                    )
                gradients, terms = self._steps[group](batch)
                for name, gradient in zip(names, gradients, strict=True):
                    self._ensemble.parameters[name].grad = gradient
                self._ensemble.precision.step(self._optimizers[group])
                sums[group] = sums[group].add_(terms) if group in sums else terms.clone()
        replicas = len(self._ensemble.methods)
        return {
            name: (total[:replicas, i] / loader.steps).cpu().numpy()
            for group, total in sums.items()
            for i, name in enumerate(self._ensemble.term_names(group))
        }


def _update(ensemble: Ensemble, loader: BatchLoader) -> None:
    """Closed-form update after an epoch, for methods that have one."""
    if type(ensemble.methods[0]).update is Method.update:
        return
    x, y, z, weight = (part.to(ensemble.device) for part in loader.whole())
    with torch.no_grad():
        statistics = ensemble.statistics(x)
        ensemble.replace_buffers(ensemble.update(statistics, y, z, weight))


def _check_finite(means: dict[str, np.ndarray], ensemble: Ensemble, where: Sequence[str]) -> None:
    """Check the loss terms of an epoch and the parameters that it ended with."""
    finite = {f"loss term {name!r}": np.isfinite(values) for name, values in means.items()}
    for name, value in ensemble.parameters.items():
        rows = value.detach() if ensemble.stacked else value.detach()[None]
        finite[f"parameter {name!r}"] = rows.isfinite().flatten(1).all(1).cpu().numpy()
    for what, good in finite.items():
        bad = np.flatnonzero(~good[: len(where)])
        if bad.size:
            method = type(ensemble.methods[0]).__module__.rpartition(".")[2]
            raise TrainingError(
                f"method {method!r}, {where[bad[0]]}: {what} is no longer a finite number, as "
                "expected; lower training.learning_rate or check the features for extreme values"
            )
