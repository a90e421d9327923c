"""What must hold of a data set before a study is made of it; one check, one sentence."""

import warnings
from collections.abc import Mapping

import numpy as np
import pandas as pd

from armed.errors import ArmedWarning, DataError
from armed_study.messages import counted, listing
from armed_study.vocabulary.outcomes import BINARY, Outcome

Levels = tuple[str, ...] | None
"""Levels of a categorical feature; None of a continuous one."""


def units(samples: pd.DataFrame) -> pd.Series:
    """Return what no split may cut: the group of each sample, or the sample itself without one."""
    sample, group = samples["sample"].astype(str), samples["group"].astype(object)
    return ("group " + group.astype(str)).where(group.notna(), "sample " + sample).astype(str)


def wrong_outcomes(y: np.ndarray, outcome: Outcome) -> np.ndarray:
    """Say which outcomes (samples,) are none of their kind; missing ones are."""
    if outcome.kind == "continuous":
        return ~np.isfinite(y)
    most = {"binary": 1, "count": np.inf, "categorical": len(outcome.classes) - 1}[outcome.kind]
    return ~((y >= 0) & (y <= most) & np.isfinite(y) & (y == np.floor(y)))


def validate_samples(
    name: str,
    samples: pd.DataFrame,
    features: Mapping[str, Levels],
    *,
    images: bool,
    outcome: Outcome = BINARY,
) -> None:
    """Raise `DataError` for the first thing that is wrong with `samples` (table `samples`).

    With ``images`` there must be no features, without them at least one.
    """
    study = f"study '{name}'"
    if samples.empty:
        raise DataError(f"{study}: the table has 0 rows, expected samples; check the data source")
    counts = samples["sample"].value_counts()
    if counts.iloc[0] > 1:
        repeated = sorted(counts.index[counts > 1].astype(str))
        raise DataError(
            f"{study}: sample id {listing(repeated, 3)} occurs up to {counts.iloc[0]} times, "
            "expected each once; remove duplicate rows or choose a unique id column"
        )
    _check_outcome(samples, outcome, study)
    _check_clusters(samples, study)
    if images and features:
        raise DataError(
            f"{study}: there are images and {counted(len(features), 'feature')}, expected either; "
            "leave out data.features or the images"
        )
    if not features and not images:
        raise DataError(f"{study}: there is no feature, expected at least one; check data.features")
    for feature, levels in features.items():
        what = f"{study}: feature '{feature}'"
        if feature not in samples.columns:
            raise DataError(f"{what} has no column, expected one; check the source")
        _check_feature(samples[feature], levels, what)


def _check_outcome(samples: pd.DataFrame, outcome: Outcome, study: str) -> None:
    values = np.unique(samples["outcome"].to_numpy())
    if wrong_outcomes(values, outcome).any():
        raise DataError(
            f"{study}: outcome holds {listing(values, 4)}, expected {outcome.about.values}; recode the "
            "outcome"
        )
    if len(values) == 1:
        several = "both classes" if outcome.kind == "binary" else "several values"
        raise DataError(
            f"{study}: outcome is {values[0]:g} in all {len(samples)} samples, expected {several}; check "
            "the outcome column and which rows were kept"
        )
    seen = samples[~samples["held_out"]]
    if (seen.groupby("cluster", observed=True)["outcome"].nunique() == 1).all():
        warnings.warn(
            f"{study}: the outcome is constant within every cluster, so the cluster explains it "
            f"whole, expected clusters with {'both' if outcome.kind == 'binary' else 'several'} outcomes; "
            "no within-cluster score can be given",
            ArmedWarning,
            stacklevel=4,
        )


def _check_clusters(samples: pd.DataFrame, study: str) -> None:
    unique = "give groups names that are unique over clusters, or merge the clusters"
    for key, value, remedy in (
        ("group", "cluster", unique),
        ("cluster", "held_out", "hold whole clusters out"),
    ):
        several = samples.groupby(key, observed=True)[value].nunique()
        several = several[several > 1]
        if len(several):
            found = samples.loc[samples[key] == several.index[0], value].unique()
            raise DataError(
                f"{study}: {key} '{several.index[0]}' has {value} {listing(found, 4)}, expected "
                f"one {value} for each {key}; {remedy}"
            )
    seen = samples[~samples["held_out"]]
    clusters = seen["cluster"].astype(str).nunique()
    if clusters < 2:
        raise DataError(
            f"{study}: {counted(clusters, 'cluster')} left for training, expected at least 2, as "
            "mixed effects compare clusters; check data.cluster"
        )
    sizes = units(seen).groupby(seen["cluster"].astype(str)).nunique()
    if (small := sizes[sizes < 2].index).size:
        unit = "groups" if seen["group"].notna().any() else "samples"
        raise DataError(
            f"{study}: cluster {listing(small, 4)} has fewer than 2 {unit}, expected at least 2 "
            "to train and test on; set data.small_clusters to held_out or drop"
        )


def _check_feature(column: pd.Series, levels: Levels, what: str) -> None:
    present = column.dropna()
    if present.empty:
        raise DataError(
            f"{what} is missing in all {len(column)} samples, expected values; leave it out of "
            "data.features"
        )
    if levels is None:
        _check_numbers(present, what)
    elif strange := sorted(set(present.astype(str)) - set(levels)):
        raise DataError(
            f"{what} holds {listing(strange, 4)}, expected its levels {listing(levels)}; "
            "add the level to the feature or recode the value"
        )
    if present.nunique() == 1:
        raise DataError(
            f"{what} is constant ({present.iloc[0]} in every sample), expected at least 2 "
            "values; leave it out of data.features"
        )


def _check_numbers(present: pd.Series, what: str) -> None:
    if not pd.api.types.is_numeric_dtype(present.dtype):
        raise DataError(
            f"{what} holds {present.dtype} values such as '{present.iloc[0]}', expected numbers; "
            "list it under data.categorical or recode it"
        )
    infinite = np.isinf(present.to_numpy(dtype=float))
    if infinite.any():
        raise DataError(
            f"{what} has {counted(infinite.sum(), 'infinite value')}, the first in row "
            f"{present.index[infinite][0] + 1}, expected finite numbers; replace them or leave "
            "them empty"
        )
