"""How much of the cluster hidden features tell, next to the input: whether an adversary does its work."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd
from sklearn.decomposition import PCA

from armed_study.data.sample_index import SampleIndex
from armed_study.interpretation.latents.latents import values_of
from armed_study.interpretation.latents.probing import PARTS, PROBES, Labelled
from armed_study.io.schemas import TABLES
from armed_study.statistics.intervals import normal_interval, t_interval
from armed_study.vocabulary.labels import order_models
from armed_study.vocabulary.outcomes import Outcome

COMPONENTS = 60
"""Principal components that stand for an image."""

_LINEAR = next(iter(PROBES))
Scores = dict[tuple[str, str], tuple[np.ndarray, float]]
"""Value of each test sample, (m,), and of a guess, by classifier and metric."""


class Part(NamedTuple):
    """Rows (n,) of training and (m,) of test samples of a replica, and what is known of them."""

    train: np.ndarray
    test: np.ndarray
    known: Labelled
    outcome: tuple[np.ndarray, np.ndarray]
    group: np.ndarray
    parts: list[tuple[np.ndarray, np.ndarray]]


def tell_cluster(
    hidden: pd.DataFrame, samples: pd.DataFrame, inputs: np.ndarray, outcome: Outcome
) -> pd.DataFrame:
    """Make table ``cluster_in_features``.

    Classifiers of the cluster are fitted on training samples and scored on test samples, of clusters with at
    least three groups of training samples. Values are means over replicas, with intervals of t over
    these; of a single one over its groups of samples, normal ones.

    Parameters
    ----------
    hidden, samples
        Table ``hidden_features`` of all networks, and table ``samples``.
    inputs : ndarray
        Encoded features (folds, samples, columns), or images (samples, channels, height, width).
    """
    who = SampleIndex.of(samples, outcome)
    order = np.argsort(samples["sample"].astype(str).to_numpy(object), kind="stable")
    found: dict[tuple[str, str], list[tuple[Scores, Part]]] = {}
    for (fold, _), own in hidden.groupby(["fold", "seed"], sort=True):
        at = who.positions(own["sample"], "hidden features")
        part: Part | None = None
        for model in order_models(own["model"]):
            rows = np.flatnonzero((own["model"] == model).to_numpy())
            rows = rows[np.argsort(at[rows], kind="stable")]
            tested = own["partition"].to_numpy()[rows] == "test"
            if part is None:
                part = _part(at[rows[~tested]], at[rows[tested]], who)
                if part is None:  # of one cluster there is nothing to tell
                    break
                raw = inputs[int(fold)] if inputs.ndim == 3 else inputs  # type: ignore[call-overload]
                both = [np.asarray(raw[order[each]]) for each in (part.train, part.test)]
                found.setdefault(("input", ""), []).append((_scores(*_flat(*both), part), part))
            values = pd.DataFrame(values_of(own.iloc[rows]), index=at[rows])
            both = [values.loc[each].to_numpy() for each in (part.train, part.test)]
            found.setdefault(("hidden", model), []).append((_scores(*both, part), part))
    study = str(hidden["study"].iloc[0]) if len(hidden) else ""
    lines = [
        {"study": study, "features": features, "model": model, **line}
        for (features, model), replicas in found.items()
        for line in _lines(replicas)
    ]
    return pd.DataFrame(lines, columns=TABLES["cluster_in_features"].names)


def _part(train: np.ndarray, test: np.ndarray, who: SampleIndex) -> Part | None:
    """Keep samples of clusters with enough groups; None where fewer than two clusters are left."""
    group = np.arange(len(who.names)) if who.group is None else who.group
    groups = pd.Series(group[train]).groupby(who.cluster[train]).nunique()
    kept = groups.index[groups >= PARTS].to_numpy()
    train, test = (rows[np.isin(who.cluster[rows], kept)] for rows in (train, test))
    if len(kept) < 2 or not len(test):
        return None
    code = [np.searchsorted(kept, who.cluster[rows]) for rows in (train, test)]
    known = Labelled(code[0], group[train], code[1])
    outcome = who.outcome[train], who.outcome[test]
    return Part(train, test, known, outcome, group[test], known.parts())


def _flat(train: np.ndarray, test: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Columns as they are; of images principal components of the training samples."""
    if train.ndim == 2:
        return train, test
    train, test = (each.reshape(len(each), -1).astype(np.float32) for each in (train, test))
    pca = PCA(min(COMPONENTS, *train.shape), random_state=0).fit(train)
    return pca.transform(train), pca.transform(test)


def _scores(train: np.ndarray, test: np.ndarray, part: Part) -> Scores:
    """Score every classifier of the cluster on features (n, ...) and (m, ...)."""
    known, fixed = part.known, (part.known, part.parts)
    largest = known.shares.argmax()
    guess = _losses(np.tile(known.shares, (len(test), 1)), known.tested)
    found: Scores = {}
    for name, probe in PROBES.items():
        chances = probe(train, test, *fixed)
        loss = _losses(chances, known.tested)
        found[name, "cross_entropy"] = loss, float(guess.mean())
        found[name, "information"] = guess - loss, 0.0
        hits = chances.argmax(axis=1) == known.tested
        found[name, "accuracy"] = hits.astype(float), float((known.tested == largest).mean())
    y = [_columns(each, part.outcome[0]) for each in part.outcome]
    alone = _losses(PROBES[_LINEAR](*y, *fixed), known.tested)
    both = [np.hstack(each) for each in zip((train, test), y, strict=True)]
    beside = _losses(PROBES[_LINEAR](*both, *fixed), known.tested)
    found[_LINEAR, "information_given_outcome"] = alone - beside, 0.0
    return found


def _columns(y: np.ndarray, train: np.ndarray) -> np.ndarray:
    """Outcomes (n,) as columns: of a few values one for each, else their first and second power."""
    values = np.unique(train)
    if len(values) <= 10:
        return (y[:, None] == values).astype(float)
    return np.stack([y, y**2], axis=1)


def _losses(chances: np.ndarray, cluster: np.ndarray) -> np.ndarray:
    """``-log p`` of the cluster of each sample (m,), in nats."""
    own = chances[np.arange(len(cluster)), cluster]
    return -np.log(np.clip(own, np.finfo(float).tiny, None))


def _lines(replicas: list[tuple[Scores, Part]]) -> Iterator[Mapping[str, object]]:
    """Give the rows of the table of some features."""
    clusters = [len(part.known.shares) for _, part in replicas]
    about = {"log_clusters": float(np.log(clusters).mean()), "replicas": len(replicas)}
    about["samples"] = round(float(np.mean([len(part.test) for _, part in replicas])))
    for classifier, metric in replicas[0][0]:
        own = [scores[classifier, metric] for scores, _ in replicas]
        values = np.array([each.mean() for each, _ in own])
        low, high = t_interval(values)
        if len(values) == 1:
            low, high = normal_interval(values[0], _error(own[0][0], replicas[0][1].group))
        row = {"classifier": classifier, "metric": metric, "value": values.mean()}
        row |= {"low": low, "high": high, "chance": float(np.mean([chance for _, chance in own]))}
        yield row | about


def _error(values: np.ndarray, group: np.ndarray) -> float:
    """Standard error of the mean of values (m,) whose groups are independent."""
    sums = pd.Series(values - values.mean()).groupby(group).sum()
    return float(np.sqrt((sums**2).sum()) / len(values))
