import warnings
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from armed.errors import ArmedWarning, ConfigError, DataError, LeakageError
from armed_study.data.checks import units
from armed_study.data.dataset import ClusteredDataset, Feature
from armed_study.splits.leakage import check_sides
from armed_study.splits.make_splits import make_splits

NONE = {"scheme": "none"}


def dataset(sizes, group=None, held_out=()):
    """Clusters `a`, `b` ... with the given numbers of samples of outcome 0 and 1."""
    rows = [
        (f"{name}{i:03d}", name, float(i >= negative))
        for name, (negative, positive) in zip("abcdefghijklmnop", sizes, strict=False)
        for i in range(negative + positive)
    ]
    frame = pd.DataFrame(rows, columns=["sample", "cluster", "outcome"])
    frame["group"] = None if group is None else frame["sample"].map(group)
    return made(frame, held_out)


def made(frame, held_out=()):
    frame["held_out"] = frame["cluster"].isin(list(held_out))
    frame["x"] = np.arange(len(frame), dtype=float)
    features = (Feature("x", "continuous"),)
    return ClusteredDataset("demo", frame, features, "generated for a test", generated=True)


def split(data, **changes):
    settings = {"folds": 5, "validation": 0.0, "unseen": NONE, "seed": 1}
    return make_splits(data, **{**settings, "stratify": "outcome_cluster", **changes})


def joined(data, splits):
    samples = data.samples.drop(columns=["held_out", "x"])
    return splits.astype({"sample": str, "partition": str}).merge(samples, on="sample")


def check_splits(data, splits):
    check_sides(data.samples.assign(unit=units(data.samples)), splits, data.name)


def clusters_of(data, splits, partition):
    folds = joined(data, splits).groupby("fold")
    return {fold: set(rows["cluster"][rows["partition"] == partition]) for fold, rows in folds}


BALANCED = [(20, 30), (15, 10), (10, 10), (40, 7)]
UNEVEN = [(9, 5), (1, 1), (1, 1), (2, 0), (0, 2), (1, 2), (7, 1), (30, 12), (1, 1)]


@pytest.mark.parametrize("scheme", [NONE, {"scheme": "named", "clusters": ["b"]}])
def test_each_seen_sample_is_tested_once_and_stands_once_in_each_fold(scheme):
    data = dataset(BALANCED)
    table = joined(data, split(data, unseen=scheme, validation=0.2))
    seen = data.samples[~data.samples["cluster"].isin(scheme.get("clusters", []))]
    assert sorted(table.loc[table["partition"] == "test", "sample"]) == sorted(seen["sample"])
    assert (table.groupby("fold")["sample"].nunique() == len(data.samples)).all()
    assert not table.duplicated(["fold", "sample"]).any()


@pytest.mark.parametrize("sizes", [BALANCED, UNEVEN])
def test_each_stratum_and_each_outcome_is_balanced_over_the_folds(sizes):
    data = dataset(sizes)
    tested = joined(data, split(data, small_strata="merge")).query("partition == 'test'")
    for keys in (["outcome"], ["cluster", "outcome"]):
        counts = tested.groupby([*keys, "fold"]).size().unstack(fill_value=0)
        assert (counts.max(axis=1) - counts.min(axis=1) <= 1).all()


def test_small_strata_are_balanced_together_when_merged():
    data = dataset([(30, 3)] * 10)
    tested = joined(data, split(data, small_strata="merge")).query("partition == 'test'")
    assert tested.query("outcome == 1").groupby("fold").size().tolist() == [6] * 5


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("share", [0.0, 0.2, 0.5])
def test_every_cluster_of_two_keeps_a_training_sample_in_every_fold(seed, share):
    data = dataset(UNEVEN)
    splits = split(data, small_strata="merge", validation=share, seed=seed)
    for clusters in clusters_of(data, splits, "train").values():
        assert clusters == set(data.samples["cluster"])


@pytest.mark.parametrize("share", [0.1, 0.25, 0.4])
def test_validation_takes_its_share_of_the_rest_in_every_stratum(share):
    data = dataset([(40, 60), (100, 50)])
    table = joined(data, split(data, validation=share)).query("partition != 'test'")
    of = table.groupby(["fold", "cluster", "outcome"])["partition"]
    taken = of.agg(lambda sides: (sides == "validation").sum())
    assert ((taken - of.size() * share).abs() <= 1).all()


def groups_of_three(sample):
    return f"{sample[0]}-{int(sample[1:]) // 3}"


@pytest.mark.parametrize("unseen", [NONE, {"scheme": "leave_out", "folds": 2}])
def test_a_group_is_never_cut(unseen):
    data = dataset([(30, 40), (45, 15), (33, 20), (20, 20)], group=groups_of_three)
    table = joined(data, split(data, unseen=unseen, validation=0.25))
    assert (table.groupby(["fold", "group"])["partition"].nunique() == 1).all()
    shares = table["partition"].value_counts(normalize=True)
    assert set(shares.index) >= {"train", "validation"}
    tested = table[table["partition"] == "test"]
    assert sorted(tested["sample"]) == sorted(data.samples["sample"])
    assert tested.groupby("fold")["outcome"].mean().between(0.3, 0.6).all()


@pytest.mark.parametrize("group", [None, groups_of_three])
def test_monte_carlo_tests_its_share_anew_in_each_fold(group):
    data = dataset([(60, 90), (90, 60), (60, 60)], group=group)
    table = joined(data, split(data, folds=4, test=0.2, validation=0.125))
    shares = table.groupby("fold")["partition"].value_counts(normalize=True).unstack()
    np.testing.assert_allclose(shares["test"], 0.2, atol=0.03)
    np.testing.assert_allclose(shares["validation"], 0.1, atol=0.03)
    rows = table[table["partition"] == "test"]
    rates = rows.groupby(["fold", "cluster"])["outcome"].mean().unstack()
    expected = data.samples.groupby("cluster")["outcome"].mean()
    assert ((rates - expected).abs() < 0.15).all(axis=None)
    times = rows["sample"].value_counts()
    assert times.max() > 1  # folds are drawn again, not dealt
    if group:
        assert (table.groupby(["fold", "group"])["partition"].nunique() == 1).all()


def test_samples_without_a_group_are_split_beside_groups():
    data = dataset([(30, 30), (30, 30)], group=lambda s: "g" + s[0] if s[1:] < "010" else None)
    table = joined(data, split(data, small_strata="merge"))
    assert (table.dropna().groupby(["fold", "group"])["partition"].nunique() == 1).all()
    free = table[table["group"].isna() & (table["partition"] == "test")]
    assert (free.groupby(["cluster", "fold"]).size() > 0).all()


def test_splits_depend_on_the_seed_and_not_on_the_order_of_rows():
    data = dataset(BALANCED)
    shuffled = replace(data, samples=data.samples.sample(frac=1, random_state=0))
    settings = {"unseen": {"scheme": "leave_out", "folds": 2}, "validation": 0.2}

    def sides(which, seed):
        return split(which, seed=seed, **settings).astype(str).set_index(["fold", "sample"])

    expected = sides(data, 1)
    pd.testing.assert_frame_equal(sides(data, 1), expected)
    pd.testing.assert_frame_equal(sides(shuffled, 1).reindex(expected.index), expected)
    assert (sides(data, 2).reindex(expected.index) != expected).any(axis=None)


@pytest.mark.parametrize(
    ("scheme", "expected"),
    [
        ({"scheme": "named", "clusters": ["b", "d"]}, "bd"),
        ({"scheme": "smallest", "count": 2}, "bc"),
        ({"scheme": "seen_largest", "count": 2}, "bc"),
        ({"scheme": "held_out"}, "d"),
    ],
)
def test_unseen_clusters_are_whole_and_in_every_fold_alone(scheme, expected):
    data = dataset(BALANCED, held_out="d" if scheme["scheme"] == "held_out" else "")
    splits = split(data, unseen=scheme)
    assert all(found == set(expected) for found in clusters_of(data, splits, "unseen").values())
    for partition in ("train", "test"):
        for clusters in clusters_of(data, splits, partition).values():
            assert clusters == set("abcd") - set(expected)


def test_leaving_out_makes_every_cluster_unseen_once_after_the_folds_of_all():
    data = dataset([(12, 12)] * 7 + [(6, 6)], held_out="h")
    splits = split(data, unseen={"scheme": "leave_out", "folds": 3}, validation=0.2)
    unseen = clusters_of(data, splits, "unseen")
    assert sorted(unseen) == list(range(8))
    assert all(not unseen[fold] for fold in range(5))
    assert sorted(c for fold in (5, 6, 7) for c in unseen[fold]) == list("abcdefgh")
    assert {len(unseen[fold] - {"h"}) for fold in (5, 6, 7)} == {2, 3}
    train = clusters_of(data, splits, "train")
    assert all(train[fold] == set("abcdefg") - unseen[fold] for fold in range(8))
    assert not clusters_of(data, splits, "test")[5]


def test_parts_of_clusters_left_out_are_of_like_size():
    data = dataset([(size, size) for size in range(5, 17)])
    for seed in range(5):
        splits = split(data, unseen={"scheme": "leave_out", "folds": 4}, seed=seed)
        sizes = splits[splits["partition"] == "unseen"].groupby("fold").size()
        assert np.ptp(sizes) <= 3 * 6  # three blocks of four clusters, of at most 6 samples between


def test_held_out_clusters_are_never_trained_on_and_warned_of_when_unused():
    data = dataset(BALANCED, held_out="d")
    with pytest.warns(ArmedWarning, match="held-out cluster 'd' is in no fold"):
        splits = split(data)
    assert "d" not in set(joined(data, splits)["cluster"])
    splits = split(data, unseen={"scheme": "smallest", "count": 1})
    assert clusters_of(data, splits, "unseen")[0] == {"c", "d"}


def unseen(scheme, **more):
    return {"unseen": {"scheme": scheme, **more}}


MERGE = {"small_strata": "merge"}
ALL = list("abcd")


@pytest.mark.parametrize(
    ("sizes", "changes", "error", "message"),
    [
        ([(9, 3), (9, 9)], {}, DataError, "'a' x outcome 1 has 3 samples, expected at least 5.*merge"),
        ([(1, 1), (1, 1)], MERGE, DataError, "4 samples in seen clusters, expected at least 5"),
        ([(9, 1), (9, 2)], MERGE, DataError, "3 samples of outcome 1 .* at least 5"),
        (BALANCED, {"folds": 1}, ConfigError, "splits.folds is 1, expected at least 2"),
        (BALANCED, {"test": 0.7}, ConfigError, r"splits\.test is 0\.7, expected a share up to 0.5"),
        ([(20, 0), (20, 0), (10, 10)], unseen("named", clusters=["c"]), DataError,
         "trains on 1 outcome, expected both"),
        (BALANCED, {"validation": 0.9}, ConfigError, "splits.validation is 0.9"),
        (BALANCED, {"small_strata": "pool"}, ConfigError, "splits.small_strata is 'pool'"),
        (BALANCED, unseen("random"), ConfigError, "is 'random', expected one of 'none'"),
        (BALANCED, unseen("named"), ConfigError, "no 'clusters'"),
        (BALANCED, unseen("named", clusters=["z", "A"]), ConfigError, "cluster 'z' is not in .* 'a'"),
        (BALANCED, unseen("named", clusters=ALL), DataError, "4 of 4 clusters are unseen, .* leaves 0"),
        (BALANCED, unseen("smallest", count=3), DataError, "leaves 1, expected at least 2"),
        (BALANCED, unseen("smallest", count=4), ConfigError, "count is 4, expected 1 to 3"),
        (BALANCED, unseen("seen_largest", count=20), ConfigError, "count is 20, expected 1 to 3"),
        (BALANCED, unseen("leave_out", folds=9), DataError, "folds is 9 for 4 clusters"),
        (BALANCED[:2], unseen("leave_out", folds=2), DataError, "at least 2 of them left"),
        (BALANCED, unseen("held_out"), DataError, "hold no cluster out"),
    ],
)  # fmt: skip
def test_settings_that_the_data_cannot_meet_are_refused(sizes, changes, error, message):
    with pytest.raises(error, match=message) as caught:
        split(dataset(sizes), **changes)
    assert "\n" not in str(caught.value)
    assert "expected" in str(caught.value)


def test_more_folds_than_groups_are_refused():
    pairs = dataset([(10, 10), (10, 10)], group=lambda sample: sample[:3])
    with pytest.raises(DataError, match="4 groups in seen clusters, expected at least 5"):
        split(pairs, **MERGE)
    with pytest.raises(DataError, match="stratum cluster 'a' x p has 4 groups"):
        split(striped(4))


def broken(splits, rows):
    return pd.concat([splits.astype({"sample": str, "partition": str}), pd.DataFrame(rows)])


def test_leakage_is_an_error_that_names_fold_and_culprit():
    data = dataset([(30, 30), (30, 30), (30, 30)], group=groups_of_three)
    splits = split(data, unseen={"scheme": "named", "clusters": ["c"]})
    check_splits(data, splits)
    again = splits[(splits["fold"] == 2) & (splits["partition"] == "train")].iloc[:1]
    with pytest.raises(LeakageError, match=f"fold 2 sample {again['sample'].iloc[0]} stands twice"):
        check_splits(data, broken(splits, again.assign(partition="test")))
    moved = splits.astype({"partition": str})
    moved.loc[again.index, "partition"] = "test"
    group = groups_of_three(again["sample"].iloc[0])
    with pytest.raises(LeakageError, match=f"fold 2 group {group} is on more than one side"):
        check_splits(data, moved)
    moved = splits.astype({"partition": str})
    rows = moved["sample"].isin(["c000", "c001", "c002"]) & (moved["fold"] == 3)
    moved.loc[rows, "partition"] = "train"
    with pytest.raises(LeakageError, match="fold 3 cluster c is both seen and unseen"):
        check_splits(data, moved)
    with pytest.raises(DataError, match="hold sample 'x1'"):
        check_splits(data, broken(splits, {"fold": [0], "sample": ["x1"], "partition": ["test"]}))


def test_a_cluster_without_training_sample_in_a_fold_is_warned_of():
    data = dataset([(20, 20), (20, 20)])
    splits = split(data)
    trained = (splits["fold"] == 1) & (splits["partition"] == "train")
    kept = splits[~trained | splits["sample"].astype(str).str.startswith("a")]
    with pytest.warns(ArmedWarning, match=r"\(fold 1: 8 samples of 1 cluster, 'b'\)") as caught:
        check_splits(data, kept)
    assert len(caught) == 1


def test_a_sound_split_passes_without_a_word():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        data = dataset([(30, 30), (30, 30)], group=groups_of_three)
        split(data, small_strata="merge", validation=0.3)
        split(dataset(UNEVEN), small_strata="merge", validation=0.3)


def test_stratifying_by_cluster_only_balances_clusters_and_lets_outcome_shares_vary() -> None:
    rng = np.random.default_rng(5)
    positive = rng.binomial(30, 0.5, 16)
    data, spread = dataset([(30 - count, count) for count in positive]), {}
    for stratify in ("outcome_cluster", "cluster"):
        test = joined(data, split(data, stratify=stratify, **MERGE)).query("partition == 'test'")
        counts = test.groupby(["fold", "cluster"]).size()
        assert counts.max() - counts.min() <= (2 if stratify == "outcome_cluster" else 0)
        shares = test.groupby(["fold", "cluster"])["outcome"].mean()
        spread[stratify] = shares.groupby("cluster").std()
    assert spread["cluster"].mean() > 2 * spread["outcome_cluster"].mean()


def striped(cells, frames=3):
    """Clusters `a` to `c`, each with strata `p`, `q` (outcome 1) and `r` of so many groups."""
    rows = [
        (f"{name}{stratum}{cell:02d}/{frame}", name, stratum, f"{name}{stratum}{cell:02d}")
        for name in "abc"
        for stratum in "pqr"
        for cell in range(cells)
        for frame in range(frames)
    ]
    frame = pd.DataFrame(rows, columns=["sample", "cluster", "stratum", "group"])
    return made(frame.assign(outcome=(frame["stratum"] != "r").astype(float)))


@pytest.mark.parametrize("cells", [10, 30, 31])
def test_strata_are_balanced_in_each_cluster_and_groups_stay_whole(cells):
    data = striped(cells)
    table = joined(data, split(data, folds=2, test=0.2, validation=0.125))
    assert (table.groupby(["fold", "group"])["partition"].nunique() == 1).all()
    counts = table.groupby(["fold", "cluster", "stratum", "partition"])["group"]
    wide = counts.nunique().unstack("partition", fill_value=0)
    assert ((wide["test"] - 0.2 * cells).abs() <= 1).all()
    assert ((wide["validation"] - 0.1 * cells).abs() <= 1).all()
    tested = table[table["partition"] == "test"].groupby("fold")["sample"].agg(set)
    assert tested[0] != tested[1]


def test_without_strata_only_the_outcome_is_balanced():
    data = striped(10)
    every = pd.MultiIndex.from_product([range(5), list("abc"), list("pqr")])
    plain = replace(data, samples=data.samples.drop(columns="stratum"))
    for one, balanced in ((data, True), (plain, False)):
        tested = joined(data, split(one)).query("partition == 'test'")
        counts = tested.groupby(["fold", "cluster", "stratum"])["group"].nunique()
        assert (counts.reindex(every, fill_value=0) == 2).all() == balanced


def test_one_fold_is_enough_where_each_draws_its_test_part():
    splits = split(striped(10), folds=1, test=0.2)
    assert set(splits["partition"]) == {"train", "test"}
    assert splits["sample"].is_unique
