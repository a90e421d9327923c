"""AUROC of networks that also classify, with intervals over cells and over frames."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from armed_study.evaluation.scores import Scored, score_predictions
from armed_study.evaluation.summaries import cluster_bootstrap, delong_errors
from armed_study.interpretation.image_summaries import cells_of
from armed_study.statistics.bootstrap import percentile_interval
from armed_study.statistics.intervals import normal_interval
from armed_study.vocabulary.reported import REPORTED

METRIC = "auroc"


def summarise_auroc(
    predictions: pd.DataFrame,
    samples: pd.DataFrame,
    *,
    rows: Mapping[str, Mapping[str, str]],
    seed: int,
    draws: int = 1000,
) -> pd.DataFrame:
    """Give the AUROC of each model, partition, assignment and output.

    The 95 % interval resamples cells, with all their frames, of the same clusters; the other one is
    DeLong's, which takes frames for independent, and is that of a single fold only. Where no cell has
    several frames, they are the same.

    Parameters
    ----------
    predictions
        Table ``predictions`` of the models.
    samples, rows, seed, draws
        See `armed_study.interpretation.image_summaries.summarise_errors`; a row of another model is left out.

    Returns
    -------
    DataFrame
        Table ``reconstruction_summary``.
    """
    models = set(predictions["model"].astype(str))
    rows = {name: row for name, row in rows.items() if row["alias_of"] in models}
    study = str(predictions["study"].iloc[0])
    scored = score_predictions(predictions, samples, pd.DataFrame(), rows=rows, study=study)
    errors = delong_errors(scored)
    counts = {name: _counts(predictions, samples, name) for name in REPORTED}
    table = scored.table
    table = table[(table["metric"] == METRIC) & table["partition"].isin(REPORTED)]
    keys = ["study", "model", "partition", "assignment", "effect", "metric"]
    made = []
    key: Any
    for key, part in table.groupby(keys, sort=False):
        mean = float(part.groupby("fold")["value"].mean().mean())
        frames = np.clip(normal_interval(mean, errors.get(key, np.nan)), 0, 1)
        drawn = _over_cells(scored, key, draws=draws, seed=seed)
        cells = frames if drawn is None else percentile_interval(drawn)
        ends = dict(zip(("low", "high", "frame_low", "frame_high"), (*cells, *frames), strict=True))
        made.append(dict(zip(keys, key, strict=True)) | {"mean": mean} | ends | counts[key[2]])
    return pd.DataFrame(made)


def _over_cells(scored: Scored, key: tuple, *, draws: int, seed: int) -> np.ndarray | None:
    """AUROC of resampled cells, (draws,); NaN for too few of them, None where each has one frame."""
    _, model, partition, assignment, effect, _ = key
    folds = scored.groups.get((partition, model, assignment, effect))
    if folds is None:
        return None
    return cluster_bootstrap(folds, draws=draws, seed=seed).get(METRIC, np.full(draws, np.nan))


def _counts(predictions: pd.DataFrame, samples: pd.DataFrame, partition: str) -> dict[str, int]:
    """Cells and frames of a partition."""
    found = predictions.loc[predictions["partition"] == partition, "sample"]
    found = found.drop_duplicates()
    return {"cells": len(np.unique(cells_of(found, samples))), "frames": len(found)}
