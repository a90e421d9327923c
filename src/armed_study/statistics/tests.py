"""Tests: of differences over folds, and of many models at once."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import stats
from statsmodels.stats.multitest import multipletests

from armed_study.statistics.intervals import NO_SPREAD


class TTest(NamedTuple):
    """Outcome of a two-sided t-test of a mean difference against 0."""

    difference: float
    standard_error: float
    t: float
    df: int
    p: float


def corrected_t_test(differences: np.ndarray, ratio: float) -> TTest:
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
        return TTest(mean, nan, nan, max(folds - 1, 0), nan)
    error = float(np.sqrt((1 / folds + ratio) * np.var(differences, ddof=1)))
    if np.std(differences) < NO_SPREAD:
        same = abs(mean) < NO_SPREAD
        return TTest(mean, 0.0, 0.0 if same else nan, folds - 1, 1.0 if same else nan)
    t = mean / error
    return TTest(mean, error, t, folds - 1, float(2 * stats.t.sf(abs(t), folds - 1)))


def holm(p: np.ndarray) -> np.ndarray:
    """Adjust p values for the number of tests (Holm 1979); NaN stay NaN and are not counted."""
    adjusted, tested = np.full(len(p), np.nan), ~np.isnan(p)
    if tested.any():
        adjusted[tested] = multipletests(p[tested], method="holm")[1]
    return adjusted
