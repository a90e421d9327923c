"""Networks of the library's methods, trained on samples and clusters that are in memory."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch

from armed import methods
from armed.data.samples import Samples
from armed.methods.base import Method
from armed.tasks.base import Task
from armed.training.fit import fit
from armed.training.sample_order import stream
from armed_study.training.factory import build_method, device
from armed_study.training.replicas import fit_settings

ROWS = 4096  # that are predicted at a time


def train_networks(
    method: str,
    settings: Mapping[str, Any],
    samples: Sequence[Samples],
    *,
    task: Task,
    clusters: int,
    seeds: Sequence[int],
) -> list[Method]:
    """Train a replica on each of some sets of samples.

    Parameters
    ----------
    method
        Name of a method of `armed.methods`.
    settings
        Its blocks and its own settings, as `armed_study.training.factory.build_method` takes them.
    """
    torch.set_num_threads(1)  # fastest for small networks
    kind = methods.load(method)
    shape = tuple(samples[0].x.shape[1:])
    made = [
        build_method(
            kind,
            settings,
            shape=shape,
            clusters=clusters,
            seed=stream(seed, "initialisation"),
            task=task,
        )
        for seed in seeds
    ]
    # Not padded: an adversary of 10,000 clusters, of three replicas, takes 17 times as long if it is.
    fitted = fit(
        made, samples, settings=fit_settings(settings), seeds=seeds, device=device(), pad=False
    )
    return fitted.methods


def samples_of(x: np.ndarray, y: np.ndarray, z: np.ndarray) -> Samples:
    """Return samples of features (n, columns), outcomes (n,) and clusters (n,)."""
    return Samples(torch.from_numpy(x.astype(np.float32)), y.astype(np.float32), z.astype(np.int64))


def linear_predictors(
    method: Method, x: np.ndarray, z: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Linear predictors (n,) without the cluster and with it, the same where a method does not use it."""
    parts: list[tuple[np.ndarray, np.ndarray]] = []
    for start in range(0, len(x), ROWS):
        some = slice(start, start + ROWS)
        own = torch.from_numpy(x[some].astype(np.float32)).to(device())
        clusters = torch.from_numpy(z[some].astype(np.int64)).to(device())
        with torch.no_grad():
            found = method.linear_predictor(own, clusters)
        fixed = found["fixed"][:, 0].cpu().numpy()
        parts.append((fixed, found["mixed"][:, 0].cpu().numpy() if "mixed" in found else fixed))
    fixed_parts, mixed_parts = zip(*parts, strict=True)
    return np.concatenate(fixed_parts), np.concatenate(mixed_parts)
