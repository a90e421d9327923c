"""Tests: of differences over folds or over draws of clusters, and of many models at once."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import stats
from statsmodels.stats.multitest import multipletests

from armed_study.statistics.bootstrap import percentile_interval
from armed_study.statistics.intervals import NO_SPREAD


class DifferenceTest(NamedTuple):
    """Outcome of a two-sided test of a mean difference against 0, with its 95 % interval.

    ``t`` and its degrees of freedom are those of a t-test, NaN of another.
    """

    difference: float
    low: float
    high: float
    standard_error: float
    t: float
    df: float
    p: float


def corrected_t_test(differences: np.ndarray, ratio: float) -> DifferenceTest:
    """Test the mean of differences over folds, allowing for shared training samples.

    `t = mean / sqrt((1 / J + n_test / n_train) var)` with J - 1 degrees of freedom, the corrected
    resampled t-test (Nadeau and Bengio 2003, Machine Learning 52:239-281). With fewer than two
    folds, or the same difference in all of them, there is no test: t and p are NaN, but 0 and 1
    where all differences are 0.

    Parameters
    ----------
    differences : (folds,) score of one model less that of the other.
    ratio : n_test / n_train of a fold.
    """
    folds, nan = len(differences), float("nan")
    mean = float(np.mean(differences)) if folds else nan
    if folds < 2:
        return DifferenceTest(mean, nan, nan, nan, nan, max(folds - 1, 0), nan)
    error = float(np.sqrt((1 / folds + ratio) * np.var(differences, ddof=1)))
    if np.std(differences) < NO_SPREAD:
        same = abs(mean) < NO_SPREAD
        t, p = (0.0, 1.0) if same else (nan, nan)
        return DifferenceTest(mean, mean, mean, 0.0, t, folds - 1, p)
    t, half = mean / error, float(stats.t.ppf(0.975, folds - 1)) * error
    p = float(2 * stats.t.sf(abs(t), folds - 1))
    return DifferenceTest(mean, mean - half, mean + half, error, t, folds - 1, p)


def bootstrap_test(difference: float, draws: np.ndarray) -> DifferenceTest:
    """Test whether a difference is 0 by its bootstrap draws, shape (draws,).

    p is twice the smaller of (1 + draws up to 0) and (1 + draws from 0), over 1 + draws: below 0.05
    where the percentile interval leaves 0 out, and never 0. Undefined draws are left out; where they
    are the most there is no test, and p and the interval are NaN.
    """
    low, high = percentile_interval(draws)
    nan = float("nan")
    if np.isnan(low):
        return DifferenceTest(difference, nan, nan, nan, nan, nan, nan)
    defined = draws[~np.isnan(draws)]
    fewer = 1 + min(np.sum(defined <= 0), np.sum(defined >= 0))
    p = min(1.0, float(2 * fewer / (1 + len(defined))))
    return DifferenceTest(difference, low, high, float(np.std(defined, ddof=1)), nan, nan, p)


def holm(p: np.ndarray) -> np.ndarray:
    """Adjust p values for the number of tests (Holm 1979); NaN stay NaN and are not counted."""
    adjusted, tested = np.full(len(p), np.nan), ~np.isnan(p)
    if tested.any():
        adjusted[tested] = multipletests(p[tested], method="holm")[1]
    return adjusted
