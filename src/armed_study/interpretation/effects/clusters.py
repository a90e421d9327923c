"""What models learned of each cluster, next to what is known of it: its share of the outcome, the truth."""

import numpy as np
import pandas as pd

from armed_study.evaluation.descriptive.samples import share_by_cluster
from armed_study.io.schemas import TABLES
from armed_study.io.tables import empty_table
from armed_study.statistics.intervals import Pearson, pearson
from armed_study.vocabulary.outcomes import BINARY, Outcome
from armed_study.vocabulary.reported import true_values

TRUTH = "truth"
NO_SPREAD = 1e-4
"""Standard deviation of slopes over clusters that counts as 0; lme4's tolerance of a singular fit."""
_KEYS = ["study", "model", "effect", "cluster"]


def collect_clusters(
    samples: pd.DataFrame,
    splits: pd.DataFrame,
    random_effects: pd.DataFrame,
    cluster_truth: pd.DataFrame | None = None,
    outcome: Outcome = BINARY,
) -> pd.DataFrame:
    """Collect what is known of each cluster, sorted by its share of outcome 1 or mean outcome.

    Of a categorical outcome nothing: it has neither, and an effect of each class.

    Returns
    -------
    pd.DataFrame
        `block` is ``seen`` (trained on in some fold) or ``unseen``. `quantity` is ``share`` (with
        its 95 % interval, see `share_by_cluster`) or ``intercept``: of a `model`, mean over
        replicas with one s.d. to each side, or of ``truth`` (quantity ``intercept`` of
        `cluster_truth`). Columns ``standardised``: intercepts less their mean, by their `sd` over
        the clusters of the block, of each model; missing where they do not vary. `overall` is the
        share over `all_samples` of the block. Clusters in no fold are left out.
    """
    if outcome.classes:
        return empty_table("cluster_effects")
    shares = share_by_cluster(samples, outcome=outcome)
    home = splits.astype({"sample": str, "partition": str})
    known = samples[["sample", "cluster"]].astype(str)
    home = home[["sample", "partition"]].drop_duplicates().merge(known, on="sample")
    seen = set(home.loc[home["partition"] == "train", "cluster"])
    shares = shares[shares["cluster"].isin(home["cluster"])]
    shares = shares.assign(
        block=np.where(shares["cluster"].isin(seen), "seen", "unseen"),
        quantity="share", model="", value=shares["share"],
    )  # fmt: skip
    totals = shares["positives"].astype(float).fillna(shares["share"] * shares["samples"])
    blocks = shares.assign(total=totals).groupby("block")[["total", "samples"]].transform("sum")
    shares = shares.assign(
        overall=blocks["total"] / blocks["samples"], all_samples=blocks["samples"]
    )
    found = learned_intercepts(random_effects, samples, splits)
    middle, spread = found["intercept"].astype(float), found["sd"].astype(float)
    learned = found[["model", "cluster"]].assign(value=middle)
    learned = learned.assign(low=middle - spread, high=middle + spread)
    true = true_values(cluster_truth, "intercept")
    truth = pd.DataFrame({"cluster": list(true), "value": list(true.values())})
    effects = pd.concat(
        [learned, truth.assign(model=TRUTH, low=np.nan, high=np.nan)], ignore_index=True
    )
    counts = shares[["cluster", "block", "samples", "positives", "overall", "all_samples"]]
    effects = _standardised(effects.merge(counts, on="cluster").assign(quantity="intercept"))
    names = TABLES["cluster_effects"].names
    return pd.concat([shares, effects], ignore_index=True)[names]


def learned_intercepts(
    random_effects: pd.DataFrame, samples: pd.DataFrame, splits: pd.DataFrame
) -> pd.DataFrame:
    """Average each cluster's learned intercept over replicas; join its training outcome share or mean.

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
    learned = random_effects[random_effects["effect"].astype(str) == "intercept"]
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
    result = result.reset_index()
    found = {model: _correlation(part) for model, part in result.groupby("model")}
    for name in ("r", "p"):
        of_model = {model: getattr(one, name) for model, one in found.items()}
        result[name] = result["model"].map(of_model).astype(float)
    return result


def summarise_effects(random_effects: pd.DataFrame) -> pd.DataFrame:
    """Mean and spread of each cluster's random effects over the replicas of a model.

    Slopes on hidden features are left out: units have no identity across replicas.

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


def slope_spreads(random_effects: pd.DataFrame) -> pd.DataFrame:
    """Standard deviation over clusters of each slope on an input, by replica of a model.

    Slopes whose variance is estimated as 0 have means that rounding or the last steps of the estimate left:
    one below `NO_SPREAD` is 0, so that nothing is read into its order.

    Returns
    -------
    DataFrame
        model, feature, fold, seed, mean.
    """
    feature = random_effects["effect"].astype(str).str.extract(r"^linear_slope\[(.*)\]$")[0]
    slopes = random_effects.astype({"model": str}).assign(feature=feature)[feature.notna()]
    keys = ["model", "feature", "fold", "seed"]
    spread = slopes.groupby(keys, sort=False)["mean"].std()
    return spread.where(~(spread < NO_SPREAD), 0.0).reset_index()


def _standardised(effects: pd.DataFrame) -> pd.DataFrame:
    """Add value, low and high on the scale of the values of a model and block."""
    values = effects.groupby(["model", "block"])["value"]
    middle, sd = values.transform("mean"), values.transform("std")
    scale = sd.where(sd > 0)
    return effects.assign(
        sd=sd,
        standardised=(effects["value"] - middle) / scale,
        standardised_low=(effects["low"] - middle) / scale,
        standardised_high=(effects["high"] - middle) / scale,
    )


def _correlation(rows: pd.DataFrame) -> Pearson:
    """Correlate share and intercept over clusters."""
    vary = np.ptp(rows["share"]) > 1e-3
    return pearson(rows["share"], rows["intercept"]) if vary else Pearson()
