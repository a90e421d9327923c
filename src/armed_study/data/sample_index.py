"""Who the samples are: outcome, cluster and group of each, found by name."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from armed.errors import DataError
from armed_study.data.checks import wrong_outcomes
from armed_study.vocabulary.outcomes import BINARY, Outcome


def codes_of(column: pd.Series, names: pd.Index) -> np.ndarray:
    """Position in `names` of every value of a column, -1 for a missing or foreign one."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        codes, levels = column.cat.codes.to_numpy(), column.cat.categories
    else:
        codes, levels = pd.factorize(column)
    found = names.get_indexer(pd.Index(np.asarray(levels, dtype=object)))
    return np.append(found, -1)[codes]  # a missing value has code -1 and so takes the last


@dataclass(frozen=True)
class SampleIndex:
    """Outcome, cluster and group of every sample, in the order of the samples' names.

    Parameters
    ----------
    names : (samples,) sorted sample names.
    outcome : (samples,) the outcome, of a categorical one the number of its class; NaN where unknown.
    cluster : (samples,) rank of the cluster's name.
    group : (samples,) rank of the group's name, a sample without one being its own; None where no
        group has several samples.
    about : what kind of outcome it is.
    """

    names: pd.Index
    outcome: np.ndarray
    cluster: np.ndarray
    group: np.ndarray | None
    about: Outcome = BINARY

    @classmethod
    def of(cls, samples: pd.DataFrame, about: Outcome = BINARY) -> SampleIndex:
        """Read the samples table; raise DataError for repeated samples or an outcome of another kind."""
        names = pd.Index(samples["sample"].astype(str).to_numpy(dtype=object))
        if not names.is_unique:
            twice = names[names.duplicated()][0]
            raise DataError(
                f"sample '{twice}' stands twice in the samples table, names must be "
                "unique; remove the second row"
            )
        outcome = samples["outcome"].to_numpy(dtype=np.float64)
        strange = outcome[~np.isnan(outcome) & wrong_outcomes(outcome, about)]
        if strange.size:
            raise DataError(
                f"outcome {strange[0]:g} found, scores are for outcomes {about.about.values}; "
                "recode the outcome column"
            )
        order = np.argsort(names.to_numpy(), kind="stable")
        clusters = samples["cluster"].astype(str).to_numpy(dtype=object)
        cluster = np.unique(clusters, return_inverse=True)[1]
        group = _groups(samples, names)
        several = len(np.unique(group)) < len(group)
        own = group[order] if several else None
        return cls(names[order], outcome[order], cluster[order], own, about)

    def positions(self, column: pd.Series, source: str) -> np.ndarray:
        """Look names up; raise DataError, naming `source`, for one that is no sample."""
        found = codes_of(column, self.names)
        if (found < 0).any():
            name = column.iloc[int(np.argmax(found < 0))]
            raise DataError(
                f"{source}: sample '{name}' is not in the samples table, every row "
                "must belong to a sample; predict again from the present dataset"
            )
        return found


def _groups(samples: pd.DataFrame, names: pd.Index) -> np.ndarray:
    """Rank of the group's name of every sample, groups before samples that have none."""
    if "group" not in samples:
        return np.arange(len(names))
    group = samples["group"].astype(object).to_numpy()
    alone = pd.isna(group)
    named, code = np.unique(np.where(alone, "", group).astype(str), return_inverse=True)
    return np.where(alone, len(named) + np.arange(len(names)), code)
