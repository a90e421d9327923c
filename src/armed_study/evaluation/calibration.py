"""Predicted against observed probability or mean."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from armed_study.data.sample_index import SampleIndex
from armed_study.evaluation.predictions import replicas
from armed_study.io.schemas import TABLES
from armed_study.statistics.bootstrap import percentile_interval, resample
from armed_study.vocabulary.outcomes import BINARY, Kind, Outcome
from armed_study.vocabulary.reported import REPORTED, first_reported

BINS = 10
NEW = ("marginal", "zero")
"""Assignments of which the first is what is known of a new cluster, and the second what it is shown with."""


def calibration_table(
    predictions: pd.DataFrame | Iterable[pd.DataFrame],
    samples: pd.DataFrame,
    *,
    study: str,
    seed: int,
    outcome: Outcome = BINARY,
    draws: int = 1000,
) -> pd.DataFrame:
    """Group the predictions of each model by size and give the mean outcome in each group.

    Ten bins of as many predictions each (fewer where many predictions are equal), pooled over folds
    and seeds, for the effect and assignment that it is reported by, on test and on unseen samples; of a
    model with marginal predictions also for these and those of the population (`NEW`).
    `predicted` is the mean prediction of a bin, `observed` the mean of y, `count` the number of
    predictions: a sample counts once for every replica that predicts it, and of a categorical outcome once
    for each class, with its probability and whether y is that class. `density` is how densely
    predictions lie between `left` and `right`, the middles to the neighbouring bins: of bins of equal
    counts and unequal widths the counts alone say nothing.

    The 95 % interval is a cluster bootstrap (percentiles over clusters drawn again with all their
    predictions, bins held fixed), so that neither the repeated predictions of a sample nor its
    likeness to others of its cluster make it narrow. It is NaN for a bin of a single cluster.
    """
    sample_index = SampleIndex.of(samples, outcome)
    lines = []
    for (model, partition), by_assignment in sorted(_pools(predictions, sample_index).items()):
        new = [name for name in NEW if name in by_assignment] if NEW[0] in by_assignment else []
        for assignment in dict.fromkeys([first_reported(partition, by_assignment), *new]):
            parts = sorted(by_assignment[assignment], key=lambda part: part[:2])
            position, score = (np.concatenate([part[place] for part in parts]) for place in (2, 3))
            y, cluster = sample_index.outcome[position], sample_index.cluster[position]
            if score.ndim > 1:
                y = (y[:, None] == outcome.ranked).ravel()
                cluster = np.repeat(cluster, score.shape[1])
            bins = _bins(y, score.ravel(), cluster, outcome.about, draws=draws, seed=seed)
            lines += [(study, model, partition, assignment, *line) for line in bins]
    return pd.DataFrame(lines, columns=TABLES["calibration"].names)


def _pools(
    predictions: pd.DataFrame | Iterable[pd.DataFrame], sample_index: SampleIndex
) -> dict[tuple[str, str], dict[str, list[tuple]]]:
    """Give (model, partition) -> assignment -> fold, seed, positions and scores of each replica."""
    pools: dict[tuple[str, str], dict[str, list[tuple]]] = {}
    for replica in replicas(predictions, sample_index):
        for block in replica.blocks:
            if block.partition in REPORTED:
                pool = pools.setdefault((replica.model, block.partition), {})
                score = block.effects.get("mixed", block.effects["fixed"])
                part = (replica.fold, replica.seed, block.positions, score)
                pool.setdefault(block.assignment, []).append(part)
    return pools


def _bins(
    outcome: np.ndarray,
    score: np.ndarray,
    cluster: np.ndarray,
    about: Kind,
    *,
    draws: int,
    seed: int,
) -> list[tuple]:
    """Give bin, predicted, observed, low, high, count and density of each bin that has predictions."""
    edges = np.unique(np.quantile(score, np.arange(1, BINS) / BINS))
    _, place = np.unique(np.searchsorted(edges, score, side="right"), return_inverse=True)
    labels, cluster = np.unique(cluster, return_inverse=True)
    bins = place.max() + 1
    shape = (len(labels), bins)
    cells = cluster * bins + place
    count = np.bincount(cells, minlength=len(labels) * bins).reshape(shape)
    positive = np.bincount(cells, weights=outcome, minlength=len(labels) * bins).reshape(shape)
    predicted = np.bincount(place, weights=score) / count.sum(axis=0)
    density = _density(predicted, count.sum(axis=0), about)
    weights = resample([labels], draws=draws, seed=seed).units[0]
    drawn = weights @ count
    with np.errstate(invalid="ignore", divide="ignore"):
        shares = (weights @ positive) / drawn
    lines = []
    for i in range(bins):
        enough = np.count_nonzero(count[:, i]) > 1
        low, high = percentile_interval(shares[:, i]) if enough else (np.nan, np.nan)
        observed = positive[:, i].sum() / count[:, i].sum()
        lines.append((i, predicted[i], observed, low, high, int(count[:, i].sum()), *density[i]))
    return lines


def _density(predicted: np.ndarray, count: np.ndarray, about: Kind) -> np.ndarray:
    """Spread each bin's count between the middles to its neighbours: (bins, left, right, density)."""
    middle = (predicted[1:] + predicted[:-1]) / 2
    first, last = predicted[[0, -1]] + (-0.01, 0.01)
    if len(middle):
        first, last = 2 * predicted[0] - middle[0], 2 * predicted[-1] - middle[-1]
    edges = np.clip([first, *middle, last], about.least, about.most)
    width = np.maximum(np.diff(edges), 1e-3)
    return np.column_stack([edges[:-1], edges[1:], count / count.sum() / width])
