"""The folds of a study as models get them, and the replicas of a model, one a fold and seed."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from armed.errors import LeakageError
from armed_study.messages import counted
from armed_study.training.factors.known import Factors
from armed_study.training.few_shot.samples import FewShot
from armed_study.vocabulary.outcomes import BINARY, Outcome

NO_CLUSTER = -1
"""Index of a cluster of which a fold trains on no sample; in the library `armed.data.arrays.UNKNOWN`."""


@dataclass(frozen=True, eq=False)
class FoldData:
    """One fold, encoded: imputed, standardised and coded on the fold's training rows only.

    Parameters
    ----------
    fold : int
        Number of the fold in the splits.
    x : ndarray, shape (samples, columns), float32
        All samples of the dataset, in its order. Images: (samples, channels, height, width), float32
        or uint8 in 1/255, memory-mapped and shared by the folds.
    y : ndarray, shape (samples,), float32
        Outcome, of a categorical one the number of its class.
    z : ndarray, shape (samples,), int64
        Index of each sample's cluster into `StudyFolds.clusters`; `NO_CLUSTER` if no fold trains on it.
    partition : ndarray, shape (samples,), str
        train, validation, test, unseen, or empty when the sample is not in this fold.
    display : ndarray, shape (points, columns), float32
        As ``x``. Points without outcome, for pictures; may have no rows.
    display_z : ndarray, shape (points,), int64
        Their clusters.
    center, scale : float
        Mean and s.d. of a continuous outcome on the training rows, in units of which networks are trained.

    Raises
    ------
    ValueError
        When the arrays do not fit each other.
    LeakageError
        When an unseen cluster has a training or validation row.
    """

    fold: int
    x: np.ndarray
    y: np.ndarray
    z: np.ndarray
    partition: np.ndarray
    display: np.ndarray
    display_z: np.ndarray
    center: float = 0.0
    scale: float = 1.0

    def __post_init__(self) -> None:
        samples, shape = len(self.x), self.x.shape[1:]
        expected: dict[str, tuple[int, ...]] = dict.fromkeys(("y", "z", "partition"), (samples,))
        expected["display"] = (len(self.display_z), *shape)
        for name, wanted in expected.items():
            found = getattr(self, name).shape
            if found != wanted:
                raise ValueError(f"fold {self.fold}: {name} has shape {found}; expected {wanted}")
        fitted = self.z[self.rows("train", "validation")]
        both = np.intersect1d(fitted, self.z[self.rows("unseen")])
        if both.size:
            raise LeakageError(
                f"fold {self.fold}: found {counted(both.size, 'cluster')} with both unseen and training "
                "or validation rows; expected unseen clusters to be held out whole; correct the splits"
            )

    def rows(self, *partitions: str) -> np.ndarray:
        """Row numbers of the samples in any of ``partitions``, in dataset order, shape (n,)."""
        return np.flatnonzero(np.isin(self.partition, partitions))

    def table(self, rows: np.ndarray) -> np.ndarray:
        """Columns of some rows, shape (rows, columns); images have none, and are not read."""
        return self.x[rows] if self.x.ndim == 2 else np.empty((len(rows), 0), dtype=np.float32)

    @property
    def seen(self) -> np.ndarray:
        """Index of every cluster with a training row, ascending, shape (seen clusters,)."""
        return np.unique(self.z[self.rows("train")])

    @cached_property
    def trained(self) -> np.ndarray:
        """Whether the fold trains on samples of each sample's cluster, shape (samples,)."""
        return np.isin(self.z, self.seen)

    def known_z(self, rows: np.ndarray) -> np.ndarray:
        """Clusters of some rows; `NO_CLUSTER` for those that the fold does not train on."""
        return np.where(self.trained[rows], self.z[rows], NO_CLUSTER)

    @property
    def known_display_z(self) -> np.ndarray:
        """Clusters of the display points, as `known_z`."""
        return np.where(np.isin(self.display_z, self.seen), self.display_z, NO_CLUSTER)

    @property
    def mean_input(self) -> np.ndarray:
        """Mean of the training rows, shape (1, columns), float64."""
        return self.x[self.rows("train")].mean(axis=0, keepdims=True, dtype=np.float64)


@dataclass(frozen=True, eq=False)
class StudyFolds:
    """Everything that models need to be trained on some folds of one study.

    Parameters
    ----------
    name : str
        Name of the study.
    clusters : tuple of str, length K
        Clusters that some fold of the study is trained on.
    columns, probes : tuples of str and of bool
        Names of the encoded columns, none if samples are images; which come from a probe feature.
    samples, display_samples : ndarray, shapes (samples,) and (points,)
        Ids of the samples in dataset order, and of the display points.
    folds : tuple of FoldData
        Folds to train, any subset of the study's.
    seeds : int
        Replicas of each fold, for methods that draw random numbers.
    config_seed : int
        Seed of the configuration; see `Replica.seed_for`.
    membership : mapping or None
        (fold, seed) to soft memberships of the unseen rows, in dataset order, shape (unseen, K).
        Models without random numbers of their own read seed 0. None: no such assignment is made.
    train_sizes : tuple of int
        Training rows of every fold of the study: a part of the folds is trained with as many steps.
    outcome : Outcome
        Kind of the outcome, and the names of its classes.
    few_shot : mapping of int to FewShot
        By fold: what of its unseen clusters is given labelled. A fold without any is left out.
    factors : Factors
        Cluster factors that random effects may be of.
    """

    name: str
    clusters: tuple[str, ...]
    columns: tuple[str, ...]
    probes: tuple[bool, ...]
    samples: np.ndarray
    display_samples: np.ndarray
    folds: tuple[FoldData, ...]
    seeds: int
    config_seed: int
    membership: Mapping[tuple[int, int], np.ndarray] | None = None
    train_sizes: tuple[int, ...] = ()
    outcome: Outcome = BINARY
    few_shot: Mapping[int, FewShot] = field(default_factory=dict)
    factors: Factors = field(default_factory=Factors)

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of one sample: (columns,) or (channels, height, width)."""
        return tuple(self.folds[0].x.shape[1:])

    @property
    def largest_training_part(self) -> int:
        """Training rows of the study's largest fold, trained here or not."""
        return max(self.train_sizes or [len(fold.rows("train")) for fold in self.folds])

    def replicas(self, model: str, seeds: int | None = None) -> "list[Replica]":
        """Every seed of every fold; by default as many seeds as the study has."""
        return [
            Replica(self.name, model, fold, seed, self.config_seed)
            for fold in self.folds
            for seed in range(self.seeds if seeds is None else seeds)
        ]


@dataclass(frozen=True, eq=False)
class Replica:
    """One training of a model: a fold and a seed."""

    study: str
    model: str
    fold: FoldData
    seed: int
    config_seed: int

    def __str__(self) -> str:
        return f"fold {self.fold.fold}, seed {self.seed}"

    def seed_for(self, purpose: str) -> int:
        """Seed in [0, 2**63) of a random stream; the same on every machine, whatever else is trained.

        ``purpose`` separates streams of one replica that must not depend on each other, such as the
        initialisation of a network and the random clusters that it is evaluated with.
        """
        parts = [self.config_seed, self.study, self.model, self.fold.fold, self.seed, purpose]
        digest = hashlib.blake2b(json.dumps(parts).encode(), digest_size=8).digest()
        return int.from_bytes(digest, "big") >> 1
