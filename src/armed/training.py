"""The one training loop, for every method and any number of replicas."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from armed.batches import Samples, steps_per_epoch
from armed.early_stopping import EarlyStopping, Monitor
from armed.ensemble import Ensemble
from armed.errors import ConfigError, TrainingError
from armed.feeding import Feed
from armed.methods.base import Method
from armed.optimizers import make_optimizer

Progress = Callable[[int, dict[str, float]], None]


@dataclass(frozen=True)
class FitSettings:
    """How long and how fast.

    ``optimizer`` is the name of a class in ``torch.optim``, see `armed.optimizers`; ``class_weights``:
    whether classes weigh the same in the outcome's loss; ``patience``: epochs without improvement of
    the monitored value after which a replica stops (None: all epochs, last state).
    """

    epochs: int = 10
    batch_size: int = 32
    learning_rate: float = 1e-3
    optimizer: str = "Adam"
    class_weights: bool = False
    patience: int | None = None


@dataclass(frozen=True)
class Fitted:
    """Trained methods, and per epoch the mean of each loss term: ``history[term]`` (epochs, replicas).

    ``stopped`` holds the epoch, from 1, whose state each replica ended with; ``ensemble`` computes all
    replicas at once.
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
    replay: bool = True,
    pad: bool = True,
) -> Fitted:
    """Train replicas of a method, each on its own samples, as one computation.

    In each step every parameter group of the method takes its turn. Replicas share nothing but the
    computation: a replica's result is the same trained alone.

    Parameters
    ----------
    methods, samples, seeds, labels : sequences of equal length
        Replicas, their training samples, the seeds of their sample orders and noise, and what to call
        them in errors.
    settings : FitSettings
    steps : int, optional
        Minibatches per epoch, at least ``samples / batch_size``; give it where not all replicas of a
        study are trained in one call. Default: what the longest replica needs.
    validation, monitor : optional
        Samples of each replica and a function of (y, score), higher is better, for early stopping.
    on_epoch : callable, optional
        Called with the epoch from 1 and the mean loss terms.
    device : torch.device
    replay : bool
        Record the step once and replay it, see `armed.replay`; off: run it as written.
    pad : bool
        See `armed.ensemble.lanes`.

    Raises
    ------
    TrainingError
        As soon as an epoch ends with a loss that is not finite.
    """
    device = torch.device(device)
    ensemble = Ensemble(methods, device=device, pad=pad)
    feed = Feed(
        samples,
        methods[0],
        seeds=seeds,
        slots=ensemble.slots,
        batch_size=settings.batch_size,
        steps=steps,
        class_weights=settings.class_weights,
        device=device,
    )
    stopping = None
    if settings.patience is not None and validation is not None and monitor is not None:
        stopping = EarlyStopping(ensemble, validation, monitor, settings.patience)
    run = _Run(ensemble, settings, replay=replay and ensemble.stacked)
    history: list[dict[str, np.ndarray]] = []
    for epoch in range(1, settings.epochs + 1):
        means = run.epoch(feed)
        _check_finite(
            means, epoch, methods[0], labels or [f"replica {i}" for i in range(len(methods))]
        )
        _update(ensemble, feed)
        if stopping is not None:
            means["monitor"] = stopping.look(epoch)
        history.append(means)
        if on_epoch is not None:
            on_epoch(epoch, {name: float(np.mean(values)) for name, values in means.items()})
        if stopping is not None and stopping.done:
            break
    stopped = np.full(len(methods), len(history))
    if stopping is not None:
        stopped = stopping.restore()
    table = {name: np.stack([means[name] for means in history]) for name in history[0]}
    return Fitted(ensemble.unstack(), ensemble, table, stopped)


class _Run:
    """Optimisers and recorded step functions of the parameter groups."""

    def __init__(self, ensemble: Ensemble, settings: FitSettings, *, replay: bool) -> None:
        self._ensemble, self._replay = ensemble, replay
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

    def epoch(self, feed: Feed) -> dict[str, np.ndarray]:
        """Take all steps of an epoch; mean of each loss term by replica."""
        sums: dict[str, Tensor] = {}
        for batch in feed.epoch():
            for group, names in self._groups.items():
                if group not in self._steps:
                    self._steps[group] = self._ensemble.step_function(
                        group, batch, replay=self._replay
                    )
                gradients, terms = self._steps[group](batch)
                for name, gradient in zip(names, gradients, strict=True):
                    self._ensemble.parameters[name].grad = gradient
                self._optimizers[group].step()
                sums[group] = sums[group].add_(terms) if group in sums else terms.clone()
        replicas = len(self._ensemble.methods)
        return {
            name: (total[:replicas, i] / feed.steps).cpu().numpy()
            for group, total in sums.items()
            for i, name in enumerate(self._ensemble.term_names(group))
        }


def _update(ensemble: Ensemble, feed: Feed) -> None:
    """Closed-form update after an epoch, for methods that have one."""
    if type(ensemble.methods[0]).update is Method.update:
        return
    x, y, z, weight = (part.to(ensemble.device) for part in feed.whole())
    with torch.no_grad():
        statistics = ensemble.call_in_blocks("statistics", x)
        ensemble.replace_buffers(ensemble.call("update", statistics, y, z, weight))


def _check_finite(
    means: dict[str, np.ndarray], epoch: int, method: Method, labels: Sequence[str]
) -> None:
    for term, values in means.items():
        bad = np.flatnonzero(~np.isfinite(values))
        if bad.size:
            raise TrainingError(
                f"method {type(method).__module__.rpartition('.')[2]!r}, {labels[bad[0]]}, epoch {epoch}: loss term {term!r} "
                f"is {values[bad[0]]}; expected a finite number; lower training.learning_rate or check "
                "the features for extreme values"
            )
