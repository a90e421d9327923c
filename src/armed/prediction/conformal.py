"""Intervals that are right whatever the distribution of clusters and outcomes is."""

import math

import torch
from torch import Tensor

from armed.errors import DataError


def conformal_margin(scores: Tensor, z: Tensor, *, level: float) -> float:
    r"""Margin that the score of a new cluster's sample exceeds with a probability of at most ``1 - level``.

    The smallest ``q`` with ``sum_k 1 / (K + 1) sum_i [s_ki <= q] / n_k >= level``: each of ``K`` clusters
    weighs the same whatever its size, and one more, that of infinite scores, stands for the new one. The
    probability is over calibration clusters and the new one, all drawn from one distribution of clusters;
    nothing is assumed of it, nor of the dependence of samples within a cluster, nor of the model that the
    scores are of.

    Parameters
    ----------
    scores : Tensor, shape (samples,)
        How far each sample is out of its interval, ``max(low - y, y - high)``, negative inside (Romano,
        Patterson and Candes 2019).
    z : Tensor, shape (samples,)
        Cluster of each, none of which the model was trained on. One sample of each cluster makes it the
        single subsampling of Dunn, Wasserman and Ramdas.
    level : float

    Raises
    ------
    DataError
        If there are too few clusters for the level.

    References
    ----------
    Dunn, Wasserman and Ramdas, Journal of the American Statistical Association 118:2491-2502, 2023
    (arXiv:1809.07441, 2018); Lee, Barber and Willett, arXiv:2306.06342, 2023.
    """
    _, place, counts = torch.unique(z, return_inverse=True, return_counts=True)
    clusters = len(counts)
    if clusters < level * (clusters + 1):
        least = math.ceil(level / (1 - level) - 1e-9)
        raise DataError(
            f"there are {clusters} calibration clusters; expected at least {least} for an interval that "
            f"covers {level:g}; calibrate on more, or lower the level"
        )
    # The new cluster's share, 1 / (K + 1), lies at infinity: with too few others the level is not reached.
    weight = 1 / (counts[place].double() * (clusters + 1))
    order = scores.argsort()
    # rounding of a sum of so many shares must not ask for one more sample
    reached = weight[order].cumsum(0) >= level - 1e-12
    return float(scores[order[int(reached.int().argmax())]])
