"""Minibatches for an ensemble: each replica in its own order, gathered in few large operations."""

from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch import Tensor

from armed.data.augmentation import AugmentationSettings, augmented
from armed.data.lazy_rows import LazyRows, combine, row_bytes, take
from armed.data.samples import Batch, Samples
from armed.methods.base import Method
from armed.training.sample_order import per_cluster, shuffled, steps_per_epoch, stream

BLOCK_BYTES = 64 * 2**20


class BatchLoader:
    """The training samples of all replicas and a random stream for each.

    Parameters
    ----------
    samples : sequence of Samples
        By replica; replicas of one fold share one object.
    method : Method
        Says how minibatches are drawn and which random numbers its steps take.
    seeds : sequence of int
        By replica: order of samples and noise.
    slots : sequence of int
        Replica of each place of the stack (padding repeats a replica).
    batch_size : int
        Samples in a minibatch, at most.
    steps : int
        Minibatches in an epoch.
    class_weights : bool
        Whether classes weigh the same in the outcome's loss.
    device : torch.device
    padded : bool
        Whether minibatches of fewer samples are filled up to ``batch_size``. Batch norm would see the
        padding: without it no more is left than the one place that uneven sizes need.
    augmentation : AugmentationSettings, optional
        How images of minibatches are changed at random; `whole` has them as they are.
    pinned : bool
        Whether what is not in memory is read into pinned memory, for a GPU.
    """

    def __init__(
        self,
        samples: Sequence[Samples],
        method: Method,
        *,
        seeds: Sequence[int],
        slots: Sequence[int],
        batch_size: int,
        steps: int,
        class_weights: bool,
        device: torch.device,
        padded: bool = True,
        augmentation: AugmentationSettings | None = None,
        pinned: bool = True,
    ) -> None:
        self.samples, self.method = list(samples), method
        self.slots, self._class_weights = list(slots), class_weights
        self._generators = [torch.Generator().manual_seed(seed) for seed in seeds]
        self._augmentation = augmentation
        seeds = [stream(seed, "augmentation") for seed in seeds]
        self._augmenting = [torch.Generator().manual_seed(seed) for seed in seeds]
        self.steps = steps
        longest = max(len(s.y) for s in samples)
        self.batch_size = batch_size if padded else steps_per_epoch(longest, steps)
        if method.batches == "per_cluster":
            self._size = method.settings.samples_per_cluster
        # Replicas of one fold share their samples: each fold lies in the columns once.
        folds = list({id(s): s for s in samples}.values())
        starts = torch.tensor([0, *(len(s.y) for s in folds)]).cumsum(0)
        place = {id(s): start for s, start in zip(folds, starts, strict=False)}
        self._offset = torch.stack([place[id(s)] for s in samples])
        parts = ((s.x, s.y, s.z, self._weight(s), s.kl_scale()) for s in folds)
        columns = (combine(c, torch.cat).to(device) for c in zip(*parts, strict=True))
        self._columns = [c.pinned(pinned) if isinstance(c, LazyRows) else c for c in columns]

    def _weight(self, samples: Samples) -> Tensor:
        return samples.loss_weights(self._class_weights)

    def epoch(self) -> Iterator[Batch]:
        """Minibatches of one epoch, every tensor with the replica first."""
        index, mask, noise = (torch.stack(parts, 1) for parts in zip(*self._orders(), strict=True))
        index = (index + self._offset[None, :, None])[:, self.slots]
        mask, noise = mask[:, self.slots], noise[:, self.slots]
        # Several minibatches are gathered at a time, as many as a block of memory holds.
        size = sum(row_bytes(column) for column in self._columns)
        block = max(1, BLOCK_BYTES // max(1, size * index[0].numel()))
        device = self._columns[0].device
        for start in range(0, self.steps, block):
            at = slice(start, start + block)
            x, y, z, weight, kl_scale = (take(column, index[at]) for column in self._columns)
            real, draws = mask[at].to(device), noise[at].to(device)
            parts = (x, y, z, real, weight, kl_scale, draws, torch.zeros_like(real))
            yield from map(self._augmented, map(Batch, *parts))

    def _augmented(self, batch: Batch) -> Batch:
        """Return a minibatch with images as they are trained on, those of each replica by its own draws."""
        if self._augmentation is None:
            return batch
        # One replica after the other: its result then does not depend on the others, to the last bit.
        pairs = zip(batch.x, self._augmenting, strict=False)
        each = [self._changed(own, self._augmentation, generator) for own, generator in pairs]
        x, changed = (torch.stack(values) for values in zip(*each, strict=True))
        return batch._replace(x=x[self.slots], changed=changed[self.slots])

    @staticmethod
    def _changed(
        x: Tensor, settings: AugmentationSettings, generator: torch.Generator
    ) -> tuple[Tensor, Tensor]:
        """Images of a replica as they are trained on, and 1 for those that are changed."""
        made, changed = augmented(x, settings, generator), x.new_ones(len(x))
        if settings.share < 1:
            changed = (torch.rand(len(x), generator=generator) < settings.share).to(x)
            made = torch.where(changed.view(-1, 1, 1, 1) > 0, made, x)
        return made, changed

    def _orders(self) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
        for samples, generator in zip(self.samples, self._generators, strict=True):
            if self.method.batches == "per_cluster":
                index, mask = per_cluster(
                    samples,
                    steps=self.steps,
                    size=self._size,
                    clusters=self.method.clusters,
                    generator=generator,
                )
            else:
                index, mask = shuffled(
                    samples, steps=self.steps, batch_size=self.batch_size, generator=generator
                )
            yield index, mask, self.method.draw(generator, self.steps, index.shape[1])

    def whole(self) -> tuple[Any, Tensor, Tensor, Tensor]:
        """``x, y, z``, loss weights of all training samples, replica first; see `pad_samples`."""
        x, y, z, mask = pad_samples(self.samples)
        for row, samples in zip(mask, self.samples, strict=True):
            row[: len(samples.y)] = self._weight(samples)
        return x[self.slots], y[self.slots], z[self.slots], mask[self.slots]


def pad_samples(samples: Sequence[Samples]) -> tuple[Any, Tensor, Tensor, Tensor]:
    """Stack replicas of different length: ``x, y, z`` and a mask that is 0 for padding.

    ``x`` is a tensor, or `armed.data.lazy_rows.LazyRows` where the samples are.
    """
    longest = max(len(s.y) for s in samples)

    def padded(values: Tensor | LazyRows) -> Tensor | LazyRows:
        place = torch.arange(longest)  # padding repeats the first sample
        return values[place * (place < len(values))]

    x, y, z = (combine([padded(getattr(s, name)) for s in samples], torch.stack) for name in "xyz")
    mask = torch.stack([(torch.arange(longest) < len(s.y)).float() for s in samples])
    return x, y, z, mask
