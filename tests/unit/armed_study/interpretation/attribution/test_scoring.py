"""Scores of invented maps against the truth."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import rankdata, spearmanr

from armed.errors import DataError
from armed_study.data.pictures import enlarge, shrink
from armed_study.interpretation.attribution.maps import KEYS, to_maps, to_table
from armed_study.interpretation.attribution.scoring import (
    agreement,
    auroc,
    inside_share,
    score_attribution,
)
from armed_study.io.tables import cast_table, read_table, write_table


def keys_of(count):
    keys = pd.DataFrame([dict.fromkeys(KEYS, "a")] * count).assign(fold=0, seed=0, cluster="")
    return keys.assign(sample=[f"s{i}" for i in range(count)], effect="fixed")


def invented(count=3, shape=(2, 3)):
    return keys_of(count), np.random.default_rng(0).random((count, *shape)).astype(np.float32)


def test_maps_come_back_from_their_table_whatever_the_order_of_its_rows(tmp_path):
    keys, maps = invented()
    write_table(to_table(keys, maps).iloc[::-1], tmp_path / "a.parquet", "attribution")
    found, back = to_maps(read_table(tmp_path / "a.parquet", "attribution"))
    assert found["sample"].tolist() == ["s2", "s1", "s0"]
    np.testing.assert_array_equal(back[::-1], maps)


def test_map_with_a_place_missing_or_twice_is_refused():
    table = to_table(*invented())
    for broken in (table.iloc[:-1], pd.concat([table, table.iloc[:1]])):
        with pytest.raises(DataError, match="expected 2 x 3 of each"):
            to_maps(broken)


def test_enlarged_map_keeps_its_values_in_the_middle_of_places():
    rows, columns = np.indices((4, 4))
    plane = (2.0 * rows - columns)[None]
    large = enlarge(plane, 12)[0]
    np.testing.assert_allclose(large[1::3, 1::3], plane[0], atol=1e-12)
    np.testing.assert_allclose(np.diff(large[1:11], axis=0), 2 / 3, atol=1e-12)
    np.testing.assert_allclose(large[0], large[1])  # beyond the outermost places
    np.testing.assert_allclose(enlarge(np.ones((1, 6, 6)), 48), 1, rtol=1e-15)


def test_smaller_map_holds_the_means_of_equal_cells():
    plane = np.random.default_rng(0).random((2, 12, 12))
    np.testing.assert_allclose(shrink(plane, 4), plane.reshape(2, 4, 3, 4, 3).mean((2, 4)))
    np.testing.assert_allclose(shrink(plane, 5).mean(axis=(1, 2)), plane.mean(axis=(1, 2)))
    np.testing.assert_array_equal(shrink(plane, 20), plane)


def test_share_inside_is_that_of_the_sum():
    attribution = np.array([[1.0, 2.0], [3.0, 4.0]])
    inside = np.array([[True, False], [False, True]])
    maps = np.stack([attribution, attribution * inside, attribution * ~inside])
    assert inside_share(maps, inside).tolist() == [0.5, 1, 0]


@pytest.mark.parametrize("level", [0.0, 2.0])
def test_even_and_absent_attribution_score_as_chance(level):
    inside = np.zeros((4, 5), dtype=bool)
    inside[1, 1:4] = True
    even = np.full((1, 4, 5), level)
    assert inside_share(even, inside) == pytest.approx(3 / 20)
    assert auroc(rankdata(even.reshape(1, -1), axis=1), inside.ravel()) == 0.5


def test_auroc_is_that_of_the_ranks_ties_half():
    inside = np.array([True, True, False, False])
    ranks = rankdata([[3.0, 1, 2, 0], [-3, -1, -2, 0], [1, 0, 0, 0]], axis=1)
    assert auroc(ranks, inside).tolist() == [0.75, 0.25, 0.75]
    assert np.isnan(auroc(ranks, inside & ~inside)).all()


def scene(size=12):
    """Three samples whose disease is in the upper left ninth of the place that is brain."""
    samples = pd.DataFrame({"sample": ["s0", "s1", "s2"], "outcome": [1.0, 0.0, 1.0]})
    images = np.zeros((3, 1, size, size), dtype=np.float32)
    images[..., : size // 2] = 1
    truth = np.zeros_like(images)
    truth[..., : size // 3, : size // 3] = 0.5
    truth[2] = np.nan
    return samples, images, truth


def scored(values, threshold=0.25):
    samples, images, truth = scene()
    table = cast_table(to_table(keys_of(len(values)), np.stack(values)), "attribution")
    result = cast_table(
        score_attribution(table, samples, images, truth, threshold=threshold), "attribution_scores"
    )
    return result[result["model"] == "a"].reset_index(drop=True)


def test_map_at_the_disease_scores_high_and_an_empty_one_as_chance():
    at_disease = np.zeros((3, 3), dtype=np.float32)
    at_disease[0, 0] = 1
    right, none = scored([at_disease, 0 * at_disease]).itertuples()
    assert (right.outcome, right.empty, none.outcome, none.empty) == (1, False, 0, True)
    assert right.uniform == none.uniform == none.inside == pytest.approx(1 / 9)
    assert right.auroc > 0.99 > none.auroc == 0.5
    assert right.inside > 0.7
    worse = scored([at_disease[::-1, ::-1].copy()]).iloc[0]
    assert (worse["inside"], worse["auroc"]) == (0, pytest.approx(0.5))  # the corner is no brain


def test_threshold_says_where_inside_begins():
    even = np.ones((3, 3), dtype=np.float32)
    assert scored([even], threshold=0.5)["inside"][0] == pytest.approx(1 / 9)
    assert scored([even], threshold=0.51)["inside"][0] == 0
    assert np.isnan(scored([even], threshold=0.51)["auroc"][0])


def test_map_without_truth_or_truth_of_another_size_is_refused():
    some = np.ones((3, 3), dtype=np.float32)
    with pytest.raises(DataError, match="'s2' has attribution and no true map, expected both"):
        scored([some] * 3)
    samples, images, truth = scene()
    for other in (truth[:, :, :6, :6], truth[:2]):
        with pytest.raises(DataError, match="expected one of each, of one size"):
            score_attribution(to_table(*invented()), samples, images, other, threshold=0.1)


def test_true_map_at_the_resolution_of_the_maps_is_scored_as_oracle():
    samples, images, _ = scene()
    truth = np.zeros_like(images)
    truth[..., 4:8, 2:4] = 0.5
    best = {}
    for places in (6, 2):
        maps = np.random.default_rng(0).random((2, places, places)).astype(np.float32)
        scores = score_attribution(
            to_table(keys_of(2), maps), samples, images, truth, threshold=0.25
        )
        rows = scores[scores["model"] == "oracle"]
        assert rows["sample"].tolist() == ["s0", "s1"]
        best[places] = rows["auroc"].tolist()
    assert best[6] == [1, 1]  # places divide the edges of what is true
    assert 0.5 < best[2][0] < 0.9


def test_agreement_is_the_mean_rank_correlation_with_other_uneven_maps():
    rng = np.random.default_rng(0)
    maps = np.stack([*rng.random((3, 50)), np.ones(50)])
    found = agreement(rankdata(maps, axis=1))
    for own in range(3):
        others = [spearmanr(maps[own], maps[one])[0] for one in range(3) if one != own]
        assert found[own] == pytest.approx(np.mean(others))
    assert np.isnan(found[3])
    assert np.isnan(agreement(rankdata(maps[:1], axis=1))[0])


def test_agreement_is_with_other_models_on_the_same_image():
    samples, images, truth = scene()
    maps = np.random.default_rng(1).random((2, 3, 3)).astype(np.float32)
    tables = [
        to_table(keys_of(2).assign(model=name), maps[::step])
        for name, step in (("a", 1), ("b", -1))
    ]
    scores = score_attribution(pd.concat(tables), samples, images, truth, threshold=0.25)
    brain = images[0, 0] > 0
    large = enlarge(maps, 12)[:, brain]
    expected = spearmanr(large[0], large[1])[0]
    found = scores.loc[scores["model"] != "oracle", "agreement"]
    assert found.to_numpy() == pytest.approx([expected] * 4)
