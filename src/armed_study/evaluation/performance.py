"""What is shown of how models perform: scores and ROC curves of the output each is reported by."""

from collections.abc import Iterable, Mapping, Sequence

import pandas as pd

from armed.errors import DataError
from armed_study.evaluation.roc import roc_curves
from armed_study.io.schemas import TABLES
from armed_study.vocabulary.reported import reported, reported_effect, shown_assignments

_OUTPUT = ["model", "partition", "assignment", "effect"]
_KEYS = [*_OUTPUT, "metric"]


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
    result = pd.concat(
        [part.reindex(columns=TABLES["performance"].names) for part in parts if len(part)]
    )
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
    """Average ROC curves for the output and assignment by which each model is reported.

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
    ends = {"mean": "auroc", "low": "auroc_low", "high": "auroc_high"}
    chosen = reported(summary[summary["metric"].astype(str) == "auroc"])
    chosen = chosen.astype(dict.fromkeys(_OUTPUT, str)).rename(columns=ends)
    chosen = chosen[[*_OUTPUT, *ends.values()]]
    curves = roc_curves(predictions, samples, truth, chosen, rows=rows or {}, seed=seed)
    curves = curves.merge(chosen, on=_OUTPUT, how="left", validate="many_to_one")
    return curves[TABLES["roc"].names]


def _chosen(frame: pd.DataFrame, metrics: Sequence[str]) -> pd.DataFrame:
    text = {name: frame[name].astype(str) for name in (*_KEYS, "interval") if name in frame}
    frame = frame.assign(**text)
    frame = frame[frame["metric"].isin(metrics) & frame["partition"].isin(["test", "unseen"])]
    order = list(metrics).index
    return frame.sort_values("metric", key=lambda names: names.map(order), kind="stable")
