"""Columns harmonised by ComBat, and a ridge on them."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from armed.errors import DataError
from armed_study.baselines.tuned import combat_ridge, ridge
from small_tables import SEEN, K, one_fold, study_of

SCANNERS = np.random.default_rng(3)
# What neuroCombat 0.2.12 (J.-P. Fortin et al.) makes of the table in the first test.
PUBLISHED = np.array([
    [4.1912, 1.2767, 4.0533], [1.8927, 5.2804, 9.1693], [3.0420, 6.2814, 5.0765],
    [4.1912, 5.2804, 8.1461], [5.7646, 5.8310, 7.8289], [2.0405, 2.4945, 3.8414],
    [5.1439, 3.8291, 5.8351], [2.6126, 6.3437, 4.4684], [3.7119, 3.2708, 8.4813],
])  # fmt: skip
GAIN, OFFSET = SCANNERS.uniform(0.3, 3, (K, 3)), SCANNERS.normal(0, 3, (K, 3))


@pytest.fixture(scope="module")
def fold():
    """A fold of which each cluster measures columns on a scale of its own."""
    made, _ = one_fold(np.random.default_rng(11))
    return replace(made, x=(made.x * GAIN[made.z] + OFFSET[made.z]).astype(np.float32))


@pytest.fixture(scope="module")
def found(fold):
    return combat_ridge.fit(study_of(fold), fold)


def test_harmonised_values_are_those_of_neurocombat():
    x = np.array([[3.0, 1, 4], [1, 5, 9], [2, 6, 5], [3, 5, 8], [9, 7, 9], [3, 2, 3], [8, 4, 6],
                  [2, 6, 4], [3, 3, 8]])  # fmt: skip
    z = np.repeat([0, 1, 2], [4, 3, 2])
    scale, shift = combat_ridge.combat(x, z)
    assert x * (1 + scale[z]) + shift[z] == pytest.approx(PUBLISHED, abs=1e-4)


def test_clusters_are_brought_to_one_mean_and_scale(fold, found):
    rows = fold.rows("train")
    x, z = fold.x[rows], fold.z[rows]

    def spread(columns):
        """How means and (logarithms of) s.d. of clusters differ, by column."""
        of = [[each(columns[z == k], axis=0) for k in range(SEEN)] for each in (np.mean, np.std)]
        means, sds = map(np.array, of)
        return np.array([means.std(axis=0) / sds.mean(axis=0), np.log(sds).std(axis=0)])

    assert (spread(x) > 0.4).all()
    assert (spread(x + found.scale[z] * x + found.shift[z]) < 0.2).all()


def test_what_scanners_hide_is_found_on_their_new_samples(fold, found):
    rows = fold.rows("test")
    x, y = fold.x[rows], fold.y[rows]
    alone, _ = ridge.fit(study_of(fold), fold).predict(x, None)
    _, mixed = found.predict(x, fold.z[rows])
    assert roc_auc_score(y, mixed) > roc_auc_score(y, alone) + 0.05


def test_test_and_unseen_samples_change_no_parameter(fold, found):
    others = np.isin(fold.partition, ["test", "unseen"])
    moved = replace(fold, x=np.where(others[:, None], 2 * fold.x + 1, fold.x),
                    y=np.where(others, 1 - fold.y, fold.y))  # fmt: skip
    again = combat_ridge.fit(study_of(moved), moved).parameters()
    for name, value in found.parameters().items():
        np.testing.assert_array_equal(again[name], value)


def test_clusters_without_two_training_rows_stay_as_they_are(fold):
    partition = fold.partition.copy()
    partition[(fold.z == 4) & (partition == "train")] = ""
    alone = np.flatnonzero(fold.z == 5)
    partition[alone[1:]] = np.where(partition[alone[1:]] == "train", "", partition[alone[1:]])
    partition[alone[0]] = "train"
    kept = replace(fold, partition=partition)
    found = combat_ridge.fit(study_of(kept), kept)
    for z in (4, 5, SEEN, -1):
        fixed, mixed = found.predict(fold.x, np.full(len(fold.y), z))
        np.testing.assert_array_equal(mixed, fixed)


def test_weights_over_clusters_mix_what_these_are_harmonised_by(fold, found):
    x = fold.x[:20]
    weights = np.zeros((20, K))
    weights[:, [2, 5]] = 0.25, 0.75
    own = x + (weights @ found.scale) * x + weights @ found.shift
    np.testing.assert_allclose(found.predict(x, weights)[1], found.linear.predict(own, None)[0])


def test_columns_of_two_values_are_left_alone(fold):
    x = fold.x.copy()
    x[:, 1] = x[:, 1] > 0
    two = replace(fold, x=x)
    found = combat_ridge.fit(study_of(two), two)
    assert not found.scale[:, 1].any()
    assert not found.shift[:, 1].any()
    assert found.scale[:SEEN, [0, 2]].all()
    none = replace(fold, x=(x > 0).astype(np.float32))
    with pytest.raises(DataError, match="found no column with more than two values that varies"):
        combat_ridge.fit(study_of(none), none)
