"""Whether intervals for clusters that a network was not trained on hold what these turn out to be."""

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from armed.data.samples import Samples
from armed.methods.base import Method
from armed.prediction.intervals import rate_intervals, sample_intervals
from armed_study.simulation.clustered import Part

LEVEL = 0.9
FEWEST = 20
"""New clusters without which there is no half of them to calibrate on."""


class Coverage(NamedTuple):
    """Shares of new clusters, or of their samples, that lie in their interval; NaN where there is none.

    ``rate``: clusters whose outcome rate does, the mean of the true scores of their samples; ``sample``:
    samples of a continuous outcome. ``conformal_rate``, of observed rates, and ``conformal_sample``: with
    intervals that are calibrated on half of the new clusters, of the others.
    """

    rate: float = np.nan
    sample: float = np.nan
    conformal_rate: float = np.nan
    conformal_sample: float = np.nan


def coverage(method: Method, part: Part) -> Coverage:
    """Count what intervals cover, of a method that was trained on other clusters than those of ``part``."""
    if method.effects is None:
        return Coverage()
    x, (_, z) = part.x.astype(np.float32), np.unique(part.z, return_inverse=True)
    score = method.task.score(torch.from_numpy(part.eta)[:, None]).numpy()
    found = {"rate": _share(rate_intervals(method, x, z, level=LEVEL), _means(score, z))}
    if method.task.has_noise:
        found["sample"] = _share(sample_intervals(method, x, z, level=LEVEL), part.y)
    if z.max() + 1 < FEWEST:
        return Coverage(**found)
    # Clusters have numbers at random: every other one is as good as any half of them.
    half, new = z % 2 == 0, z % 2 == 1
    calibration = Samples(x[half], part.y[half].astype(np.float32), z[half] // 2)
    own = rate_intervals(method, x[new], z[new] // 2, calibration=calibration, level=LEVEL)
    found["conformal_rate"] = _share(own, _means(part.y[new], z[new] // 2))
    if method.task.has_noise:
        own = sample_intervals(method, x[new], z[new] // 2, calibration=calibration, level=LEVEL)
        found["conformal_sample"] = _share(own, part.y[new])
    return Coverage(**found)


def _means(values: np.ndarray, z: np.ndarray) -> np.ndarray:
    return np.bincount(z, values) / np.bincount(z)


def _share(ends: Tensor, values: np.ndarray) -> float:
    low, high = ends.cpu().double().numpy().T
    return float(((low <= values) & (values <= high)).mean())
