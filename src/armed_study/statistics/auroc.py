"""Metrics of order: AUROC and its error, average precision, Youden point; concordant pairs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from armed_study.statistics.layout import Layout


def tie_bounds(ordered: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """First position of, and first position after, the run of equal values each value is in."""
    edges = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1], [True])))
    sizes = np.diff(edges)
    return np.repeat(edges[:-1], sizes), np.repeat(edges[1:], sizes)


@dataclass(frozen=True)
class Ranking:
    """Scores in ascending order.

    Parameters
    ----------
    order : (samples,) sample at each place.
    score : (samples,) score at each place.
    outcome : (samples,) True where y = 1, at each place.
    start, end : (samples,) bounds of the run of ties of each place.
    """

    order: np.ndarray
    score: np.ndarray
    outcome: np.ndarray
    start: np.ndarray
    end: np.ndarray

    @classmethod
    def of(cls, outcome: np.ndarray, score: np.ndarray) -> Ranking:
        """Rank samples by score."""
        order = np.argsort(score, kind="stable")
        return cls(order, score[order], outcome[order].astype(bool), *tie_bounds(score[order]))

    def auroc(self) -> float:
        """Share of pairs of a positive and a negative in which the positive scores higher."""
        positives = int(self.outcome.sum())
        pairs = positives * (len(self.outcome) - positives)
        below = np.concatenate(([0], np.cumsum(~self.outcome)))
        wins = (below[self.start] + below[self.end])[self.outcome].sum() / 2
        return float(wins / pairs) if pairs else float("nan")

    def average_precision(self) -> float:
        """Area under the precision-recall curve, by steps (no interpolation)."""
        true, false = self._called()
        if not true.size or true[-1] == 0 or false[-1] == 0:
            return float("nan")
        gained = np.diff(true, prepend=0)
        return float((gained * true / (true + false)).sum() / true[-1])

    def youden_threshold(self) -> float:
        """Highest observed score at which sensitivity + specificity is largest; NaN for one class.

        A sample is called positive at the threshold or above.
        """
        true, false = self._called()
        if not true.size or true[-1] == 0 or false[-1] == 0:
            return float("nan")
        informedness = true * false[-1] - false * true[-1]  # integers: ties are exact
        distinct = self.score[self.start == np.arange(len(self.score))][::-1]
        return float(distinct[np.argmax(informedness)])

    def _called(self) -> tuple[np.ndarray, np.ndarray]:
        """Count true and false positives at every observed score as threshold, highest first."""
        first = np.flatnonzero(self.start == np.arange(len(self.score)))[::-1]
        true = np.concatenate((np.cumsum(self.outcome[::-1])[::-1], [0]))[first]
        return true, len(self.score) - first - true


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


def concordant_pairs(layout: Layout, ranking: Ranking) -> np.ndarray:
    """Count pairs in which the positive scores higher: (units of positives, units of negatives).

    With w the number of times each unit is drawn, the AUROC of the drawn set is w'Aw / (w'p)(w'n).
    """
    y, unit = ranking.outcome, layout.unit[ranking.order]
    units = len(layout.labels)
    below = np.zeros((len(y) + 1, units))
    below[np.flatnonzero(~y) + 1, unit[~y]] = 1
    np.cumsum(below, axis=0, out=below)
    wins = (below[ranking.start[y]] + below[ranking.end[y]]) / 2
    by_unit = np.argsort(unit[y], kind="stable")
    present, first = np.unique(unit[y][by_unit], return_index=True)
    pairs = np.zeros((units, units))
    if present.size:
        pairs[present] = np.add.reduceat(wins[by_unit], first, axis=0)
    return pairs


def concordant_within(layout: Layout, ranking: Ranking) -> np.ndarray:
    """Count the same pairs with both samples of one cluster: (units,)."""
    cluster = layout.cluster[ranking.order]
    order = np.argsort(cluster, kind="stable")  # by cluster, within it still by score
    cluster, y = cluster[order], ranking.outcome[order]
    # `start` names the run of ties, so that this is one number per cluster and score.
    start, end = tie_bounds(cluster * len(cluster) + ranking.start[order])
    below = np.concatenate(([0], np.cumsum(~y)))
    wins = np.where(y, (below[start] + below[end]) / 2 - below[tie_bounds(cluster)[0]], 0)
    return np.bincount(
        layout.unit[ranking.order][order], weights=wins, minlength=len(layout.labels)
    )
