"""Scores of attribution against the true map of the disease, over samples and folds."""

from typing import Any, cast

import numpy as np
import pandas as pd

from armed_study.statistics.intervals import NO_SPREAD, t_interval
from armed_study.vocabulary.formatting import interval_text, number_text
from armed_study.vocabulary.labels import order_models
from armed_study.vocabulary.measures import ATTRIBUTION_SCORES

_COLUMNS = (
    "kind", "model", "partition", "effect", "metric", "fold", "value", "low", "high", "chance",
    "folds", "maps",
)  # fmt: skip
_KEYS = ["model", "partition", "effect"]


def summarise(scores: pd.DataFrame) -> pd.DataFrame:
    """Average the scores of attribution over samples, seeds and folds, with t intervals over folds.

    Parameters
    ----------
    scores
        Table ``attribution_scores``.

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
        chances = {"auroc": 0.5, "inside": float(part["uniform"].mean()), "empty": np.nan}
        for metric, chance in chances.items():
            values = part[metric].dropna()
            same = {**dict(zip(_KEYS, key, strict=True)), "metric": metric, "chance": chance}
            low, high = t_interval(values.to_numpy()) if _vary(values) else (np.nan, np.nan)
            rows.append({**same, "kind": "summary", "value": values.mean(),
                         "low": max(low, 0.0) if low == low else low,
                         "high": min(high, 1.0) if high == high else high,
                         "folds": len(values), "maps": int(counts[key])})  # fmt: skip
            rows += [
                {**same, "kind": "fold", "fold": fold, "value": value}
                for fold, value in zip(values.index.get_level_values("fold"), values, strict=True)
            ]
    result = pd.DataFrame(rows, columns=list(_COLUMNS))
    result[["fold", "folds", "maps"]] = result[["fold", "folds", "maps"]].astype("Int64")
    order = {name: place for place, name in enumerate(order_models(result["model"]))}
    return result.sort_values("model", key=lambda names: names.map(order), kind="stable",
                              ignore_index=True)  # fmt: skip


def readable(table: pd.DataFrame) -> pd.DataFrame:
    """Return the summary with a row for each model and output, for the report's page."""
    summary = table[table["kind"] == "summary"]
    rows = []
    for (partition, model, effect), part in summary.groupby(
        ["partition", "model", "effect"], sort=False
    ):
        by = part.set_index("metric")
        cells = by.apply(lambda row: interval_text(row["value"], row["low"], row["high"]), axis=1)
        rows.append(
            {
                "partition": partition,
                "model": model,
                "output": effect,
                "AUROC (interval)": cells["auroc"],
                "share inside (interval)": cells["inside"],
                "share inside by chance": number_text(cast(float, by.at["inside", "chance"])),
                "maps": int(cast(int, by.at["auroc", "maps"])),
                "of these empty": number_text(cast(float, by.at["empty", "value"])),
            }
        )
    return pd.DataFrame(rows).sort_values("partition", kind="stable", ignore_index=True)


def _vary(values: pd.Series) -> bool:
    return len(values) > 1 and float(np.ptp(values)) > NO_SPREAD
