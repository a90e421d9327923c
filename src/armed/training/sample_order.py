"""The order in which minibatches take the samples of a replica."""

import hashlib

import torch
from torch import Tensor

from armed.data.samples import Samples
from armed.errors import DataError


def stream(seed: int, purpose: str) -> int:
    """Return the seed of a stream of random numbers that is independent of that of the sample order."""
    digest = hashlib.blake2b(f"{seed} {purpose}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1


def steps_per_epoch(samples: int, batch_size: int) -> int:
    """Minibatches that an epoch of ``samples`` takes."""
    return -(-samples // batch_size)


def shuffled(
    samples: Samples, *, steps: int, batch_size: int, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Every sample once, in ``steps`` minibatches whose sizes differ by at most one.

    Spreading the samples evenly, instead of leaving a short last minibatch, lets replicas with
    slightly different numbers of samples take the same steps.

    Returns
    -------
    index : Tensor, shape (steps, batch_size)
        Sample of each place; padding repeats the first of its minibatch.
    mask : Tensor, shape (steps, batch_size)
        1 for a sample, 0 for padding.
    """
    n = len(samples.y)
    if not steps <= n <= steps * batch_size:
        raise DataError(
            f"{n} samples in {steps} minibatches of {batch_size}; expected {steps} to "
            f"{steps * batch_size} samples; change steps or batch_size"
        )
    # Minibatch s holds the places floor(s n / steps) to floor((s + 1) n / steps) of the random order.
    edges = torch.arange(steps + 1) * n // steps
    place = torch.arange(batch_size)
    mask = place[None, :] < (edges[1:] - edges[:-1])[:, None]
    position = edges[:-1, None] + place[None, :] * mask
    order = torch.randperm(n, generator=generator)
    return order[position], mask.float()


def per_cluster(
    samples: Samples, *, steps: int, size: int, clusters: int, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    """``size`` samples of every cluster in each minibatch, drawn with replacement.

    Returns
    -------
    index, mask : Tensor, shape (steps, clusters * size)
        As in `shuffled`; clusters that have no sample are padding.
    """
    # Sorted by cluster, the samples of cluster k are at starts_k .. starts_k + counts_k - 1.
    counts = torch.bincount(samples.z, minlength=clusters)
    order = torch.argsort(samples.z, stable=True)
    starts = counts.cumsum(0) - counts
    uniform = torch.rand(steps, clusters, size, generator=generator)
    # floor(U n_k) is uniform on 0 .. n_k - 1; rounding may lift it to n_k, hence the minimum
    within = (
        (uniform * counts[None, :, None]).long().minimum((counts - 1).clamp_min(0)[None, :, None])
    )
    position = (starts[None, :, None] + within).clamp_max(len(order) - 1)
    mask = (counts > 0).float()[None, :, None].expand_as(uniform)
    return order[position].flatten(1), mask.flatten(1)
