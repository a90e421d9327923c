"""Which cluster each sample is given: the same choices for every model, in training and after it."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from armed.errors import DataError
from armed_study.training.fold_data import NO_CLUSTER, FoldData, Replica, StudyFolds
from armed_study.vocabulary.reported import REPORTED
from armed_study.vocabulary.terms import EVERY, PARTITIONS


@dataclass(frozen=True, eq=False)
class Assignment:
    """Rows of a fold and the cluster each is scored with.

    ``rows`` (n,) are row numbers into the dataset; ``z`` is None (the model does not use it), an
    index (n,) int64 (`NO_CLUSTER`: of none), or a soft membership (n, K) float32, perhaps a
    read-only broadcast view.
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
    rows get their ``known`` cluster, or none where the fold trains on no sample of it; test and
    unseen rows ``zero``, the ``average`` of the clusters with training rows and a ``random`` one of
    these; unseen rows, when there is one, ``membership``.
    """
    fold = replica.fold
    if not uses_z:
        made = [Assignment("none", fold.rows(*PARTITIONS), None)]
    else:
        known, unseen = fold.rows("train", "validation", "test"), fold.rows("unseen")
        scored, seen = fold.rows("test", "unseen"), fold.seen
        random = np.random.default_rng(replica.seed_for("random"))
        shape = (len(scored), len(study.clusters))
        uniform = np.zeros(shape[1], dtype=np.float32)
        uniform[seen] = 1.0 / len(seen)
        made = [
            Assignment("known", known, fold.known_z(known)),
            Assignment("random", scored, random.choice(seen, len(scored))),
            Assignment("zero", scored, np.broadcast_to(np.float32(0), shape)),
            Assignment("average", scored, np.broadcast_to(uniform, shape)),
        ]
        if study.membership is not None and len(unseen):
            soft = _membership(study, replica, (len(unseen), shape[1]))
            made.append(Assignment("membership", unseen, soft))
    return tuple(each for each in made if len(each.rows))


def needs_weights(z: np.ndarray) -> bool:
    """Say whether clusters cannot be looked up by their index: soft ones, and where there is none."""
    first = z if z.ndim == 1 else z[:, 0]
    return z.dtype.kind == "f" or bool((first == NO_CLUSTER).any())


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
