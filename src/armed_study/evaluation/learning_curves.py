"""Scores by number of training samples and of clusters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from armed_study.evaluation.scores import score_predictions
from armed_study.evaluation.summaries import summarise
from armed_study.io.tables import cast_table
from armed_study.vocabulary.outcomes import BINARY, Outcome
from armed_study.vocabulary.reported import reported
from armed_study.vocabulary.terms import CLUSTERS

_POINT = ["varied", "kept"]


def learning_curves(
    predictions: pd.DataFrame,
    points: pd.DataFrame,
    samples: pd.DataFrame,
    truth: pd.DataFrame,
    *,
    study: str,
    metrics: Sequence[str],
    seed: int,
    outcome: Outcome = BINARY,
    draws: int = 1000,
) -> pd.DataFrame:
    """Summarise the scores of every point by the same code as those of the study: table `learning_curves`.

    With fewer clusters there are no scores on seen ones: of the same test samples some would be of
    clusters that are in training, some of others.

    Parameters
    ----------
    predictions, points : tables `predictions`, whose folds are those of `curve_points`, and that one.
    samples, truth : tables of the study.
    metrics : those that are kept.
    """
    parts = []
    key: Any
    for key, folds in points.groupby(_POINT, sort=False, observed=True):
        original = dict(zip(folds["fold"].tolist(), folds["of_fold"].tolist(), strict=True))
        own = predictions[predictions["fold"].isin(list(original))]
        own = own.assign(fold=own["fold"].map(original))
        scored = score_predictions(own, samples, truth, rows={}, study=study, outcome=outcome)
        table = reported(summarise(scored, seed=seed, draws=draws))
        table = table[table["metric"].isin(metrics)]
        if key[0] == CLUSTERS:
            table = table[table["partition"] == "unseen"]
        about = {"varied": key[0], "kept": key[1]}
        about |= {name: float(folds[name].mean()) for name in ("samples_per_cluster", "clusters")}
        parts.append(table.assign(**about))
    joined = pd.concat(parts, ignore_index=True)
    return cast_table(joined.drop(columns=["median", "sd"]), "learning_curves")
