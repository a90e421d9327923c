from functools import partial

import numpy as np
import pytest
import torch

from armed_study.training.replicas import groups_of, samples_of
from small_tables import replica_of


class Plain(torch.nn.Module):
    """What replicas can be stacked of."""

    stackable = True


class Stateful(torch.nn.Module):
    """Keeps statistics, so that each replica is trained alone."""

    def __init__(self):
        super().__init__()
        self.norm = torch.nn.BatchNorm1d(1)


def built_by(kind, log, replica):
    log.append(replica.seed)
    return kind()


@pytest.mark.parametrize(("kind", "sizes"), [(Plain, [3]), (Stateful, [1, 1, 1])])
def test_each_method_is_built_once_and_only_stacked_ones_together(fold, kind, sizes):
    replicas, log = [replica_of(fold, seed=seed) for seed in range(3)], []
    groups = groups_of(replicas, partial(built_by, kind, log))
    group, methods = next(groups)
    assert log == list(range(sizes[0]))  # those trained alone are built when their turn comes
    assert len(group) == len(methods) == sizes[0]
    assert [len(rest) for rest, _ in groups] == sizes[1:]
    assert log == [0, 1, 2]


def test_no_replicas_make_no_group():
    assert list(groups_of([], Plain)) == []


def test_replicas_of_a_fold_share_its_samples(fold):
    one, other = samples_of([replica_of(fold, seed=seed) for seed in (0, 1)], "train", "y")
    assert one is other
    rows = fold.rows("train")
    np.testing.assert_array_equal(one.y, fold.y[rows])
    (by_cluster,) = samples_of([replica_of(fold)], "train", "z")
    np.testing.assert_array_equal(by_cluster.y, fold.z[rows])
