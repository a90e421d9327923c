"""Which features models find important, fold by fold, and how high they rank the probes."""

import numpy as np
import pandas as pd

_COLUMNS = ("quantity", "kind", "model", "feature", "probe", "fold", "value")
_QUARTILES = {"low": 25, "median": 50, "high": 75}
_RANKED = ("model", "quantity", "feature", "probe", "rank", "fold", "value")
_PROBES = ("model", "fold", "mean_rank", "in_top", "top", "probes", "features")


def collect_importance(
    importance: pd.DataFrame, *, kind: str = "average", features: int = 20
) -> pd.DataFrame:
    """Average the importance over seeds; where there are probes, add their ratio to real features.

    Parameters
    ----------
    importance
        The study's table.
    kind
        ``average`` (over test samples) or ``at_mean`` (at the mean input).
    features
        Most real features to keep, by importance averaged over models; all probes are kept.

    Returns
    -------
    pd.DataFrame
        `quantity` is ``importance`` or ``probe_ratio``: mean over probes divided by mean over all
        real features of one fold (`feature` is then ``all``). `low`, `median` and `high` are quartiles
        over the folds of a model and feature.
    """
    frame = _by_fold(importance, kind)
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
    result = pd.concat(parts, ignore_index=True).assign(kind=kind)[list(_COLUMNS)]
    folds = result.groupby(["quantity", "model", "feature"], sort=False)["value"]
    quartiles = {name: folds.transform(_percentile, share) for name, share in _QUARTILES.items()}
    return result.assign(**quartiles)


def rank_features(
    importance: pd.DataFrame,
    random_effects: pd.DataFrame | None = None,
    *,
    top: int = 15,
    kind: str = "average",
) -> pd.DataFrame:
    """Rank each model's features by their median importance over folds and keep the first `top`.

    Parameters
    ----------
    importance
        The study's table; the importance in a fold is its mean over seeds.
    random_effects
        The study's table. Of effects ``linear_slope[<feature>]`` the s.d. over clusters of the
        learned slope is added for the same features, mean over seeds.
    kind
        ``average`` (over test samples) or ``at_mean`` (at the mean input).

    Returns
    -------
    pd.DataFrame
        `quantity` is ``importance`` or ``slope_sd``; `rank` is 1 for the most important feature.
    """
    frame = _by_fold(importance, kind)
    median = frame.groupby(["model", "feature"], sort=False)["value"].median()
    rank = median.groupby("model", sort=False).rank(ascending=False, method="first")
    frame = frame.join(rank.astype(int).rename("rank"), on=["model", "feature"])
    frame = frame[frame["rank"] <= top].assign(quantity="importance")
    slopes = _slopes(random_effects)
    known = frame[["model", "feature", "probe", "rank"]].drop_duplicates()
    slopes = slopes.merge(known, on=["model", "feature"]).assign(quantity="slope_sd")
    result = pd.concat([frame[list(_RANKED)], slopes[list(_RANKED)]] if len(slopes) else [frame])
    order = ["quantity", "model", "rank", "fold"]
    return result.sort_values(order, kind="stable", ignore_index=True)[list(_RANKED)]


def rank_probes(importance: pd.DataFrame, *, top: int = 10, kind: str = "average") -> pd.DataFrame:
    """Rank all features of each model in each fold (1 is the most important), and find the probes.

    Returns
    -------
    pd.DataFrame
        `mean_rank` of the probes (ties share their mean rank), `in_top` how many of them are among
        the first `top`; `probes` and `features` count those there are. Without probes no rows.
    """
    frame = _by_fold(importance, kind)
    groups = frame.groupby(["model", "fold"], sort=False)["value"]
    frame["place"] = groups.rank(ascending=False, method="average")
    rows = []
    for (model, fold), part in frame.groupby(["model", "fold"], sort=True):
        probes = part[part["probe"]]
        if len(probes):
            counts = (int((probes["place"] <= top).sum()), top, len(probes), len(part))
            rows.append((model, fold, probes["place"].mean(), *counts))
    return pd.DataFrame(rows, columns=list(_PROBES))


def _percentile(values: pd.Series, share: float) -> float:
    known = values.dropna().to_numpy(float)
    return float(np.percentile(known, share)) if len(known) else np.nan


def _by_fold(importance: pd.DataFrame, kind: str) -> pd.DataFrame:
    """Average the importance over seeds: model, feature, probe, fold, value."""
    frame = importance[importance["kind"].astype(str) == kind]
    frame = frame.astype({"model": str, "feature": str, "probe": bool})
    keys = ["model", "feature", "probe", "fold"]
    return frame.groupby(keys, sort=False)["importance"].mean().rename("value").reset_index()


def _slopes(random_effects: pd.DataFrame | None) -> pd.DataFrame:
    columns = ["model", "feature", "fold", "value"]
    if random_effects is None or random_effects.empty:
        return pd.DataFrame(columns=columns)
    frame = random_effects.astype({"model": str, "effect": str})
    feature = frame["effect"].str.extract(r"^linear_slope\[(.*)\]$")[0]
    frame = frame.assign(feature=feature)[feature.notna()]
    keys = ["model", "feature", "fold"]
    spread = frame.groupby([*keys, "seed"], sort=False)["mean"].std()
    return spread.groupby(keys, sort=False).mean().rename("value").reset_index()[columns]
