"""Choices of the samples of an unseen cluster that are given labelled."""

import numpy as np
import pandas as pd

from armed_study.training.few_shot.samples import FewShot, by_fold

LABELLED = np.arange(40).reshape(2, 20)


def few(*shots):
    return FewShot(np.arange(40, 46), np.array([0, 0, 0, 1, 1, 1]), LABELLED, shots)


def test_every_choice_has_so_many_samples_of_each_cluster():
    for given in few(1, 5, 20).given():
        draws, clusters, shots = given.rows.shape
        assert (clusters, shots) == (2, given.shots)
        assert draws == (1 if shots == 20 else 4)
        for rows in given.rows:
            for cluster in (0, 1):
                assert set(rows[cluster]) <= set(LABELLED[cluster])
                assert len(set(rows[cluster])) == shots


def test_choices_of_a_quarter_share_no_sample():
    (given,) = few(5).given()
    assert sorted(given.rows[:, 1].ravel()) == LABELLED[1].tolist()


def test_samples_of_a_fold_are_read_in_the_order_of_their_places():
    table = pd.DataFrame(
        {
            "fold": [0, 1, 1, 1, 1, 1, 1],
            "sample": ["s0", "s6", "s1", "s5", "s2", "s4", "s3"],
            "cluster": ["x", "b", "a", "b", "a", "b", "a"],
            "place": [0, 1, -1, 0, 0, -1, 1],
        }
    )
    names = np.array(["s3", "s6", "s0", "s1", "s2", "s4", "s5"])
    found = by_fold(table[table["fold"] == 1], names, [1, 2])
    assert list(found) == [1]
    assert names[found[1].rows].tolist() == ["s1", "s4"]
    assert found[1].cluster.tolist() == [0, 1]
    assert names[found[1].labelled].tolist() == [["s2", "s3"], ["s5", "s6"]]
    assert found[1].shots == (1, 2)
