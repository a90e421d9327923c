"""Which cluster each sample is given: the same choices for every model, in training and after it."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from armed.errors import DataError
from armed_study.training.fold_data import FoldData, Replica, StudyFolds
from armed_study.vocabulary.reported import REPORTED
from armed_study.vocabulary.terms import EVERY, PARTITIONS


@dataclass(frozen=True, eq=False)
class Assignment:
    """Rows of a fold and the cluster each is scored with.

    ``rows`` (n,) are row numbers into the dataset; ``z`` is None (the model does not use it), an
    index (n,) int64, or a soft membership (n, K) float32, perhaps a read-only broadcast view.
    """

    name: str
    rows: np.ndarray
    z: np.ndarray | None

    def of(self, rows: np.ndarray) -> "Assignment":
        """Return the assignment of some of its rows, (m,)."""
        z = None if self.z is None else self.z[np.searchsorted(self.rows, rows)]
        return Assignment(self.name, rows, z)


def assignments(study: StudyFolds, replica: Replica, *, uses_z: bool) -> tuple[Assignment, ...]:
    """Every assignment that a replica is scored with; those without rows are left out.

    A model without z gets ``none`` on all rows of the fold. Otherwise train, validation and test
    rows get their ``known`` cluster; test and unseen rows a ``random`` seen one; unseen rows
    ``zero``, ``average`` (uniform over seen clusters) and, when there is one, ``membership``.
    """
    fold = replica.fold
    if not uses_z:
        made = [Assignment("none", fold.rows(*PARTITIONS), None)]
    else:
        known, unseen = fold.rows("train", "validation", "test"), fold.rows("unseen")
        drawn, seen = fold.rows("test", "unseen"), fold.seen
        random = np.random.default_rng(replica.seed_for("random"))
        shape = (len(unseen), len(study.clusters))
        uniform = np.zeros(shape[1], dtype=np.float32)
        uniform[seen] = 1.0 / len(seen)
        made = [
            Assignment("known", known, fold.z[known]),
            Assignment("random", drawn, random.choice(seen, len(drawn))),
            Assignment("zero", unseen, np.broadcast_to(np.float32(0), shape)),
            Assignment("average", unseen, np.broadcast_to(uniform, shape)),
        ]
        if study.membership is not None and len(unseen):
            made.append(Assignment("membership", unseen, _membership(study, replica, shape)))
    return tuple(each for each in made if len(each.rows))


def by_partition(
    study: StudyFolds, replica: Replica, *, uses_z: bool
) -> Iterator[tuple[str, list[Assignment], Assignment]]:
    """Give the assignments of test and of unseen samples, and the one that a model is reported by.

    Yields
    ------
    ``test`` or ``unseen``, every assignment of all its samples, and one of these.
    """
    plan, fold = assignments(study, replica, uses_z=uses_z), replica.fold
    for partition, order in REPORTED.items():
        rows = [each.rows[fold.partition[each.rows] == partition] for each in plan]
        there = [each.of(own) for each, own in zip(plan, rows, strict=True) if len(own)]
        if there:
            yield partition, there, min(there, key=lambda each: order.index(each.name))


def every_cluster(fold: FoldData, rows: np.ndarray) -> Assignment:
    """Give samples each seen cluster in turn, (seen clusters x m,)."""
    return Assignment(EVERY, np.tile(rows, len(fold.seen)), np.repeat(fold.seen, len(rows)))


def cluster_names(study: StudyFolds, given: Assignment) -> np.ndarray:
    """Name each sample's cluster under `every_cluster`; empty where the assignment says which."""
    if given.name != EVERY:
        return np.full(len(given.rows), "")
    return np.array(study.clusters)[given.z]


def _membership(study: StudyFolds, replica: Replica, shape: tuple[int, int]) -> np.ndarray:
    fold, seed = replica.fold.fold, replica.seed
    found = (study.membership or {}).get((fold, seed))
    if found is None or found.shape != shape:
        what = "none" if found is None else f"one of shape {found.shape}"
        raise DataError(
            f"study '{study.name}', fold {fold}, seed {seed}: found {what} of the memberships "
            f"of the unseen samples; expected shape {shape} (samples, clusters); infer them again"
        )
    return np.asarray(found, dtype=np.float32)
