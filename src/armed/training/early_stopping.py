"""Early stopping, for each replica by itself."""

from collections.abc import Callable, Sequence

import numpy as np
import torch

from armed.data.samples import Samples
from armed.errors import ConfigError, TrainingError
from armed.training.batching import pad_samples
from armed.training.ensemble import Ensemble

Monitor = Callable[[np.ndarray, np.ndarray], float]


class EarlyStopping:
    """Keeps the best state of each replica until its patience is at an end.

    A replica that has stopped goes on being computed with the others, to no effect.

    Parameters
    ----------
    ensemble : Ensemble
    validation : sequence of Samples
        By replica.
    monitor : callable
        Function of outcomes and scores (mixed where there are), higher is better.
    patience : int
        Epochs without improvement after which a replica stops.
    labels : sequence of str
        What to call the replicas in errors.
    """

    def __init__(
        self,
        ensemble: Ensemble,
        validation: Sequence[Samples],
        *,
        monitor: Monitor,
        patience: int,
        labels: Sequence[str],
    ) -> None:
        self._ensemble, self._monitor, self._patience = ensemble, monitor, patience
        x, y, z, _ = pad_samples(validation)
        self._x, self._z = (part[ensemble.slots].to(ensemble.device) for part in (x, z))
        self._y, self._labels = y.numpy(), labels
        self._lengths = [len(s.y) for s in validation]
        self._best = np.full(len(validation), -np.inf)
        self._best_epoch = np.zeros(len(validation), dtype=int)
        self._waiting = np.ones(len(validation), dtype=bool)
        self._state = ensemble.snapshot()

    @classmethod
    def of(
        cls,
        ensemble: Ensemble,
        validation: Sequence[Samples] | None,
        monitor: Monitor | None,
        patience: int | None,
        labels: Sequence[str],
    ) -> "EarlyStopping | None":
        """Early stopping by ``patience``; None if that is None."""
        if patience is None:
            return None
        if validation is None or monitor is None:
            raise ConfigError(
                f"patience is {patience} without validation samples of every replica and a "
                "monitor; expected both; give them or set patience to null"
            )
        return cls(ensemble, validation, monitor=monitor, patience=patience, labels=labels)

    def check(self, epoch: int) -> np.ndarray:
        """Score the validation samples of each replica and keep the states that improved."""
        values = self._values(epoch)
        better = self._waiting & (values > self._best)
        self._best[better], self._best_epoch[better] = values[better], epoch
        self._waiting &= epoch - self._best_epoch < self._patience
        # A stack holds all replicas in each tensor: only the rows of those that improved are kept.
        current, rows = self._ensemble.snapshot(), torch.as_tensor(np.flatnonzero(better))
        for name, kept in self._state.items():
            if self._ensemble.stacked:
                kept[rows] = current[name][rows]
            elif better[0]:
                kept.copy_(current[name])
        return values

    def _values(self, epoch: int) -> np.ndarray:
        with torch.no_grad():
            scores = self._ensemble.predict(self._x, self._z)
        score = scores.get("mixed", scores["fixed"]).cpu().numpy()
        values = np.array(
            [self._monitor(self._y[i, :n], score[i, :n]) for i, n in enumerate(self._lengths)]
        )
        undefined = np.flatnonzero(np.isnan(values))
        if undefined.size:
            raise TrainingError(
                f"{self._labels[undefined[0]]}, epoch {epoch}: the monitored value of the "
                "validation samples is not a number; expected one to stop by; check that they hold "
                "every class, or train without patience"
            )
        return values

    @property
    def done(self) -> bool:
        """Whether every replica's patience is at an end."""
        return not self._waiting.any()

    def restore(self) -> np.ndarray:
        """Put the best states back; their epochs."""
        self._ensemble.restore(self._state)
        return self._best_epoch
