import dataclasses

import pytest

from armed.errors import LeakageError
from small_tables import replica_of


def test_unseen_cluster_in_training_is_leakage(fold):
    partition = fold.partition.copy()
    partition[fold.rows("unseen")[0]] = "train"
    with pytest.raises(LeakageError, match="found 1 cluster with both unseen and training"):
        dataclasses.replace(fold, partition=partition)


def test_arrays_that_do_not_fit_are_refused(fold):
    with pytest.raises(ValueError, match="y has shape"):
        dataclasses.replace(fold, y=fold.y[:-1])


def test_seed_is_stable_and_differs_in_every_part(fold):
    one = dataclasses.replace(fold, fold=1)
    replica = replica_of(one, "armed", 2)
    first = replica.seed_for("training")
    assert first == 6610223772496013906 < 2**63
    changes = (
        {"config_seed": 8},
        {"study": "other"},
        {"model": "menet"},
        {"fold": fold, "seed": 1},
    )
    others = [dataclasses.replace(replica, **each).seed_for("training") for each in changes]
    assert len({first, replica.seed_for("random"), *others}) == 6


def test_replicas_are_every_seed_of_every_fold_each_with_its_own_seeds(fold, study):
    two = dataclasses.replace(study, folds=(fold, dataclasses.replace(fold, fold=1)))
    replicas = two.replicas("m")
    assert [(r.fold.fold, r.seed) for r in replicas] == [(f, s) for f in (0, 1) for s in range(3)]
    assert len({r.seed_for("training") for r in replicas}) == len(replicas)
    assert replicas[0].seed_for("training") == replica_of(fold).seed_for("training")
    assert [r.seed for r in two.replicas("m", seeds=1)] == [0, 0]
