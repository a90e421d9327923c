"""Rows and clusters of which a study cannot make use: what becomes of them."""

from typing import Any

import pandas as pd

from armed_study.command.assumed.notes import Notes
from armed_study.messages import counted


def settle_incomplete(
    data: dict[str, Any], fields: pd.DataFrame
) -> tuple[dict[str, Any], int, Notes]:
    """Drop rows without an outcome or a cluster, hold out clusters of one sample or group, and say so.

    Returns
    -------
    The block `data` with these choices, the number of clusters that can be trained on, and notes.
    """
    cluster, outcome, notes = data["cluster"], data["outcome"]["column"], Notes()
    lacking = fields[[outcome, cluster]].isna().any(axis=1)
    if count := int(lacking.sum()):
        data = {**data, "incomplete_rows": "drop"}
        said = f"{counted(count, 'row')} without an outcome or a cluster: left out of the study"
        notes.append(("rows", said))
    kept = fields[~lacking]
    unit = kept[data["group"]] if data["group"] else kept.index.to_series()
    sizes = unit.groupby(kept[cluster]).nunique()
    if single := int((sizes < 2).sum()):
        data = {**data, "small_clusters": "held_out"}
        said = f"{counted(single, 'cluster')} of one sample or group: never trained on, unseen"
        notes.append(("clusters", said))
    return data, int((sizes >= 2).sum()), notes
