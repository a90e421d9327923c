"""Means of the scores of attribution, with intervals, and their page."""

from typing import Any, cast

import numpy as np
import pandas as pd

from armed_study.io.schemas import TABLES
from armed_study.statistics.intervals import NO_SPREAD, t_interval
from armed_study.vocabulary.formatting import NONE, interval_text, number_text
from armed_study.vocabulary.labels import order_models
from armed_study.vocabulary.measures import ATTRIBUTION_SCORES, ATTRIBUTIONS, TRUE_MAP
from armed_study.vocabulary.terms import ORACLE

_KEYS = ["model", "partition", "by", "effect"]


def summarise(scores: pd.DataFrame) -> pd.DataFrame:
    """Average table ``attribution_scores`` over samples, seeds and folds, with intervals.

    The t interval is that of the means of folds, whose spread holds that of the splits and what averaging
    leaves of the seeds'.

    Returns
    -------
    pd.DataFrame
        `kind` is ``summary`` (with the interval, the number of `folds` and of `maps` behind it) or
        ``fold`` (mean over its samples and seeds). `chance` is the value of even attribution.
    """
    frame = scores.astype(dict.fromkeys(_KEYS, str)).assign(empty=scores["empty"].astype(float))
    means = frame.groupby([*_KEYS, "fold", "seed"])[[*ATTRIBUTION_SCORES, "uniform"]].mean()
    folds = means.groupby(level=[*_KEYS, "fold"]).mean()
    counts = frame.groupby(_KEYS).size()
    rows = []
    key: Any
    for key, part in folds.groupby(level=_KEYS):
        chances = {"auroc": 0.5, "inside": float(part["uniform"].mean()), "agreement": 0.0}
        for metric in [name for name in ATTRIBUTION_SCORES if part[name].notna().any()]:
            chance, least = chances.get(metric, np.nan), -1 if metric == "agreement" else 0
            values = part[metric].dropna()
            same = {**dict(zip(_KEYS, key, strict=True)), "metric": metric, "chance": chance}
            vary = len(values) > 1 and float(np.ptp(values)) > NO_SPREAD
            low, high = np.clip(t_interval(values.to_numpy()), least, 1) if vary else (np.nan,) * 2
            rows.append({**same, "kind": "summary", "value": values.mean(), "low": low, "high": high,
                         "folds": len(values), "maps": int(counts[key])})  # fmt: skip
            rows += [
                {**same, "kind": "fold", "fold": fold, "value": value}
                for fold, value in zip(values.index.get_level_values("fold"), values, strict=True)
            ]
    result = pd.DataFrame(rows, columns=TABLES["attribution_summary"].names)
    result[["fold", "folds", "maps"]] = result[["fold", "folds", "maps"]].astype("Int64")
    place = order_models(result["model"]).index
    return result.sort_values("model", key=lambda names: names.map(place), kind="stable",
                              ignore_index=True)  # fmt: skip


def readable(table: pd.DataFrame) -> pd.DataFrame:
    """Return the summary with a row for each model, output and method, for the report's page."""
    summary = table[table["kind"] == "summary"]
    rows = []
    for (partition, model, effect, by), part in summary.groupby(
        ["partition", "model", "effect", "by"], sort=False
    ):
        metrics = part.set_index("metric")
        cells = metrics.apply(
            lambda row: interval_text(row["value"], row["low"], row["high"]), axis=1
        )
        shown = cells.reindex(list(ATTRIBUTION_SCORES), fill_value=NONE)
        rows.append(
            {
                "partition": partition,
                "model": TRUE_MAP if model == ORACLE else model,
                "output": effect,
                "attribution": ATTRIBUTIONS[str(by)],
                "AUROC (interval)": shown["auroc"],
                "share inside (interval)": shown["inside"],
                "share inside by chance": number_text(cast(float, metrics.at["inside", "chance"])),
                "agreement (interval)": shown["agreement"],
                "maps": int(cast(int, metrics.at["inside", "maps"])),
                "of these empty": number_text(cast(float, metrics.at["empty", "value"])),
            }
        )
    return pd.DataFrame(rows).sort_values("partition", kind="stable", ignore_index=True)
