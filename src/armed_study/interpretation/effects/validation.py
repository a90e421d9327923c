"""Whether learned random effects are those of the clusters, by other models, counts and the truth.

Five comparisons, each of a learned value with a reference, item by item:

=================== ========== ======================================== ===========================
comparison          item       learned                                  reference
=================== ========== ======================================== ===========================
slope_sd            feature    s.d. over clusters of the random slope   s.d. in a univariate mixed
                    (numeric)                                           model
relative_risk_sd    level of a the same                                 s.d. over clusters of the
                    category                                            relative risk
conversion_rate     cluster    random intercept                         share of outcome 1
true_intercept      cluster    random intercept                         intercept of the generator
true_slope_sd       feature    s.d. over clusters of the random slope   that of the generator's
                    (numeric)                                           slopes
=================== ========== ======================================== ===========================

The first three as in the study of Nguyen, Treacher and Montillo (2023); the truth is known of
generated data only. There, the univariate models are judged by it too, as model `univariate`.
"""

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from armed_study.data.dataset import ClusteredDataset
from armed_study.interpretation.effects.univariate import seen_samples
from armed_study.statistics.intervals import t_interval

COLUMNS = ("model", "comparison", "item", "learned", "low", "high", "reference")
_SLOPE = r"^linear_slope\[(.*)\]$"


def validate_effects(
    dataset: ClusteredDataset,
    splits: pd.DataFrame,
    random_effects: pd.DataFrame,
    *,
    univariate: pd.DataFrame,
    cluster_truth: pd.DataFrame,
) -> pd.DataFrame:
    """Set every model's learned random effects against their references.

    Parameters
    ----------
    dataset, splits, random_effects, cluster_truth
        Tables of the study.
    univariate
        What `armed_study.interpretation.effects.univariate.univariate_models` returns.

    Returns
    -------
    DataFrame
        `COLUMNS`: learned is the mean over folds of the mean over seeds, with its t interval over
        folds. Pairs of which one is unknown are left out.
    """
    seen = seen_samples(dataset, splits)
    effects = random_effects.astype({"model": str, "effect": str, "cluster": str})
    intercepts = _over_folds(effects[effects["effect"] == "intercept"], "cluster")
    slopes = _over_folds(_slope_spread(effects), "item")
    alone = univariate.set_index("feature")["slope_sd"]
    truth = _true_effects(cluster_truth, seen["cluster"].astype(str).unique())
    rate = seen.assign(cluster=seen["cluster"].astype(str)).groupby("cluster")["outcome"].mean()
    single = pd.DataFrame({"model": "univariate", "item": alone.index, "learned": alone.to_numpy()})
    made = [
        _against(slopes, "slope_sd", alone),
        _against(slopes, "relative_risk_sd", _relative_risks(dataset, seen)),
        _against(intercepts, "conversion_rate", rate),
        _against(intercepts, "true_intercept", truth["intercept"]),
        _against(pd.concat([slopes, single]), "true_slope_sd", truth["slope_sd"]),
    ]
    return pd.concat(made, ignore_index=True)[list(COLUMNS)]


def _slope_spread(effects: pd.DataFrame) -> pd.DataFrame:
    """Standard deviation over clusters of each slope on an input, by replica."""
    slopes = effects.assign(item=effects["effect"].str.extract(_SLOPE, expand=False))
    keys = ["model", "fold", "seed", "item"]
    return slopes.dropna(subset="item").groupby(keys, sort=False)["mean"].std().reset_index()


def _over_folds(values: pd.DataFrame, item: str) -> pd.DataFrame:
    """Mean over seeds, then mean and interval over folds: model, item, learned, low, high."""
    by_fold = values.groupby(["model", item, "fold"], sort=False)["mean"].mean()
    rows = []
    key: Any
    for key, folds in by_fold.groupby(level=[0, 1], sort=False):
        low, high = t_interval(folds.to_numpy())
        rows.append((*key, folds.mean(), low, high))
    return pd.DataFrame(rows, columns=["model", "item", "learned", "low", "high"])


def _against(learned: pd.DataFrame, comparison: str, reference: pd.Series) -> pd.DataFrame:
    joined = learned.assign(
        comparison=comparison, reference=learned["item"].map(reference).astype(float)
    )
    return joined.dropna(subset=["learned", "reference"])


def _true_effects(cluster_truth: pd.DataFrame, clusters: Iterable[str]) -> dict[str, pd.Series]:
    """Intercept by cluster, and s.d. of the slopes over the seen clusters by feature."""
    truth = cluster_truth.astype({"cluster": str, "quantity": str})
    truth = truth[truth["cluster"].isin(clusters)]
    own = truth[truth["quantity"] == "intercept"].set_index("cluster")["value"]
    slopes = truth.assign(item=truth["quantity"].str.extract(r"^slope\[(.*)\]$", expand=False))
    return {"intercept": own, "slope_sd": slopes.groupby("item")["value"].std()}


def _relative_risks(dataset: ClusteredDataset, seen: pd.DataFrame) -> pd.Series:
    """Standard deviation over clusters of each level's relative risk, by ``feature: level``.

    Risk of outcome 1 with the level over the risk without it, half a case and half a non-case added
    to both (a cluster without cases would give 0 or nothing); in clusters that have samples of both.
    """
    found = {}
    groups = seen.assign(cluster=seen["cluster"].astype(str)).groupby("cluster")
    for feature in dataset.features:
        for level in feature.levels[1:]:
            ratios = [_relative_risk(part, feature.name, level) for _, part in groups]
            found[f"{feature.name}: {level}"] = pd.Series(ratios, dtype=float).std()
    return pd.Series(found, dtype=float)


def _relative_risk(samples: pd.DataFrame, feature: str, level: str) -> float:
    known = samples[samples[feature].notna()]
    has = (known[feature].astype(str) == level).to_numpy()
    y = known["outcome"].to_numpy(float)
    if not has.any() or has.all():
        return np.nan
    risks = [(y[side].sum() + 0.5) / (side.sum() + 1) for side in (has, ~has)]
    return float(risks[0] / risks[1])
