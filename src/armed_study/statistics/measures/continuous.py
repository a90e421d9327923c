"""Errors of predicted means of a continuous outcome, and what they explain, also within clusters."""

import numpy as np

from armed_study.statistics.layout import Layout, ratio
from armed_study.statistics.measures.base import ROUNDING, Measures, explained

(
    _SAMPLES, _OUTCOME, _SQUARED_OUTCOME, _SQUARED_ERROR, _ABSOLUTE_ERROR,
    _WITHIN, _WITHIN_PREDICTED, _WITHIN_PRODUCT,
) = range(8)  # fmt: skip


def sums(layout: Layout, score: np.ndarray, threshold: float) -> np.ndarray:
    """Sum errors, and squares and products around the means of clusters, per unit."""
    # About the mean of all samples, so that differences of sums of squares keep their digits.
    center = layout.outcome.mean(dtype=np.float64)
    y, predicted = layout.outcome - center, score - center
    size = np.bincount(layout.cluster)
    within, within_predicted = (
        values - (layout.per_cluster(values) / size)[layout.cluster] for values in (y, predicted)
    )
    error = y - predicted
    columns = [
        np.ones(len(y)), y, y**2, error**2, np.abs(error),
        within**2, within_predicted**2, within * within_predicted,
    ]  # fmt: skip
    return np.stack([layout.per_unit(column) for column in columns], axis=-1)


def rates(sums: np.ndarray) -> dict[str, np.ndarray]:
    """Turn sums into metrics; R2 and correlation are NaN where outcomes do not vary."""
    samples, squares = sums[..., _SAMPLES], sums[..., _SQUARED_OUTCOME]
    around_mean = squares - ratio(sums[..., _OUTCOME] ** 2, samples)
    within, of_predicted = sums[..., _WITHIN], sums[..., _WITHIN_PREDICTED]
    product = sums[..., _WITHIN_PRODUCT]
    around_mean, within, of_predicted = (
        np.where(of > ROUNDING * squares, of, 0) for of in (around_mean, within, of_predicted)
    )
    return {
        "r2": explained(sums[..., _SQUARED_ERROR], around_mean),
        "r2_within": explained(within - 2 * product + of_predicted, within),
        "correlation_within": ratio(product, np.sqrt(within * of_predicted)),
        "rmse": np.sqrt(ratio(sums[..., _SQUARED_ERROR], samples)),
        "mae": ratio(sums[..., _ABSOLUTE_ERROR], samples),
    }


MEASURES = Measures(sums, rates)
