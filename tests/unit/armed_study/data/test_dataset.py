import warnings
from dataclasses import replace

import numpy as np
import pytest

from armed.errors import ArmedWarning, DataError
from armed_study.data.dataset import ClusteredDataset, Feature, Prepared
from armed_study.io.tables import read_table, write_table
from small_samples import samples_of


def dataset(**changes):
    own = {"x": np.arange(8.0), "colour": ["red", "blue", None, "red"] * 2}
    frame = samples_of("aaaabbbb", [0, 1, 0, 1, 0, 1, 1, 0], **own).assign(**changes)
    features = (
        Feature("x", "continuous"),
        Feature("colour", "categorical", levels=("blue", "red")),
    )
    return ClusteredDataset("demo", frame, features, "generated for a test", generated=True)


def test_a_sound_data_set_passes_without_a_word():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        dataset().validate()


def test_what_is_saved_is_loaded_with_everything_about_it(tmp_path):
    made = dataset(x=[1 / 3, np.nan, *range(6)])
    made = replace(made, features=(Feature("x", "continuous", probe=True), made.features[1]))
    made.save(tmp_path / "samples.parquet")
    back = ClusteredDataset.load(tmp_path / "samples.parquet")
    assert replace(back, samples=made.samples) == made
    assert back.samples["x"].tolist() == pytest.approx(made.samples["x"].tolist(), nan_ok=True)
    assert back.samples["x"].iloc[0] == 1 / 3  # not rounded on the way
    assert back.samples["colour"].isna().sum() == 2
    assert back.samples["outcome"].dtype == np.float32
    back.validate()


def test_a_file_without_the_description_of_the_data_set_is_refused(tmp_path):
    write_table(dataset().samples, tmp_path / "samples.parquet", "samples")
    with pytest.raises(DataError, match=r"samples\.parquet: the description .* run the workflow"):
        ClusteredDataset.load(tmp_path / "samples.parquet")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"sample": ["s0", "s0", *"cdefgh"]}, "sample id 's0' occurs up to 2 times"),
        ({"outcome": 1}, "outcome is 1 in all 8 samples, expected both"),
        (
            {"outcome": [0, 1, 2, 1, 0, 1, 1, 0]},
            "outcome holds '0.0', '1.0', '2.0', expected 0 and",
        ),
        ({"outcome": [0, np.nan, 1, 1, 0, 1, 1, 0]}, "'outcome' has 1 missing value"),
        ({"cluster": ["a", None, *"aabbbb"]}, "'cluster' has 1 missing value"),
        ({"cluster": "a"}, "1 cluster left for training, expected at least 2"),
        (
            {"held_out": [False] * 4 + [True] * 4},
            "1 cluster left for training, expected at least 2",
        ),
        ({"cluster": list("aaaabbbc")}, "cluster 'c' has fewer than 2 samples.*small_clusters"),
        ({"group": list("ppqqrrsp")}, "group 'p' has cluster 'a', 'b'"),
        ({"group": list("ppppqqqr")}, "cluster 'a' has fewer than 2 groups"),
        ({"held_out": [True, *[False] * 7]}, "cluster 'a' has held_out 'True', 'False'"),
        ({"x": 3.0}, r"'x' is constant \(3.0 in every sample\).*leave it out"),
        ({"x": np.nan}, "'x' is missing in all 8 samples.*leave it out"),
        (
            {"x": [0, 1, np.inf, *range(4), -np.inf]},
            "'x' has 2 infinite values, the first in row 3",
        ),
        ({"x": list("abcdefgh")}, "'x' holds .* values such as 'a', expected numbers"),
        ({"colour": ["red", "green"] * 4}, "'colour' holds 'green', expected its levels"),
    ],
)
def test_each_fault_is_told_in_one_sentence(changes, message):
    with pytest.raises(DataError, match=message) as caught:
        dataset(**changes).validate()
    assert "expected" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert "; " in str(caught.value)


def test_no_rows_and_no_features_are_refused():
    with pytest.raises(DataError, match="0 rows"):
        replace(dataset(), samples=dataset().samples.iloc[:0]).validate()
    with pytest.raises(DataError, match="no feature"):
        replace(dataset(), features=()).validate()


def test_an_outcome_that_the_cluster_explains_whole_is_warned_of():
    with pytest.warns(ArmedWarning, match="constant within every cluster"):
        dataset(outcome=[0] * 4 + [1] * 4).validate()


def test_a_held_out_cluster_may_have_one_sample():
    dataset(cluster=list("aabbbbbc"), held_out=[False] * 7 + [True]).validate()


def test_tables_that_a_study_lacks_are_empty_with_their_columns():
    prepared = Prepared(dataset())
    assert list(prepared.truth) == ["sample", "oracle", "oracle_no_cluster"]
    assert prepared.cluster_truth.empty
    assert prepared.display.empty


def test_prepared_tables_are_saved_each_to_its_file(tmp_path):
    names = ("samples", "truth", "cluster_truth", "display", "flow", "descriptives")
    files = {name: tmp_path / f"{name}.parquet" for name in names}
    Prepared(dataset()).save(files)
    assert [name for name, path in files.items() if not path.exists()] == []
    assert len(read_table(files["samples"], "samples")) == len(dataset().samples)
    assert read_table(files["truth"], "truth").empty
