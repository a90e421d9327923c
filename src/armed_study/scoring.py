"""The scoring of one replica after the other."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from armed.errors import DataError
from armed_study.cluster_counts import Layout, count, rates
from armed_study.intervals import delong
from armed_study.prediction_blocks import Block, Replica
from armed_study.ranking import Ranking, concordant_pairs, concordant_within
from armed_study.roster import Roster

#: The partitions that models are judged on.
JUDGED = ("test", "unseen")

#: model, assignment, effect
Key = tuple[str, str, str]


@dataclass
class UnseenCounts:
    """Sums per unit of unseen clusters of one fold, gathered over its seeds.

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


class Scorer:
    """Scores replicas one after the other and keeps what they leave."""

    def __init__(self, roster: Roster, oracles: dict[str, np.ndarray]) -> None:
        self.roster, self.oracles = roster, oracles
        self.lines: list[tuple] = []
        self.unseen: dict[Key, dict[int, UnseenCounts]] = {}
        self.delong: dict[tuple[str, int, int, str, str, str], float] = {}
        self._layouts: dict[tuple[int, str], tuple[np.ndarray, Layout]] = {}
        self._effects: dict[tuple[str, str, str], set[str]] = {}
        self._done: set[tuple[str, int, int]] = set()

    def score(self, replica: Replica) -> None:
        """Score all blocks of a replica but the training one, which sets its thresholds."""
        key = (replica.model, replica.fold, replica.seed)
        if key in self._done:
            raise DataError(
                f"{replica}: its predictions come in two tables, one is expected; "
                "give each replica once"
            )
        self._done.add(key)
        thresholds = self._thresholds(replica)
        known: dict[tuple[str, str, bytes], tuple] = {}
        for block in replica.blocks:
            if block.partition == "train":
                continue
            layout = self._layout(replica, block)
            for effect, score in block.effects.items():
                if effect not in thresholds:
                    raise DataError(
                        f"{replica}: no {effect} training predictions, which set the "
                        "decision threshold; predict the training samples too"
                    )
                same = (block.partition, effect, score.tobytes())
                if same not in known:
                    known[same] = evaluate(layout, score, thresholds[effect], block.partition)
                where = (block.partition, block.assignment, effect)
                self._keep((*key, *where), layout, known[same])

    def score_oracles(self) -> None:
        """Score the oracles on the test and unseen samples of the folds met so far."""
        for name, score in self.oracles.items():
            for (fold, partition), (positions, layout) in sorted(self._layouts.items()):
                if partition in JUDGED:
                    found = evaluate(layout, score[positions], 0.5, partition)
                    self._keep((name, fold, 0, partition, "none", "fixed"), layout, found)

    def _thresholds(self, replica: Replica) -> dict[str, float]:
        thresholds = {}
        for block in replica.blocks:
            if block.partition == "train" and block.assignment in ("known", "none"):
                outcome = self.roster.outcome[block.positions]
                for effect, score in block.effects.items():
                    thresholds[effect] = Ranking.of(outcome, score).youden_threshold()
        return thresholds

    def _layout(self, replica: Replica, block: Block) -> Layout:
        """Describe the block's samples, which all models share, and check that they do."""
        effects = self._effects.setdefault(
            (replica.model, block.partition, block.assignment), set(block.effects)
        )
        if effects != set(block.effects):
            raise DataError(
                f"{replica}: mixed-effects predictions ({block.partition}, z "
                f"{block.assignment}) are all NaN here and numbers in other folds or "
                "seeds, or the reverse; look at that fold's training history"
            )
        here = (replica.fold, block.partition)
        if here not in self._layouts:
            index = block.positions
            oracle = self.oracles["oracle"][index] >= 0.5 if self.oracles else None
            self._layouts[here] = (
                index,
                Layout.of(self.roster.outcome[index], self.roster.cluster[index], oracle),
            )
        positions, layout = self._layouts[here]
        if not np.array_equal(positions, block.positions):
            raise DataError(
                f"{replica}: {len(block.positions)} {block.partition} samples (z "
                f"{block.assignment}) are not the {len(positions)} of other models or "
                "seeds in this fold; predict again from the present splits"
            )
        return layout

    def _keep(self, key: tuple[str, int, int, str, str, str], layout: Layout, found: tuple) -> None:
        values, error, sums, within, pairs = found
        for metric, value in values.items():
            if metric != "bayes_agreement" or self.oracles:
                self.lines.append((*key, metric, value))
        self.delong[key] = error
        model, fold, seed, partition, assignment, effect = key
        if partition == "unseen":
            folds = self.unseen.setdefault((model, assignment, effect), {})
            if fold not in folds:
                folds[fold] = UnseenCounts(layout, np.zeros_like(pairs), np.zeros_like(within))
            folds[fold].concordant += pairs
            folds[fold].within += within
            folds[fold].sums[seed] = sums


def evaluate(layout: Layout, score: np.ndarray, threshold: float, partition: str) -> tuple:
    """Metrics, standard error of the AUROC, sums, concordant pairs within units and between."""
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
    if partition == "unseen":
        return values, float("nan"), sums, within, concordant_pairs(layout, ranking)
    return values, delong(layout.outcome, score)[1], sums, within, None
