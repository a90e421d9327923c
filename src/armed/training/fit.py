"""The one training loop, for every method and any number of replicas."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch

from armed.data.samples import Samples
from armed.errors import ConfigError
from armed.methods.base import Method
from armed.training.batching import BatchLoader
from armed.training.early_stopping import EarlyStopping, Monitor
from armed.training.ensemble import Ensemble
from armed.training.steps import Steps

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
    computation: a replica's result is the same trained alone, to the last bit where matrix products
    do not depend on how they lie in memory. Intel's MKL promises that only if the environment has
    ``MKL_CBWR=AUTO,STRICT`` before the first product; jobs of the studies set it.

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
        See `armed.nn.stacking.vector_width`.

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
    if len(samples) != len(methods):
        raise ConfigError(
            f"there are samples for {len(samples)} replicas and {len(methods)} methods; expected as "
            "many; give one of each for a replica"
        )
    loader = BatchLoader(
        samples,
        ensemble.template,
        seeds=seeds,
        slots=ensemble.slots,
        batch_size=settings.batch_size,
        steps=steps,
        class_weights=settings.class_weights,
        padded=ensemble.stacked,
        device=ensemble.device,
    )
    stopping = _stopping(ensemble, settings, validation, monitor, labels)
    training = Steps(
        ensemble,
        optimizer=settings.optimizer,
        learning_rate=settings.learning_rate,
        trace=trace and ensemble.stacked,
    )
    history: list[dict[str, np.ndarray]] = []
    with torch.random.fork_rng(devices=[ensemble.device] if ensemble.device.type == "cuda" else []):
        torch.manual_seed(seeds[0])  # for dropout; afterwards the global stream is as it was
        for epoch in range(1, settings.epochs + 1):
            means = training.epoch(loader, where=[f"{label}, epoch {epoch}" for label in labels])
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
