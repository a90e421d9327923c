"""What the clusters of a data set do to outcome and features, before any network is trained."""

import warnings
from collections.abc import Iterator

import numpy as np
import pandas as pd
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss, r2_score
from sklearn.model_selection import KFold, StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from armed_study.command.clusters.found import ClusterReport
from armed_study.data.dataset import ClusteredDataset, Feature
from armed_study.statistics.auroc import Ranking
from armed_study.statistics.intraclass import between_clusters, between_clusters_interval

FOLDS = 5
_MOST_ROWS = 4_000  # of a classifier of the cluster: enough to tell, and seconds at most
_SEED = 0


def report_clusters(dataset: ClusteredDataset) -> ClusterReport:
    """Look at the clusters of a data set of features; of clusters with one sample only sizes are told."""
    samples = dataset.samples
    cluster = samples["cluster"].astype(str)
    sizes = cluster.value_counts()
    kept = samples[cluster.map(sizes) > 1].reset_index(drop=True)
    names, y = kept["cluster"].astype(str), _numbers(kept, dataset)
    columns = _columns(kept, dataset.features)
    cross_entropy, entropy = _cross_entropy(columns, names)
    numbers = dataset.outcome.kind in ("continuous", "count")
    same = kept["outcome"].groupby(names).nunique() == 1
    return ClusterReport(
        sizes=sizes,
        level=pd.Series(y).groupby(names).mean(),
        icc=between_clusters(y, names.to_numpy()),
        interval=between_clusters_interval(y, names.to_numpy()),
        mean_score=_mean_score(y, names, dataset.outcome.kind),
        single_outcome=() if numbers else tuple(same.index[same]),
        cross_entropy=cross_entropy,
        entropy=entropy,
        missing=_missing(kept, dataset.features, names),
        cluster_scores=_cluster_scores(columns, names),
        constant_within=_constant_within(kept, dataset.features, names),
        outcome_scores=_outcome_scores(columns, y, numbers=numbers),
    )


def _numbers(samples: pd.DataFrame, dataset: ClusteredDataset) -> np.ndarray:
    """The outcome as numbers; of classes, whether it is the most frequent one."""
    outcome = samples["outcome"].to_numpy(float)
    if dataset.outcome.kind != "categorical":
        return outcome
    classes, counts = np.unique(outcome, return_counts=True)
    return (outcome == classes[counts.argmax()]).astype(float)


def _folds(strata: pd.Series) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Rows to learn from and rows left out; strata are balanced if any has as many samples as folds."""
    enough = strata.value_counts().max() >= FOLDS
    kind = StratifiedKFold if enough else KFold
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that some stratum has fewer samples than folds
        yield from kind(FOLDS, shuffle=True, random_state=_SEED).split(strata, strata)


def _mean_score(y: np.ndarray, names: pd.Series, kind: str) -> float:
    """Predict left-out samples by the mean of their cluster; folds balance clusters, not outcomes."""
    if kind == "categorical":
        return float("nan")
    predicted = np.empty(len(y))
    for train, left in _folds(names):
        means = pd.Series(y[train]).groupby(names.iloc[train].to_numpy()).mean()
        predicted[left] = names.iloc[left].map(means).fillna(y[train].mean())
    return _score(y, predicted, numbers=kind != "binary")


def _columns(samples: pd.DataFrame, features: tuple[Feature, ...]) -> dict[str, np.ndarray]:
    """Columns (samples, columns) of each feature: numbers, indicators, and where they are missing."""
    found = {}
    for feature in features:
        column = samples[feature.name]
        lacking = column.isna().to_numpy(float)[:, None]
        if feature.kind == "continuous":
            own = column.fillna(column.mean()).to_numpy(float)[:, None]
        else:
            own = np.stack([(column == level).to_numpy(float) for level in feature.levels], axis=1)
        found[feature.name] = np.hstack([own, lacking]) if lacking.any() else own
    return found


def _cross_entropy(columns: dict[str, np.ndarray], names: pd.Series) -> tuple[float, float]:
    """Cross-entropy of the cluster given all features on left-out samples, and of its shares alone."""
    enough = names.map(names.value_counts()) >= FOLDS
    rows = np.flatnonzero(enough)
    rows = np.random.default_rng(_SEED).permutation(rows)[:_MOST_ROWS]
    own = names.iloc[rows].reset_index(drop=True)
    own = own[own.map(own.value_counts()) >= FOLDS]
    if own.nunique() < 2:
        return float("nan"), float("nan")
    x = np.hstack([*columns.values()])[rows[own.index]]
    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=200))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        chances = cross_val_predict(model, x, own, cv=list(_folds(own)), method="predict_proba")
    shares = own.value_counts(normalize=True)
    return float(log_loss(own, chances, labels=sorted(own.unique()))), float(
        -(shares * np.log(shares)).sum()
    )


def _missing(
    samples: pd.DataFrame, features: tuple[Feature, ...], names: pd.Series
) -> pd.DataFrame:
    lacking = samples[[f.name for f in features]].isna()
    lacking = lacking.loc[:, lacking.any()]
    shares = lacking.groupby(names.to_numpy()).mean()
    return pd.DataFrame({"lowest": shares.min(), "highest": shares.max()})


def _cluster_scores(columns: dict[str, np.ndarray], names: pd.Series) -> pd.Series:
    """How far each feature tells the cluster by itself, by a tree with two leaves a cluster."""
    base = names.value_counts(normalize=True).iloc[0]
    tree = DecisionTreeClassifier(
        max_leaf_nodes=max(2 * names.nunique(), 4), min_samples_leaf=2, random_state=_SEED
    )
    folds = list(_folds(names))
    told = {}
    for name, own in columns.items():
        right = np.mean(cross_val_predict(tree, own, names, cv=folds) == names)
        told[name] = max((right - base) / (1 - base), 0.0) if base < 1 else 0.0
    return pd.Series(told, dtype=float).sort_values(ascending=False, kind="stable")


def _outcome_scores(columns: dict[str, np.ndarray], y: np.ndarray, *, numbers: bool) -> pd.Series:
    """How well each feature tells the outcome by itself, by a tree of a few leaves."""
    tree = (DecisionTreeRegressor if numbers else DecisionTreeClassifier)(
        max_leaf_nodes=8, min_samples_leaf=5, random_state=_SEED
    )
    strata = pd.Series(y if not numbers else np.zeros(len(y)))
    folds, told = list(_folds(strata)), {}
    for name, own in columns.items():
        if numbers:
            said = cross_val_predict(tree, own, y, cv=folds)
        else:
            said = cross_val_predict(tree, own, y, cv=folds, method="predict_proba")[:, 1]
        told[name] = _score(y, said, numbers=numbers)
    return pd.Series(told, dtype=float).sort_values(ascending=False, kind="stable")


def _score(y: np.ndarray, predicted: np.ndarray, *, numbers: bool) -> float:
    """AUROC, or R2 of numbers."""
    if not numbers:
        return Ranking.of(y, predicted).auroc()
    return float(r2_score(y, predicted))


def _constant_within(
    samples: pd.DataFrame, features: tuple[Feature, ...], names: pd.Series
) -> tuple[str, ...]:
    values = samples[[f.name for f in features]].groupby(names.to_numpy()).nunique(dropna=False)
    return tuple(str(name) for name in values.columns[(values == 1).all()])
