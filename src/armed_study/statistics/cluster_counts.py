"""What one evaluation leaves behind per cluster: sums from which every metric but one follows.

A metric of a resampled set of clusters is a function of these sums and of how often each cluster
was drawn, so that a cluster bootstrap never returns to the samples. AUPRC is the one that does not
reduce to such sums.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

#: Equal-width bins of the expected calibration error.
ECE_BINS = 15
#: Clusters beyond this number are dealt to as many units, which are resampled as wholes.
MAX_UNITS = 200
#: Probabilities are kept this far from 0 and 1 in the log loss (the resolution of float32).
LOG_LOSS_FLOOR = 2.0**-23

#: Columns of `Counts.sums`; the gaps (observed less predicted) of the bins follow.
(_TRUE_POSITIVE, _FALSE_POSITIVE, _CORRECT, _SQUARED_ERROR, _LOG_LOSS, _AGREEMENT, _GAPS) = range(7)
COLUMNS = _GAPS + ECE_BINS


@dataclass(frozen=True)
class Layout:
    """What all scores of one set of samples have in common.

    Parameters
    ----------
    outcome : (samples,) True where y = 1.
    unit : (samples,) unit of resampling: the cluster, or several clusters where they are very many.
    cluster : (samples,) cluster, numbered from 0.
    labels : (units,) number, in the whole study, of the first cluster of each unit.
    oracle : (samples,) decision of the oracle at 0.5, None where the truth is unknown.
    """

    outcome: np.ndarray
    unit: np.ndarray
    cluster: np.ndarray
    labels: np.ndarray
    oracle: np.ndarray | None

    @classmethod
    def of(cls, outcome: np.ndarray, cluster: np.ndarray, oracle: np.ndarray | None) -> Layout:
        """Make the layout of samples, given their clusters' numbers in the whole study."""
        labels, cluster = np.unique(cluster, return_inverse=True)
        return cls(outcome.astype(bool), cluster % MAX_UNITS, cluster, labels[:MAX_UNITS], oracle)

    def per_unit(self, values: np.ndarray) -> np.ndarray:
        """Sum values of samples over each unit."""
        return np.bincount(self.unit, weights=values, minlength=len(self.labels))

    @property
    def positives(self) -> np.ndarray:
        """Samples with y = 1 per unit."""
        return self.per_unit(self.outcome)

    @property
    def negatives(self) -> np.ndarray:
        """Samples with y = 0 per unit."""
        return self.per_unit(~self.outcome)

    @property
    def pairs_within(self) -> np.ndarray:
        """Pairs of a positive and a negative of one cluster, summed over the clusters of a unit."""
        clusters = self.cluster.max() + 1
        positives = np.bincount(self.cluster, weights=self.outcome, minlength=clusters)
        pairs = positives * (np.bincount(self.cluster, minlength=clusters) - positives)
        return np.bincount(
            np.arange(clusters) % MAX_UNITS, weights=pairs, minlength=len(self.labels)
        )


def count(layout: Layout, score: np.ndarray, threshold: float) -> np.ndarray:
    """Sum decisions, errors and calibration gaps per unit: (units, COLUMNS).

    A sample is called positive at `threshold` or above; with a NaN threshold those counts are NaN.
    """
    units, y = len(layout.labels), layout.outcome
    sums = np.full((units, COLUMNS), np.nan)
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
    sums[:, _GAPS:] = np.bincount(
        layout.unit * ECE_BINS + bins, weights=y - score, minlength=units * ECE_BINS
    ).reshape(units, ECE_BINS)
    return sums


def rates(sums: np.ndarray, positives: np.ndarray, negatives: np.ndarray) -> dict[str, np.ndarray]:
    """Turn sums (..., COLUMNS) into metrics; undefined ones, for want of a class, are NaN."""
    positives, negatives = np.broadcast_arrays(positives, negatives)
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
        "ece": ratio(np.abs(sums[..., _GAPS:]).sum(axis=-1), total),
        "log_loss": ratio(sums[..., _LOG_LOSS], total),
        "bayes_agreement": ratio(sums[..., _AGREEMENT], total),
    }


def ratio(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    """Divide, giving NaN where there is nothing to divide by."""
    above, below = np.broadcast_arrays(above, below)
    return np.divide(above, below, out=np.full(above.shape, np.nan), where=below > 0)
