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
generated data only. There, the univariate models are reported by it too, as model `univariate`.
"""

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from armed_study.data.dataset import ClusteredDataset
from armed_study.interpretation.effects.clusters import slope_spreads
from armed_study.interpretation.effects.univariate import seen_samples
from armed_study.io.schemas import TABLES
from armed_study.statistics.intervals import pearson, t_interval
from armed_study.vocabulary.formatting import interval_text
from armed_study.vocabulary.labels import order_models

_AGAINST = {
    "slope_sd": "slope s.d. and that of univariate mixed models",
    "relative_risk_sd": "slope s.d. and that of the relative risk",
    "conversion_rate": "intercept and share of outcome 1",
    "true_intercept": "intercept and the true one",
    "true_slope_sd": "slope s.d. and the true one",
}


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
        Table ``effect_validation``: `learned` is the mean over folds of the mean over seeds, with its t
        interval over folds; see `order_comparisons`.
    """
    seen = seen_samples(dataset, splits)
    effects = random_effects.astype({"model": str, "effect": str, "cluster": str})
    intercepts = _over_folds(effects[effects["effect"] == "intercept"], "cluster")
    slopes = _over_folds(slope_spreads(effects), "feature")
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
    return order_comparisons(pd.concat(made, ignore_index=True)[TABLES["effect_validation"].names])


def order_comparisons(comparisons: pd.DataFrame) -> pd.DataFrame:
    """Order comparisons (table `effect_validation`) by kind, model and reference, complete ones only."""
    frame = comparisons.astype(dict.fromkeys(("model", "comparison", "item"), str))
    frame = frame.dropna(subset=["learned", "reference"])
    place = {
        "comparison": _order(frame["comparison"]).index,
        "model": order_models(frame["model"]).index,
    }
    return frame.sort_values(
        ["comparison", "model", "reference", "item"], ignore_index=True,
        key=lambda column: column.map(place[column.name]) if column.name in place else column,
    )  # fmt: skip


def recovery(table: pd.DataFrame) -> pd.DataFrame:
    """Correlate learned and reference over the items of each comparison and model.

    Returns
    -------
    pd.DataFrame
        Pearson's `r`, its 95 % interval by Fisher's z (4 items or more), and the two-sided `p` (3 or
        more), not corrected for their number; missing where one of the two does not vary. `slope` and
        `start` are those of the line of least squares through 3 items or more.
    """
    rows = []
    for comparison in _order(table["comparison"]):
        for model in order_models(table["model"]):
            part = table[(table["comparison"] == comparison) & (table["model"] == model)]
            if len(part):
                found = pearson(part["learned"], part["reference"])
                rows.append((model, comparison, *found, len(part), *_line(part)))
    return pd.DataFrame(rows, columns=TABLES["effect_recovery"].names)


def readable(correlations: pd.DataFrame) -> pd.DataFrame:
    """Give the correlations in words, with their intervals as text."""
    rows = correlations[["r", "r_low", "r_high"]].itertuples(index=False)
    return pd.DataFrame(
        {
            "of learned": correlations["comparison"].replace(_AGAINST),
            "model": correlations["model"],
            "correlation r (interval)": [interval_text(*row) for row in rows],
            "p": correlations["p"],
            "items": correlations["items"],
        }
    )


def _over_folds(values: pd.DataFrame, item: str) -> pd.DataFrame:
    """Mean over seeds, then mean and interval over folds: model, item, learned, low, high."""
    by_fold = values.groupby(["model", item, "fold"], sort=False)["mean"].mean()
    rows = []
    key: Any
    for key, folds in by_fold.groupby(level=[0, 1], sort=False):
        rows.append((*key, folds.mean(), *t_interval(folds.to_numpy())))
    return pd.DataFrame(rows, columns=["model", "item", "learned", "low", "high"])


def _against(learned: pd.DataFrame, comparison: str, reference: pd.Series) -> pd.DataFrame:
    known = learned["item"].map(reference).astype(float)
    joined = learned.assign(comparison=comparison, reference=known)
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


def _line(rows: pd.DataFrame) -> tuple[float, float]:
    x, y = rows["reference"].to_numpy(float), rows["learned"].to_numpy(float)
    if len(x) < 3 or not np.ptp(x) > 0:
        return np.nan, np.nan
    slope, start = np.polyfit(x, y, 1)
    return float(slope), float(start)


def _order(comparisons: pd.Series) -> list[str]:
    known, names = list(_AGAINST), set(comparisons.astype(str))
    return [*(name for name in known if name in names), *sorted(names - set(known))]
