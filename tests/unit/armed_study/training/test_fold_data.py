import dataclasses

import pytest

from armed.errors import LeakageError
from armed_study.training.fold_data import seed_of
from small_tables import replica_of


def test_unseen_cluster_in_training_is_leakage(fold):
    partition = fold.partition.copy()
    partition[fold.rows("unseen")[0]] = "train"
    with pytest.raises(LeakageError, match="1 clusters have both unseen and training"):
        dataclasses.replace(fold, partition=partition)


def test_arrays_that_do_not_fit_are_refused(fold):
    with pytest.raises(ValueError, match="y has shape"):
        dataclasses.replace(fold, y=fold.y[:-1])


def test_seed_is_stable_and_differs_in_every_part():
    base = {"fold": 1, "seed": 2}
    first = seed_of(7, "made", "armed", **base)
    assert first == 6610223772496013906 < 2**63
    others = [
        seed_of(8, "made", "armed", **base),
        seed_of(7, "other", "armed", **base),
        seed_of(7, "made", "menet", **base),
        seed_of(7, "made", "armed", fold=2, seed=1),
        seed_of(7, "made", "armed", **base, purpose="random"),
    ]
    assert len({first, *others}) == 6


def test_replicas_are_every_seed_of_every_fold_each_with_its_own_seeds(fold, study):
    two = dataclasses.replace(study, folds=(fold, dataclasses.replace(fold, fold=1)))
    replicas = two.replicas("m")
    assert [(r.fold.fold, r.seed) for r in replicas] == [(f, s) for f in (0, 1) for s in range(3)]
    assert len({r.seed_for("training") for r in replicas}) == len(replicas)
    assert replicas[0].seed_for("training") == replica_of(fold).seed_for("training")
    assert [r.seed for r in two.replicas("m", seeds=1)] == [0, 0]
