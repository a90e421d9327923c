"""What became of each participant: kept, left out by which reason, and on which side at the end."""

import pandas as pd

_COLUMNS = ("order", "kind", "stage", "reason", "count", "positives")


def participant_flow(
    flow: pd.DataFrame, samples: pd.DataFrame, splits: pd.DataFrame, *, cluster: str = "cluster"
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
    cluster
        What a cluster is called, for example ``site``.

    Returns
    -------
    pd.DataFrame
        `kind` is ``kept``, ``left_out`` or ``branch``; `positives`, samples with outcome 1, is
        known for branches made of samples and splits.
    """
    rows = flow.assign(stage=flow["stage"].astype(str), reason=_text(flow["reason"]))
    rows = rows.sort_values("order", kind="stable", ignore_index=True)
    kept = rows[rows["reason"] == ""]
    rows["kind"] = "left_out"
    rows.loc[kept.index, "kind"] = "kept"
    rows.loc[_last_branches(rows, kept), "kind"] = "branch"
    rows["positives"] = pd.NA
    if len(kept) and "branch" not in set(rows.kind):
        rows = pd.concat([rows, _branches(samples, splits, cluster, int(rows["order"].max()) + 1)])
    rows["positives"] = rows["positives"].astype("Int64")
    return rows.reset_index(drop=True)[list(_COLUMNS)]


def _text(column: pd.Series) -> pd.Series:
    return column.astype(object).where(column.notna(), "").astype(str)


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


def _branches(
    samples: pd.DataFrame, splits: pd.DataFrame, cluster: str, order: int
) -> pd.DataFrame:
    known = samples[["sample", "cluster", "outcome"]].astype({"sample": str, "cluster": str})
    unseen = splits.loc[splits["partition"].astype(str) == "unseen", "sample"].astype(str)
    seen = splits.loc[splits["partition"].astype(str) != "unseen", "sample"].astype(str)
    if set(unseen) & set(seen) or unseen.empty:
        return pd.DataFrame()
    rows = []
    for name, members in (("seen", set(seen)), ("unseen", set(unseen))):
        part = known[known["sample"].isin(members)]
        count = part["cluster"].nunique()
        stage = f"{count} {name} {cluster}{'' if count == 1 else 's'}"
        rows.append((order, "branch", stage, "", len(part), int(part["outcome"].sum())))
    return pd.DataFrame(rows, columns=list(_COLUMNS))
