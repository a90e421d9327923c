"""What the samples of a study are like: by cluster, step by step of the preparation, next to others."""

import numpy as np
import pandas as pd

from armed_study.io.schemas import TABLES
from armed_study.messages import counted
from armed_study.statistics.intervals import t_interval, wilson
from armed_study.vocabulary.labels import order_clusters
from armed_study.vocabulary.outcomes import BINARY, Outcome


def share_by_cluster(
    samples: pd.DataFrame, splits: pd.DataFrame | None = None, outcome: Outcome = BINARY
) -> pd.DataFrame:
    """Count samples and positive outcomes of each cluster, or average its outcomes, sorted by that.

    Parameters
    ----------
    samples
        The study's samples.
    splits
        Its splits: clusters that no fold trains on are held out too.
    outcome
        Of what kind it is: a categorical one has no share or mean.

    Returns
    -------
    pd.DataFrame
        One row a cluster; `share` is the share of outcome 1, of numbers the mean; `low` and `high` are
        Wilson's 95 % interval of the share, the t interval of the mean; `overall` is that over the
        samples of all clusters, `all_samples`.
    """
    if splits is not None:
        train = splits.loc[splits["partition"].astype(str) == "train", "sample"].astype(str)
        trained = samples.loc[samples["sample"].astype(str).isin(set(train)), "cluster"]
        samples = samples.assign(held_out=~samples["cluster"].isin(set(trained)))
    frame = pd.DataFrame(
        {
            "cluster": samples["cluster"].astype(str),
            "held_out": samples["held_out"].astype(bool),
            "outcome": samples["outcome"].astype(float),
        }
    )
    counts = frame.groupby("cluster").agg(
        held_out=("held_out", "max"), samples=("outcome", "size"), positives=("outcome", "sum")
    )
    counts = counts.loc[order_clusters(counts.index)].reset_index()
    counts["share"] = counts["positives"] / counts["samples"]
    counts["all_samples"] = counts["samples"].sum()
    counts["overall"] = counts["positives"].sum() / counts["samples"].sum()
    if outcome == BINARY:
        ends = np.array(wilson(counts["positives"].to_numpy(), counts["samples"].to_numpy()))
        counts["positives"] = counts["positives"].astype(int)
    else:
        own = frame.groupby("cluster")["outcome"]
        means = [t_interval(own.get_group(name).to_numpy()) for name in counts["cluster"]]
        ends = np.clip(np.array(means).T, outcome.about.least, outcome.about.most)
        counts["positives"] = pd.array([pd.NA] * len(counts), dtype="Int64")
    counts["low"], counts["high"] = ends
    return counts.sort_values("share", kind="stable", ignore_index=True)[
        TABLES["cluster_shares"].names
    ]


def participant_flow(
    flow: pd.DataFrame, samples: pd.DataFrame, splits: pd.DataFrame
) -> pd.DataFrame:
    """Say of each row of the flow whether it was kept, left out, or is a branch of the final fork.

    Parameters
    ----------
    flow
        The study's table. The last stages are branches where they share one `order`, or where
        nobody was left out for them and they add up to the stage before.
    samples, splits
        The study's tables. Where the flow has no branches, the seen and the unseen clusters become
        them, provided that the same clusters are unseen in all folds.

    Returns
    -------
    pd.DataFrame
        `kind` is ``kept``, ``left_out`` or ``branch``; `positives`, samples with outcome 1, and their
        `share` are known for branches made of samples and splits; `total` is the count over all rows of
        a kind and stage.
    """
    reason = flow["reason"].astype(object).where(flow["reason"].notna(), "").astype(str)
    rows = flow.assign(stage=flow["stage"].astype(str), reason=reason)
    rows = rows.sort_values("order", kind="stable", ignore_index=True)
    kept = rows[rows["reason"] == ""]
    rows["kind"] = "left_out"
    rows.loc[kept.index, "kind"] = "kept"
    rows.loc[_last_branches(rows, kept), "kind"] = "branch"
    rows["positives"] = pd.NA
    if len(kept) and "branch" not in set(rows.kind):
        rows = pd.concat([rows, _branches(samples, splits, int(rows["order"].max()) + 1)])
    rows["positives"] = rows["positives"].astype("Int64")
    rows["share"] = (
        (rows["positives"] / rows["count"].clip(lower=1)).astype("Float64").astype(float)
    )
    rows["total"] = rows.groupby(["kind", "order"])["count"].transform("sum")
    return rows.reset_index(drop=True)[TABLES["participant_flow"].names]


def compare_descriptives(measures: pd.DataFrame, published: pd.DataFrame) -> pd.DataFrame:
    """Set mean and s.d. of each measure in each group next to the published ones.

    Parameters
    ----------
    measures
        The study's table `descriptives`: group, measure, count, mean, sd.
    published
        group, measure, mean, sd, n, source.

    Returns
    -------
    pd.DataFrame
        One row for each published one, in its order. `difference` is mean less published mean, in
        published s.d.; `sd_ratio` s.d. by published s.d.; `sd_low` and `sd_high` one s.d. to each side
        of the difference. All, like mean and sd, are missing where the data do not hold the measure. No
        rows where the source has no descriptives.
    """
    keys = ["group", "measure"]
    found = measures.astype({"group": str, "measure": str}).rename(columns={"count": "n"})
    theirs = published.astype({"group": str, "measure": str})
    theirs = theirs.rename(columns={name: f"published_{name}" for name in ("mean", "sd", "n")})
    result = theirs.merge(found, on=keys, how="left", validate="one_to_one")
    scale = result["published_sd"].where(result["published_sd"] > 0)
    result["difference"] = (result["mean"] - result["published_mean"]) / scale
    result["sd_ratio"] = result["sd"] / scale
    result["sd_low"] = result["difference"] - result["sd_ratio"]
    result["sd_high"] = result["difference"] + result["sd_ratio"]
    result["n"] = result["n"].fillna(0).astype(int)
    result = result[TABLES["compared_descriptives"].names]
    return result if len(measures) else result.iloc[:0]


def _last_branches(rows: pd.DataFrame, kept: pd.DataFrame) -> list[int]:
    """Give the row labels of the branches at the end of the flow, none if it does not fork."""
    same = kept.index[kept["order"] == rows["order"].max()]
    if len(same) > 1:
        return list(same)
    excluded = rows.loc[rows["reason"] != "", "order"].max()
    last = kept.index[kept["order"] > excluded] if excluded == excluded else kept.index[1:]
    for size in range(2, len(last) + 1):
        before = kept.index[kept.index < last[-size]]
        if len(before) and kept.loc[last[-size:], "count"].sum() == kept.loc[before[-1], "count"]:
            return list(last[-size:])
    return []


def _branches(samples: pd.DataFrame, splits: pd.DataFrame, order: int) -> pd.DataFrame:
    known = samples[["sample", "cluster", "outcome"]].astype({"sample": str, "cluster": str})
    unseen = splits.loc[splits["partition"].astype(str) == "unseen", "sample"].astype(str)
    seen = splits.loc[splits["partition"].astype(str) != "unseen", "sample"].astype(str)
    if set(unseen) & set(seen) or unseen.empty:
        return pd.DataFrame()
    rows = []
    for name, members in (("seen", set(seen)), ("unseen", set(unseen))):
        part = known[known["sample"].isin(members)]
        stage = counted(part["cluster"].nunique(), f"{name} cluster")
        rows.append((order, "branch", stage, "", len(part), int(part["outcome"].sum())))
    return pd.DataFrame(rows, columns=["order", "kind", "stage", "reason", "count", "positives"])
