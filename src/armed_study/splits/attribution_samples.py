"""Whose attribution is looked at: a few samples of each fold, the same whoever else there is."""

import pandas as pd

from armed_study.splits.random_rank import lot

PARTITIONS = ("test", "unseen")
SHOWN = 2
"""Samples of each outcome that pictures show, of seen and of unseen clusters."""


def choose_samples(
    samples: pd.DataFrame, splits: pd.DataFrame, *, count: int, seed: int
) -> pd.DataFrame:
    """Choose samples of seen clusters (from the test part) and of unseen ones in every fold.

    As many of one outcome as of the other, as far as there are. Every sample has one random number
    of its own, and those with the lowest are chosen: the unseen ones are the same in all folds, and
    further samples displace few.

    Parameters
    ----------
    samples, splits
        Tables of the study.
    count
        How many of each partition of a fold, at most.
    seed
        Of the random numbers.

    Returns
    -------
    DataFrame
        Table ``attributed``; ``shown`` are samples of different groups in the first fold.
    """
    known = samples[["sample", "group", "outcome"]].astype({"sample": str, "group": object})
    known["lot"] = [lot(seed, "attributed", name) for name in known["sample"]]
    table = splits.astype({"sample": str, "partition": str})
    table = table[table["partition"].isin(PARTITIONS)].merge(known, on="sample")
    table = table.sort_values(["fold", "partition", "lot"], kind="stable")
    table["turn"] = table.groupby(["fold", "partition", "outcome"]).cumcount()
    table = table.sort_values(["fold", "partition", "turn", "lot"], kind="stable")
    chosen = table.groupby(["fold", "partition"]).head(count)
    group = chosen["group"].fillna(chosen["sample"])
    first = ~chosen.assign(group=group).duplicated(["fold", "partition", "group"])
    place = chosen[first].groupby(["fold", "partition", "outcome"]).cumcount()
    shown = (place.reindex(chosen.index) < SHOWN) & (chosen["fold"] == chosen["fold"].min())
    return chosen[["fold", "partition", "sample"]].assign(shown=shown).reset_index(drop=True)
