import dataclasses

import numpy as np
import pytest

from armed.errors import DataError
from armed_study.training.cluster_assignment import (
    Assignment,
    assignments,
    by_partition,
    cluster_names,
    every_cluster,
    needs_weights,
)
from small_tables import SEEN, K, replica_of


def test_random_clusters_are_seen_ones_and_depend_on_fold_seed_and_model(fold, study):
    def drawn(number=0, **about):
        replica = replica_of(dataclasses.replace(fold, fold=number), **about)
        made = assignments(dataclasses.replace(study, membership=None), replica, uses_z=True)
        return next(each.z for each in made if each.name == "random")

    first = drawn(model="armed")
    assert set(first) == set(range(SEEN))
    np.testing.assert_array_equal(first, drawn(model="armed"))
    for number, seed, model in ((0, 1, "armed"), (1, 0, "armed"), (0, 0, "menet")):
        assert (first != drawn(number, seed=seed, model=model)).mean() > 0.5


def test_zero_and_average_are_soft_memberships_of_seen_clusters(fold, study):
    made = {a.name: a for a in assignments(study, replica_of(fold), uses_z=True)}
    assert not made["zero"].z.any()
    np.testing.assert_allclose(made["average"].z[:, :SEEN], 1 / SEEN)
    assert not made["average"].z[:, SEEN:].any()
    scored = fold.rows("test", "unseen")
    assert made["zero"].z.shape == made["average"].z.shape == (len(scored), K)


def test_membership_of_another_seed_or_shape_is_an_error(fold, study, membership):
    with pytest.raises(DataError, match="fold 0, seed 1: found none of the memberships"):
        assignments(study, replica_of(fold, seed=1), uses_z=True)
    short = dataclasses.replace(study, membership={(0, 0): membership[0, 0][1:]})
    with pytest.raises(DataError, match=r"expected shape \(240, 24\)"):
        assignments(short, replica_of(fold), uses_z=True)


@pytest.mark.parametrize("uses_z", [False, True])
def test_test_and_unseen_samples_have_one_assignment_that_is_reported(fold, study, uses_z):
    found = {}
    for partition, given, reported in by_partition(study, replica_of(fold), uses_z=uses_z):
        found[partition] = reported.name
        assert any(each is reported for each in given)
        for each in given:
            np.testing.assert_array_equal(each.rows, fold.rows(partition))
    known = {"test": "known", "unseen": "membership"}
    assert found == (known if uses_z else dict.fromkeys(known, "none"))


def test_some_rows_of_an_assignment_keep_their_clusters(fold, study):
    for each in assignments(study, replica_of(fold), uses_z=True):
        some = each.of(each.rows[::3])
        np.testing.assert_array_equal(some.z, each.z[::3])


def test_every_cluster_is_given_to_every_sample(fold, study):
    given = every_cluster(fold, np.array([7, 9]))
    pairs = set(zip(given.rows.tolist(), given.z.tolist(), strict=True))
    assert pairs == {(row, z) for row in (7, 9) for z in range(SEEN)}
    names = cluster_names(study, given)
    assert names.tolist() == [f"c{z}" for z in given.z]
    assert set(cluster_names(study, Assignment("none", np.array([7]), None))) == {""}


def test_no_rows_need_no_weights_and_one_without_cluster_does():
    assert not needs_weights(np.empty(0, dtype=np.int64))
    assert not needs_weights(np.empty((0, 2), dtype=np.int64))
    assert needs_weights(np.array([[0, 1], [-1, 0]]))
    assert not needs_weights(np.array([[0, -1]]))  # a further factor's
