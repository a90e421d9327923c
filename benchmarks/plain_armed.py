"""ARMED as an ordinary PyTorch loop: modules, autograd, two optimisers, no `armed.training.fit`."""

from __future__ import annotations

import torch
from torch.nn import functional as F

from armed.data.samples import Batch, Samples
from armed.methods.armed import Armed
from armed.training.batching import BatchLoader
from armed.training.fit import FitSettings


def train_plainly(
    method: Armed, samples: Samples, *, settings: FitSettings, seed: int, steps: int
) -> Armed:
    """Train one replica, on the minibatches that `armed.training.fit.fit` would take."""
    loader = BatchLoader(
        [samples],
        method,
        seeds=[seed],
        slots=[0],
        batch_size=settings.batch_size,
        steps=steps,
        class_weights=settings.class_weights,
        device=torch.device("cpu"),
    )
    adversary, mixed, weights = method.adversary, method.mixed, method.settings
    kind = getattr(torch.optim, settings.optimizer)
    first = kind(adversary.parameters(), lr=settings.learning_rate)
    second = kind(mixed.parameters(), lr=settings.learning_rate)
    for _ in range(settings.epochs):
        for batch in loader.epoch():
            count = int(batch.mask.sum())
            own = Batch(*(part[0, :count] for part in batch))
            x, y, z, scale, noise = own.x, own.y, own.z, own.kl_scale, own.noise
            with torch.no_grad():
                activations = mixed(x, z, noise).activations
            first.zero_grad()
            F.cross_entropy(adversary(activations), z).backward()
            first.step()
            output = mixed(x, z, noise)
            loss = (
                F.binary_cross_entropy_with_logits(output.mixed[:, 0], y)
                + weights.fixed_weight * F.binary_cross_entropy_with_logits(output.fixed[:, 0], y)
                + weights.kl_weight * (scale * mixed.kl(z)).mean()
                - weights.adversary_weight * F.cross_entropy(adversary(output.activations), z)
            )
            second.zero_grad()
            loss.backward()
            second.step()
    return method
