"""No features at all: what knowing the cluster alone is worth."""

from dataclasses import dataclass

import numpy as np

from armed_study.baselines.linear import Baseline, Fit, of_cluster
from armed_study.statistics.intraclass import between_clusters
from armed_study.training.few_shot.scores import Score
from armed_study.training.fold_data import FoldData, StudyFolds
from armed_study.training.result_tables import Scores


@dataclass(frozen=True, eq=False)
class Shares(Fit):
    """Training share of y = 1, or mean of y: overall, and as the cluster's excess over it, shape (K,).

    Of a categorical outcome the shares of the classes, (classes,) and (K, classes). A share is no random
    effect: nothing shrinks that of a cluster of the training. ``least`` and ``most``: where predictions lie.
    ``intraclass``: share of the variance of y that lies between clusters.
    """

    overall: np.ndarray
    excess: np.ndarray
    least: float
    most: float
    intraclass: float = 0.0

    def predict(self, x: np.ndarray, z: np.ndarray | None) -> Scores:
        """Overall share, and that of the cluster; ``x`` only says how many rows there are."""
        overall = np.full((len(x), *self.overall.shape), self.overall)
        if z is None:
            return overall, None
        # Soft memberships add up to 1 only nearly; a share must not leave [0, 1] for that.
        return overall, np.clip(overall + of_cluster(self.excess, z), self.least, self.most)

    def new_cluster_score(self, x: np.ndarray, y: np.ndarray) -> Score:
        """Overall share, drawn to that of ``n`` labelled rows of the cluster by ``n / (n + (1 - r) / r)``.

        With the intraclass correlation ``r`` this is the best linear prediction (Buhlmann 1967), and the
        posterior mean of a share whose distribution is a beta, Dirichlet, gamma (counts) or normal one.
        """
        outcome = _indicators(y, len(self.overall)) if self.overall.ndim else y.astype(np.float64)
        excess = (outcome - self.overall).reshape(len(y), -1)

        def score(
            rows: np.ndarray, cluster: np.ndarray, labelled: np.ndarray, theirs: np.ndarray
        ) -> np.ndarray:
            clusters = int(cluster.max()) + 1
            total = np.zeros((clusters, excess.shape[1]))
            np.add.at(total, theirs, excess[labelled])
            count = np.bincount(theirs, minlength=clusters)[:, None]
            # n / (n + (1 - r) / r) times the mean excess
            drawn = total * self.intraclass / (1 + (count - 1) * self.intraclass).clip(1e-12)
            found = self.overall + drawn.reshape(clusters, *self.overall.shape)[cluster]
            return np.clip(found, self.least, self.most)

        return score

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
        y = _indicators(y, len(study.outcome.classes))
    overall, about = y.mean(axis=0), study.outcome.about
    counts = np.bincount(z, minlength=clusters).reshape(-1, *[1] * (y.ndim - 1))
    sums = [np.bincount(z, weights=each, minlength=clusters) for each in np.atleast_2d(y.T)]
    shares = np.stack(sums, axis=-1).reshape(-1, *y.shape[1:]) / np.maximum(counts, 1)
    excess = np.where(counts > 0, shares - overall, 0.0)
    return Shares(np.asarray(overall), excess, about.least, about.most, _intraclass(y, z))


def _indicators(y: np.ndarray, classes: int) -> np.ndarray:
    """Whether a sample is of each class, (n, classes)."""
    return (y[:, None] == np.arange(classes)).astype(np.float64)


def _intraclass(y: np.ndarray, z: np.ndarray) -> float:
    """Intraclass correlation of y, of classes the mean by their variances; 0 where it is not defined."""
    columns = y.reshape(len(y), -1)
    found = np.array([between_clusters(column, z) for column in columns.T])
    weights = columns.var(axis=0) * ~np.isnan(found)
    return float(np.average(np.nan_to_num(found), weights=weights)) if weights.sum() > 0 else 0.0


BASELINE = Baseline(fit, uses_clusters=True)
