"""Clusters by any names, as the library takes them: numbered, with their names."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from armed.data.arrays import same_length
from armed.data.conversion import missing
from armed.errors import DataError


@dataclass(frozen=True, eq=False)
class ClusterColumn:
    """Names of clusters with the number of each sample's, -1 where it is missing: a column of categories."""

    codes: np.ndarray
    categories: tuple[Any, ...]
    dtype: str = "category"

    @classmethod
    def of(cls, values: Any, name: str) -> "ClusterColumn":
        """Number the clusters of a column in the order of their names."""
        # Python's own values: those of NumPy and pandas are equal to them, and files hold them.
        given = values.tolist() if hasattr(values, "tolist") else list(values)
        given = [None if missing(value) else value for value in given]
        try:
            found = {value for value in given if value is not None}
        except TypeError as error:
            raise DataError(
                f"clusters {name!r} hold lists or the like; expected a name or number for each sample; give "
                "several factors as columns of a table"
            ) from error
        # In an order that does not depend on that of the samples.
        numbers = {value: number for number, value in enumerate(_sorted(found))}
        return cls(np.array([numbers.get(value, -1) for value in given], int), tuple(numbers))

    @classmethod
    def unknown(cls, count: int) -> "ClusterColumn":
        """Return the column of samples whose clusters are all missing."""
        return cls(np.full(count, -1), ())

    def __len__(self) -> int:
        return len(self.codes)

    def rows(self, at: np.ndarray | slice) -> "ClusterColumn":
        """Those of some samples."""
        return ClusterColumn(self.codes[at], self.categories)


Columns = dict[str, ClusterColumn]
"""Clusters by the name of their factor."""


def _sorted(names: set[Any]) -> list[Any]:
    try:
        return sorted(names)
    except TypeError:  # of names of several types
        return sorted(names, key=lambda name: (type(name).__name__, str(name)))


def cluster_columns(clusters: Any, count: int) -> Columns:
    """Columns of ``clusters`` of so many samples: a column, or a table with one for each factor.

    Raises
    ------
    DataError
        If they are neither, or of another number of samples.
    """
    if hasattr(clusters, "columns"):  # of pandas, polars and the like
        columns = {str(name): clusters[name] for name in clusters.columns}
    elif isinstance(clusters, str | dict) or not hasattr(clusters, "__len__"):
        raise DataError(
            f"clusters is a {type(clusters).__name__}; expected a name or number for each sample, in a "
            "column, or a table with a column for each factor; give it so"
        )
    elif np.asarray(clusters, dtype=object).ndim == 2:
        table = np.asarray(clusters, dtype=object).T
        names = ["cluster"] if len(table) == 1 else [f"cluster_{i}" for i in range(len(table))]
        columns = dict(zip(names, table, strict=True))
    else:
        columns = {str(getattr(clusters, "name", None) or "cluster"): clusters}
    same_length(X=range(count), **{f"clusters {name!r}": each for name, each in columns.items()})
    return {name: ClusterColumn.of(each, name) for name, each in columns.items()}


def trained_columns(clusters: Any, count: int) -> Columns:
    """As `cluster_columns`, of samples to train on: at least two clusters of each factor."""
    columns = cluster_columns(clusters, count)
    for name, column in columns.items():
        if len(column.categories) < 2:
            raise DataError(
                f"clusters {name!r} hold {len(column.categories)} clusters; expected at least 2, which tell "
                "how clusters differ; leave them out to train without, or correct the column"
            )
    return columns


def columns_to_predict(clusters: Any, factors: Sequence[str], count: int) -> Columns:
    """Columns of the factors that were trained on, missing where they are not given.

    A single column of another name is of the first factor.
    """
    given = {} if clusters is None else cluster_columns(clusters, count)
    # A list or an array has no name.
    if len(given) == 1 and factors[0] not in given and not {*given} & {*factors}:
        given = dict(zip(factors[:1], given.values(), strict=True))
    if wrong := [name for name in given if name not in factors]:
        raise DataError(
            f"clusters have the factor {wrong[0]!r}; expected those trained on, "
            f"{', '.join(map(repr, factors))}; leave it out, or rename the column"
        )
    # The library takes a missing cluster for a new one.
    return {name: given.get(name, ClusterColumn.unknown(count)) for name in factors}
