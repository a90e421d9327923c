"""Confidence intervals and tests for scores of folds, single splits and resampled clusters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from armed_study.statistics import quantiles
from armed_study.statistics.auroc import Ranking

#: Values whose spread over folds is below this are the same in all folds.
NO_SPREAD = 1e-12


def t_interval(values: np.ndarray, level: float = 0.95) -> tuple[float, float]:
    """Give the t interval of the mean of values; NaN for fewer than two.

    `mean +- t(n - 1) sd / sqrt(n)`, exact for independent normal values. Folds of one
    cross-validation share training samples, so that over folds it is a description of their spread
    and somewhat too narrow; models are compared with `corrected_t_test`.
    """
    n = len(values)
    if n < 2:
        return float("nan"), float("nan")
    half = quantiles.student((1 + level) / 2, n - 1) * np.std(values, ddof=1) / np.sqrt(n)
    return float(np.mean(values) - half), float(np.mean(values) + half)


def wilson(
    positives: np.ndarray, samples: np.ndarray, level: float = 0.95
) -> tuple[np.ndarray, np.ndarray]:
    """Give Wilson's interval of shares of independent samples, all (shares,)."""
    score = float(quantiles.normal((1 + level) / 2)) ** 2
    count, total = positives.astype(float), samples.astype(float)
    middle = (count + score / 2) / (total + score)
    half = np.sqrt(score) / (total + score) * np.sqrt(count * (total - count) / total + score / 4)
    low, high = np.maximum(middle - half, 0), np.minimum(middle + half, 1)
    return np.where(count == 0, 0, low), np.where(count == total, 1, high)  # free of rounding


def delong(outcome: np.ndarray, score: np.ndarray) -> tuple[float, float]:
    """Give the AUROC of independent samples and its standard error (DeLong et al. 1988).

    `se^2 = var(V10) / positives + var(V01) / negatives`, where V10 is for each positive the share
    of negatives below it and V01 for each negative the share of positives above it, ties half
    (Biometrics 44:837-845). The error is NaN with fewer than two samples of a class.
    """
    ranking = Ranking.of(outcome, score)
    y = ranking.outcome
    positives, negatives = int(y.sum()), int((~y).sum())
    if min(positives, negatives) < 2:
        return ranking.auroc(), float("nan")
    placed = []
    for place, others, number in ((y, ~y, negatives), (~y, y, positives)):
        below = np.concatenate(([0], np.cumsum(others)))
        placed.append((below[ranking.start[place]] + below[ranking.end[place]]) / (2 * number))
    variance = placed[0].var(ddof=1) / positives + placed[1].var(ddof=1) / negatives
    return ranking.auroc(), float(np.sqrt(variance))


@dataclass(frozen=True)
class Resampling:
    """How often each unit of clusters, and each fold, is drawn.

    Parameters
    ----------
    units : per fold, (draws, units of that fold).
    folds : (draws, folds).
    """

    units: tuple[np.ndarray, ...]
    folds: np.ndarray


def nested(labels: Sequence[np.ndarray]) -> bool:
    """Say whether every cluster is unseen in one fold only, of several."""
    together = np.concatenate(labels)
    return len(labels) > 1 and len(np.unique(together)) == len(together)


def resample(labels: Sequence[np.ndarray], *, draws: int, seed: int) -> Resampling:
    """Draw clusters, and folds where these are crossed with them, with replacement.

    Where the same clusters are unseen in several folds, clusters and folds are drawn independently:
    the pigeonhole bootstrap (Owen 2007, Annals of Applied Statistics 1(2):386-411), somewhat
    conservative. Where every cluster is unseen in one fold only (leave-clusters-out), clusters are
    drawn within folds and the folds stay.

    Parameters
    ----------
    labels : per fold, (units,) which clusters it left unseen; the draws depend on these and on
        `seed` alone, so that all models meet the same draws.
    """
    generator = np.random.default_rng(seed)
    folds = len(labels)
    union = np.unique(np.concatenate(labels))
    if nested(labels):
        units = tuple(_multinomial(generator, len(own), draws) for own in labels)
        return Resampling(units, np.ones((draws, folds)))
    weights = _multinomial(generator, len(union), draws)
    units = tuple(weights[:, np.searchsorted(union, own)] for own in labels)
    return Resampling(units, _multinomial(generator, folds, draws))


def percentile_interval(draws: np.ndarray, level: float = 0.95) -> tuple[float, float]:
    """Give the central interval of bootstrap draws; NaN if fewer than half of them are defined."""
    defined = draws[~np.isnan(draws)]
    if 2 * len(defined) < len(draws) or not len(defined):
        return float("nan"), float("nan")
    low, high = np.quantile(defined, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


@dataclass(frozen=True)
class TTest:
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
    return TTest(mean, error, t, folds - 1, float(quantiles.student_two_sided(t, folds - 1)))


def holm(p: np.ndarray) -> np.ndarray:
    """Adjust p values for the number of tests (Holm 1979); NaN stay NaN and are not counted."""
    adjusted = np.full(len(p), np.nan)
    tested = np.flatnonzero(~np.isnan(p))
    order = tested[np.argsort(p[tested], kind="stable")]
    steps = p[order] * np.arange(len(order), 0, -1)
    adjusted[order] = np.minimum(np.maximum.accumulate(steps), 1.0)
    return adjusted


def _multinomial(generator: np.random.Generator, size: int, draws: int) -> np.ndarray:
    return generator.multinomial(size, np.full(size, 1 / size), size=draws).astype(np.float64)
