"""Deviance of predicted mean counts, and what they explain of it, also within clusters.

Within clusters means are brought to the sum of each cluster's counts: what is left is the deviance of
counts given that sum (multinomial), as a conditional Poisson regression has it.
"""

import numpy as np
from scipy.special import xlogy

from armed_study.statistics.layout import Layout, ratio
from armed_study.statistics.measures.base import (
    LOG_LOSS_FLOOR,
    ROUNDING,
    Measures,
    explained,
)

(
    _SAMPLES, _OUTCOME, _OUTCOME_LOG, _DEVIANCE, _SQUARED_ERROR, _WITHIN, _WITHIN_NULL,
) = range(7)  # fmt: skip


def sums(layout: Layout, score: np.ndarray, threshold: float) -> np.ndarray:
    """Sum counts, deviances and squared errors per unit."""
    y, mean = np.asarray(layout.outcome, dtype=np.float64), np.maximum(score, LOG_LOSS_FLOOR)
    own_log = xlogy(y, y)
    counted, predicted = layout.per_cluster(y), layout.per_cluster(mean)
    size = np.bincount(layout.cluster)
    half_within = layout.per_cluster(own_log - y * np.log(mean)) - xlogy(
        counted, counted / predicted
    )
    half_null = layout.per_cluster(own_log) - xlogy(counted, counted / size)
    deviance = 2 * (own_log - y * np.log(mean) - y + mean)
    of_samples = [np.ones(len(y)), y, own_log, deviance, (y - score) ** 2]
    columns = [layout.per_unit(column) for column in of_samples]
    columns += [layout.of_clusters(2 * half) for half in (half_within, half_null)]
    return np.stack(columns, axis=-1)


def rates(sums: np.ndarray) -> dict[str, np.ndarray]:
    """Turn sums into metrics; D2, the share of deviance explained, is NaN where counts do not vary."""
    samples, counted = sums[..., _SAMPLES], sums[..., _OUTCOME]
    # Of the mean of all samples as prediction; without a count there is nothing to explain.
    rate = np.nan_to_num(ratio(counted, samples))
    null = 2 * (sums[..., _OUTCOME_LOG] - xlogy(counted, rate))
    return {
        "d2": explained(sums[..., _DEVIANCE], _rounded(null, counted)),
        "d2_within": explained(sums[..., _WITHIN], _rounded(sums[..., _WITHIN_NULL], counted)),
        "poisson_deviance": ratio(sums[..., _DEVIANCE], samples),
        "rmse": np.sqrt(ratio(sums[..., _SQUARED_ERROR], samples)),
    }


def _rounded(deviance: np.ndarray, counted: np.ndarray) -> np.ndarray:
    """Put to 0 what rounding left of a deviance of equal counts."""
    return np.where(deviance > ROUNDING * counted, deviance, 0)


MEASURES = Measures(sums, rates)
