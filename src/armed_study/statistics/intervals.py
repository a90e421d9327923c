"""Confidence intervals of means, shares and correlations."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

#: Values whose spread over folds is below this are the same in all folds.
NO_SPREAD = 1e-12


def t_interval(values: np.ndarray, level: float = 0.95) -> tuple[Any, Any]:
    """Give the t interval of the mean of values (n, ...); NaN for fewer than two.

    `mean +- t(n - 1) sd / sqrt(n)`, exact for independent normal values. Folds of one
    cross-validation share training samples, so that over folds it is a description of their spread
    and somewhat too narrow; models are compared with `corrected_t_test`.
    """
    n = len(values)
    if n < 2:
        unknown = np.full(np.shape(values)[1:], np.nan)[()]
        return unknown, unknown
    half = stats.t.ppf((1 + level) / 2, n - 1) * np.std(values, axis=0, ddof=1) / np.sqrt(n)
    middle = np.mean(values, axis=0)
    return middle - half, middle + half


def normal_interval(value: float, error: float, level: float = 0.95) -> tuple[float, float]:
    """Give the interval of an estimate that is normal with a standard error of ``error``."""
    half = float(stats.norm.ppf((1 + level) / 2)) * error
    return value - half, value + half


def wilson(positives: np.ndarray, samples: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Give Wilson's 95 % interval of shares of independent samples, all (shares,)."""
    shares = [stats.binomtest(int(n), int(of)) for n, of in zip(positives, samples, strict=True)]
    ends = [share.proportion_ci(0.95, method="wilson") for share in shares]
    low, high = np.array(ends).reshape(-1, 2).T
    return low, high


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
    found = stats.pearsonr(x, y)
    low, high = found.confidence_interval(0.95) if len(x) > 3 else (np.nan, np.nan)
    return Pearson(*map(float, (found.statistic, low, high, found.pvalue)))
