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
    mean_score
        How well the means of clusters predict left-out samples: AUROC of a binary outcome, R2 of a number;
        NaN of a categorical one.
    single_outcome
        Clusters of one outcome only; none of numbers.
    cross_entropy, entropy
        Cross-entropy of a classifier of the cluster by all features, on left-out samples, and of the
        shares of the clusters; in nats.
    missing
        Index: features with missing values; lowest and highest share of them by cluster.
    cluster_scores
        For each feature, how far it tells the cluster by itself: the share of the way from the most
        frequent cluster to all samples right, on left-out samples.
    constant_within
        Features that are the same in all samples of a cluster, in every cluster.
    outcome_scores
        For each feature, how well it tells the outcome by itself, on left-out samples: as `mean_score`;
        for a categorical outcome of its most frequent class.
    """

    sizes: pd.Series
    level: pd.Series
    icc: float
    interval: tuple[float, float]
    mean_score: float
    single_outcome: tuple[str, ...]
    cross_entropy: float
    entropy: float
    missing: pd.DataFrame
    cluster_scores: pd.Series
    constant_within: tuple[str, ...]
    outcome_scores: pd.Series
