"""What one score of each sample of a partition gives: metrics, and sums per unit of resampling."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from armed_study.statistics.auroc import Ranking, concordant_pairs, concordant_within, delong
from armed_study.statistics.layout import Layout, ratio
from armed_study.statistics.measures import MEASURES


class Sums(NamedTuple):
    """Of one evaluation, per unit: sums (units, columns), and concordant pairs within and between."""

    sums: np.ndarray
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
    concordant : (classes, units, units) and within : (classes, units) concordant pairs, summed over
        seeds. They are whole or half numbers, so that the order of the sum does not matter.
    sums : seed -> (units, columns).
    """

    layout: Layout
    concordant: np.ndarray
    within: np.ndarray
    sums: dict[int, np.ndarray] = field(default_factory=dict)

    def add(self, seed: int, found: Sums) -> None:
        """Add what one seed gave."""
        self.concordant += found.concordant
        self.within += found.within
        self.sums[seed] = found.sums

    def of_draws(self, weights: np.ndarray) -> dict[str, np.ndarray]:
        """Metrics, mean of seeds, (draws,), for units drawn `weights` (draws, units) times."""
        seeds, layout = len(self.sums), self.layout
        pairs = zip(
            self.concordant, self.within, layout.positives, layout.negatives, layout.pairs_within,
            strict=True,
        )  # fmt: skip
        of_classes = [
            (
                ratio(
                    ((weights @ concordant) * weights).sum(axis=1) / seeds,
                    (weights @ positives) * (weights @ negatives),
                ),
                ratio(weights @ within / seeds, weights @ pairs_within),
            )
            for concordant, within, positives, negatives, pairs_within in pairs
        ]
        sums = np.stack([weights @ self.sums[seed] for seed in sorted(self.sums)], axis=1)
        by_seed = MEASURES[layout.kind].rates(sums)
        return _over_classes(of_classes) | {
            metric: defined_mean(value, np.ones_like(value)) for metric, value in by_seed.items()
        }


def evaluate(laid: Laid, score: np.ndarray, threshold: float, partition: str) -> Evaluated:
    """Evaluate one score of each sample of a partition, (samples,) or (samples, classes)."""
    layout, error = laid.clusters, float("nan")
    rankings = _rankings(layout, score)
    own = _summed(layout, score, rankings, threshold, between=partition == "unseen")
    within, pairs_within = own.within.sum(axis=1), layout.pairs_within.sum(axis=1)
    of_classes = [
        (np.array([ranking.auroc()]), ratio(right[None], pairs[None]))
        for ranking, right, pairs in zip(rankings, within, pairs_within, strict=True)
    ]
    values = {metric: float(value[0]) for metric, value in _over_classes(of_classes).items()}
    measures = MEASURES[layout.kind]
    if measures.threshold is not None:
        values |= {"auprc": rankings[0].average_precision(), "threshold": threshold}
        error = delong(layout.members[0], score)[1]
    totals = measures.rates(own.sums.sum(axis=0))
    values |= {metric: float(value) for metric, value in totals.items()}
    groups = None
    if laid.groups:
        ranked = _rankings(laid.groups, score)
        groups = _summed(laid.groups, score, ranked, threshold, between=True)
    return Evaluated(values, error, own if partition == "unseen" else None, groups)


def defined_mean(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Weighted mean over the last axis of what is defined, NaN where nothing is."""
    defined = ~np.isnan(values)
    total = np.where(defined, values * weights, 0).sum(axis=1)
    return ratio(total, (defined * weights).sum(axis=1))


def _rankings(layout: Layout, score: np.ndarray) -> list[Ranking]:
    """Rank the samples by the score of each class."""
    columns = np.atleast_2d(score.T)[: len(layout.members)]
    return [Ranking.of(own, column) for own, column in zip(layout.members, columns, strict=True)]


def _summed(
    layout: Layout, score: np.ndarray, rankings: list[Ranking], threshold: float, *, between: bool
) -> Sums:
    """Sums and pairs per unit; pairs of two units only where they are wanted."""
    units = len(layout.labels)
    within = [concordant_within(layout, ranking) for ranking in rankings]
    pairs = [concordant_pairs(layout, ranking) for ranking in rankings if between]
    return Sums(
        MEASURES[layout.kind].sums(layout, score, threshold),
        np.array(within).reshape(len(within), units),
        np.array(pairs).reshape(len(pairs), units, units),
    )


def _over_classes(found: list[tuple[np.ndarray, np.ndarray]]) -> dict[str, np.ndarray]:
    """AUROC and AUROC within clusters, each the mean over classes (one against the rest) that have one."""
    if not found:
        return {}
    both = (np.stack(values, axis=1) for values in zip(*found, strict=True))
    names = ("auroc", "auroc_within")
    return {
        name: defined_mean(values, np.ones_like(values))
        for name, values in zip(names, both, strict=True)
    }
