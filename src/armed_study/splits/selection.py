"""Which samples are interpreted: a few of each fold, of seen clusters (test part) and of unseen ones.

Every sample has a random rank of its own, and those of the lowest ranks are selected. So a selection is
the same in all folds as far as it can be, and further samples displace few.
"""

import hashlib
import json

import pandas as pd

PARTITIONS = ("test", "unseen")
SHOWN = 2
"""Samples of each outcome that pictures show, of seen and of unseen clusters."""

_PART = ["fold", "partition"]


def select_samples(
    samples: pd.DataFrame, splits: pd.DataFrame, *, count: int, seed: int
) -> pd.DataFrame:
    """Select the samples whose predictions are attributed: of both outcomes alike, as far as there are.

    Parameters
    ----------
    samples, splits
        Tables of the study.
    count
        How many of each partition of a fold, at most.
    seed
        Of the random ranks.

    Returns
    -------
    DataFrame
        Table ``attributed``; ``shown`` are samples of different groups in the first fold.
    """
    known = samples[["sample", "group", "outcome"]].astype({"sample": str, "group": object})
    table = _ranked(known, splits, "attributed", seed)
    table["turn"] = table.groupby([*_PART, "outcome"]).cumcount()
    selected = table.sort_values([*_PART, "turn", "rank"], kind="stable").groupby(_PART).head(count)
    group = selected["group"].fillna(selected["sample"])
    first = ~selected.assign(group=group).duplicated([*_PART, "group"])
    place = selected[first].groupby([*_PART, "outcome"]).cumcount()
    return _with_shown(selected, place.reindex(selected.index))


def select_frames(
    samples: pd.DataFrame, splits: pd.DataFrame, *, count: int, seed: int
) -> pd.DataFrame:
    """Select the frames that are transferred to other dates, one of a cell at most.

    Turn by turn, a cell of every xenograft and date, outcomes in turn, until there are enough.

    Parameters are those of `select_samples`.

    Returns
    -------
    DataFrame
        Table ``selected_frames``; ``shown`` are the first cells of each outcome in the first fold.
    """
    names = ["sample", "cluster", "group", "outcome", "stratum"]
    known = samples[names].astype({**dict.fromkeys(names, str), "outcome": float})
    table = _ranked(known, splits, "counterfactuals", seed).drop_duplicates([*_PART, "group"])
    table["turn"] = table.groupby([*_PART, "cluster", "stratum"]).cumcount()
    table = table.sort_values([*_PART, "turn", "rank"], kind="stable")
    table["place"] = table.groupby([*_PART, "outcome"]).cumcount()
    table = table.sort_values([*_PART, "place", "rank"], kind="stable")
    selected = table.groupby(_PART).head(count)
    return _with_shown(selected, selected["place"])


def _ranked(known: pd.DataFrame, splits: pd.DataFrame, purpose: str, seed: int) -> pd.DataFrame:
    """Return the samples of `PARTITIONS` of each fold, by rank."""
    known = known.assign(rank=[_random_rank(seed, purpose, name) for name in known["sample"]])
    table = splits.astype({"sample": str, "partition": str})
    table = table[table["partition"].isin(PARTITIONS)].merge(known, on="sample")
    return table.sort_values([*_PART, "rank"], kind="stable")


def _random_rank(seed: int, purpose: str, sample: str) -> int:
    """Return a number in [0, 2**56), the same on every machine."""
    digest = hashlib.blake2b(json.dumps([seed, purpose, sample]).encode(), digest_size=7)
    return int.from_bytes(digest.digest(), "big")


def _with_shown(selected: pd.DataFrame, place: pd.Series) -> pd.DataFrame:
    shown = (place < SHOWN) & (selected["fold"] == selected["fold"].min())
    return selected[[*_PART, "sample"]].assign(shown=shown).reset_index(drop=True)
