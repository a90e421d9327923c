"""Summaries of scores over folds, with intervals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from tqdm import tqdm

from armed_study.evaluation.scores import Scored
from armed_study.evaluation.scoring import Output
from armed_study.io.schemas import TABLES
from armed_study.statistics.bootstrap import nested, percentile_interval, resample
from armed_study.statistics.intervals import NO_SPREAD, normal_interval, t_interval
from armed_study.statistics.measures.unit_counts import UnitCounts, defined_mean
from armed_study.vocabulary.outcomes import METRICS

_OVER_FOLDS, _OVER_CLUSTERS, _OVER_GROUPS = "t over folds", "cluster bootstrap", "group bootstrap"
_ONE_SPLIT, _NONE = "DeLong", "none"
_KEY = ["study", "model", "partition", "assignment", "effect", "metric"]
#: Clusters that bootstrapping needs: per fold where they are drawn within folds, else in all.
_LEAST_NESTED, _LEAST_CROSSED = 5, 2


def summarise(scored: Scored, *, seed: int, draws: int = 1000) -> pd.DataFrame:
    """Summarise scores over folds, with an interval for the mean.

    Seeds are averaged within a fold first; mean, sd and the t interval (folds - 1 degrees of
    freedom) are those of the fold means. Seeds are nested in folds, so that the spread of the fold
    means holds the variance over folds and the share of that over seeds that averaging leaves: the
    interval covers both. The median is that of the replicas, each fold and seed by itself: a
    replica that failed moves it as little as a median promises.

    Column `interval` says which one it is:

    - "t over folds": see `intervals.t_interval`. For seen clusters, and on unseen ones for
      auprc and threshold, and where clusters are too few to be resampled (fewer than 2, or, where
      each fold leaves out other clusters, fewer than 5 in a fold). On clusters that are unseen in
      all folds it speaks of these clusters, not of further ones.
    - "cluster bootstrap": unseen clusters, all other metrics. Percentiles of the mean over folds
      and seeds when clusters (and folds) are resampled, see `bootstrap.resample`. It says what
      further clusters of the same kind would give. With fewer than some twenty clusters it is
      somewhat too narrow. A drawn set of clusters is less well calibrated than the whole, so the
      draws of ece are shifted to have the estimate as their mean.
    - "group bootstrap": a single fold, seen test samples of which groups have several; the metrics
      of the cluster bootstrap but the within-cluster AUROC. The same, of groups resampled with all
      their samples: what further groups of the same clusters would give.
    - "DeLong": AUROC in a single fold, seen clusters, each sample its own group. Of several seeds the
      mean DeLong variance and the variance of their mean are added.
    - "none": a single fold, other metrics, or a score that is the same in all folds; low and high
      are NaN.

    Intervals end where the values of a metric do, mostly 0 and 1. NaN scores are left out; `folds` and
    `seeds` count what remains.
    """
    table = scored.table
    defined = table[table["value"].notna()]
    inner = defined.groupby([*_KEY, "fold"], sort=True)["value"].agg(["mean", "size"])
    means = {key: group.to_numpy() for key, group in inner.groupby(_KEY, sort=False)}
    medians = defined.groupby(_KEY, sort=False)["value"].median()
    bootstrapped = _bootstrapped(scored, draws=draws, seed=seed)
    errors = delong_errors(scored)
    lines = []
    for key in table[_KEY].drop_duplicates().itertuples(index=False, name=None):
        values, sizes = means.get(key, np.empty((0, 2))).T
        _, model, partition, assignment, effect, metric = key
        drawn = bootstrapped.get((partition, model, assignment, effect), {}).get(metric)
        error = None if partition == "unseen" else errors.get(key)
        low, high, name = _interval(values, metric, drawn, error)
        name = _OVER_GROUPS if name == _OVER_CLUSTERS and partition != "unseen" else name
        low, high = np.clip((low, high), METRICS[metric].least, METRICS[metric].most)
        counts = (len(values), int(sizes.max(initial=0)))
        mean, sd = _moments(values)
        lines.append((*key, mean, medians.get(key, np.nan), sd, low, high, name, *counts))
    table = pd.DataFrame(lines, columns=TABLES["summary"].names)
    return table.astype({"folds": "int16", "seeds": "int16"})


def _bootstrapped(scored: Scored, *, draws: int, seed: int) -> dict[Output, dict[str, np.ndarray]]:
    """Resample unseen clusters and, of a single fold, groups of test samples."""
    units = scored.unseen | {
        key: folds for key, folds in scored.groups.items() if key[0] == "test" and len(folds) == 1
    }
    drawn = {
        key: cluster_bootstrap(folds, draws=draws, seed=seed)
        for key, folds in tqdm(units.items(), desc="bootstrap", unit="output")
    }
    for key, metrics in drawn.items():
        if key[0] == "test":  # pairs within a group are no pairs within a cluster
            metrics.pop("auroc_within", None)
    return drawn


def _interval(
    values: np.ndarray, metric: str, drawn: np.ndarray | None, error: float | None
) -> tuple[float, float, str]:
    """Choose and compute the interval for the mean of fold means."""
    if drawn is not None and len(values):
        if metric == "ece":
            drawn = drawn - np.nanmean(drawn) + values.mean()
        return *percentile_interval(drawn), _OVER_CLUSTERS
    if len(values) == 1 and error is not None and np.isfinite(error):
        return *normal_interval(values[0], error), _ONE_SPLIT
    if len(values) > 1 and np.ptp(values) > NO_SPREAD:
        return *t_interval(values), _OVER_FOLDS
    return np.nan, np.nan, _NONE


def enough_clusters(labels: Sequence[np.ndarray]) -> bool:
    """Say whether clusters can be resampled: in each fold, or in all where folds share them.

    Parameters
    ----------
    labels : per fold, (units,) which clusters it left unseen.
    """
    if nested(labels):
        return min(map(len, labels)) >= _LEAST_NESTED
    return len(np.unique(np.concatenate(labels))) >= _LEAST_CROSSED


def cluster_bootstrap(
    folds: dict[int, UnitCounts], *, draws: int, seed: int
) -> dict[str, np.ndarray]:
    """Resample units (clusters or groups), and folds: metric -> (draws,) mean over folds and seeds.

    Exact, not approximate: each value is what the metric would be on the drawn set of clusters. A
    cluster drawn twice counts as two, whose samples are paired across them in the pooled AUROC.
    Empty where there are too few clusters.
    """
    counts = [folds[fold] for fold in sorted(folds)]
    labels = [own.layout.labels for own in counts]
    if not enough_clusters(labels):
        return {}
    resampling = resample(labels, draws=draws, seed=seed)
    per_fold = [
        own.of_draws(weights) for own, weights in zip(counts, resampling.units, strict=True)
    ]
    return {
        metric: defined_mean(
            np.stack([values[metric] for values in per_fold], axis=1), resampling.folds
        )
        for metric in per_fold[0]
    }


def _moments(values: np.ndarray) -> tuple[float, float]:
    if not len(values):
        return np.nan, np.nan
    spread = np.std(values, ddof=1) if len(values) > 1 else np.nan
    spread = 0.0 if spread < NO_SPREAD else spread  # rounding of equal values
    return float(np.mean(values)), float(spread)


def delong_errors(scored: Scored) -> dict[tuple, float]:
    """Give DeLong's standard error of the AUROC of single folds, by the keys of the summary."""
    table = scored.table[(scored.table["metric"] == "auroc") & scored.table["value"].notna()]
    errors = {}
    key: Any
    for key, rows in table.groupby(_KEY, sort=False):
        if rows["fold"].nunique() == 1:
            _, model, partition, *rest, _ = key
            seeds = zip(rows["fold"], rows["seed"], strict=True)
            variances = [scored.delong[partition, model, *rest, *one] ** 2 for one in seeds]
            over_seeds = rows["value"].var(ddof=1) / len(rows) if len(rows) > 1 else 0.0
            errors[key] = float(np.sqrt(np.mean(variances) + over_seeds))
    return errors
