"""Which samples of unseen clusters models with random effects are given labelled, and which they score."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from armed_study.data.checks import units
from armed_study.io.tables import cast_table

_LABELLED = 6  # stream of random numbers of a seed; `make_splits` and `null` have 0 to 5
SCORED = -1
"""Place of a sample that is scored."""


def few_shot_samples(
    samples: pd.DataFrame, splits: pd.DataFrame, *, shots: Sequence[int], seed: int
) -> pd.DataFrame:
    """Return table `few_shot_samples`: of each fold's unseen clusters, those that are large enough.

    As many samples of a cluster as the largest of `shots`, each of another group, may be given labelled;
    they are numbered from 0 in a random order. All others but those of the same groups are scored,
    whatever number is given, and by all models: so that numbers and models are compared on the same
    samples. A cluster with no group left to be scored is no part of the table.

    Parameters
    ----------
    samples, splits
        The study's tables.
    shots
        Numbers of labelled samples of a cluster; none: the table is empty.
    seed
        Of the random order, another one in each fold.
    """
    known = pd.DataFrame({name: samples[name].astype(str) for name in ("sample", "cluster")})
    known = known.assign(unit=units(samples)).sort_values("sample", ignore_index=True)
    unseen = splits[splits["partition"] == "unseen"]
    parts = [
        _of_fold(known[known["sample"].isin(rows["sample"])], fold, max(shots), seed)
        for fold, rows in unseen.groupby("fold", sort=True)
        if shots
    ]
    columns = ["fold", "sample", "cluster", "place"]
    empty = pd.DataFrame({name: [] for name in columns})
    return cast_table(pd.concat([empty, *parts])[columns], "few_shot_samples")


def _of_fold(known: pd.DataFrame, fold: Any, most: int, seed: int) -> pd.DataFrame:
    order = np.random.default_rng([seed, _LABELLED, fold]).permutation(len(known))
    drawn = known.iloc[order]
    first = drawn.drop_duplicates(["cluster", "unit"])
    # Groups of a cluster in the order in which they were drawn.
    first = first.assign(rank=first.groupby("cluster").cumcount())
    first["large"] = first.groupby("cluster")["rank"].transform("size") > most
    drawn = drawn.merge(first[["cluster", "unit", "rank", "large"]], on=["cluster", "unit"])
    labelled = drawn["sample"].isin(first["sample"]) & (drawn["rank"] < most)
    drawn["place"] = np.where(labelled, drawn["rank"], SCORED)
    kept = drawn[drawn["large"] & (labelled | (drawn["rank"] >= most))]
    return kept.sort_values("sample").assign(fold=fold)
