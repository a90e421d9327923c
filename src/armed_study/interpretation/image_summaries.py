"""Errors of reconstruction and AUROC of networks that also classify, with intervals over cells and frames."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from armed.errors import DataError
from armed_study.data.sample_index import codes_of
from armed_study.evaluation.scores import score_predictions
from armed_study.evaluation.summaries import cluster_bootstrap, delong_errors
from armed_study.statistics.bootstrap import percentile_interval
from armed_study.statistics.intervals import normal_interval, t_interval
from armed_study.vocabulary.reported import REPORTED

METRICS, AUROC = ("mse", "ssim"), "auroc"
DRAWS = 1000
_ENDS = ("low", "high", "frame_low", "frame_high")
_SPLITS = ("split_low", "split_high")
KEY = ["study", "model", "partition", "assignment", "effect"]


def cells_of(column: pd.Series, samples: pd.DataFrame) -> np.ndarray:
    """Return the cell, (rows,), of each sample of a column: its group, or itself if it has none.

    Raises
    ------
    DataError
        For a sample that the samples table lacks.
    """
    names = samples["sample"].astype(str).to_numpy(dtype=object)
    group = samples["group"].astype(object).to_numpy()
    place = codes_of(column, pd.Index(names))
    if (place < 0).any():
        raise DataError(
            f"sample '{column.iloc[int(np.argmax(place < 0))]}' was reconstructed and is not in the "
            "samples table, expected the samples of the study; reconstruct the images again"
        )
    return np.where(pd.isna(group), names, group)[place]


def draw_cells(cells: int, *, draws: int, seed: int) -> np.ndarray:
    """Draw cells with replacement: how often each is drawn, (draws, cells).

    The same numbers for the same number of cells, so that all models meet the same draws.
    """
    shares = np.full(cells, 1 / cells)
    return np.random.default_rng(seed).multinomial(cells, shares, draws).astype(np.float64)


def summarise_errors(
    errors: pd.DataFrame, samples: pd.DataFrame, *, rows: Mapping[str, Mapping[str, str]], seed: int
) -> pd.DataFrame:
    """Make rows of table ``reconstruction_summary``: errors of each output, averaged over samples.

    Folds and seeds of a sample are averaged first. The 95 % interval draws cells again, with all their
    frames, of the same clusters; another one takes frames for independent (t), and the third is that of the
    means of folds (t), whose spread holds that of the splits and what is left of the seeds'.

    Parameters
    ----------
    errors
        Table ``reconstruction`` of all models.
    samples
        Table ``samples``: ``group`` tells the cells.
    rows
        Displayed name -> {alias_of, assignment}: another name for a model under one assignment.
    seed
        Of the bootstrap.
    """
    made = []
    for key, part in errors.groupby(KEY, observed=True, sort=False):
        means = part.groupby("sample", observed=True)[list(METRICS)].mean()
        folds = part.groupby("fold", observed=True)[list(METRICS)].mean()
        cells = cells_of(means.index.to_series(), samples)
        for metric in METRICS:
            values = means[metric].to_numpy(dtype=np.float64)
            found = _with_intervals(values, cells, seed=seed)
            found |= dict(zip(_SPLITS, t_interval(folds[metric].to_numpy(np.float64)), strict=True))
            made.append(dict(zip(KEY, key, strict=True)) | {"metric": metric} | found)
    table = pd.DataFrame(made)
    given = (table["model"], table["assignment"])
    derived = [
        table[(given[0] == row["alias_of"]) & (given[1] == row["assignment"])].assign(model=name)
        for name, row in rows.items()
    ]
    return pd.concat([table, *derived], ignore_index=True)


def summarise_auroc(
    predictions: pd.DataFrame,
    samples: pd.DataFrame,
    *,
    rows: Mapping[str, Mapping[str, str]],
    seed: int,
) -> pd.DataFrame:
    """Make rows of table ``reconstruction_summary``: the AUROC of each output.

    The 95 % interval resamples cells, with all their frames, of the same clusters; the other one is
    DeLong's, which takes frames for independent, and is that of a single fold only. Where no cell has
    several frames, they are the same. The third is that of the folds, as of `summarise_errors`.

    Parameters
    ----------
    predictions
        Table ``predictions`` of the models.
    samples, rows, seed
        See `summarise_errors`; a row of another model is left out.
    """
    models = set(predictions["model"].astype(str))
    rows = {name: row for name, row in rows.items() if row["alias_of"] in models}
    study = str(predictions["study"].iloc[0])
    scored = score_predictions(predictions, samples, pd.DataFrame(), rows=rows, study=study)
    errors = delong_errors(scored)
    counts = {name: _counts(predictions, samples, name) for name in REPORTED}
    table = scored.table
    table = table[(table["metric"] == AUROC) & table["partition"].isin(REPORTED)]
    keys = [*KEY, "metric"]
    made = []
    key: Any
    for key, part in table.groupby(keys, sort=False):
        _, model, partition, assignment, effect, _ = key
        splits = part.groupby("fold")["value"].mean().to_numpy()
        mean, over_splits = float(splits.mean()), np.clip(t_interval(splits), 0, 1)
        frames: Any = np.clip(normal_interval(mean, errors.get(key, np.nan)), 0, 1)
        cells = frames
        folds = scored.groups.get((partition, model, assignment, effect))
        if folds is not None:
            drawn = cluster_bootstrap(folds, draws=DRAWS, seed=seed)
            cells = percentile_interval(drawn[AUROC]) if drawn else (np.nan, np.nan)
        ends = dict(zip((*_ENDS, *_SPLITS), (*cells, *frames, *over_splits), strict=True))
        made.append(dict(zip(keys, key, strict=True)) | {"mean": mean} | ends | counts[partition])
    return pd.DataFrame(made)


def _with_intervals(values: np.ndarray, cells: np.ndarray, *, seed: int) -> dict[str, float]:
    code = np.unique(cells, return_inverse=True)[1]
    counts, sums = np.bincount(code), np.bincount(code, values)
    weights = draw_cells(len(counts), draws=DRAWS, seed=seed)
    drawn = (weights @ sums) / (weights @ counts)
    alone = len(counts) < 2  # one cell tells nothing of others
    ends = (*((np.nan, np.nan) if alone else percentile_interval(drawn)), *t_interval(values))
    found = dict(zip(_ENDS, ends, strict=True))
    return {"mean": float(values.mean()), **found, "cells": len(counts), "frames": len(values)}


def _counts(predictions: pd.DataFrame, samples: pd.DataFrame, partition: str) -> dict[str, int]:
    """Cells and frames of a partition."""
    found = predictions.loc[predictions["partition"] == partition, "sample"].drop_duplicates()
    return {"cells": len(np.unique(cells_of(found, samples))), "frames": len(found)}
