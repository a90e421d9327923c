"""Which maps of attribution pictures show, and what each cluster's random effects change of them."""

import pandas as pd

from armed_study.io.schemas import TABLES
from armed_study.vocabulary.labels import order_clusters, order_models
from armed_study.vocabulary.terms import GRADCAM, UNTRAINED


def shown_attribution(
    attribution: pd.DataFrame, attributed: pd.DataFrame, samples: pd.DataFrame
) -> pd.DataFrame:
    """Collect the maps of one subject of each outcome, of seen and of unseen clusters.

    Parameters
    ----------
    attribution, attributed, samples
        The study's tables; the first fold and seed are shown.

    Returns
    -------
    pd.DataFrame
        One row for each place of a map; ``cluster`` is the sample's.
    """
    shown = attributed[attributed["shown"]].astype({"sample": str, "partition": str})
    shown = shown.merge(_known(samples), on="sample", validate="many_to_one")
    shown = shown.drop_duplicates(["partition", "outcome"])
    own = attribution[attribution["cluster"].astype(str) == ""].drop(columns="cluster")
    own = own[own["effect"].astype(str) != UNTRAINED]
    own = own[(own["seed"] == own["seed"].min()) & own["sample"].isin(shown["sample"])]
    own = own.astype(dict.fromkeys(("model", "by", "effect", "partition", "sample"), str))
    result = shown.drop(columns="shown").merge(own, on=["fold", "partition", "sample"])
    result["place"] = result["model"].map(order_models(result["model"]).index)
    keys = ["partition", "outcome", "place", "by", "effect", "row", "column"]
    result = result.sort_values(keys, ascending=[True, False, True, True, True, True, True])
    return result[TABLES["shown_attribution"].names].reset_index(drop=True)


def site_attribution(attribution: pd.DataFrame, samples: pd.DataFrame) -> pd.DataFrame:
    """Set the mixed Grad-CAM maps under every seen cluster's effects next to the fixed ones.

    Parameters
    ----------
    attribution, samples
        The study's tables; the first seed is shown.

    Returns
    -------
    pd.DataFrame
        One row for each place of a map; ``own_cluster`` is the sample's, ``cluster`` the one whose
        effects were used; ``difference`` is mixed less fixed.
    """
    text = dict.fromkeys(("model", "partition", "effect", "cluster", "sample"), str)
    first = attribution["seed"] == attribution["seed"].min()
    maps = attribution[first & (attribution["by"].astype(str) == GRADCAM)].astype(text)
    place = ["model", "fold", "sample", "row", "column"]
    every = maps[maps["cluster"] != ""].rename(columns={"value": "mixed"})
    fixed = maps[(maps["cluster"] == "") & (maps["effect"] == "fixed")]
    fixed = fixed[fixed["partition"] == "test"].rename(columns={"value": "fixed"})
    both = every[[*place, "cluster", "mixed"]].merge(fixed[[*place, "fixed"]], on=place)
    both = both.merge(_known(samples).rename(columns={"cluster": "own_cluster"}), on="sample")
    result = both.assign(difference=both["mixed"] - both["fixed"])
    result["rank"] = result["model"].map(order_models(result["model"]).index)
    result["site"] = result["cluster"].map(order_clusters(result["cluster"]).index)
    keys = ["rank", "outcome", "sample", "site", "row", "column"]
    result = result.sort_values(keys, ascending=[True, False, True, True, True, True])
    return result[TABLES["site_attribution"].names].reset_index(drop=True)


def _known(samples: pd.DataFrame) -> pd.DataFrame:
    names = ["sample", "cluster", "outcome"]
    return samples[names].astype({"sample": str, "cluster": str})
