"""Which features models find important, fold by fold, and how high they rank the probes."""

import numpy as np
import pandas as pd

from armed_study.interpretation.effects.clusters import slope_spreads
from armed_study.io.schemas import TABLES

_KIND = "average"  # over test samples; the other one is at the mean input
_QUARTILES = {"low": 25, "median": 50, "high": 75}


def collect_importance(importance: pd.DataFrame, *, features: int = 20) -> pd.DataFrame:
    """Average the importance over seeds; where there are probes, add their ratio to real features.

    Parameters
    ----------
    features
        Most real features to keep, by importance averaged over models; all probes are kept.

    Returns
    -------
    pd.DataFrame
        `quantity` is ``importance`` or ``probe_ratio``: mean over probes divided by mean over all
        real features of one fold (`feature` is then ``all``). `low`, `median` and `high` are quartiles
        over the folds of a model and feature.
    """
    frame = _by_fold(importance)
    size = frame[~frame["probe"]].groupby("feature", sort=False)["value"].mean()
    probes = frame.loc[frame["probe"], "feature"].drop_duplicates()
    order = [*size.sort_values(ascending=False, kind="stable").index[:features], *probes]
    shown = frame[frame["feature"].isin(order)]
    shown = shown.sort_values("feature", key=lambda names: names.map(order.index), kind="stable")
    parts = [shown.assign(quantity="importance")]
    if frame["probe"].any():
        mean = frame.pivot_table(index=["model", "fold"], columns="probe", values="value")
        ratio = (mean[True] / mean[False].where(mean[False] > 0)).rename("value").reset_index()
        parts.append(ratio.assign(quantity="probe_ratio", feature="all", probe=True))
    result = pd.concat(parts, ignore_index=True).assign(kind=_KIND)
    folds = result.groupby(["quantity", "model", "feature"], sort=False)["value"]
    for name, share in _QUARTILES.items():
        result[name] = folds.transform(_percentile, share)
    return result[TABLES["feature_importance"].names]


def rank_features(
    importance: pd.DataFrame, random_effects: pd.DataFrame | None = None, *, top: int = 15
) -> pd.DataFrame:
    """Rank each model's features by their median importance over folds and keep the first `top`.

    Parameters
    ----------
    importance
        The study's table; the importance in a fold is its mean over seeds.
    random_effects
        The study's table. Of effects ``linear_slope[<feature>]`` the s.d. over clusters of the
        learned slope is added for the same features, mean over seeds.

    Returns
    -------
    pd.DataFrame
        `quantity` is ``importance`` or ``slope_sd``; `rank` is 1 for the most important feature. `low`,
        `median` and `high` are quartiles over the folds; `least` and `most` the furthest folds within
        1.5 quartile distances of them.
    """
    frame = _by_fold(importance)
    median = frame.groupby(["model", "feature"], sort=False)["value"].median()
    rank = median.groupby("model", sort=False).rank(ascending=False, method="first")
    frame = frame.join(rank.astype(int).rename("rank"), on=["model", "feature"])
    frame = frame[frame["rank"] <= top].assign(quantity="importance")
    slopes = _slopes(random_effects)
    known = frame[["model", "feature", "probe", "rank"]].drop_duplicates()
    slopes = slopes.merge(known, on=["model", "feature"]).assign(quantity="slope_sd")
    names, order = TABLES["ranked_importance"].names, ["quantity", "model", "rank", "fold"]
    result = pd.concat([frame, slopes] if len(slopes) else [frame])
    return _with_boxes(result).sort_values(order, kind="stable", ignore_index=True)[names]


def rank_probes(importance: pd.DataFrame, *, top: int = 10) -> pd.DataFrame:
    """Rank all features of each model in each fold (1 is the most important), and find the probes.

    Returns
    -------
    pd.DataFrame
        `mean_rank` of the probes (ties share their mean rank), `in_top` how many of them are among
        the first `top`; `probes` and `features` count those there are; then the means of both over
        folds, and what they are of features in random order. Without probes no rows.
    """
    frame = _by_fold(importance)
    groups = frame.groupby(["model", "fold"], sort=False)["value"]
    frame["place"] = groups.rank(ascending=False, method="average")
    rows = []
    for (model, fold), part in frame.groupby(["model", "fold"], sort=True):
        probes = part[part["probe"]]
        if len(probes):
            counts = (int((probes["place"] <= top).sum()), top, len(probes), len(part))
            rows.append((model, fold, probes["place"].mean(), *counts))
    names = TABLES["probe_ranks"].names
    table = pd.DataFrame(rows, columns=names[:-4])
    folds = table.groupby("model", sort=False)
    return table.assign(
        mean_rank_over_folds=folds["mean_rank"].transform("mean"),
        in_top_over_folds=folds["in_top"].transform("mean"),
        mean_rank_by_chance=(table["features"] + 1) / 2,
        in_top_by_chance=table["probes"] * (table["top"] / table["features"]).clip(upper=1),
    )[names].astype(dict.fromkeys(names[-4:], float))


def _with_boxes(frame: pd.DataFrame) -> pd.DataFrame:
    """Add quartiles over folds, and the furthest folds within 1.5 quartile distances of them."""
    keys = ["quantity", "model", "feature"]
    folds = frame.groupby(keys, sort=False)["value"]
    made = {name: folds.transform(_percentile, share) for name, share in _QUARTILES.items()}
    reach = 1.5 * (made["high"] - made["low"])
    near = frame["value"].between(made["low"] - reach, made["high"] + reach)
    kept = frame.assign(value=frame["value"].where(near)).groupby(keys, sort=False)["value"]
    made["least"] = kept.transform("min").clip(upper=made["low"])
    made["most"] = kept.transform("max").clip(lower=made["high"])
    return frame.assign(**made)


def _percentile(values: pd.Series, share: float) -> float:
    known = values.dropna().to_numpy(float)
    return float(np.percentile(known, share)) if len(known) else np.nan


def _by_fold(importance: pd.DataFrame) -> pd.DataFrame:
    """Average the importance over test samples and seeds: model, feature, probe, fold, value."""
    frame = importance[importance["kind"].astype(str) == _KIND]
    frame = frame.astype({"model": str, "feature": str, "probe": bool})
    keys = ["model", "feature", "probe", "fold"]
    return frame.groupby(keys, sort=False)["importance"].mean().rename("value").reset_index()


def _slopes(random_effects: pd.DataFrame | None) -> pd.DataFrame:
    """Average the spreads of slopes over seeds: model, feature, fold, value."""
    keys = ["model", "feature", "fold"]
    if random_effects is None or random_effects.empty:
        return pd.DataFrame(columns=[*keys, "value"])
    spread = slope_spreads(random_effects).groupby(keys, sort=False)["mean"].mean()
    return spread.rename("value").reset_index()
