"""Share of the outcome in each cluster, with its interval."""

import pandas as pd

from armed_study.statistics.intervals import wilson
from armed_study.vocabulary.labels import order_clusters

_COLUMNS = ("cluster", "held_out", "samples", "positives", "share", "low", "high")


def share_by_cluster(samples: pd.DataFrame, splits: pd.DataFrame | None = None) -> pd.DataFrame:
    """Count samples and positive outcomes of each cluster, sorted by outcome share.

    Parameters
    ----------
    samples
        The study's samples, outcome 0 or 1.
    splits
        Its splits: clusters that no fold trains on are held out too.

    Returns
    -------
    pd.DataFrame
        One row a cluster; `low` and `high` are Wilson's 95 % interval of the share.
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
    counts["low"], counts["high"] = wilson(
        counts["positives"].to_numpy(), counts["samples"].to_numpy()
    )
    counts["positives"] = counts["positives"].astype(int)
    return counts.sort_values("share", kind="stable", ignore_index=True)[list(_COLUMNS)]
