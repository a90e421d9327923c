"""What one score of each sample of a partition gives: metrics, and sums per unit of resampling."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from armed_study.statistics.auroc import Ranking, concordant_pairs, concordant_within, delong
from armed_study.statistics.cluster_counts import Layout, count, rates


class Sums(NamedTuple):
    """Of one evaluation, per unit: (units, COLUMNS), and concordant pairs within and between."""

    counts: np.ndarray
    within: np.ndarray
    concordant: np.ndarray


class Evaluated(NamedTuple):
    """Metrics, standard error of the AUROC, and sums by cluster (unseen ones) and by group."""

    values: dict[str, float]
    error: float
    clusters: Sums | None
    groups: Sums | None


class Laid(NamedTuple):
    """Positions of a fold's samples of a partition, and their layouts by cluster and by group."""

    positions: np.ndarray
    clusters: Layout
    groups: Layout | None


@dataclass
class UnitCounts:
    """Sums per unit (unseen clusters, or groups) of one fold, gathered over its seeds.

    Parameters
    ----------
    layout : the samples the sums were taken over.
    concordant : (units, units) and within : (units,) concordant pairs, summed over seeds. They are
        whole or half numbers, so that the order of the sum does not matter.
    sums : seed -> (units, COLUMNS).
    """

    layout: Layout
    concordant: np.ndarray
    within: np.ndarray
    sums: dict[int, np.ndarray] = field(default_factory=dict)

    def add(self, seed: int, found: Sums) -> None:
        """Add what one seed gave."""
        self.concordant += found.concordant
        self.within += found.within
        self.sums[seed] = found.counts


def evaluate(laid: Laid, score: np.ndarray, threshold: float, partition: str) -> Evaluated:
    """Evaluate one score of each sample of a partition."""
    layout = laid.clusters
    ranking = Ranking.of(layout.outcome, score)
    sums, within = count(layout, score, threshold), concordant_within(layout, ranking)
    pairs_within = layout.pairs_within.sum()
    values = {
        "auroc": ranking.auroc(),
        "auroc_within": within.sum() / pairs_within if pairs_within else float("nan"),
        "auprc": ranking.average_precision(),
        "threshold": threshold,
    }
    totals = rates(sums.sum(axis=0), layout.positives.sum(), layout.negatives.sum())
    values |= {metric: float(value) for metric, value in totals.items()}
    clusters = groups = None
    if partition == "unseen":
        clusters = Sums(sums, within, concordant_pairs(layout, ranking))
    if laid.groups:
        own = count(laid.groups, score, threshold), concordant_within(laid.groups, ranking)
        groups = Sums(*own, concordant_pairs(laid.groups, ranking))
    return Evaluated(values, delong(layout.outcome, score)[1], clusters, groups)
