import dataclasses

import numpy as np
import pytest

from armed.errors import DataError
from armed_study.training.tuning.inner_folds import inner_folds
from small_tables import one_fold, study_of


@pytest.fixture(scope="module")
def study():
    rng = np.random.default_rng(0)
    return study_of(one_fold(rng, fold=0)[0], one_fold(rng, fold=1)[0])


def test_no_inner_fold_has_a_test_sample_or_an_unseen_cluster_of_its_fold(study):
    for fold, inner in zip(
        study.folds, inner_folds(study, left_out=0.25, repeats=2).values(), strict=True
    ):
        for each in inner:
            assert not np.isin(
                each.rows("train", "validation", "unseen"), fold.rows("test", "unseen")
            ).any()
            assert not len(each.rows("test"))
            kept = each.rows("train", "validation")
            assert (each.partition[kept] == fold.partition[kept]).all()


def test_a_share_of_the_training_clusters_is_left_out_whole(study):
    (fold, _), made = study.folds, inner_folds(study, left_out=0.25, repeats=2)
    left = [set(each.z[each.rows("unseen")]) for each in made[0]]
    assert [len(clusters) for clusters in left] == [5, 5]  # of 20
    assert not left[0] & left[1]  # they take turns
    for each, clusters in zip(made[0], left, strict=True):
        assert not clusters & set(each.z[each.rows("train", "validation")])
        own = fold.rows("train", "validation")
        assert len(each.rows("train", "validation", "unseen")) == len(own)
    numbers = [each.fold for folds in made.values() for each in folds]
    assert len(set(numbers)) == 4


def test_what_is_left_out_does_not_depend_on_the_folds_of_a_job(study):
    alone = dataclasses.replace(study, folds=study.folds[1:])
    both = inner_folds(study, left_out=0.3, repeats=1)
    (own,) = inner_folds(alone, left_out=0.3, repeats=1)[1]
    np.testing.assert_array_equal(own.partition, both[1][0].partition)


def test_too_few_training_clusters_are_refused(study):
    (fold, _) = study.folds
    few = dataclasses.replace(fold, partition=np.where(fold.z < 2, fold.partition, ""))
    with pytest.raises(DataError, match="found 2 training clusters, expected at least 3 to leave"):
        inner_folds(dataclasses.replace(study, folds=(few,)), left_out=0.5, repeats=1)
