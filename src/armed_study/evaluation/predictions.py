"""Predictions cut into the blocks that are scored, each checked before it is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from armed.errors import DataError, LeakageError
from armed_study.data.sample_index import SampleIndex, codes_of
from armed_study.vocabulary.terms import ASSIGNMENTS, PARTITIONS


@dataclass(frozen=True)
class Block:
    """Scores of one replica on one partition under one assignment, samples ascending.

    Parameters
    ----------
    positions : (rows,) positions in the sample_index.
    effects : effect ("fixed" and, where there is one, "mixed") -> (rows,) probability of y = 1 or mean of
        y, (rows, classes) probabilities of the classes of a categorical outcome.
    """

    partition: str
    assignment: str
    positions: np.ndarray
    effects: dict[str, np.ndarray]


@dataclass(frozen=True)
class Replica:
    """All blocks of one model in one fold with one seed."""

    model: str
    fold: int
    seed: int
    blocks: tuple[Block, ...]

    def __str__(self) -> str:
        return f"model '{self.model}', fold {self.fold}, seed {self.seed}"


def replicas(
    predictions: pd.DataFrame | Iterable[pd.DataFrame], sample_index: SampleIndex
) -> Iterator[Replica]:
    """Cut predictions, one table or several, into checked replicas.

    Raises
    ------
    DataError
        Predictions that are none of the outcome's kind, unknown or repeated samples, unknown outcomes.
    LeakageError
        A sample in two partitions, or an unseen cluster in training.
    """
    frames = [predictions] if isinstance(predictions, pd.DataFrame) else predictions
    for frame in frames:
        yield from _replicas_of(frame, sample_index)


def _replicas_of(frame: pd.DataFrame, sample_index: SampleIndex) -> Iterator[Replica]:
    position = sample_index.positions(frame["sample"], "predictions")
    (models, model_names), (folds, fold_names), (seeds, seed_names) = (
        pd.factorize(frame[column], sort=True) for column in ("model", "fold", "seed")
    )
    parts = _labels(frame, "partition", PARTITIONS)
    assigned = _labels(frame, "assignment", ASSIGNMENTS)
    replica = (models.astype(np.int64) * len(fold_names) + folds) * len(seed_names) + seeds
    block = (replica * len(PARTITIONS) + parts) * len(ASSIGNMENTS) + assigned
    classes, width = class_numbers(frame, sample_index)
    place = block * len(sample_index.names) + position
    order = np.argsort(place * width + classes, kind="stable")
    fixed, mixed = (frame[effect].to_numpy(dtype=np.float64) for effect in ("fixed", "mixed"))
    for rows in _runs(replica, order):
        first = rows[0]
        found = Replica(
            str(model_names[models[first]]),
            int(fold_names[folds[first]]),
            int(seed_names[seeds[first]]),
            tuple(
                Block(
                    PARTITIONS[parts[own[0]]],
                    ASSIGNMENTS[assigned[own[0]]],
                    position[own[::width]],
                    {"fixed": by_sample(fixed[own], width)}
                    | (
                        {}
                        if np.isnan(mixed[own]).all()
                        else {"mixed": by_sample(mixed[own], width)}
                    ),
                )
                for own in _runs(block, rows)
            ),
        )
        if width > 1:
            _check_classes(found, classes[rows], place[rows], width)
        _check_scores(found, sample_index)
        _check_samples(found, sample_index)
        yield found


def _labels(frame: pd.DataFrame, column: str, allowed: tuple[str, ...]) -> np.ndarray:
    codes = codes_of(frame[column], pd.Index(allowed, dtype=object))
    if (codes < 0).any():
        raise DataError(
            f"predictions: {column} '{frame[column].iloc[int(np.argmax(codes < 0))]}' "
            f"found, one of {', '.join(allowed)} expected; predict again"
        )
    return codes


def class_numbers(frame: pd.DataFrame, sample_index: SampleIndex) -> tuple[np.ndarray, int]:
    """Number of the class that each row is of, and the number of rows of a sample."""
    names = sample_index.about.classes
    if not names:
        return np.zeros(len(frame), dtype=np.int64), 1
    if "class" not in frame:
        raise DataError(
            f"predictions have no column 'class', expected it with the classes {', '.join(names)} of the "
            "outcome; predict again"
        )
    return _labels(frame, "class", names), len(names)


def by_sample(values: np.ndarray, width: int) -> np.ndarray:
    """Scores (rows,), or of a categorical outcome (rows, classes)."""
    whole = values[: len(values) // width * width]  # what is too much is refused
    return whole.reshape(-1, width) if width > 1 else values


def _check_classes(replica: Replica, classes: np.ndarray, place: np.ndarray, width: int) -> None:
    """Check that every sample of a replica, in order, has a row for each class."""
    complete = len(classes) % width == 0 and np.array_equal(
        classes, np.tile(np.arange(width), len(classes) // width)
    )
    if not complete or (place.reshape(-1, width) != place[::width, None]).any():
        raise DataError(
            f"{replica}: some samples do not have one prediction of each of the {width} classes, as "
            "expected; predict again"
        )


def _runs(values: np.ndarray, order: np.ndarray) -> list[np.ndarray]:
    if not order.size:
        return []
    ordered = values[order]
    return np.split(order, np.flatnonzero(ordered[1:] != ordered[:-1]) + 1)


def _check_scores(replica: Replica, sample_index: SampleIndex) -> None:
    kind = sample_index.about.about
    for block in replica.blocks:
        for effect, score in block.effects.items():
            wrong = ~(np.isfinite(score) & (score >= kind.least) & (score <= kind.most))
            if wrong.any():
                raise DataError(
                    f"{replica}: {wrong.sum()} of {score.size} {effect} predictions "
                    f"({block.partition}) are no {kind.prediction}, the first is {score[wrong][0]:g}; "
                    "look at that fold's training history and train it again"
                )


def _check_samples(replica: Replica, sample_index: SampleIndex) -> None:
    home, unseen = np.full(len(sample_index.names), -1), PARTITIONS.index("unseen")
    for block in replica.blocks:
        position, partition = block.positions, PARTITIONS.index(block.partition)
        again = position[1:] == position[:-1]
        if again.any():
            raise DataError(
                f"{replica}: sample '{sample_index.names[position[1:][again][0]]}' is predicted twice "
                f"({block.partition}, z {block.assignment}), once is expected; predict again"
            )
        unknown = np.isnan(sample_index.outcome[position])
        if unknown.any():
            raise DataError(
                f"{replica}: sample '{sample_index.names[position[unknown][0]]}' ({block.partition}) has no "
                f"known outcome, one of {sample_index.about.about.values} is needed to score it; leave it "
                "out of the splits"
            )
        elsewhere = (home[position] >= 0) & (home[position] != partition)
        if elsewhere.any():
            raise LeakageError(
                f"{replica}: sample '{sample_index.names[position[elsewhere][0]]}' is in two partitions, "
                f"one of them {block.partition}; make the splits again"
            )
        home[position] = partition
    seen = sample_index.cluster[(home >= 0) & (home < unseen)]
    leaked = np.intersect1d(seen, sample_index.cluster[home == unseen])
    if leaked.size:
        name = sample_index.names[(home == unseen) & (sample_index.cluster == leaked[0])][0]
        raise LeakageError(
            f"{replica}: the cluster of unseen sample '{name}' also appears among "
            "train, validation or test, an unseen cluster must be held out whole; "
            "make the splits again"
        )
