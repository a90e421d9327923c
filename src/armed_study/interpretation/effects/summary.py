"""Learned random effects of each cluster, over folds and seeds."""

import pandas as pd

_KEYS = ["study", "model", "effect", "cluster"]


def summarise_effects(random_effects: pd.DataFrame) -> pd.DataFrame:
    """Mean and spread of each cluster's random effects over the replicas of a model.

    Slopes on hidden features are left out: units have no identity across replicas.

    Parameters
    ----------
    random_effects : DataFrame
        Table of that name.

    Returns
    -------
    DataFrame
        study, model, effect, cluster; ``mean`` over replicas; ``sd_replicas``, their standard
        deviation; ``posterior_sd``, the mean posterior standard deviation; ``replicas``.
    """
    text = random_effects.astype(dict.fromkeys(_KEYS, str))
    kept = text[~text["effect"].str.startswith("slope[")]
    grouped = kept.groupby(_KEYS, sort=True)
    return grouped.agg(
        mean=("mean", "mean"),
        sd_replicas=("mean", "std"),
        posterior_sd=("sd", "mean"),
        replicas=("mean", "size"),
    ).reset_index()
