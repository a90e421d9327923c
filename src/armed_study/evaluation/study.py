"""Everything that is computed of the predictions of a study's models."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from armed_study.evaluation import calibration, comparisons, performance, scores, summaries


@dataclass(frozen=True)
class Settings:
    """What an evaluation depends on beside tables.

    Parameters
    ----------
    study
        Name of the study.
    rows
        Rows that show a model under another name, see `scores.score_predictions`.
    reference
        Model that the others are compared with.
    metrics
        Metrics of the study, the first two of which are shown.
    seed
        Of all resampling.
    """

    study: str
    rows: Mapping[str, Mapping[str, str]]
    reference: str
    metrics: Sequence[str]
    seed: int


def evaluate(
    parts: Sequence[pd.DataFrame],
    samples: pd.DataFrame,
    truth: pd.DataFrame,
    splits: pd.DataFrame,
    published: pd.DataFrame,
    settings: Settings,
) -> dict[str, pd.DataFrame]:
    """Compute the tables of scores, summaries, tests, calibration and curves, by their names.

    Parameters
    ----------
    parts
        Tables `predictions`, of the parts of each model.
    samples, truth, splits
        The study's tables.
    published
        Published scores, to be shown beside those of the study.
    """
    study, rows, seed = settings.study, settings.rows, settings.seed
    scored = scores.score_predictions(parts, samples, truth, rows=rows, study=study)
    summary = summaries.summarise(scored, seed=seed)
    shown = settings.metrics[:2]
    return {
        "scores": scored.table,
        "summary": summary,
        "comparisons": comparisons.compare(scored.table, splits, reference=settings.reference),
        "calibration": calibration.calibration_table(parts, samples, study=study, seed=seed),
        "performance": performance.collect_performance(
            scored.table, summary, published, metrics=shown
        ),
        "roc": performance.collect_curves(parts, samples, truth, summary, rows=rows, seed=seed),
    }
