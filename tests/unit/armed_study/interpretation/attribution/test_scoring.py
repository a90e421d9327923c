"""Scores of invented maps against the truth, and their means."""

import numpy as np
import pandas as pd
import pytest

import study_tables
from armed.errors import DataError
from armed_study.data.pictures import enlarge
from armed_study.interpretation.attribution.maps import KEYS, to_maps, to_table
from armed_study.interpretation.attribution.scoring import (
    auroc,
    inside_share,
    readable,
    score_attribution,
    summarise,
)
from armed_study.io.tables import cast_table, read_table, write_table
from armed_study.report.tables import to_html
from armed_study.statistics.intervals import t_interval


def keys_of(count):
    keys = pd.DataFrame([dict.fromkeys(KEYS, "a")] * count).assign(fold=0, seed=0, cluster="")
    return keys.assign(sample=[f"s{i}" for i in range(count)])


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


def test_share_inside_is_that_of_the_sum():
    attribution = np.array([[1.0, 2.0], [3.0, 4.0]])
    inside = np.array([[True, False], [False, True]])
    assert inside_share(attribution, inside) == 0.5
    assert inside_share(attribution * inside, inside) == 1
    assert inside_share(attribution * ~inside, inside) == 0


@pytest.mark.parametrize("level", [0.0, 2.0])
def test_even_and_absent_attribution_score_as_chance(level):
    inside = np.zeros((4, 5), dtype=bool)
    inside[1, 1:4] = True
    even = np.full((4, 5), level)
    assert inside_share(even, inside) == pytest.approx(3 / 20)
    assert auroc(even, inside, np.ones_like(inside)) == 0.5


def test_auroc_is_of_pixels_of_the_brain_and_invariant_to_scale():
    inside = np.array([True, True, False, False, False])
    brain = np.array([True, True, True, True, False])
    attribution = np.array([3.0, 1.0, 2.0, 0.0, 9.0])  # the last is no brain
    assert auroc(attribution, inside, brain) == 0.75
    assert auroc(7 * attribution, inside, brain) == 0.75
    assert auroc(-attribution, inside, brain) == 0.25
    assert np.isnan(auroc(attribution, inside & ~inside, brain))


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
    result = score_attribution(table, samples, images, truth, threshold=threshold)
    return cast_table(result, "attribution_scores")


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


@pytest.fixture(scope="module")
def scores():
    return study_tables.attribution().scores


def test_summary_averages_samples_seeds_and_folds(scores):
    table = summarise(scores)
    for row in table[table["kind"] == "summary"].itertuples():
        part = scores[
            (scores["model"] == row.model) & (scores["effect"] == row.effect)
            & (scores["partition"] == row.partition)
        ]  # fmt: skip
        folds = part.groupby("fold")[row.metric].mean()
        assert row.value == pytest.approx(folds.mean())
        assert (row.folds, row.maps) == (study_tables.FOLDS, len(part))
        if row.metric == "auroc":
            assert (row.low, row.high) == pytest.approx(t_interval(folds.to_numpy()))
            assert row.chance == 0.5
        if row.metric == "inside":
            assert row.chance == pytest.approx(0.06)
    empty = table[(table["metric"] == "empty") & (table["kind"] == "summary")]
    shares = empty.set_index(["model", "effect", "partition"])["value"]
    assert shares["armed", "mixed", "test"] == pytest.approx(1 / 12)
    assert np.isnan(empty["low"]).all()  # the same in all folds
    folds = (table["kind"] == "fold").sum()
    assert folds == study_tables.FOLDS * (table["kind"] == "summary").sum()


def test_scores_that_are_not_defined_are_left_out_of_the_means(scores):
    undefined = scores.assign(auroc=scores["auroc"].where(scores["sample"] != "s01"))
    table = summarise(undefined)
    assert table.loc[(table["kind"] == "summary"), "value"].notna().all()


def test_page_has_a_row_for_each_model_side_and_output(scores):
    page = readable(summarise(scores))
    assert len(page) == 2 * 5
    assert page["AUROC (interval)"].str.fullmatch(r"0\.\d+ \(0\.\d+ to [01]\.\d+\)").all()
    assert "ARMED" in to_html(page, title="t")
