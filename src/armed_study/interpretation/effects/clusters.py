"""What is known of each cluster: its share of the outcome, learned and true intercepts."""

import numpy as np
import pandas as pd

from armed_study.evaluation.descriptive.clusters import share_by_cluster
from armed_study.interpretation.effects.intercepts import learned_intercepts
from armed_study.vocabulary.reported import true_values

_COLUMNS = ("cluster", "block", "quantity", "model", "value", "low", "high", "samples", "positives")
TRUTH = "truth"


def collect_clusters(
    samples: pd.DataFrame,
    splits: pd.DataFrame,
    random_effects: pd.DataFrame,
    cluster_truth: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Collect what is known of each cluster, sorted by its share of outcome 1.

    Parameters
    ----------
    samples, splits, random_effects, cluster_truth
        The study's tables; the true intercept is the quantity ``intercept`` of the last.

    Returns
    -------
    pd.DataFrame
        `block` is ``seen`` (trained on in some fold) or ``unseen``. `quantity` is ``share`` (with
        Wilson's 95 % interval) or ``intercept``: of a `model`, mean over replicas with one s.d. to
        each side, or of ``truth``. Clusters in no fold are left out.
    """
    shares = share_by_cluster(samples)
    home = splits.astype({"sample": str, "partition": str})
    known = samples[["sample", "cluster"]].astype(str)
    home = home[["sample", "partition"]].drop_duplicates().merge(known, on="sample")
    seen = set(home.loc[home["partition"] == "train", "cluster"])
    shares = shares[shares["cluster"].isin(home["cluster"])]
    shares = shares.assign(
        block=np.where(shares["cluster"].isin(seen), "seen", "unseen"),
        quantity="share", model="", value=shares["share"],
    )  # fmt: skip
    effects = pd.concat(
        [_learned(random_effects, samples, splits), _true(cluster_truth)], ignore_index=True
    )
    counts = shares[["cluster", "block", "samples", "positives"]]
    effects = effects.merge(counts, on="cluster").assign(quantity="intercept")
    return pd.concat([shares[list(_COLUMNS)], effects[list(_COLUMNS)]], ignore_index=True)


def _learned(
    random_effects: pd.DataFrame, samples: pd.DataFrame, splits: pd.DataFrame
) -> pd.DataFrame:
    found = learned_intercepts(random_effects, samples, splits)
    low, high = found["intercept"] - found["sd"], found["intercept"] + found["sd"]
    ends = pd.DataFrame({"value": found["intercept"], "low": low, "high": high}, dtype=float)
    return found[["model", "cluster"]].join(ends)


def _true(cluster_truth: pd.DataFrame | None) -> pd.DataFrame:
    values = true_values(cluster_truth, "intercept")
    frame = pd.DataFrame({"cluster": list(values), "value": list(values.values())})
    return frame.assign(model=TRUTH, low=np.nan, high=np.nan)
