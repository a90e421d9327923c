"""Samples of a fold's unseen clusters: those that may be given labelled, and those that are scored."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

DRAWS = 4
"""Choices of so many labelled samples, of those that may be given."""


class Given(NamedTuple):
    """Labelled samples: their number by cluster, and, draw by draw, their rows (draws, clusters, shots)."""

    shots: int
    rows: np.ndarray


@dataclass(frozen=True, eq=False)
class FewShot:
    """Samples of the unseen clusters of a fold that are large enough.

    Parameters
    ----------
    rows, cluster : ndarray, shape (n,)
        Row numbers into the dataset of the samples that are scored, and the cluster of each, from 0.
    labelled : ndarray, shape (clusters, most)
        Those that may be given labelled.
    shots : tuple of int
        Numbers of them that are given.
    """

    rows: np.ndarray
    cluster: np.ndarray
    labelled: np.ndarray
    shots: tuple[int, ...]

    def given(self) -> Iterator[Given]:
        """Labelled samples by number: the draws begin at places as far apart as can be."""
        most = self.labelled.shape[1]
        for shots in self.shots:
            # all that there are can be given in one way only
            starts = [0] if shots == most else [draw * most // DRAWS for draw in range(DRAWS)]
            places = (np.array(starts)[:, None] + np.arange(shots)) % most
            yield Given(shots, self.labelled[:, places].swapaxes(0, 1))


def by_fold(table: pd.DataFrame, samples: np.ndarray, shots: Sequence[int]) -> dict[int, FewShot]:
    """Read table ``few_shot_samples``; ``samples`` (n,) are the names of all, in dataset order."""
    table = table.assign(row=pd.Index(samples).get_indexer(pd.Index(table["sample"].astype(str))))
    found = {}
    fold: Any
    for fold, own in table.groupby("fold", sort=True):
        clusters, code = np.unique(own["cluster"].astype(str), return_inverse=True)
        row, rank = own["row"].to_numpy(), own["place"].to_numpy()
        scored = np.flatnonzero(rank < 0)
        scored = scored[np.argsort(row[scored], kind="stable")]
        given = np.flatnonzero(rank >= 0)
        given = given[np.lexsort((rank[given], code[given]))]
        labelled = row[given].reshape(len(clusters), -1)
        found[int(fold)] = FewShot(row[scored], code[scored], labelled, tuple(shots))
    return found
