"""Learned random intercepts beside what they should know: the share of the outcome."""

import numpy as np
import pandas as pd

from armed_study.statistics.intervals import Pearson, pearson

_COLUMNS = ("model", "cluster", "intercept", "sd", "posterior_sd", "replicas", "share", "samples")


def learned_intercepts(
    random_effects: pd.DataFrame,
    samples: pd.DataFrame,
    splits: pd.DataFrame,
    *,
    effect: str = "intercept",
) -> pd.DataFrame:
    """Average each cluster's learned intercept over replicas; join its training outcome share.

    Parameters
    ----------
    random_effects, samples, splits
        The study's tables.
    effect
        Which random effect.

    Returns
    -------
    pd.DataFrame
        `sd` is the s.d. over replicas of the posterior mean (missing for one replica),
        `posterior_sd` the mean posterior s.d.; `share` and `samples` are means over the folds that
        the cluster was trained in. `r` and `p` (Pearson, two-sided) are of a model's intercepts and
        shares over its clusters; missing for fewer than 3 clusters or where one of the two does not vary.
    """
    training = splits[splits["partition"].astype(str) == "train"].astype({"sample": str})
    known = samples[["sample", "cluster", "outcome"]].astype({"sample": str, "cluster": str})
    training = training[["fold", "sample"]].merge(known, on="sample", validate="many_to_one")
    shares = training.groupby(["fold", "cluster"])["outcome"].agg(share="mean", samples="size")
    learned = random_effects[random_effects["effect"].astype(str) == effect]
    learned = learned.astype({"model": str, "cluster": str})
    learned = learned.merge(shares.reset_index(), on=["fold", "cluster"], how="inner")
    result = learned.groupby(["model", "cluster"], sort=False).agg(
        intercept=("mean", "mean"),
        sd=("mean", "std"),
        posterior_sd=("sd", "mean"),
        replicas=("mean", "size"),
        share=("share", "mean"),
        samples=("samples", "mean"),
    )
    result = result.reset_index()[list(_COLUMNS)]
    found = {model: _correlation(part) for model, part in result.groupby("model")}
    return result.assign(
        r=result["model"].map({model: one.r for model, one in found.items()}).astype(float),
        p=result["model"].map({model: one.p for model, one in found.items()}).astype(float),
    )


def _correlation(rows: pd.DataFrame) -> Pearson:
    """Correlate share and intercept over clusters."""
    vary = np.ptp(rows["share"]) > 1e-3
    return pearson(rows["share"], rows["intercept"]) if vary else Pearson()
