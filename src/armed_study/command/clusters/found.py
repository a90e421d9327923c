"""What the report on clusters finds."""

from dataclasses import dataclass

import pandas as pd


@dataclass(frozen=True)
class ClusterReport:
    """What is found.

    Parameters
    ----------
    sizes
        Samples of each cluster, the largest first.
    level
        Mean of the outcome in each cluster, of a categorical outcome the share of its largest class.
    icc, interval
        Share of the variance of the outcome that lies between clusters, and its 95 % interval.
    predicted
        How well the means of clusters predict left-out samples: AUROC of a binary outcome, R2 of a number;
        NaN of a categorical one.
    single
        Clusters of one outcome only; none of numbers.
    told, chance
        Cross-entropy of a classifier of the cluster by all features, on left-out samples, and of the
        shares of the clusters; in nats.
    missing
        Index: features with missing values; lowest and highest share of them by cluster.
    telling
        For each feature, how far it tells the cluster by itself: the share of the way from the most
        frequent cluster to all samples right, on left-out samples.
    constant
        Features that are the same in all samples of a cluster, in every cluster.
    answering
        For each feature, how well it tells the outcome by itself, on left-out samples: `predicted` of it;
        for a categorical outcome of its most frequent class.
    """

    sizes: pd.Series
    level: pd.Series
    icc: float
    interval: tuple[float, float]
    predicted: float
    single: tuple[str, ...]
    told: float
    chance: float
    missing: pd.DataFrame
    telling: pd.Series
    constant: tuple[str, ...]
    answering: pd.Series
