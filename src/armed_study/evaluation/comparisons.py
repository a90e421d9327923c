"""Tests between models: over the same folds, and over the same draws of unseen clusters."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from armed.errors import ConfigError
from armed_study.evaluation.scores import Scored
from armed_study.evaluation.summaries import cluster_bootstrap
from armed_study.io.schemas import TABLES
from armed_study.messages import counted, listing, suggestion
from armed_study.statistics.tests import bootstrap_test, corrected_t_test, holm
from armed_study.vocabulary.outcomes import BINARY, Outcome
from armed_study.vocabulary.reported import reported
from armed_study.vocabulary.terms import ORACLES

OVER_FOLDS, OVER_CLUSTERS, NONE = "corrected resampled t", "paired bootstrap", "none"
#: So many that a p value can be small enough for a family of some hundred tests.
DRAWS = 9999
_KEY = ["study", "partition", "metric"]
_Drawn = dict[str, dict[str, np.ndarray]]


def compare(
    scored: Scored,
    splits: pd.DataFrame,
    *,
    reference: str,
    seed: int,
    outcome: Outcome = BINARY,
    draws: int = DRAWS,
) -> pd.DataFrame:
    """Test every model against the reference, on seen and unseen clusters.

    Each model by the effect and assignment that it is reported by; seeds are averaged within a fold.
    `difference` is model less reference, mean over the folds that both have. Column `test` says
    which test it is:

    - "corrected resampled t": over folds, see `tests.corrected_t_test`, with n_test / n_train
      averaged over these. For seen clusters, and for unseen ones too few to be drawn again
      (`summaries.enough_clusters`); there it speaks of these clusters, not of further ones.
    - "paired bootstrap": unseen clusters, and folds, drawn again with replacement, the same draws
      for all models (`bootstrap.resample`). It speaks of further clusters of the same kind.
    - "none": a single fold, or a difference that is the same in all folds.

    All tests of the table are one family, for which `p_holm` is adjusted; `family` says so, with
    their number. The oracles are left aside: they are a limit, not competitors.

    Raises
    ------
    ConfigError
        The reference is not among the models.
    """
    scores = scored.table
    models = sorted(scores["model"].unique())
    if reference not in models:
        raise ConfigError(
            f"reference model '{reference}'{suggestion(reference, models)} has no "
            f"scores; take one of {listing(models)}"
        )
    compared = outcome.about.compared
    shown = reported(scores[scores["metric"].isin(compared)])
    means = shown.groupby([*_KEY, "model", "fold"], sort=True)["value"].mean().unstack("model")
    sizes = splits.groupby(["fold", "partition"], observed=True).size().unstack("partition")
    drawn = _drawn(scored, shown, reference, draws=draws, seed=seed)
    lines = [
        line
        for key, table in means.groupby(_KEY, sort=True)
        for line in _lines(table, sizes, reference, key, drawn if key[1] == "unseen" else {})
    ]
    found = pd.DataFrame(lines, columns=TABLES["comparisons"].names[:-2])
    order = {metric: i for i, metric in enumerate(compared)}
    found = found.sort_values(
        ["partition", "metric"],
        ignore_index=True,
        kind="stable",
        key=lambda column: column.map(order) if column.name == "metric" else column,
    )
    return _adjusted(found)


def _drawn(scored: Scored, shown: pd.DataFrame, reference: str, *, draws: int, seed: int) -> _Drawn:
    """Give model -> metric -> (draws,) of what it is reported by on unseen clusters, where possible.

    Draws depend on the folds and their clusters: models of other folds than the reference have none.
    """
    unseen = shown.loc[shown["partition"] == "unseen", ["model", "assignment", "effect"]]
    folds = {
        model: scored.unseen["unseen", model, assignment, effect]
        for model, assignment, effect in unseen.drop_duplicates().itertuples(index=False)
    }
    return {
        model: cluster_bootstrap(own, draws=draws, seed=seed)
        for model, own in folds.items()
        if own.keys() == folds.get(reference, {}).keys()
    }


def _lines(
    means: pd.DataFrame, sizes: pd.DataFrame, reference: str, key: Any, drawn: _Drawn
) -> Iterator[tuple]:
    """Compare all models in one study, partition and metric; means: (study ... fold) x model."""
    *_, partition, metric = key
    for model in means.columns.drop(reference):
        pairs = (means[model] - means[reference]).dropna()
        folds = sizes.loc[pairs.index.get_level_values("fold")]
        test = corrected_t_test(pairs.to_numpy(), float((folds[partition] / folds["train"]).mean()))
        name = NONE if np.isnan(test.p) else OVER_FOLDS
        if metric in drawn.get(model, {}) and metric in drawn.get(reference, {}):
            both = drawn[model][metric] - drawn[reference][metric]
            bootstrapped = bootstrap_test(test.difference, both)
            if not np.isnan(bootstrapped.p):
                test, name = bootstrapped, OVER_CLUSTERS
        yield (*key, model, reference, *test, name)


def _adjusted(table: pd.DataFrame) -> pd.DataFrame:
    """Add Holm's p values over all tests of the table but the oracles', and what family they are of."""
    p = table["p"].where(~table["model"].isin(ORACLES)).to_numpy(dtype=np.float64)
    family = pd.Series(
        f"all {counted(np.sum(~np.isnan(p)), 'test')} of this table", index=table.index
    )
    return table.assign(p_holm=holm(p), family=family.where(~np.isnan(p)))
