"""Replicas on their samples, and what moves them: minibatches, optimisers and closed-form updates."""

from collections.abc import Sequence
from contextlib import nullcontext

import numpy as np
import torch
from torch import Tensor

from armed.data.samples import Samples
from armed.errors import TrainingError
from armed.methods.base import Method
from armed.nn.modes import one_view
from armed.training.batching import BatchLoader
from armed.training.ensemble import Ensemble
from armed.training.optimizers import FitSettings, check_settings, decayed_parameters
from armed.training.own.pace import OwnPace
from armed.training.steps import Steps


class Trainer:
    """Replicas that are trained as one, or a single one.

    Parameters
    ----------
    methods, samples, seeds : sequences of equal length
        See `armed.training.fit.fit`.
    settings : FitSettings
    own : sequence of FitSettings, optional
        Those of each replica, where they have their own learning rates and weight decays; begun again where
        there are more replicas.
    steps : int
        Minibatches per epoch.
    device, trace, pad
        See `armed.training.fit.fit`.
    """

    def __init__(
        self,
        methods: Sequence[Method],
        samples: Sequence[Samples],
        seeds: Sequence[int],
        *,
        settings: FitSettings,
        own: Sequence[FitSettings] | None = None,
        steps: int,
        device: torch.device | str,
        trace: bool,
        pad: bool,
    ) -> None:
        self.ensemble = Ensemble(
            methods,
            device=device,
            pad=pad,
            precision=settings.precision,
            channels_last=settings.channels_last,
        )
        self.ensemble.lay_out()
        self._loader = BatchLoader(
            samples,
            self.ensemble.template,
            seeds=seeds,
            slots=self.ensemble.slots,
            batch_size=settings.batch_size,
            steps=steps,
            class_weights=settings.class_weights,
            padded=self.ensemble.stacked,
            device=self.ensemble.device,
            augmentation=settings.augmentation,
            pinned=settings.pin_memory,
        )
        self._steps = Steps(self.ensemble, settings, steps=settings.epochs * steps, trace=trace)
        if own is not None:
            self._set_pace(own)

    def _set_pace(self, own: Sequence[FitSettings]) -> None:
        ensemble = self.ensemble
        for each in own:
            check_settings(each, ensemble.template)
        pace = OwnPace(own, ensemble.slots, ensemble.device)
        decayed = decayed_parameters(ensemble.template)
        for group, names in ensemble.template.groups().items():
            moved = {name: ensemble.parameters[name] for name in names}
            pace.attach(self._steps.optimizers[group], moved, decayed)

    def epoch(self, where: Sequence[str]) -> dict[str, np.ndarray]:
        """Take the steps of an epoch and the update after it; see `descend`."""
        means = self.descend(where)
        self.update()
        return means

    def descend(self, where: Sequence[str]) -> dict[str, np.ndarray]:
        """Take the gradient steps of an epoch; the mean of each loss term, (replicas,).

        Raises
        ------
        TrainingError
            If a loss term or a parameter is not finite; it names the replica by ``where``.
        """
        means = self._steps.epoch(self._loader)
        _check_finite(means, self.ensemble, where)
        return means

    def update(self, held_out: tuple[Tensor, ...] | None = None, *, last: bool = False) -> None:
        """Take the closed-form step after an epoch, if the method has one, see `Method.update`."""
        if self.ensemble.template.updates:
            parts = (part.to(self.ensemble.device) for part in self._loader.whole())
            # Until then effects are of single views, as those of minibatches are.
            with nullcontext() if last else one_view(self.ensemble.template):
                self.ensemble.update(*parts, held_out=held_out, last=last)


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
