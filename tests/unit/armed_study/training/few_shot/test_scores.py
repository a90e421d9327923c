"""What models are asked for on unseen clusters of which a few samples are labelled."""

import numpy as np

from armed_study.training.few_shot.samples import FewShot
from armed_study.training.few_shot.scores import few_shot_scores, marginal_scores

FEW = FewShot(np.array([50, 51, 60]), np.array([0, 0, 1]), np.array([[1, 2], [3, 4]]), (1, 2))


def own_sum(rows, cluster, labelled, theirs):
    """Score a row by its number and those of the labelled rows of its cluster."""
    total = np.bincount(theirs, weights=labelled, minlength=int(cluster.max()) + 1)
    return rows * 1000.0 + total[cluster]


def test_each_row_is_scored_with_the_labelled_rows_of_its_own_cluster():
    found = {(each.shots, each.draw): each.scores for each in few_shot_scores(own_sum, FEW)}
    assert found[2, 0].tolist() == [50003, 51003, 60007]
    assert found[1, 0].tolist() == [50001, 51001, 60003]
    assert found[1, 2].tolist() == [50002, 51002, 60004]
    assert len(found) == 5


def test_marginal_scores_are_given_no_labelled_row():
    assert marginal_scores(own_sum, np.array([7, 8])).tolist() == [7000, 8000]
