"""No features at all: what knowing the cluster alone is worth."""

from dataclasses import dataclass

import numpy as np

from armed_study.baselines.linear import Baseline, Fit, of_cluster
from armed_study.training.fold_data import FoldData, StudyFolds
from armed_study.training.result_tables import Scores


@dataclass(frozen=True, eq=False)
class Shares(Fit):
    """Training share of y = 1, or mean of y: overall, and as the cluster's excess over it, shape (K,).

    Of a categorical outcome the shares of the classes, (classes,) and (K, classes). A share is no random
    effect: nothing shrinks it. ``least`` and ``most``: where predictions lie.
    """

    overall: np.ndarray
    excess: np.ndarray
    least: float
    most: float

    def predict(self, x: np.ndarray, z: np.ndarray | None) -> Scores:
        """Overall share, and that of the cluster; ``x`` only says how many rows there are."""
        overall = np.full((len(x), *self.overall.shape), self.overall)
        if z is None:
            return overall, None
        # Soft memberships add up to 1 only nearly; a share must not leave [0, 1] for that.
        return overall, np.clip(overall + of_cluster(self.excess, z), self.least, self.most)

    def parameters(self) -> dict[str, np.ndarray]:
        """Shares of the clusters and overall."""
        return {"overall": self.overall, "cluster": self.overall + self.excess}


def fit(study: StudyFolds, fold: FoldData) -> Shares:
    """Mean of y (the share of y = 1) among the training rows: ``yF`` overall, ``yM`` in the sample's cluster.

    A soft membership mixes the shares; what it leaves to no cluster gets the overall share. So
    ``zero`` is the overall share, and so is a cluster without training rows. Nothing is added to
    the counts: a cluster whose training rows all have one outcome scores 0 or 1.
    """
    rows, clusters = fold.rows("train"), len(study.clusters)
    y, z = fold.y[rows].astype(np.float64), fold.z[rows]
    if study.outcome.classes:
        y = (y[:, None] == study.outcome.ranked).astype(np.float64)
    overall, about = y.mean(axis=0), study.outcome.about
    counts = np.bincount(z, minlength=clusters).reshape(-1, *[1] * (y.ndim - 1))
    sums = [np.bincount(z, weights=each, minlength=clusters) for each in np.atleast_2d(y.T)]
    shares = np.stack(sums, axis=-1).reshape(-1, *y.shape[1:]) / np.maximum(counts, 1)
    excess = np.where(counts > 0, shares - overall, 0.0)
    return Shares(np.asarray(overall), excess, about.least, about.most)


BASELINE = Baseline(fit, uses_clusters=True)
