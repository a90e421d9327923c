"""What is known of the cluster factors of a study."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd


@dataclass(frozen=True, eq=False)
class Factors:
    """Cluster factors, and the features that may have slopes by their clusters.

    Parameters
    ----------
    first : str
        Name of the factor that samples are of.
    further : mapping of str to ndarray, shape (samples,), int64
        Index of each sample's cluster of each further factor, -1 where missing, in dataset order.
    clusters : mapping of str to tuple of str
        Names of the clusters of each further factor.
    features : tuple of str
        Feature that each encoded column is of.
    """

    first: str = "cluster"
    further: Mapping[str, np.ndarray] = field(default_factory=dict)
    clusters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    features: tuple[str, ...] = ()

    def trained(self, factor: str, rows: np.ndarray) -> tuple[np.ndarray, list[str]]:
        """Clusters of a further factor that training ``rows`` are of: their indices, ascending, and names."""
        found = np.unique(self.further[factor][rows])
        found = found[found >= 0]
        return found, [self.clusters[factor][k] for k in found]

    @classmethod
    def of(
        cls, names: Sequence[str], columns: Mapping[str, pd.Series], features: Iterable[str]
    ) -> "Factors":
        """Number the clusters of further factors, given as ``columns`` of their names.

        ``names`` are those of all factors, none if there is one only.
        """
        further, clusters, first = {}, {}, names[0] if names else cls.first
        for name, column in columns.items():
            found = sorted(column.dropna().astype(str).unique())
            codes = pd.Categorical(column.astype(object), categories=found).codes
            clusters[name], further[name] = tuple(found), codes.astype(np.int64)
        return cls(first, further, clusters, tuple(map(str, features)))
