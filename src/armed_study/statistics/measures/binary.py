"""Decisions, errors and calibration of probabilities of a binary outcome.

AUPRC is the one metric that does not reduce to sums.
"""

import numpy as np

from armed_study.statistics.auroc import Ranking
from armed_study.statistics.layout import Layout, ratio
from armed_study.statistics.measures.base import LOG_LOSS_FLOOR, Measures

#: Equal-width bins of the expected calibration error.
ECE_BINS = 15

#: Columns of the sums; the gaps (observed less predicted) of the bins follow, then the outcomes.
(_TRUE_POSITIVE, _FALSE_POSITIVE, _CORRECT, _SQUARED_ERROR, _LOG_LOSS, _AGREEMENT, _GAPS) = range(7)
_POSITIVES = _GAPS + ECE_BINS
_NEGATIVES = _POSITIVES + 1


def count(layout: Layout, score: np.ndarray, threshold: float) -> np.ndarray:
    """Sum decisions, errors and calibration gaps per unit.

    A sample is called positive at `threshold` or above; with a NaN threshold those counts are NaN.
    """
    units, y = len(layout.labels), layout.members[0]
    sums = np.full((units, _NEGATIVES + 1), np.nan)
    half = score >= 0.5
    if not np.isnan(threshold):
        called = score >= threshold
        sums[:, _TRUE_POSITIVE] = layout.per_unit(called & y)
        sums[:, _FALSE_POSITIVE] = layout.per_unit(called & ~y)
    sums[:, _CORRECT] = layout.per_unit(half == y)
    sums[:, _SQUARED_ERROR] = layout.per_unit((score - y) ** 2)
    truth = np.clip(np.where(y, score, 1 - score), LOG_LOSS_FLOOR, 1 - LOG_LOSS_FLOOR)
    sums[:, _LOG_LOSS] = layout.per_unit(-np.log(truth))
    if layout.oracle is not None:
        sums[:, _AGREEMENT] = layout.per_unit(half == layout.oracle)
    bins = np.minimum((score * ECE_BINS).astype(int), ECE_BINS - 1)
    sums[:, _GAPS:_POSITIVES] = np.bincount(
        layout.unit * ECE_BINS + bins, weights=y - score, minlength=units * ECE_BINS
    ).reshape(units, ECE_BINS)
    sums[:, _POSITIVES], sums[:, _NEGATIVES] = layout.positives[0], layout.negatives[0]
    return sums


def rates(sums: np.ndarray) -> dict[str, np.ndarray]:
    """Turn sums into metrics; undefined ones, for want of a class, are NaN."""
    positives, negatives = sums[..., _POSITIVES], sums[..., _NEGATIVES]
    tp, fp = sums[..., _TRUE_POSITIVE], sums[..., _FALSE_POSITIVE]
    total, tn = positives + negatives, negatives - fp
    both = np.where((positives > 0) & (negatives > 0), 1.0, np.nan)
    sensitivity, specificity = ratio(tp, positives), ratio(tn, negatives)
    return {
        "accuracy": ratio(sums[..., _CORRECT], total),
        "balanced_accuracy": (sensitivity + specificity) / 2,
        "sensitivity": sensitivity,
        "specificity": specificity,
        "ppv": ratio(tp, tp + fp) * both,
        "npv": ratio(tn, tn + positives - tp) * both,
        "f1": ratio(2 * tp, tp + fp + positives) * both,
        "brier": ratio(sums[..., _SQUARED_ERROR], total),
        "ece": ratio(np.abs(sums[..., _GAPS:_POSITIVES]).sum(axis=-1), total),
        "log_loss": ratio(sums[..., _LOG_LOSS], total),
        "bayes_agreement": ratio(sums[..., _AGREEMENT], total),
    }


def _youden(outcome: np.ndarray, score: np.ndarray) -> float:
    return Ranking.of(outcome, score).youden_threshold()


MEASURES = Measures(count, rates, threshold=_youden)
