"""Linear predictors of training samples by networks that have not seen them."""

import copy
from collections.abc import Callable, Sequence
from itertools import chain

import numpy as np
import torch
from torch import Tensor

from armed.data.factors import by_factor
from armed.data.samples import Samples
from armed.inference.blocks.terms import hard_clusters
from armed.methods.mixed import MixedMethod
from armed.tasks.base import one_predictor
from armed.training.batching import pad_samples
from armed.training.sample_order import stream
from armed.training.trainer import Trainer

Make = Callable[..., Trainer]


class CrossFitting:
    """A trainer with two more networks for each replica, each trained on half of its samples.

    A network makes linear predictors of the samples that it is trained on too large, and with them the
    variances of the random effects. Each of the two gives the statistics of the other's samples, and how far
    it is from the other one on its own.

    Parameters
    ----------
    methods, samples, seeds : sequences of equal length
        The replicas before training: all begin at the same values.
    make : callable
        Makes a `Trainer` of methods, samples and seeds, and steps of an epoch.
    steps : int
        Of an epoch of the replicas themselves.
    """

    def __init__(
        self,
        methods: Sequence[MixedMethod],
        samples: Sequence[Samples],
        seeds: Sequence[int],
        *,
        make: Make,
        steps: int,
    ) -> None:
        one_predictor(methods[0].task, "cross_fit")
        self._rows = [halves(own) for own in samples]
        self._count, self._names = len(samples), methods[0].variances
        made: dict[tuple[int, int], Samples] = {}
        parts = [
            [_part(own, rows, half, made) for own, rows in zip(samples, self._rows, strict=True)]
            for half in (0, 1)
        ]
        copies = [[copy.deepcopy(method) for method in methods] for _ in parts]
        for method in chain(*copies):
            method.estimates = False
        one, other = zip(copies, parts, strict=True)
        groups = [(one[0], one[1], other[1]), (other[0], other[1], one[1])]
        self._whole = make(methods, samples, seeds, steps=steps)
        self.ensemble = self._whole.ensemble
        if self.ensemble.stacked:
            groups = [tuple(a + b for a, b in zip(*groups, strict=True))]
        self._trainers = [
            make(m, own, [*seeds] * (len(m) // len(seeds)), steps=-(-steps // 2))
            for m, own, _ in groups
        ]
        self._inputs = [(pad_samples(b)[0], pad_samples(a)[0]) for _, a, b in groups]

    def epoch(self, where: Sequence[str]) -> dict[str, np.ndarray]:
        """Take the steps of an epoch and the update after it; means of the replicas' loss terms."""
        means = self.descend(where)
        self.update()
        return means

    def descend(self, where: Sequence[str]) -> dict[str, np.ndarray]:
        """Take the gradient steps of an epoch; means of the replicas' loss terms."""
        means = self._whole.descend(where)
        for number, trainer in enumerate(self._trainers):
            names = [f"{each}, half {number + 1}" for each in where]
            trainer.descend(names * (len(trainer.ensemble.methods) // len(names)))
        return means

    def update(self, *, last: bool = False) -> None:
        """Find variances and effects of the replicas, and the effects of the halves under these."""
        self._whole.update(self.held_out(), last=last)
        values = self.ensemble.snapshot()
        for trainer in self._trainers:
            ensemble = trainer.ensemble
            state, replicas = ensemble.snapshot(), [slot % self._count for slot in ensemble.slots]
            for name in self._names:
                state[name] = values[name][replicas] if ensemble.stacked else values[name]
            ensemble.restore(state)
            trainer.update()

    @torch.no_grad()
    def held_out(self) -> tuple[Tensor, ...]:
        """What `armed.inference.held_out.HeldOut` has of all training samples, replica first."""
        parts = [*self._linear_parts(0), self._linear_parts(1)[-1]]
        longest = max(len(own) + len(others) for own, others in self._rows)
        found = [v.new_zeros(self._count, longest, *v.shape[2:]) for v in parts]
        network = found[-1].new_zeros(self._count, longest)
        for number, rows in enumerate(self._rows):
            for half in (0, 1):
                own, other, at = rows[half], rows[1 - half], half * self._count + number
                network[number, other] = half
                # The last of them is what a network says of its own samples.
                places = [*[other] * (len(parts) - 1), own]
                for into, values, where in zip(found, parts, places, strict=True):
                    into[number, where] = values[at, : len(where)]
        return (*found, network)

    def _linear_parts(self, which: int) -> list[Tensor]:
        """Designs and offset of the other half of the samples (0) or a network's own (1).

        By network, then by replica, however they were trained.
        """
        parts = []
        for trainer, inputs in zip(self._trainers, self._inputs, strict=True):
            ensemble = trainer.ensemble
            x = inputs[which][ensemble.slots].to(ensemble.device)
            values = ensemble.by_rows(_linear_parts, x)
            parts.append([each[: len(ensemble.methods)] for each in values])
        return [torch.cat(values) for values in zip(*parts, strict=True)]


def _linear_parts(method: MixedMethod, x: Tensor) -> tuple[Tensor, ...]:
    return method.linear_parts(x)


def halves(samples: Samples) -> tuple[Tensor, Tensor]:
    """Rows of two halves, each with half of every cluster's samples, the same for all seeds.

    Of several factors each has half of the samples whose clusters are the same.
    """
    generator = torch.Generator().manual_seed(stream(len(samples), "halves"))
    order = torch.randperm(len(samples), generator=generator)
    first, *others = by_factor(samples.z, len(samples.further))
    for z in (*reversed(others), hard_clusters(first)[0]):
        order = order[torch.argsort(z[order], stable=True)]
    return order[0::2].sort().values, order[1::2].sort().values


def _part(
    samples: Samples, rows: tuple[Tensor, Tensor], half: int, made: dict[tuple[int, int], Samples]
) -> Samples:
    """One half of the samples; replicas of one fold share it."""
    key = (id(samples), half)
    if key not in made:
        made[key] = samples.rows(rows[half])
    return made[key]
