"""What models predict over the plane for a few clusters, and the true boundary."""

import numpy as np
import pandas as pd

from armed_study.io.schemas import TABLES
from armed_study.vocabulary.labels import order_clusters, order_models
from armed_study.vocabulary.reported import true_values

_AXES = {"x1": "x", "x2": "y"}  # the features that span the grid
_FIXED = "fixed effects"  # the panel that shows a model without any cluster


def average_boundaries(
    display: pd.DataFrame,
    display_predictions: pd.DataFrame,
    truth: pd.DataFrame,
    cluster_truth: pd.DataFrame,
    *,
    clusters: int = 5,
) -> pd.DataFrame:
    """Average the predictions on the display grid over the folds, for some of the clusters.

    Parameters
    ----------
    display, display_predictions
        Points of a regular grid with their cluster, and each model's predictions there.
    truth
        True P(y=1) of the display points; also gives the rows of model ``oracle``.
    cluster_truth
        Where it holds radii, the clusters shown are spread evenly over the sorted radii.
    clusters
        How many clusters to show.
    """
    points = _points(display, truth)
    radius = true_values(cluster_truth, "radius")
    chosen = _choose(order_clusters(points["cluster"]), radius, clusters)
    keys = [display_predictions[name].astype(str) for name in ("model", "sample")]
    mean = display_predictions[["fixed", "mixed"]].astype(float).groupby(keys).mean().reset_index()
    frame = mean.merge(points, on="sample", how="inner", validate="many_to_one")
    if points["oracle"].notna().any():
        truths = points.assign(
            model="oracle", mixed=points["oracle"], fixed=points["oracle_no_cluster"]
        )
        frame = pd.concat([truths, frame], ignore_index=True)
    parts = []
    for model in order_models(frame["model"]):
        rows = frame[frame["model"] == model]
        parts += [_fixed_panel(rows, chosen[0]), _cluster_panels(rows, chosen)]
    if not parts:
        return pd.DataFrame(columns=TABLES["boundaries"].names)
    result = pd.concat(parts, ignore_index=True)
    result["radius"] = result["panel"].map(radius).astype(float)
    return result[TABLES["boundaries"].names]


def _points(display: pd.DataFrame, truth: pd.DataFrame) -> pd.DataFrame:
    points = display[["sample", "cluster", *_AXES]].rename(columns=_AXES)
    points = points.astype({"sample": str, "cluster": str, "x": float, "y": float})
    if truth.empty:
        return points.assign(oracle=np.nan, oracle_no_cluster=np.nan)
    known = truth[["sample", "oracle", "oracle_no_cluster"]].astype({"sample": str})
    return points.merge(known, on="sample", how="left", validate="one_to_one")


def _choose(clusters: list[str], radius: dict[str, float], count: int) -> list[str]:
    ranked = sorted(clusters, key=lambda name: radius.get(name, 0.0))
    ranks = np.linspace(0, len(ranked) - 1, min(count, len(ranked))).round().astype(int)
    return [ranked[rank] for rank in ranks]


def _cluster_panels(rows: pd.DataFrame, chosen: list[str]) -> pd.DataFrame:
    effect = "mixed" if rows["mixed"].notna().any() else "fixed"
    rows = rows[rows["cluster"].isin(chosen)]
    rows = rows.sort_values("cluster", key=lambda names: names.map(chosen.index), kind="stable")
    return rows.assign(
        panel=rows["cluster"], effect=effect, predicted=rows[effect], true=rows["oracle"]
    )


def _fixed_panel(rows: pd.DataFrame, cluster: str) -> pd.DataFrame:
    # The mean over clusters matters where there are other features, which differ by cluster.
    mean = rows.groupby(["x", "y"])[["fixed", "oracle_no_cluster"]].transform("mean")
    panel = rows.assign(
        panel=_FIXED, effect="fixed", predicted=mean["fixed"], true=mean["oracle_no_cluster"]
    )
    return panel[panel["cluster"] == cluster]
