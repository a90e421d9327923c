"""ROC curves averaged over folds and seeds, with bands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from armed_study.data.sample_index import SampleIndex, codes_of
from armed_study.evaluation.predictions import replicas
from armed_study.evaluation.summaries import enough_clusters
from armed_study.statistics.auroc import tie_bounds
from armed_study.statistics.bootstrap import percentile_interval, resample
from armed_study.statistics.intervals import t_interval

GRID = np.linspace(0, 1, 101)
_CHOSEN = ["model", "partition", "assignment", "effect"]
Output = tuple[str, str, str, str]
#: positions in the sample_index and scores, of every seed
Seeds = list[tuple[np.ndarray, np.ndarray]]
#: (fold, partition) -> positions in the sample_index of the samples it holds
Places = dict[tuple[int, str], np.ndarray]


def roc_curves(
    predictions: pd.DataFrame | Iterable[pd.DataFrame],
    samples: pd.DataFrame,
    truth: pd.DataFrame,
    chosen: pd.DataFrame,
    *,
    rows: Mapping[str, Mapping[str, str]],
    seed: int,
    draws: int = 300,
) -> pd.DataFrame:
    """Average the ROC curve of each chosen output vertically over folds and seeds.

    The mean true-positive rate at each false-positive rate of `GRID`, seeds first, so that the area
    under the curve is the mean AUROC. Band on seen clusters: pointwise 95 % t interval over folds;
    on unseen ones: percentiles over clusters (and folds) drawn again, as the AUROC's interval is made
    (`summaries.summarise`). Folds without both classes are left out.

    Parameters
    ----------
    predictions, samples, truth
        The study's tables; models that stand in no prediction are looked up in `truth`.
    chosen
        model, partition, assignment, effect: the outputs to draw curves of.
    rows
        Displayed name -> {alias_of, assignment}, as for `evaluation.score_predictions`.

    Returns
    -------
    pd.DataFrame
        The columns of `chosen`, then fpr, tpr, low, high.
    """
    sample_index = SampleIndex.of(samples)
    outputs = list(chosen[_CHOSEN].astype(str).itertuples(index=False, name=None))
    gathered, places = _gather(predictions, sample_index, outputs, rows)
    lines = []
    for output in outputs:
        folds = gathered.get(output) or _oracle_folds(truth, sample_index, output, places)
        if folds:
            found = _average(folds, sample_index, output[1], seed=seed, draws=draws)
            lines += [(*output, *values) for values in zip(GRID, *found, strict=True)]
    return pd.DataFrame(lines, columns=[*_CHOSEN, "fpr", "tpr", "low", "high"])


def true_positive_rates(
    outcome: np.ndarray, score: np.ndarray, weights: np.ndarray | None = None
) -> np.ndarray:
    """Give the ROC curve at `GRID`, linear between thresholds: shape (draws, grid).

    Where the curve rises without a false positive, the upper end counts. Rows in which a class has
    no weight are NaN.

    Parameters
    ----------
    weights : (draws, samples) how often each sample is drawn, default once in one draw.
    """
    order = np.argsort(-score, kind="stable")
    weights = np.ones((1, len(score))) if weights is None else weights[:, order]
    y = outcome[order].astype(bool)
    last = np.unique(tie_bounds(-score[order])[1]) - 1  # of each run of equal scores
    true, false = (np.cumsum(np.where(mask, weights, 0), axis=1)[:, last] for mask in (y, ~y))
    curves = np.full((len(weights), len(GRID)), np.nan)
    for row in np.flatnonzero((true[:, -1] > 0) & (false[:, -1] > 0)):
        rate = np.append(0, false[row] / false[row, -1])
        curves[row] = np.interp(GRID, rate, np.append(0, true[row] / true[row, -1]))
    return curves


def _gather(
    predictions: pd.DataFrame | Iterable[pd.DataFrame],
    sample_index: SampleIndex,
    outputs: list[Output],
    rows: Mapping[str, Mapping[str, str]],
) -> tuple[dict[Output, dict[int, Seeds]], Places]:
    """Collect the scores of each output by fold; and which samples each partition of a fold holds."""
    wanted: dict[tuple[str, str, str], list[Output]] = {}
    for output in outputs:
        model = rows[output[0]]["alias_of"] if output[0] in rows else output[0]
        wanted.setdefault((model, output[1], output[2]), []).append(output)
    gathered: dict[Output, dict[int, Seeds]] = {}
    places: Places = {}
    for replica in replicas(predictions, sample_index):
        for block in replica.blocks:
            places.setdefault((replica.fold, block.partition), block.positions)
            for output in wanted.get((replica.model, block.partition, block.assignment), []):
                if output[3] in block.effects:
                    folds = gathered.setdefault(output, {})
                    score = block.effects[output[3]]
                    folds.setdefault(replica.fold, []).append((block.positions, score))
    return gathered, places


def _oracle_folds(
    truth: pd.DataFrame, sample_index: SampleIndex, output: Output, places: Places
) -> dict[int, Seeds]:
    if output[0] not in truth or truth.empty:
        return {}
    code = codes_of(truth["sample"], sample_index.names)
    score = np.full(len(sample_index.names), np.nan)
    score[code[code >= 0]] = truth[output[0]].to_numpy(float)[code >= 0]
    return {
        fold: [(positions, score[positions])]
        for (fold, partition), positions in sorted(places.items())
        if partition == output[1] and not np.isnan(score[positions]).any()
    }


def _average(
    folds: dict[int, Seeds], sample_index: SampleIndex, partition: str, *, seed: int, draws: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Give the mean curve and its band, each of shape (grid,)."""
    parts = [folds[fold] for fold in sorted(folds)]
    means = np.stack([
        _mean(np.concatenate([true_positive_rates(sample_index.outcome[p], s) for p, s in seeds]))
        for seeds in parts
    ])  # fmt: skip
    labels = [np.unique(sample_index.cluster[seeds[0][0]]) for seeds in parts]
    if partition == "unseen" and enough_clusters(labels):
        low, high = _cluster_band(parts, sample_index, labels, seed=seed, draws=draws)
    else:
        defined = means[~np.isnan(means).any(axis=1)]
        low, high = np.clip(t_interval(defined), 0, 1)
    return _mean(means), low, high


def _cluster_band(
    parts: list[Seeds],
    sample_index: SampleIndex,
    labels: list[np.ndarray],
    *,
    seed: int,
    draws: int,
) -> tuple[np.ndarray, np.ndarray]:
    drawn = resample(labels, draws=draws, seed=seed)
    total, weight = np.zeros((draws, len(GRID))), np.zeros((draws, 1))
    for seeds, own, units, times in zip(parts, labels, drawn.units, drawn.folds.T, strict=True):
        curves = np.zeros_like(total)
        for positions, score in seeds:
            unit = np.searchsorted(own, sample_index.cluster[positions])
            curves += true_positive_rates(sample_index.outcome[positions], score, units[:, unit])
        there = ~np.isnan(curves[:, :1]) * times[:, None]
        total += np.where(there > 0, curves / len(seeds) * there, 0)
        weight += there
    means = np.divide(total, weight, out=np.full_like(total, np.nan), where=weight > 0)
    return tuple(np.array([percentile_interval(column) for column in means.T]).T)


def _mean(curves: np.ndarray) -> np.ndarray:
    """Mean over rows that are defined, NaN where none is."""
    defined = curves[~np.isnan(curves).any(axis=1)]
    return defined.mean(axis=0) if len(defined) else np.full(curves.shape[1], np.nan)
