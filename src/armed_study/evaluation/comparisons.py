"""Tests between models over the same folds."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from armed.errors import ConfigError
from armed_study.io.schemas import TABLES
from armed_study.messages import listing, suggestion
from armed_study.statistics.tests import corrected_t_test, holm
from armed_study.vocabulary.reported import reported
from armed_study.vocabulary.terms import ORACLES

COMPARED = ("auroc", "auroc_within", "balanced_accuracy", "accuracy")


def compare(scores: pd.DataFrame, splits: pd.DataFrame, *, reference: str) -> pd.DataFrame:
    """Test every model against the reference over folds, on seen and unseen clusters.

    Each model by the effect and assignment that it is reported by; seeds are averaged within a fold; the
    corrected resampled t-test (see `tests.corrected_t_test`) over the folds that both models
    have, with n_test / n_train averaged over these. `difference` is model less reference. `p_holm`
    is adjusted over the models of one partition and metric, the oracles left aside: these are a
    limit, not competitors. On unseen clusters that are the same in all folds the test speaks of
    these clusters, not of further ones.

    Raises
    ------
    ConfigError
        The reference is not among the models.
    """
    models = sorted(scores["model"].unique())
    if reference not in models:
        raise ConfigError(
            f"reference model '{reference}'{suggestion(reference, models)} has no "
            f"scores; take one of {listing(models)}"
        )
    shown = reported(scores[scores["metric"].isin(COMPARED)])
    keys = ["study", "partition", "metric", "model", "fold"]
    means = shown.groupby(keys, sort=True)["value"].mean().unstack("model")
    sizes = splits.groupby(["fold", "partition"], observed=True).size().unstack("partition")
    tables = [
        _compare(table, sizes, reference, key) for key, table in means.groupby(keys[:3], sort=True)
    ]
    order = {metric: i for i, metric in enumerate(COMPARED)}
    found = pd.concat(tables).sort_values(
        ["partition", "metric"],
        ignore_index=True,
        kind="stable",
        key=lambda column: column.map(order) if column.name == "metric" else column,
    )
    return found.astype({"df": "int16"})


def _compare(
    means: pd.DataFrame, sizes: pd.DataFrame, reference: str, key: tuple[Any, ...]
) -> pd.DataFrame:
    """Compare all models in one study, partition and metric; means: (study ... fold) x model."""
    lines = []
    for model in means.columns.drop(reference):
        pairs = (means[model] - means[reference]).dropna()
        folds = sizes.loc[pairs.index.get_level_values("fold")]
        test = corrected_t_test(pairs.to_numpy(), float((folds[key[1]] / folds["train"]).mean()))
        found = (test.difference, test.standard_error, test.t, test.df, test.p)
        lines.append((*key, model, reference, *found))
    table = pd.DataFrame(lines, columns=TABLES["comparisons"].names[:-1])
    p = table["p"].to_numpy(dtype=np.float64)
    return table.assign(p_holm=holm(np.where(table["model"].isin(ORACLES), np.nan, p)))
