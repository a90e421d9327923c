"""The one training loop, for every method and any number of replicas."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import torch

from armed.data.samples import Samples
from armed.methods.base import Method
from armed.methods.mixed import MixedMethod
from armed.nn.stacking import can_stack
from armed.prediction.at_zero import measure_at_zero
from armed.training.cross_fitting import CrossFitting
from armed.training.early_stopping import EarlyStopping, Monitor
from armed.training.ensemble import Ensemble
from armed.training.optimizers import FitSettings
from armed.training.own.pace import shared_settings
from armed.training.preparation import prepare
from armed.training.sample_order import steps_per_epoch, stream
from armed.training.trainer import Trainer

__all__ = ["FitSettings", "Fitted", "fit"]

Progress = Callable[[int, dict[str, float]], None]


@dataclass(frozen=True)
class Fitted:
    """Trained methods; ``history[term]`` (epochs, replicas): mean of a loss term over an epoch.

    ``stopped`` holds the epoch, from 1, whose state each replica ended with; ``ensemble`` computes all of
    them at once. Of replicas trained one after the other the history of one that stopped sooner ends in NaN.
    """

    methods: list[Method]
    ensemble: Ensemble
    history: dict[str, np.ndarray]
    stopped: np.ndarray

    @property
    def model(self) -> Method:
        """The first of them: of a network alone the only one."""
        return self.methods[0]


def fit(
    methods: Sequence[Method],
    samples: Sequence[Samples],
    *,
    settings: FitSettings | Sequence[FitSettings],
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
    """Train replicas of a method, each on its own samples.

    In each step every parameter group of the method takes its turn. Replicas that are known to be one
    computation (`armed.nn.stacking.can_stack`) are trained as one; any others one after the other, each
    network run as it is written. Parts that are frozen or in evaluation mode stay so, see
    `armed.nn.modes`. Replicas share nothing but the computation: a replica's result is the same
    trained alone, to the last bit where matrix products do not depend on how they lie in memory.
    Intel's MKL promises that only if the environment has ``MKL_CBWR=AUTO,STRICT`` before the first
    product; jobs of the studies set it.

    Parameters
    ----------
    methods, samples, seeds, labels : sequences of equal length
        Replicas, their training samples, seeds of sample orders and noise, and names for errors.
    settings : FitSettings, or a sequence of them
        Of all, or of each: learning rates and weight decays may differ, and so may numbers among the methods'
        own settings, such as weights of the loss.
    steps : int, optional
        Minibatches per epoch, at least ``samples / batch_size``; give it where not all replicas of
        a study are trained in one call. Default: what the longest replica needs.
    validation, monitor : optional
        Samples of each replica and a function of (y, score), higher is better, for early stopping.
    on_epoch : callable, optional
        Called with the epoch from 1 and the mean loss terms; of each replica that is not in a stack.
    device : torch.device
    trace : bool
        Whether to trace a step of a stack once and run that, `armed.nn._trace`: the same results.
    pad : bool
        See `armed.nn.stacking.vector_width`.

    Returns
    -------
    Fitted
        Its methods are those given, trained, on ``device`` and in evaluation mode. A cluster of which a
        replica has no training sample has no effect in it.

    Raises
    ------
    ArmedError
        Before training, if samples, method and settings do not fit each other.
    TrainingError
        As soon as an epoch ends with a loss or parameter that is not finite.
    """
    count = len(methods)
    each = None if isinstance(settings, FitSettings) else list(settings)
    common = settings if isinstance(settings, FitSettings) else shared_settings(settings, count)
    samples, validation = prepare(methods, samples, validation, seeds=seeds, settings=common)
    labels = labels or [f"replica {number}" for number in range(count)]
    train = partial(
        _fit,
        monitor=monitor,
        on_epoch=on_epoch,
        device=device,
        trace=trace,
        pad=pad,
        steps=steps or steps_per_epoch(max(map(len, samples)), common.batch_size),
    )
    if count == 1 or can_stack(*methods):
        fitted = train(methods, samples, seeds, labels, validation, settings=common, own=each)
    else:
        parts = []
        for i, method in enumerate(methods):
            watched = validation and [validation[i]]
            one = [method], [samples[i]], [seeds[i]], [labels[i]], watched
            parts.append(train(*one, settings=each[i] if each else common))
        fitted = _join(parts, device)
    for method, own in zip(methods, samples, strict=True):
        method.forget(~own.present(method.clusters))  # ASGD has moved what no sample trains
        measure_at_zero(method, own)
    return fitted


def _fit(
    methods: Sequence[Method],
    samples: Sequence[Samples],
    seeds: Sequence[int],
    labels: Sequence[str],
    validation: Sequence[Samples] | None,
    *,
    settings: FitSettings,
    own: Sequence[FitSettings] | None = None,
    monitor: Monitor | None,
    on_epoch: Progress | None,
    device: torch.device | str,
    trace: bool,
    pad: bool,
    steps: int,
) -> Fitted:
    """Train one replica, or several in a stack."""
    make = partial(Trainer, settings=settings, own=own, device=device, trace=trace, pad=pad)
    mixed = [m for m in methods if isinstance(m, MixedMethod) and m.transferable]
    trainer: Trainer | CrossFitting
    if settings.cross_fit and mixed:
        trainer = CrossFitting(mixed, samples, seeds, make=make, steps=steps)
    else:
        trainer = make(methods, samples, seeds, steps=steps)
    ensemble = trainer.ensemble
    stopping = EarlyStopping.of(ensemble, validation, monitor, settings.patience, labels)
    history: list[dict[str, np.ndarray]] = []
    with torch.random.fork_rng(devices=[ensemble.device] if ensemble.device.type == "cuda" else []):
        # For dropout and what else a network draws; afterwards the global stream is as it was.
        torch.manual_seed(stream(seeds[0], "network"))
        effects = methods[0].effects
        if effects is not None and not effects.on_hidden:
            # Variances are estimates from the first step on, whatever they were given as.
            trainer.update()
        for epoch in range(1, settings.epochs + 1):
            means = trainer.epoch([f"{label}, epoch {epoch}" for label in labels])
            if stopping is not None:
                means["monitor"] = stopping.check(epoch)
            history.append(means)
            if on_epoch is not None:
                on_epoch(epoch, {name: float(np.mean(values)) for name, values in means.items()})
            if stopping is not None and stopping.done:
                break
        stopped = np.full(len(methods), len(history)) if stopping is None else stopping.restore()
        # Variances and effects of the network as it is in the end.
        trainer.update(last=True)
    table = {name: np.stack([means[name] for means in history]) for name in history[0]}
    return Fitted(ensemble.unstack(), ensemble, table, stopped)


def _join(parts: Sequence[Fitted], device: torch.device | str) -> Fitted:
    """Return as one what was trained one after the other."""
    methods = [method for part in parts for method in part.methods]
    epochs = max(len(values) for part in parts for values in part.history.values())
    history = {name: np.full((epochs, len(parts)), np.nan) for name in parts[0].history}
    for number, part in enumerate(parts):
        for name, values in part.history.items():
            history[name][: len(values), number] = values[:, 0]
    ensemble = Ensemble(methods, device=device)
    return replace(
        parts[0],
        methods=methods,
        ensemble=ensemble,
        history=history,
        stopped=np.concatenate([part.stopped for part in parts]),
    )
