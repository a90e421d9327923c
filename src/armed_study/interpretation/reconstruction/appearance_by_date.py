"""How the appearance of frames and reconstructions differs by date, before and after removing it."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from armed_study.interpretation.image_summaries import cells_of
from armed_study.io.schemas import TABLES
from armed_study.statistics.intervals import t_interval
from armed_study.statistics.intraclass import between_clusters, between_clusters_interval
from armed_study.vocabulary.formatting import interval_text
from armed_study.vocabulary.labels import order_clusters, order_models
from armed_study.vocabulary.measures import (
    APPEARANCES,
    FRAME_MEASURES,
    MEAN,
    ORIGINAL,
    SHARE_BETWEEN_DATES,
)


def compare_appearance(appearance: pd.DataFrame, samples: pd.DataFrame) -> pd.DataFrame:
    """Average what seen test frames look like by date, and say how much of it is the date's.

    Parameters
    ----------
    appearance
        Table ``appearance`` of some models.
    samples
        Table ``samples``: ``group`` tells the cells, ``cluster`` the dates.

    Returns
    -------
    pd.DataFrame
        `quantity` ``mean``: mean over the cells of a date, each a mean over its frames (and folds and
        seeds), with 95 % t interval. ``share between dates``: the share of the variance between cells
        that lies between dates (see `between_clusters`), with its interval. The frames themselves,
        `effect` ``original``, are of no `model`.
    """
    tested = appearance[appearance["partition"] == "test"].astype({"model": str, "effect": str})
    if tested.empty:
        return pd.DataFrame(columns=TABLES["appearance_by_date"].names)
    tested.loc[tested["effect"] == ORIGINAL, "model"] = ""
    measures = list(FRAME_MEASURES)
    frames = tested.groupby(["model", "effect", "sample"], observed=True)[measures].mean()
    frames = frames.reset_index().assign(cell=lambda rows: cells_of(rows["sample"], samples))
    cluster = samples.set_index(samples["sample"].astype(str))["cluster"].astype(str)
    frames["cluster"] = frames["sample"].astype(str).map(cluster)
    cells = frames.groupby(["model", "effect", "cluster", "cell"])[measures].mean().reset_index()
    rows = []
    for model in ("", *order_models(set(cells["model"]) - {""})):
        for effect in APPEARANCES:
            part = cells[(cells["model"] == model) & (cells["effect"] == effect)]
            for metric in FRAME_MEASURES:
                about = {"model": model, "effect": effect, "metric": metric}
                rows += [about | row for row in _rows(part[part[metric].notna()], metric)]
    return pd.DataFrame(rows, columns=TABLES["appearance_by_date"].names)


def _rows(cells: pd.DataFrame, metric: str) -> Iterator[dict[str, object]]:
    if cells.empty:
        return
    for date in order_clusters(cells["cluster"]):
        values = cells.loc[cells["cluster"] == date, metric].to_numpy(np.float64)
        low, high = t_interval(values)
        yield {"quantity": MEAN, "cluster": date, "value": values.mean(), "low": low, "high": high,
               "cells": len(values), "clusters": 1}  # fmt: skip
    values, dates = cells[metric].to_numpy(np.float64), cells["cluster"].to_numpy()
    low, high = between_clusters_interval(values, dates)
    yield {"quantity": SHARE_BETWEEN_DATES, "cluster": "", "value": between_clusters(values, dates),
           "low": low, "high": high, "cells": len(values), "clusters": len(np.unique(dates))}  # fmt: skip


def readable(table: pd.DataFrame) -> pd.DataFrame:
    """Return a row for each metric and model, shares of frames next to those of reconstructions."""
    shares = table[table["quantity"] == SHARE_BETWEEN_DATES]
    frames = shares[shares["effect"] == ORIGINAL].set_index("metric")
    rows = []
    for metric in FRAME_MEASURES:
        for model in order_models(set(shares["model"]) - {""}):
            own = shares[(shares["metric"] == metric) & (shares["model"] == model)]
            by = {ORIGINAL: frames.loc[metric]} | {one["effect"]: one for _, one in own.iterrows()}
            cells = {
                f"share between dates, {name}": interval_text(*by[name][["value", "low", "high"]])
                if name in by
                else None
                for name in APPEARANCES
            }
            counts = {name: int(by[ORIGINAL][name]) for name in ("cells", "clusters")}
            rows.append({"metric": metric, "model": model} | cells | counts)
    return pd.DataFrame(rows).rename(columns={"clusters": "dates"})
