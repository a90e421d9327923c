"""Everything that is computed of the predictions of a study's models."""

from collections.abc import Collection, Mapping, Sequence

import pandas as pd

from armed_study.data.dataset import ClusteredDataset
from armed_study.evaluation import calibration, comparisons, performance, scores, summaries
from armed_study.io.tables import empty_table
from armed_study.vocabulary.outcomes import BINARY


def evaluate(
    parts: Sequence[pd.DataFrame],
    dataset: ClusteredDataset,
    tables: Mapping[str, pd.DataFrame],
    published: pd.DataFrame,
    *,
    study: str,
    rows: Mapping[str, Mapping[str, str]],
    reference: str,
    networks: Collection[str],
    metrics: Sequence[str],
    seed: int,
) -> dict[str, pd.DataFrame]:
    """Compute the tables of scores, summaries, tests, calibration and curves, by their names.

    Parameters
    ----------
    parts
        Tables `predictions`, of the parts of each model.
    dataset
        The samples of the study.
    tables
        The study's tables `truth` and `splits`.
    published
        Published scores, to be shown with those of the study.
    study, rows
        Name of the study, and rows that show a model under another name: see `scores.score_predictions`.
    reference
        Model that the others are compared with.
    networks
        Models that are networks.
    metrics
        Metrics of the study, the first two of which are shown.
    seed
        Of all resampling.
    """
    samples, truth, outcome = dataset.samples, tables["truth"], dataset.outcome
    scored = scores.score_predictions(
        parts, samples, truth, rows=rows, study=study, outcome=outcome
    )
    summary = summaries.summarise(scored, seed=seed)
    return {
        "scores": scored.table,
        "summary": summary,
        "comparisons": comparisons.compare(
            scored, tables["splits"], reference=reference, seed=seed, outcome=outcome
        ),
        "best": performance.best_models(
            scored, tables["splits"], networks, metric=metrics[0], seed=seed, outcome=outcome
        ),
        "calibration": calibration.calibration_table(
            parts, samples, study=study, seed=seed, outcome=outcome
        ),
        "performance": performance.collect_performance(
            scored.table, summary, published, metrics=metrics[:2]
        ),
        # Of several classes there are as many curves, and of numbers none.
        "roc": performance.collect_curves(parts, samples, truth, summary, rows=rows, seed=seed)
        if outcome == BINARY
        else empty_table("roc"),
    }
