"""The samples that scores are computed of, and the units in which they are resampled."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from armed_study.vocabulary.outcomes import BINARY, Outcome

#: Clusters beyond this number are dealt to as many units, which are resampled as wholes.
MAX_UNITS = 200


@dataclass(frozen=True)
class Layout:
    """What all scores of one set of samples have in common.

    Parameters
    ----------
    outcome : (samples,) outcome y; of a categorical one the number of its class.
    members : (classes, samples) whether y is each of the outcomes that scores tell from all others.
    unit : (samples,) unit of resampling: the cluster, or several clusters where they are very many.
    cluster : (samples,) cluster, numbered from 0.
    labels : (units,) number, in the whole study, of the first cluster of each unit.
    oracle : (samples,) decision of the oracle at 0.5, None where the truth is unknown.
    kind : of the outcome, see `armed_study.vocabulary.outcomes`.
    """

    outcome: np.ndarray
    members: np.ndarray
    unit: np.ndarray
    cluster: np.ndarray
    labels: np.ndarray
    oracle: np.ndarray | None
    kind: str

    @classmethod
    def of(
        cls,
        outcome: np.ndarray,
        cluster: np.ndarray,
        oracle: np.ndarray | None = None,
        about: Outcome = BINARY,
    ) -> Layout:
        """Make the layout of samples, given their clusters' numbers in the whole study."""
        labels, cluster = np.unique(cluster, return_inverse=True)
        members = np.asarray(outcome) == np.array(about.ranked, dtype=int)[:, None]
        unit = cluster % MAX_UNITS
        return cls(outcome, members, unit, cluster, labels[:MAX_UNITS], oracle, about.kind)

    def per_unit(self, values: np.ndarray) -> np.ndarray:
        """Sum values of samples over each unit."""
        return np.bincount(self.unit, weights=values, minlength=len(self.labels))

    def per_cluster(self, values: np.ndarray) -> np.ndarray:
        """Sum values of samples over each cluster."""
        return np.bincount(self.cluster, weights=values, minlength=self.cluster.max() + 1)

    def of_clusters(self, values: np.ndarray) -> np.ndarray:
        """Sum values of clusters over the clusters of each unit."""
        unit = np.arange(len(values)) % MAX_UNITS
        return np.bincount(unit, weights=values, minlength=len(self.labels))

    @property
    def positives(self) -> np.ndarray:
        """Samples of each class per unit, (classes, units)."""
        return self._stacked([self.per_unit(own) for own in self.members])

    @property
    def negatives(self) -> np.ndarray:
        """Samples of no such class per unit, (classes, units)."""
        return self._stacked([self.per_unit(~own) for own in self.members])

    @property
    def pairs_within(self) -> np.ndarray:
        """Pairs of one cluster, one of them of the class, summed over clusters, (classes, units)."""
        size = np.bincount(self.cluster)
        counts = [self.per_cluster(own) for own in self.members]
        return self._stacked([self.of_clusters(own * (size - own)) for own in counts])

    def _stacked(self, rows: list[np.ndarray]) -> np.ndarray:
        return np.array(rows).reshape(len(rows), len(self.labels))


def ratio(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    """Divide, giving NaN where there is nothing to divide by."""
    above, below = np.broadcast_arrays(above, below)
    return np.divide(above, below, out=np.full(above.shape, np.nan), where=below > 0)
