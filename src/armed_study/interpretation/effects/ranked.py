"""Random intercepts of a model in the order of their size, next to a normal distribution of them."""

import numpy as np
import pandas as pd
from scipy import stats

from armed_study.interpretation.effects.clusters import summarise_effects
from armed_study.io.schemas import TABLES


def rank_intercepts(random_effects: pd.DataFrame) -> pd.DataFrame:
    """Order the clusters of each model by its random intercept, mean over replicas; of each class by its own.

    Returns
    -------
    pd.DataFrame
        `value` with the 95 % interval of its posterior (`low`, `high`: mean posterior s.d. of the
        replicas); `place` of the cluster among the model's, from 1; `quantile` of the standard normal
        distribution at ``(place - 1/2) / clusters``; `expected`, the value there of a normal distribution
        with the mean and s.d. of the model's values.
    """
    effects = summarise_effects(random_effects)
    # "intercept" or, of a categorical outcome, "intercept[CLASS]"
    effects = effects[effects["effect"].str.match(r"intercept(\[|$)")].rename(
        columns={"mean": "value"}
    )
    effects = effects.sort_values(["model", "effect", "value", "cluster"], ignore_index=True)
    half = stats.norm.ppf(0.975) * effects["posterior_sd"]
    models = effects.groupby(["model", "effect"])
    place = models.cumcount() + 1
    share = (place - 0.5) / models["value"].transform("size")
    quantile = pd.Series(stats.norm.ppf(share.to_numpy(float)), dtype=float)
    sd = models["value"].transform("std").fillna(0.0)
    made = effects.assign(
        low=effects["value"] - half,
        high=effects["value"] + half,
        place=place.astype(np.int64),
        quantile=quantile,
        expected=models["value"].transform("mean") + sd * quantile,
    )
    return made[TABLES["ranked_effects"].names]
