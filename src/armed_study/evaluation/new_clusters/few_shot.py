"""Scores on unseen clusters by the number of their samples that are labelled."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import pandas as pd

from armed_study.data.sample_index import SampleIndex
from armed_study.evaluation.predictions import by_sample, class_numbers
from armed_study.evaluation.summaries import cluster_bootstrap
from armed_study.io.tables import cast_table, empty_table
from armed_study.statistics.bootstrap import percentile_interval
from armed_study.statistics.layout import Layout
from armed_study.statistics.measures.unit_counts import Laid, UnitCounts, evaluate
from armed_study.vocabulary.outcomes import BINARY, KINDS, Outcome

METRICS = {kind: about.compared for kind, about in KINDS.items()}
METRICS["binary"] = ("auroc", "auroc_within", "brier", "log_loss")
POPULATION = ("zero", 0)
"""What scores are compared with: no labelled sample, and no random effect."""

_How = tuple[str, int]  # assignment, and number of labelled samples
_BLOCK = ["fold", "seed", "draw", "assignment", "shots"]


def few_shot_table(
    predictions: Iterable[pd.DataFrame],
    samples: pd.DataFrame,
    given: pd.DataFrame,
    splits: pd.DataFrame,
    *,
    study: str,
    seed: int,
    outcome: Outcome = BINARY,
    draws: int = 1000,
) -> pd.DataFrame:
    """Summarise scores by model and number of labelled samples: table `few_shot`.

    Seeds and choices of the labelled samples are averaged within a fold, then folds. Intervals are over
    clusters (and folds) that are drawn again, see `bootstrap.resample`: the same draws for all models and
    numbers, so that those of a difference to the population are of pairs.

    Parameters
    ----------
    predictions : tables `few_shot_predictions`, of one model or part of one each.
    samples, given, splits : tables `samples`, `few_shot_samples` and `splits`.
    """
    sample_index = SampleIndex.of(samples, outcome)
    found: dict[str, dict[_How, _Scores]] = {}
    for frame in predictions:
        model: Any
        for model, own in frame.groupby("model", observed=True, sort=True):
            _add(found.setdefault(str(model), {}), own, sample_index)
    counts = _counts(samples, given, splits)
    lines = [
        {"study": study, "model": model, **line, **counts}
        for model, scores in sorted(found.items())
        for line in _lines(scores, draws=draws, seed=seed)
    ]
    return cast_table(pd.DataFrame(lines), "few_shot") if lines else empty_table("few_shot")


class _Scores:
    """Metrics of one model given so many labelled samples: fold -> values, and sums by cluster."""

    def __init__(self) -> None:
        self.values: dict[int, list[dict[str, float]]] = {}
        self.sums: dict[int, UnitCounts] = {}

    def means(self) -> pd.DataFrame:
        """Mean over seeds and choices, folds down and metrics across."""
        return pd.DataFrame(
            {fold: pd.DataFrame(v).mean() for fold, v in self.values.items()}
        ).T.sort_index()


def _add(scores: dict[_How, _Scores], frame: pd.DataFrame, sample_index: SampleIndex) -> None:
    """Evaluate every fold, seed, choice and number of labelled samples of a model."""
    position = sample_index.positions(frame["sample"], "few-shot predictions")
    score = frame["mixed"].to_numpy(dtype=np.float64)
    classes, width = class_numbers(frame, sample_index)
    metrics = METRICS[sample_index.about.kind]
    block: Any
    for block, rows in frame.groupby(_BLOCK, observed=True, sort=True).indices.items():
        fold, seed, draw, assignment, shots = block
        own = scores.setdefault((str(assignment), int(shots)), _Scores())
        by_class = np.asarray(rows)[np.lexsort((classes[rows], position[rows]))]
        own_score, order = by_sample(score[by_class], width), by_class[::width]
        outcome, cluster = (
            values[position[order]] for values in (sample_index.outcome, sample_index.cluster)
        )
        laid = Laid(position[order], Layout.of(outcome, cluster, None, sample_index.about), None)
        found = evaluate(laid, own_score, np.nan, "unseen")
        own.values.setdefault(int(fold), []).append({m: found.values[m] for m in metrics})
        if found.clusters is not None:
            empty = np.zeros_like(found.clusters.concordant), np.zeros_like(found.clusters.within)
            units = own.sums.setdefault(int(fold), UnitCounts(laid.clusters, *empty))
            units.add(1000 * int(seed) + int(draw), found.clusters)


def _lines(scores: dict[_How, _Scores], *, draws: int, seed: int) -> Iterator[dict[str, Any]]:
    """One line for each number of labelled samples and metric."""
    means = {how: own.means() for how, own in scores.items()}
    drawn = {
        how: cluster_bootstrap(own.sums, draws=draws, seed=seed) for how, own in scores.items()
    }
    for how in sorted(scores, key=lambda how: (how[1], how[0] != POPULATION[0])):
        for metric in map(str, means[how]):
            low, high = _interval(drawn[how].get(metric))
            line = {"assignment": how[0], "shots": how[1], "metric": metric}
            line |= {"mean": means[how][metric].mean(), "low": low, "high": high}
            if how != POPULATION:
                change = means[how][metric] - means[POPULATION][metric]
                pairs = (drawn[own].get(metric) for own in (how, POPULATION))
                low, high = _interval(*pairs)
                line |= {"difference": change.mean()}
                line |= {"difference_low": low, "difference_high": high}
            yield line | {"folds": int(means[how][metric].notna().sum())}


def _interval(drawn: np.ndarray | None, less: np.ndarray | None = None) -> tuple[float, float]:
    if drawn is None:  # too few clusters
        return np.nan, np.nan
    return percentile_interval(drawn if less is None else drawn - less)


def _counts(samples: pd.DataFrame, given: pd.DataFrame, splits: pd.DataFrame) -> dict[str, int]:
    """Unseen clusters that are scored, and that are too small; samples scored, mean over folds."""
    unseen = splits.loc[splits["partition"] == "unseen", "sample"].astype(str)
    own = samples.loc[samples["sample"].astype(str).isin(unseen), "cluster"].astype(str)
    scored, folds = given[given["place"] < 0], max(given["fold"].nunique(), 1)
    large = given["cluster"].astype(str).unique()
    return {
        "clusters": len(large),
        "small_clusters": len(set(own) - set(large)),
        "samples": round(len(scored) / folds),
    }
