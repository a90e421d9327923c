"""Which samples of unseen clusters may be given labelled, and which are scored."""

import pandas as pd
import pytest

from armed_study.splits.few_shot import few_shot_samples


def study(sizes, *, group=1, folds=(0, 1)):
    """Unseen clusters of these sizes and one seen one; groups of so many samples each."""
    rows = [
        (f"{cluster}{i:02d}", cluster, f"{cluster}{i // group}" if group > 1 else None)
        for cluster, size in {"seen": 30, **sizes}.items()
        for i in range(size)
    ]
    samples = pd.DataFrame(rows, columns=["sample", "cluster", "group"])
    side = samples["cluster"].map(lambda name: "train" if name == "seen" else "unseen")
    splits = [samples[["sample"]].assign(fold=fold, partition=side) for fold in folds]
    return samples, pd.concat(splits, ignore_index=True)


def dealt(samples, splits, shots=(1, 5), seed=3):
    found = few_shot_samples(samples, splits, shots=shots, seed=seed)
    return found.astype({"sample": str, "cluster": str})


def test_each_cluster_has_as_many_labelled_samples_as_the_largest_number():
    found = dealt(*study({"a": 9, "b": 20}))
    for (_, cluster), own in found.groupby(["fold", "cluster"]):
        assert sorted(own.loc[own["place"] >= 0, "place"]) == [0, 1, 2, 3, 4]
        assert len(own) == {"a": 9, "b": 20}[cluster]
        assert own["sample"].is_unique


def test_clusters_with_nothing_left_to_be_scored_are_left_out():
    found = dealt(*study({"a": 5, "b": 6}))
    assert set(found["cluster"]) == {"b"}


def test_seen_clusters_give_no_sample():
    assert not dealt(*study({"b": 8}))["sample"].str.startswith("seen").any()


def test_no_group_is_both_given_labelled_and_scored():
    samples, splits = study({"a": 24}, group=3)
    found = dealt(samples, splits).merge(samples[["sample", "group"]], on="sample")
    for _, own in found.groupby("fold"):
        labelled, scored = own[own["place"] >= 0], own[own["place"] < 0]
        assert labelled["group"].is_unique
        assert not set(labelled["group"]) & set(scored["group"])
        # 8 groups of 3: five give one sample each, the others are scored whole
        assert (len(labelled), len(scored)) == (5, 9)
    # as many samples, of too few groups
    assert dealt(*study({"a": 15}, group=3)).empty


def test_order_of_rows_does_not_matter_and_folds_and_seeds_do():
    samples, splits = study({"a": 30})
    found = dealt(samples, splits)
    again = dealt(samples.iloc[::-1], splits.iloc[::-1].sort_values("fold", kind="stable"))
    pd.testing.assert_frame_equal(found, again)
    first, second = (
        own.sort_values("sample")["place"].tolist() for _, own in found.groupby("fold")
    )
    assert first != second
    assert dealt(samples, splits, seed=4)["place"].tolist() != found["place"].tolist()


@pytest.mark.parametrize("shots", [(), (1, 5)])
def test_without_numbers_or_unseen_clusters_there_are_none(shots):
    samples, splits = study({"a": 30} if not shots else {})
    assert dealt(samples, splits, shots).empty
