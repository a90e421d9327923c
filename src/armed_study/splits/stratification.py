"""Dealing samples of seen clusters to folds and to validation, stratified by stratum x cluster.

The stratum of a sample is its outcome, unless the data have finer ones.
"""

from fractions import Fraction

import numpy as np
import pandas as pd
from sklearn.model_selection import StratifiedGroupKFold

from armed.errors import DataError
from armed_study.messages import counted, listing

_FINEST = 20  # groups are dealt to at most this many parts for a validation share


def tested_parts(
    seen: pd.DataFrame, *, folds: int, test: float | None, seed: list[int]
) -> np.ndarray:
    """Return which samples each fold tests, `(folds, samples)` bool.

    Each sample in one fold, or, with a share `test`, a part drawn independently for each. Random
    numbers come from `seed`; for parts, with the number of the fold appended.
    """
    if test is None:
        part = deal_to_folds(seen, folds, np.random.default_rng(seed))
        return part == np.arange(folds)[:, None]
    draws = [np.random.default_rng([*seed, fold]) for fold in range(folds)]
    return np.stack([select_validation(seen, test, rng) for rng in draws])


def deal_to_folds(seen: pd.DataFrame, folds: int, rng: np.random.Generator) -> np.ndarray:
    """Return the fold, `(samples,)` from 0, in which each sample is tested.

    Parameters
    ----------
    seen
        Columns `cluster`, `stratum` (text) and `unit` (what no split may cut), in an order of rows
        that does not depend on the file.
    folds
        Number of folds, at least 2.
    rng
        Source of the dealing.

    Notes
    -----
    Where some unit has several samples, scikit-learn's `StratifiedGroupKFold` deals the units,
    small ones pooled over clusters. Otherwise the samples of a stratum are laid out cluster by
    cluster, small parts first, and dealt in turn: each stratum in a cluster, the pool of the small
    ones and each stratum are balanced over the folds to within one sample, and every cluster of at
    least 2 samples keeps one for training in each fold, which `StratifiedKFold` does not promise.
    """
    if seen["unit"].duplicated().any():
        return _deal_groups(seen, folds, rng)
    order, stratum = _layout(seen, folds, rng)
    codes = stratum[order]
    start = np.searchsorted(codes, codes)  # where the run of the sample's stratum begins
    part = np.empty(len(seen), dtype=np.int64)
    part[order] = (np.arange(len(seen)) - start + codes) % folds
    return part


def select_validation(rest: pd.DataFrame, share: float, rng: np.random.Generator) -> np.ndarray:
    """Return which samples, `(samples,)` bool, validate; each cluster keeps some for training."""
    if share == 0:
        return np.zeros(len(rest), dtype=bool)
    if rest["unit"].duplicated().any():
        ratio = Fraction(share).limit_denominator(_FINEST)
        parts = min(ratio.denominator, rest["unit"].nunique())
        selected = _deal_groups(rest, parts, rng) < max(1, round(share * parts))
    else:
        order, _ = _layout(rest, 2, rng)
        steps = np.floor(np.arange(len(rest) + 1) * share + rng.random())
        selected = np.empty(len(rest), dtype=bool)
        selected[order] = np.diff(steps) > 0
    emptied = ~pd.Series(~selected).groupby(rest["cluster"].to_numpy()).transform("any")
    return selected & ~emptied.to_numpy()


def check_strata(seen: pd.DataFrame, folds: int, small_strata: str, study: str) -> None:
    """Raise `DataError` if there are too few samples, or groups, to be dealt to the folds."""
    unit = "group" if seen["unit"].duplicated().any() else "sample"
    remedy = "lower splits.folds or check the data source"
    counts = {"": seen["unit"].nunique()}
    counts |= {f" of {stratum}": of.nunique() for stratum, of in seen.groupby("stratum")["unit"]}
    for what, count in counts.items():
        if count < folds:
            raise DataError(
                f"study '{study}': {counted(count, unit)}{what} in seen clusters, expected at "
                f"least {folds}, one for each fold; {remedy}"
            )
    strata = seen.groupby(["cluster", "stratum"])["unit"].nunique()
    small = strata[strata < folds].sort_values(kind="stable")
    if small_strata == "error" and len(small):
        cluster, stratum = small.index[0]
        others = [f"{name} x {value}" for name, value in small.index[1:]]
        more = f" (so have {listing(others, 3)})" if others else ""
        raise DataError(
            f"study '{study}': stratum cluster '{cluster}' x {stratum} has "
            f"{counted(small.iloc[0], unit)}{more}, expected at least {folds}, one for each "
            "fold; set splits.small_strata to merge, lower splits.folds, or make small "
            "clusters unseen"
        )


def _layout(
    samples: pd.DataFrame, folds: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Return the order of dealing and each sample's stratum as a code.

    By stratum; in it, clusters of one sample of each of two strata first (in the same order under
    both, so that a shift by one keeps the two apart), then other small parts, then the rest.
    """
    stratum = np.unique(samples["stratum"].astype(str), return_inverse=True)[1]
    cluster = np.unique(samples["cluster"].astype(str), return_inverse=True)[1]
    shuffled = rng.permutation(cluster.max() + 1)[cluster]
    sizes = pd.Series(stratum).groupby([cluster, stratum]).transform("size").to_numpy()
    whole = pd.Series(stratum).groupby(cluster).transform("size").to_numpy()
    rank = np.where((sizes == 1) & (whole == 2), 0, np.where(sizes < folds, 1, 2))
    order = np.lexsort((rng.random(len(samples)), shuffled, rank, stratum))
    return order, stratum


def _deal_groups(samples: pd.DataFrame, parts: int, rng: np.random.Generator) -> np.ndarray:
    if parts < 2:
        return np.ones(len(samples), dtype=np.int64)
    sizes = samples.groupby(["cluster", "stratum"])["unit"].transform("nunique")
    label = samples["stratum"].astype(str)
    whole = sizes >= parts
    label = label.where(~whole, label + " " + samples["cluster"].astype(str))
    splitter = StratifiedGroupKFold(parts, shuffle=True, random_state=int(rng.integers(2**31)))
    part = np.empty(len(samples), dtype=np.int64)
    codes = np.unique(label, return_inverse=True)[1]
    for number, (_, held) in enumerate(splitter.split(codes, codes, samples["unit"])):
        part[held] = number
    return part
