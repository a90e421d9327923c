"""Mean errors of reconstruction, with intervals over cells and over frames."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from armed.errors import DataError
from armed_study.data.sample_index import codes_of
from armed_study.statistics.bootstrap import percentile_interval
from armed_study.statistics.intervals import t_interval

METRICS = ("mse", "ssim")
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
    errors: pd.DataFrame,
    samples: pd.DataFrame,
    *,
    rows: Mapping[str, Mapping[str, str]],
    seed: int,
    draws: int = 1000,
) -> pd.DataFrame:
    """Average the errors of each model, partition, assignment and output over samples.

    Folds and seeds of a sample are averaged first. The 95 % interval draws cells again, with all their
    frames, of the same clusters; the other one takes frames for independent (t).

    Parameters
    ----------
    errors
        Table ``reconstruction`` of all models.
    samples
        Table ``samples``: ``group`` tells the cells.
    rows
        Displayed name -> {alias_of, assignment}: another name for a model under one assignment.
    seed, draws
        Of the bootstrap.

    Returns
    -------
    DataFrame
        Table ``reconstruction_summary``.
    """
    made = []
    for key, part in errors.groupby(KEY, observed=True, sort=False):
        means = part.groupby("sample", observed=True)[list(METRICS)].mean()
        cells = cells_of(means.index.to_series(), samples)
        for metric in METRICS:
            values = means[metric].to_numpy(dtype=np.float64)
            found = _with_intervals(values, cells, draws=draws, seed=seed)
            made.append(dict(zip(KEY, key, strict=True)) | {"metric": metric} | found)
    table = pd.DataFrame(made)
    derived = [
        table[
            (table["model"] == row["alias_of"]) & (table["assignment"] == row["assignment"])
        ].assign(model=name)
        for name, row in rows.items()
    ]
    return pd.concat([table, *derived], ignore_index=True)


def _with_intervals(
    values: np.ndarray, cells: np.ndarray, *, draws: int, seed: int
) -> dict[str, float]:
    code = np.unique(cells, return_inverse=True)[1]
    counts, sums = np.bincount(code), np.bincount(code, values)
    weights = draw_cells(len(counts), draws=draws, seed=seed)
    drawn = (weights @ sums) / (weights @ counts)
    alone = len(counts) < 2  # one cell tells nothing of others
    low, high = (np.nan, np.nan) if alone else percentile_interval(drawn)
    frame_low, frame_high = t_interval(values)
    return {
        "mean": float(values.mean()),
        "low": low,
        "high": high,
        "frame_low": frame_low,
        "frame_high": frame_high,
        "cells": len(counts),
        "frames": len(values),
    }
