"""Which frames are imagined on other dates: of different cells, over xenografts and dates."""

import pandas as pd

from armed_study.splits.random_rank import lot

PARTITIONS = ("test", "unseen")
SHOWN = 2
"""Cells of each outcome that pictures may show, of seen and of unseen dates."""


def choose_frames(
    samples: pd.DataFrame, splits: pd.DataFrame, *, count: int, seed: int
) -> pd.DataFrame:
    """Choose frames of seen dates (from the test part) and of unseen ones in every fold.

    One frame of a cell at most. Turn by turn, a cell of every xenograft and date, outcomes in
    turn, until there are enough. Every sample has a random number of its own, and those with the
    lowest are chosen.

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
        Table ``chosen_frames``; ``shown`` are the first cells of each outcome in the first fold.
    """
    names = ["sample", "cluster", "group", "outcome", "stratum"]
    known = samples[names].astype({**dict.fromkeys(names, str), "outcome": float})
    known["lot"] = [lot(seed, "counterfactuals", name) for name in known["sample"]]
    table = splits.astype({"sample": str, "partition": str})
    table = table[table["partition"].isin(PARTITIONS)].merge(known, on="sample")
    part = ["fold", "partition"]
    table = table.sort_values([*part, "lot"], kind="stable")
    table = table.drop_duplicates([*part, "group"])
    table["turn"] = table.groupby([*part, "cluster", "stratum"]).cumcount()
    table = table.sort_values([*part, "turn", "lot"], kind="stable")
    table["place"] = table.groupby([*part, "outcome"]).cumcount()
    table = table.sort_values([*part, "place", "lot"], kind="stable")
    chosen = table.groupby(part).head(count)
    shown = (chosen["place"] < SHOWN) & (chosen["fold"] == chosen["fold"].min())
    return chosen[[*part, "sample"]].assign(shown=shown).reset_index(drop=True)
