"""Whose attribution is looked at, its maps as a table, and its scores against the truth."""

import numpy as np
import pandas as pd
import pytest

from armed import methods
from armed.errors import DataError
from armed_study import training
from armed_study.data.pictures import enlarge
from armed_study.interpretation.attribution.attributing import attribute_model
from armed_study.interpretation.attribution.maps import KEYS, to_maps, to_table
from armed_study.interpretation.attribution.scoring import auroc, inside_share, score_attribution
from armed_study.io.tables import cast_table, read_table, write_table
from armed_study.splits.selection import SHOWN, select_samples
from armed_study.training import batched_inference
from armed_study.training.membership import infer_membership
from armed_study.vocabulary.terms import EVERY
from small_images import CLUSTERS, MEMBERSHIP, PIXELS, dataset, settings_for, split, study_folds

COUNT = 8


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    data = dataset(tmp_path_factory.mktemp("images"))
    return data, split(data)


@pytest.fixture(scope="module")
def chosen(study):
    table = select_samples(study[0].samples, study[1], count=COUNT, seed=1)
    return cast_table(table, "attributed")


@pytest.fixture(scope="module")
def membership(study):
    return cast_table(
        infer_membership(study_folds(study, seeds=2), settings=MEMBERSHIP), "membership"
    )


def fitted(given, method):
    settings = settings_for(method)
    state = training.trainer(method)(given, model=method, settings=settings).state
    return {"state": state, "model": method, "method": method, "settings": settings}


def attributed(given, chosen, state, **about):
    return cast_table(attribute_model(given, state, chosen, **about), "attribution")


# --- who -------------------------------------------------------------------------------------


def test_half_of_each_outcome_is_chosen_from_test_and_unseen_parts(study, chosen):
    outcome = study[0].samples.set_index("sample")["outcome"]
    home = study[1].astype({"sample": str, "partition": str})
    home = home.set_index(["fold", "sample"])["partition"]
    assert len(chosen) == 4 * COUNT
    for (fold, partition), part in chosen.groupby(["fold", "partition"], observed=True):
        assert part["sample"].map(outcome).sum() == COUNT / 2
        assert all(home[fold, name] == partition for name in part["sample"])
        assert part["sample"].is_unique
    unseen = chosen[chosen["partition"] == "unseen"]
    assert unseen.groupby("sample", observed=True)["fold"].nunique().eq(2).all()


def test_shown_are_few_of_each_outcome_in_the_first_fold_and_of_different_groups(study):
    samples = study[0].samples.assign(group=[f"g{i // 3}" for i in range(len(study[0].samples))])
    table = select_samples(samples, study[1], count=40, seed=1)
    shown = table[table["shown"]].merge(samples, on="sample")
    assert set(shown["fold"]) == {0}
    assert (shown.groupby(["partition", "outcome"]).size() == SHOWN).all()
    assert len(shown) == 4 * SHOWN
    assert not shown.duplicated(["partition", "group"]).any()


def test_a_further_sample_displaces_one_at_most_and_another_seed_many(study, chosen):
    samples, splits = study[0].samples, study[1]
    more = samples.iloc[:1].assign(sample="new").astype({"sample": str})
    placed = splits.iloc[:1].assign(sample="new", fold=0, partition="test").astype({"sample": str})
    again = select_samples(
        pd.concat([samples.astype({"sample": str}), more]),
        pd.concat([splits.astype({"sample": str}), placed]), count=COUNT, seed=1,
    )  # fmt: skip
    keys = ["fold", "partition", "sample"]
    old = set(chosen[keys].astype({"sample": str}).itertuples(index=False, name=None))
    assert len(old - set(again[keys].itertuples(index=False, name=None))) <= 1
    other = select_samples(samples, splits, count=COUNT, seed=2)
    assert len(old - set(other[keys].itertuples(index=False, name=None))) > COUNT / 2


def test_fewer_samples_than_asked_for_are_all_chosen(study):
    everyone = select_samples(study[0].samples, study[1], count=10_000, seed=1)
    there = study[1][study[1]["partition"].isin(["test", "unseen"])]
    assert len(everyone) == len(there)


# --- maps ------------------------------------------------------------------------------------


def invented(count=3, shape=(2, 3)):
    keys = pd.DataFrame([dict.fromkeys(KEYS, "a")] * count).assign(fold=0, seed=0)
    keys["sample"] = [f"s{i}" for i in range(count)]
    maps = np.random.default_rng(0).random((count, *shape)).astype(np.float32)
    return keys, maps


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


def test_enlarged_map_keeps_its_values_in_the_middle_of_its_places_and_its_plane():
    rows, columns = np.indices((4, 4))
    plane = (2.0 * rows - columns)[None]
    large = enlarge(plane, 12)[0]
    np.testing.assert_allclose(large[1::3, 1::3], plane[0], atol=1e-12)
    np.testing.assert_allclose(np.diff(large[1:11], axis=0), 2 / 3, atol=1e-12)
    np.testing.assert_allclose(large[0], large[1])  # beyond the outermost places
    np.testing.assert_allclose(enlarge(np.ones((1, 6, 6)), 48), 1, rtol=1e-15)


# --- scores ----------------------------------------------------------------------------------


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
    keys = pd.DataFrame([dict.fromkeys(KEYS, "a")] * len(values)).assign(fold=0, seed=0, cluster="")
    keys["sample"] = [f"s{i}" for i in range(len(values))]
    table = cast_table(to_table(keys, np.stack(values)), "attribution")
    result = score_attribution(table, samples, images, truth, threshold=threshold)
    return cast_table(result, "attribution_scores")


def test_map_at_the_disease_scores_high_and_an_empty_one_is_counted_as_chance():
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


# --- of models -------------------------------------------------------------------------------


@pytest.mark.parametrize("method", methods.available())
def test_every_sample_chosen_has_a_map_of_each_output(study, chosen, membership, method):
    given = study_folds(study, membership=membership, seeds=2)
    table = attributed(given, chosen, **fitted(given, method))
    keys, maps = to_maps(table)
    assert (maps >= 0).all()
    assert maps.any()
    uses_z = methods.load(method).uses_clusters
    own = keys[keys["cluster"] == ""]
    assert len(own) == 2 * 4 * COUNT * (1 + uses_z)  # seeds, partitions of two folds, outputs
    known = own.groupby("partition", observed=True)["assignment"].unique().explode().to_dict()
    expected = {"test": "known", "unseen": "membership"}
    assert known == (expected if uses_z else dict.fromkeys(expected, "none"))
    every = keys[keys["assignment"] == EVERY]
    assert len(every) == uses_z * 2 * 2 * SHOWN * (CLUSTERS - 1)  # seeds, outcomes, seen clusters
    assert set(every["effect"]) <= {"mixed"}
    assert set(every["fold"]) <= {0}


def test_own_cluster_among_every_cluster_gives_the_map_of_known(study, chosen, membership):
    given = study_folds(study, membership=membership)
    keys, maps = to_maps(attributed(given, chosen, **fitted(given, "armed")))
    home = study[0].samples.astype({"cluster": str}).set_index("sample")["cluster"]
    keys = keys.astype(str)
    own = keys[(keys["assignment"] == EVERY) & (keys["cluster"] == keys["sample"].map(home))]
    assert len(own) == 2 * SHOWN
    for place, key in own.iterrows():
        same = (keys["sample"] == key["sample"]) & (keys["assignment"] == "known")
        (known,) = keys.index[same & (keys["effect"] == "mixed") & (keys["fold"] == key["fold"])]
        np.testing.assert_allclose(maps[place], maps[known], rtol=1e-4, atol=1e-7)
    assert len(np.unique(maps[keys["assignment"] == EVERY], axis=0)) > 2 * SHOWN


def test_bytes_do_not_depend_on_how_folds_are_dealt_to_jobs(
    study, chosen, membership, tmp_path, monkeypatch
):
    about = fitted(study_folds(study, membership=membership), "armed")
    paths = []
    for name, folds in (("whole", (0, 1)), ("0", (0,)), ("1", (1,))):
        given = study_folds(study, folds=folds, membership=membership)
        paths.append(tmp_path / f"{name}.parquet")
        write_table(attributed(given, chosen, **about), paths[-1], "attribution")
    whole, parts = read_table(paths[:1], "attribution"), read_table(paths[1:], "attribution")
    pd.testing.assert_frame_equal(whole, parts, check_exact=True)
    again = tmp_path / "again.parquet"
    write_table(
        attributed(study_folds(study, membership=membership), chosen, **about), again, "attribution"
    )
    assert again.read_bytes() == paths[0].read_bytes()
    monkeypatch.setattr(batched_inference, "rows_at_a_time", lambda shape: 3)
    few = attributed(study_folds(study, membership=membership), chosen, **about)
    np.testing.assert_allclose(few["value"], whole["value"], rtol=1e-4, atol=1e-7)


def test_folds_of_which_nothing_was_chosen_are_refused(study, chosen, membership):
    given = study_folds(study, membership=membership)
    about = fitted(given, "conventional")
    with pytest.raises(DataError, match="no sample was chosen in any of its folds"):
        attribute_model(given, about.pop("state"), chosen[chosen["fold"] > 1], **about)


def test_maps_are_of_the_size_of_the_last_but_one_convolution(study, chosen, membership):
    given = study_folds(study, folds=(0,), membership=membership)
    _, maps = to_maps(attributed(given, chosen, **fitted(given, "conventional")))
    assert PIXELS == 12
    assert maps.shape[1:] == (6, 6)
