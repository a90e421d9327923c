"""Decisions and errors of the probabilities of the classes of a categorical outcome."""

import numpy as np

from armed_study.statistics.layout import Layout, ratio
from armed_study.statistics.measures.base import LOG_LOSS_FLOOR, Measures

#: Columns of the sums; the numbers of samples, and of those decided rightly, of each class follow.
_SQUARED_ERROR, _LOG_LOSS, _CLASSES = range(3)


def sums(layout: Layout, score: np.ndarray, threshold: float) -> np.ndarray:
    """Sum errors, samples and right decisions, for the likeliest class, per unit."""
    truth = layout.members.T
    right = truth & (score.argmax(axis=1)[:, None] == np.arange(truth.shape[1]))
    # Half the squared distance is, of two classes, the Brier score of one of them.
    squared = ((score - truth) ** 2).sum(axis=1) / 2
    own = np.clip((score * truth).sum(axis=1), LOG_LOSS_FLOOR, 1 - LOG_LOSS_FLOOR)
    columns = [squared, -np.log(own), *truth.T, *right.T]
    return np.stack([layout.per_unit(column) for column in columns], axis=-1)


def rates(sums: np.ndarray) -> dict[str, np.ndarray]:
    """Turn sums into metrics; balanced accuracy is the mean over the classes that there are."""
    samples, right = np.split(sums[..., _CLASSES:], 2, axis=-1)
    total, recalls = samples.sum(axis=-1), ratio(right, samples)
    present = (samples > 0).sum(axis=-1)
    return {
        "accuracy": ratio(right.sum(axis=-1), total),
        "balanced_accuracy": ratio(np.nansum(recalls, axis=-1), present),
        "brier": ratio(sums[..., _SQUARED_ERROR], total),
        "log_loss": ratio(sums[..., _LOG_LOSS], total),
    }


MEASURES = Measures(sums, rates)
