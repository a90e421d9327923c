"""Which cluster each sample is scored with: the same choices for every learner."""

from dataclasses import dataclass

import numpy as np

from armed.errors import DataError
from armed_study.training.fold_data import FoldData, Problem, seed_of
from armed_study.vocabulary.terms import PARTITIONS


@dataclass(frozen=True, eq=False)
class Assignment:
    """Rows of a fold and the cluster each is scored with.

    ``rows`` (n,) are row numbers into the dataset; ``z`` is None (the model does not use it), an
    index (n,) int64, or a soft membership (n, K) float32, perhaps a read-only broadcast view.
    """

    name: str
    rows: np.ndarray
    z: np.ndarray | None


def assignments(
    problem: Problem, fold: FoldData, *, model: str, seed: int, uses_z: bool
) -> tuple[Assignment, ...]:
    """Every assignment that a replica is scored with; those without rows are left out.

    A model without z gets ``none`` on all rows of the fold. Otherwise train, validation and test
    rows get their ``known`` cluster; test and unseen rows a ``random`` seen one; unseen rows
    ``zero``, ``average`` (uniform over seen clusters) and, when there is one, ``membership``.
    """
    if not uses_z:
        made = [Assignment("none", fold.rows(*PARTITIONS), None)]
    else:
        known, unseen = fold.rows("train", "validation", "test"), fold.rows("unseen")
        drawn, seen = fold.rows("test", "unseen"), fold.seen
        purpose = seed_of(
            problem.config_seed, problem.study, model, fold=fold.fold, seed=seed, purpose="random"
        )
        shape = (len(unseen), len(problem.clusters))
        uniform = np.zeros(shape[1], dtype=np.float32)
        uniform[seen] = 1.0 / len(seen)
        made = [
            Assignment("known", known, fold.z[known]),
            Assignment("random", drawn, np.random.default_rng(purpose).choice(seen, len(drawn))),
            Assignment("zero", unseen, np.broadcast_to(np.float32(0), shape)),
            Assignment("average", unseen, np.broadcast_to(uniform, shape)),
        ]
        if problem.membership is not None and len(unseen):
            made.append(
                Assignment("membership", unseen, _membership(problem, fold.fold, seed, shape))
            )
    return tuple(each for each in made if len(each.rows))


def _membership(problem: Problem, fold: int, seed: int, shape: tuple[int, int]) -> np.ndarray:
    found = (problem.membership or {}).get((fold, seed))
    if found is None or found.shape != shape:
        what = "none" if found is None else f"one of shape {found.shape}"
        raise DataError(
            f"study '{problem.study}', fold {fold}, seed {seed}: found {what} of the memberships "
            f"of the unseen samples; expected shape {shape} (samples, clusters); infer them anew"
        )
    return np.asarray(found, dtype=np.float32)
