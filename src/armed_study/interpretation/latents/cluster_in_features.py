"""How much of the cluster hidden features tell, next to the input: whether an adversary does its work."""

from collections.abc import Iterator, Mapping, Sequence
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
    hidden_features: pd.DataFrame, samples: pd.DataFrame, inputs: np.ndarray, outcome: Outcome
) -> pd.DataFrame:
    """Make table ``cluster_in_features``.

    Classifiers of the cluster are fitted on training samples and scored on test samples, of clusters with at
    least three groups of training samples. Values are means over replicas, with intervals of t over
    these; of a single one over its groups of samples, normal ones.

    Parameters
    ----------
    hidden_features, samples
        Tables of these names, the first of all networks.
    inputs : ndarray
        Encoded features (folds, samples, columns), or images (samples, channels, height, width).
    """
    who = SampleIndex.of(samples, outcome)
    order = np.argsort(samples["sample"].astype(str).to_numpy(object), kind="stable")
    found: dict[tuple[str, str], list[tuple[Scores, Part]]] = {}
    for (fold, _), own in hidden_features.groupby(["fold", "seed"], sort=True):
        raw = inputs[int(fold)] if inputs.ndim == 3 else inputs  # type: ignore[call-overload]
        for which, part, (train, test) in _told_apart(own, who, raw, order):
            found.setdefault(which, []).append((_scores(train, test, part), part))
    study = str(hidden_features["study"].iloc[0])
    lines = [
        {"study": study, "features": features, "model": model, **line}
        for (features, model), replicas in found.items()
        for line in _lines(replicas)
    ]
    return pd.DataFrame(lines, columns=TABLES["cluster_in_features"].names)


def _told_apart(
    own: pd.DataFrame, who: SampleIndex, raw: np.ndarray, order: np.ndarray
) -> Iterator[tuple[tuple[str, str], Part, Sequence[np.ndarray]]]:
    """Give input and hidden features of a fold: whose, its samples, training and test (n, ...).

    Samples are the same for all. ``order`` (samples,) are rows of ``raw`` in the order of ``who``.
    """
    at = pd.Series(who.positions(own["sample"], "hidden features"), own.index)
    first = own[own["model"] == own["model"].iloc[0]]
    tested = (first["partition"] == "test").to_numpy()
    train, test = (np.sort(at[first.index[rows]]) for rows in (~tested, tested))
    part = _part(train, test, who)
    if part is None:  # of one cluster there is nothing to tell
        return
    rows = part.train, part.test
    train, test = (np.asarray(raw[order[each]]) for each in rows)
    yield ("input", ""), part, _flat(train, test)
    for model in order_models(own["model"]):
        kept = own[own["model"] == model]
        values = pd.DataFrame(values_of(kept), index=at[kept.index])
        yield ("hidden", model), part, [values.loc[each].to_numpy() for each in rows]


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


def _flat(train: np.ndarray, test: np.ndarray) -> list[np.ndarray]:
    """Columns as they are; of images principal components of the training samples."""
    if train.ndim == 2:
        return [train, test]
    pixels = [each.reshape(len(each), -1).astype(np.float32) for each in (train, test)]
    pca = PCA(min(COMPONENTS, *pixels[0].shape), random_state=0).fit(pixels[0])
    return [pca.transform(each) for each in pixels]


def _scores(train: np.ndarray, test: np.ndarray, part: Part) -> Scores:
    """Score every classifier of the cluster on features (n, ...) and (m, ...)."""
    known, parts = part.known, part.parts
    largest = known.shares.argmax()
    guess = _losses(np.tile(known.shares, (len(test), 1)), known.tested)
    found: Scores = {}
    for name, probe in PROBES.items():
        chances = probe(train, test, known, parts)
        loss = _losses(chances, known.tested)
        found[name, "cross_entropy"] = loss, float(guess.mean())
        found[name, "information"] = guess - loss, 0.0
        hits = chances.argmax(axis=1) == known.tested
        found[name, "accuracy"] = hits.astype(float), float((known.tested == largest).mean())
    linear, (y, tested) = PROBES[_LINEAR], _columns(*part.outcome)
    alone = _losses(linear(y, tested, known, parts), known.tested)
    train, test = np.hstack([train, y]), np.hstack([test, tested])
    beside = _losses(linear(train, test, known, parts), known.tested)
    found[_LINEAR, "information_given_outcome"] = alone - beside, 0.0
    return found


def _columns(train: np.ndarray, test: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Outcomes (n,) and (m,) as columns: of a few values one for each, else first and second power."""
    values = np.unique(train)
    if len(values) <= 10:
        return (train[:, None] == values).astype(float), (test[:, None] == values).astype(float)
    return np.stack([train, train**2], axis=1), np.stack([test, test**2], axis=1)


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
