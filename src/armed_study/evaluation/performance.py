"""What is shown of how models perform: scores and ROC curves of the output each is reported by."""

from collections.abc import Iterable, Mapping, Sequence

import pandas as pd

from armed.errors import DataError
from armed_study.evaluation.roc import roc_curves
from armed_study.vocabulary.reported import (
    reported_assignment,
    reported_effect,
    shown_assignments,
)

_COLUMNS = (
    "kind", "model", "partition", "assignment", "effect", "metric", "fold", "value", "median",
    "low", "high", "interval",
)  # fmt: skip
_KEYS = ["model", "partition", "assignment", "effect", "metric"]
_CURVES = (
    "model", "partition", "assignment", "effect", "fpr", "tpr", "low", "high", "auroc",
    "auroc_low", "auroc_high",
)  # fmt: skip


def collect_performance(
    scores: pd.DataFrame,
    summary: pd.DataFrame,
    published: pd.DataFrame | None = None,
    *,
    metrics: Sequence[str],
) -> pd.DataFrame:
    """Collect means with intervals, the fold values behind them and published values.

    Parameters
    ----------
    scores, summary
        The study's tables; a fold's value is its mean over seeds.
    published
        Published values (`armed_study.report.published`), of any studies.
    metrics
        Metrics to show, in order.

    Returns
    -------
    pd.DataFrame
        `kind` is ``summary``, ``fold`` or ``published``; other outputs and assignments than the
        figure shows are left out.

    Raises
    ------
    DataError
        If the summary holds none of `metrics`.
    """
    means = shown_assignments(reported_effect(_chosen(summary, metrics)))
    if means.empty:
        found = ", ".join(sorted(set(summary["metric"].astype(str)))) or "no row"
        raise DataError(
            f"figure 'performance': {', '.join(metrics)} on test or unseen clusters not found in "
            f"the summary, which holds {found}; ask for a metric that was computed."
        )
    means = means.rename(columns={"mean": "value"}).assign(kind="summary")
    folds = shown_assignments(reported_effect(_chosen(scores, metrics)))
    folds = folds.groupby([*_KEYS, "fold"], sort=False)["value"].mean().reset_index()
    parts = [means, folds.assign(kind="fold")]
    if published is not None:
        there = published["study"].isin(summary["study"].astype(str))
        parts.append(_chosen(published[there], metrics).assign(kind="published"))
    result = pd.concat([part.reindex(columns=list(_COLUMNS)) for part in parts if len(part)])
    result["fold"] = result["fold"].astype("Int64")
    return result.reset_index(drop=True)


def collect_curves(
    predictions: pd.DataFrame | Iterable[pd.DataFrame],
    samples: pd.DataFrame,
    truth: pd.DataFrame,
    summary: pd.DataFrame,
    *,
    rows: Mapping[str, Mapping[str, str]] | None = None,
    seed: int = 0,
) -> pd.DataFrame:
    """Average ROC curves for the output and assignment by which each model is judged.

    Parameters
    ----------
    predictions, samples, truth, summary
        The study's tables; the AUROC and its interval are those of the summary.
    rows
        The study's rows that show a model under another name, see `evaluation.score_predictions`.
    seed
        Of the resampling of unseen clusters.

    Returns
    -------
    pd.DataFrame
        `low` and `high`: pointwise 95 % band, see `armed_study.evaluation.roc.roc_curves`.
    """
    chosen = summary[summary["metric"].astype(str) == "auroc"]
    chosen = reported_assignment(reported_effect(chosen))
    keys = list(_CURVES[:4])
    chosen = chosen.astype(dict.fromkeys(keys, str))
    chosen = chosen.rename(columns={"mean": "auroc", "low": "auroc_low", "high": "auroc_high"})
    chosen = chosen[[*keys, "auroc", "auroc_low", "auroc_high"]]
    curves = roc_curves(predictions, samples, truth, chosen, rows=rows or {}, seed=seed)
    return curves.merge(chosen, on=keys, how="left", validate="many_to_one")[list(_CURVES)]


def _chosen(frame: pd.DataFrame, metrics: Sequence[str]) -> pd.DataFrame:
    text = {name: frame[name].astype(str) for name in (*_KEYS, "interval") if name in frame}
    frame = frame.assign(**text)
    frame = frame[frame["metric"].isin(metrics) & frame["partition"].isin(["test", "unseen"])]
    order = list(metrics)
    return frame.sort_values("metric", key=lambda names: names.map(order.index), kind="stable")
