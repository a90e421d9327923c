"""Predictions cut into the blocks that are scored, each checked before it is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from armed.errors import DataError, LeakageError
from armed_study.data.sample_index import Roster, codes_of
from armed_study.vocabulary.terms import ASSIGNMENTS, PARTITIONS


@dataclass(frozen=True)
class Block:
    """Scores of one replica on one partition under one assignment, samples ascending.

    Parameters
    ----------
    positions : (rows,) positions in the roster.
    effects : effect ("fixed" and, where there is one, "mixed") -> (rows,) probability of y = 1.
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
    predictions: pd.DataFrame | Iterable[pd.DataFrame], roster: Roster
) -> Iterator[Replica]:
    """Cut predictions, one table or several, into checked replicas.

    Raises
    ------
    DataError
        Predictions that are no probabilities, unknown or repeated samples, unknown outcomes.
    LeakageError
        A sample in two partitions, or an unseen cluster in training.
    """
    frames = [predictions] if isinstance(predictions, pd.DataFrame) else predictions
    for frame in frames:
        yield from _replicas_of(frame, roster)


def _labels(frame: pd.DataFrame, column: str, allowed: tuple[str, ...]) -> np.ndarray:
    codes = codes_of(frame[column], pd.Index(allowed, dtype=object))
    if (codes < 0).any():
        raise DataError(
            f"predictions: {column} '{frame[column].iloc[int(np.argmax(codes < 0))]}' "
            f"found, one of {', '.join(allowed)} expected; predict again"
        )
    return codes


def _replicas_of(frame: pd.DataFrame, roster: Roster) -> Iterator[Replica]:
    position = roster.positions(frame["sample"], "predictions")
    models, model_names = pd.factorize(frame["model"], sort=True)
    folds, fold_names = pd.factorize(frame["fold"], sort=True)
    seeds, seed_names = pd.factorize(frame["seed"], sort=True)
    parts = _labels(frame, "partition", PARTITIONS)
    assigned = _labels(frame, "assignment", ASSIGNMENTS)
    replica = (models.astype(np.int64) * len(fold_names) + folds) * len(seed_names) + seeds
    block = (replica * len(PARTITIONS) + parts) * len(ASSIGNMENTS) + assigned
    key = block * len(roster.names) + position
    order = np.argsort(key, kind="stable")
    fixed = frame["fixed"].to_numpy(dtype=np.float64)
    mixed = frame["mixed"].to_numpy(dtype=np.float64)
    for rows in _runs(replica, order):
        first = rows[0]
        name = Replica(
            str(model_names[models[first]]),
            int(fold_names[folds[first]]),
            int(seed_names[seeds[first]]),
            (),
        )
        blocks = tuple(
            Block(
                PARTITIONS[parts[part[0]]],
                ASSIGNMENTS[assigned[part[0]]],
                position[part],
                _effects(name, PARTITIONS[parts[part[0]]], fixed[part], mixed[part]),
            )
            for part in _runs(block, rows)
        )
        _check(name, blocks, roster)
        yield Replica(name.model, name.fold, name.seed, blocks)


def _runs(values: np.ndarray, order: np.ndarray) -> list[np.ndarray]:
    if not order.size:
        return []
    ordered = values[order]
    return np.split(order, np.flatnonzero(ordered[1:] != ordered[:-1]) + 1)


def _effects(
    replica: Replica, partition: str, fixed: np.ndarray, mixed: np.ndarray
) -> dict[str, np.ndarray]:
    effects = {"fixed": fixed} if np.isnan(mixed).all() else {"fixed": fixed, "mixed": mixed}
    for effect, score in effects.items():
        wrong = ~((score >= 0) & (score <= 1))
        if wrong.any():
            raise DataError(
                f"{replica}: {wrong.sum()} of {len(score)} {effect} predictions ({partition}) are "
                f"no probability, the first is {score[wrong][0]:g}; look at that fold's training "
                "history and train it again"
            )
    return effects


def _check(replica: Replica, blocks: tuple[Block, ...], roster: Roster) -> None:
    home = np.full(len(roster.names), -1)
    for block in blocks:
        position, partition = block.positions, PARTITIONS.index(block.partition)
        if (position[1:] == position[:-1]).any():
            twice = roster.names[position[1:][position[1:] == position[:-1]][0]]
            raise DataError(
                f"{replica}: sample '{twice}' is predicted twice ({block.partition}, "
                f"z {block.assignment}), once is expected; predict again"
            )
        if np.isnan(roster.outcome[position]).any():
            name = roster.names[position[np.isnan(roster.outcome[position])][0]]
            raise DataError(
                f"{replica}: sample '{name}' ({block.partition}) has no known outcome, "
                "0 or 1 is needed to score it; leave it out of the splits"
            )
        elsewhere = (home[position] >= 0) & (home[position] != partition)
        if elsewhere.any():
            name = roster.names[position[elsewhere][0]]
            raise LeakageError(
                f"{replica}: sample '{name}' is in two partitions, one of them "
                f"{block.partition}; make the splits again"
            )
        home[position] = partition
    seen = roster.cluster[(home >= 0) & (home < PARTITIONS.index("unseen"))]
    leaked = np.intersect1d(seen, roster.cluster[home == PARTITIONS.index("unseen")])
    if leaked.size:
        name = roster.names[(home == PARTITIONS.index("unseen")) & (roster.cluster == leaked[0])][0]
        raise LeakageError(
            f"{replica}: the cluster of unseen sample '{name}' also appears among "
            "train, validation or test, an unseen cluster must be held out whole; "
            "make the splits again"
        )
