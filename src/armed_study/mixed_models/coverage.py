"""Whether intervals for clusters that a network was not trained on hold what these turn out to be."""

import numpy as np
import torch

from armed.methods.base import Method
from armed.prediction.intervals import rate_intervals, sample_intervals
from armed_study.simulation.clustered import Part

LEVEL = 0.9


def coverage(method: Method, part: Part) -> tuple[float, float]:
    """Share of new clusters whose outcome rate, and of samples whose continuous outcome, is in its interval.

    The rate of a cluster is the mean of the true scores of its samples. NaN where a method has no effects of
    estimated variance, and of samples of another outcome.

    Parameters
    ----------
    method : Method
        Trained on other clusters.
    part : Part
        Samples of new ones.
    """
    if method.effects is None:
        return np.nan, np.nan
    x, (_, z) = part.x.astype(np.float32), np.unique(part.z, return_inverse=True)
    score = method.task.score(torch.from_numpy(part.eta)[:, None]).numpy()
    rate = np.bincount(z, score) / np.bincount(z)
    rates = _share(rate_intervals(method, x, z, level=LEVEL), rate)
    if not method.task.has_noise:
        return rates, np.nan
    return rates, _share(sample_intervals(method, x, z, level=LEVEL), part.y)


def _share(ends: torch.Tensor, values: np.ndarray) -> float:
    low, high = ends.cpu().double().numpy().T
    return float(((low <= values) & (values <= high)).mean())
