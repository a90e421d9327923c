"""Pearson's correlation with its interval and test, as `scipy.stats.pearsonr` has them.

From `scipy.special`, for the reason given in `armed_study.statistics.quantiles`.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from armed_study.statistics import quantiles


class Pearson(NamedTuple):
    """Correlation ``r``, its 95 % interval by Fisher's transformation, two-sided p against 0."""

    r: float = np.nan
    low: float = np.nan
    high: float = np.nan
    p: float = np.nan


def pearson(x: ArrayLike, y: ArrayLike) -> Pearson:
    """Correlate ``x`` and ``y``, each of shape (n,).

    Nothing is known (nan) of fewer than 3 points or where one of the two does not vary; of 3 there is
    no interval.
    """
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    if len(x) < 3 or np.ptp(x) == 0 or np.ptp(y) == 0:
        return Pearson()
    x, y = x - x.mean(), y - y.mean()
    r = float(np.clip(x / np.linalg.norm(x) @ (y / np.linalg.norm(y)), -1, 1))
    p = float(special.betainc(len(x) / 2 - 1, 0.5, 1 - r**2))
    if len(x) == 3:
        return Pearson(r, p=p)
    with np.errstate(divide="ignore"):  # points on a line
        reach = quantiles.normal([0.025, 0.975]) / np.sqrt(len(x) - 3)
        low, high = np.tanh(np.arctanh(r) + reach)
    return Pearson(r, float(low), float(high), p)
