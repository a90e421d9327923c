"""The scoring of one replica after the other."""

from __future__ import annotations

import numpy as np

from armed.errors import DataError
from armed_study.data.sample_index import SampleIndex
from armed_study.evaluation.predictions import Block, Replica
from armed_study.messages import counted
from armed_study.statistics.layout import Layout
from armed_study.statistics.measures import MEASURES
from armed_study.statistics.measures.unit_counts import Evaluated, Laid, Sums, UnitCounts, evaluate
from armed_study.vocabulary.reported import REPORTED
from armed_study.vocabulary.terms import EFFECTS

#: partition, model, assignment, effect
Output = tuple[str, str, str, str]


class Scorer:
    """Scores replicas one after the other and keeps what they leave."""

    def __init__(self, sample_index: SampleIndex, oracles: dict[str, np.ndarray]) -> None:
        self.sample_index, self.oracles = sample_index, oracles
        self.lines: list[tuple] = []
        self.unseen: dict[Output, dict[int, UnitCounts]] = {}
        self.groups: dict[Output, dict[int, UnitCounts]] = {}
        self.delong: dict[tuple[str, str, str, str, int, int], float] = {}
        self._layouts: dict[tuple[int, str], Laid] = {}
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
        known: dict[tuple[str, str, bytes], Evaluated] = {}
        for block in replica.blocks:
            if block.partition == "train":
                continue
            laid = self._layout(replica, block)
            for effect, score in block.effects.items():
                if effect not in thresholds:
                    raise DataError(
                        f"{replica}: no {effect} training predictions, which set the "
                        "decision threshold; predict the training samples too"
                    )
                same = (block.partition, effect, score.tobytes())
                if same not in known:
                    known[same] = evaluate(laid, score, thresholds[effect], block.partition)
                where = (block.partition, block.assignment, effect)
                self._keep((*key, *where), laid, known[same])

    def score_oracles(self) -> None:
        """Score the oracles on the test and unseen samples of the folds met so far."""
        for name, score in self.oracles.items():
            for fold, partition in sorted(self._layouts):
                if partition in REPORTED:
                    laid = self._layouts[fold, partition]
                    found = evaluate(laid, score[laid.positions], 0.5, partition)
                    self._keep((name, fold, 0, partition, "none", "fixed"), laid, found)

    def _thresholds(self, replica: Replica) -> dict[str, float]:
        decide = MEASURES[self.sample_index.about.kind].threshold
        if decide is None:
            return dict.fromkeys(EFFECTS, np.nan)
        thresholds = {}
        for block in replica.blocks:
            if block.partition == "train" and block.assignment in ("known", "none"):
                outcome = self.sample_index.outcome[block.positions]
                for effect, score in block.effects.items():
                    thresholds[effect] = decide(outcome, score)
        return thresholds

    def _layout(self, replica: Replica, block: Block) -> Laid:
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
            self._layouts[here] = self._laid(block)
        laid = self._layouts[here]
        if not np.array_equal(laid.positions, block.positions):
            raise DataError(
                f"{replica}: {counted(len(block.positions), f'{block.partition} sample')} (z "
                f"{block.assignment}) are not the {len(laid.positions)} of other models or "
                "seeds in this fold; predict again from the present splits"
            )
        return laid

    def _laid(self, block: Block) -> Laid:
        index, group = block.positions, self.sample_index.group
        outcome = self.sample_index.outcome[index]
        oracle = self.oracles["oracle"][index] >= 0.5 if self.oracles else None
        about = self.sample_index.about
        clusters = Layout.of(outcome, self.sample_index.cluster[index], oracle, about)
        groups = None
        if group is not None and block.partition in REPORTED:
            groups = Layout.of(outcome, group[index], oracle, about)
        return Laid(index, clusters, groups)

    def _keep(self, key: tuple[str, int, int, str, str, str], laid: Laid, found: Evaluated) -> None:
        for metric, value in found.values.items():
            if metric != "bayes_agreement" or self.oracles:
                self.lines.append((*key, metric, value))
        model, fold, seed, partition, assignment, effect = key
        output = (partition, model, assignment, effect)
        self.delong[*output, fold, seed] = found.error
        if found.clusters is not None:
            _add(self.unseen.setdefault(output, {}), fold, seed, laid.clusters, found.clusters)
        if found.groups is not None and laid.groups is not None:
            _add(self.groups.setdefault(output, {}), fold, seed, laid.groups, found.groups)


def _add(folds: dict[int, UnitCounts], fold: int, seed: int, layout: Layout, found: Sums) -> None:
    if fold not in folds:
        empty = np.zeros_like(found.concordant), np.zeros_like(found.within)
        folds[fold] = UnitCounts(layout, *empty)
    folds[fold].add(seed, found)
