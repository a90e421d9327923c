import warnings
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from armed.errors import ArmedWarning, DataError
from armed_study.data.dataset import ClusteredDataset, Feature
from armed_study.data.encoding import encode_folds, encoded_columns, write_features
from armed_study.io.image_arrays import open_images
from armed_study.io.tables import read_table
from small_samples import samples_of

TRAIN = [0, 1, 2, 3]


def dataset(**changes):
    colour = ["red", "red", "blue", "green", "green", "red"]
    own = {"colour": colour, "x": [1.0, 2.0, 3.0, 6.0, 100.0, -5.0]}
    frame = samples_of("ababab", [0.0, 1.0] * 3, **own).assign(**changes)
    features = (
        Feature("colour", "categorical", levels=("blue", "green", "red")),
        Feature("x", "continuous", probe=True),
    )
    return ClusteredDataset("demo", frame, features, "generated for a test", generated=True)


def splits(train=TRAIN, fold=0):
    sides = ["train" if i in train else "test" for i in range(6)]
    return pd.DataFrame({"fold": fold, "sample": [f"s{i}" for i in range(6)], "partition": sides})


def encode(data, table, *, display=None, standardize=True):
    """Samples and points of each fold."""
    display = data.samples.iloc[:0] if display is None else display
    return list(encode_folds(data, table, display, standardize=standardize))


def encoded(data, standardize=True, **which):
    """Samples of the only fold."""
    return encode(data, splits(**which), standardize=standardize)[0][0]


def test_columns_follow_the_features_and_name_level_and_probe():
    columns = encoded_columns(dataset().features)
    assert columns["name"].tolist() == ["colour: green", "colour: red", "x"]
    assert columns["feature"].tolist() == ["colour", "colour", "x"]
    assert columns["probe"].tolist() == [False, False, True]


def test_values_are_what_is_computed_by_hand_from_the_training_rows():
    x = encoded(dataset())
    mean, sd = 3.0, np.std([1, 2, 3, 6])
    assert x.dtype == np.float32
    assert x[:, 2] == pytest.approx((np.array([1, 2, 3, 6, 100, -5]) - mean) / sd, rel=1e-6)
    assert x[:, 0].tolist() == [0, 0, 0, 1, 1, 0]
    assert x[:, 1].tolist() == [1, 1, 0, 0, 0, 1]


def test_nothing_outside_the_training_rows_changes_the_encoding_of_the_training_rows():
    x, colour = [1, 2, np.nan, 6], ["red", "red", None, "green"]
    data = dataset(x=[*x, 100, -5], colour=[*colour, "blue", "red"])
    other = dataset(x=[*x, -1e6, np.nan], colour=[*colour, None, "green"])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ArmedWarning)
        first, second = (encoded(d)[TRAIN] for d in (data, other))
    np.testing.assert_array_equal(first, second)


def test_missing_values_become_training_mean_and_most_frequent_training_level():
    x = [1.0, 2.0, 6.0, np.nan, np.nan, 50.0]
    colour = ["red", "red", "blue", None, None, "blue"]
    shown = encoded(dataset(x=x, colour=colour), standardize=False)
    assert shown[3:5, 2].tolist() == [3.0, 3.0]
    assert shown[3:5, 1].tolist() == [1.0, 1.0]
    assert encoded(dataset(x=x, colour=colour))[3:5, 2] == pytest.approx([0, 0], abs=1e-7)


@pytest.mark.parametrize("second", [0.3, 0.1 + 0.2])  # which only rounding tells apart
def test_a_feature_constant_in_training_becomes_zero_everywhere_or_stays_as_it_is(second):
    data = dataset(x=[0.3, second, 0.3, 0.3, 100, -5])
    assert encoded(data)[:, 2].tolist() == [0.0] * 6
    kept = encoded(data, standardize=False)
    assert kept[:, 2] == pytest.approx([0.3, 0.3, 0.3, 0.3, 100, -5])


@pytest.mark.parametrize("standardize", [True, False])
def test_a_feature_missing_in_all_of_training_becomes_zero(standardize):
    data = dataset(x=[np.nan] * 4 + [100, -5], colour=[None] * 4 + ["blue", "blue"])
    with pytest.warns(ArmedWarning, match="level 'blue'"):
        x = encoded(data, standardize=standardize)
    assert np.array_equal(x, np.zeros((6, 3)))


def test_a_level_absent_from_training_is_coded_like_the_reference_and_reported_once():
    data = dataset(colour=["red", "blue", "blue", "red", "green", "green"])
    with pytest.warns(ArmedWarning) as caught:
        x = encoded(data, fold=7)
    assert x[4:, :2].tolist() == [[0, 0], [0, 0]]
    assert x.shape == (6, 3)
    assert len(caught) == 1
    message = str(caught[0].message)
    assert "feature 'colour' has level 'green' in 2 rows of fold 7" in message


def test_width_is_the_same_for_all_folds_whatever_they_train_on():
    both = pd.concat([splits(), splits(train=[0, 1, 5], fold=1)])
    with pytest.warns(ArmedWarning):
        made = encode(dataset(), both)
    assert [samples.shape for samples, _ in made] == [(6, 3), (6, 3)]
    assert not np.array_equal(made[0][0], made[1][0])


def test_points_are_encoded_as_the_samples_are():
    data = dataset()
    ((samples, points),) = encode(data, splits(), display=data.samples.iloc[::-1])
    np.testing.assert_array_equal(points, samples[::-1])
    ((_, none),) = encode(data, splits(), display=pd.DataFrame({"sample": [], "cluster": []}))
    assert none.shape == (0, 3)
    with pytest.raises(DataError, match="'colour' holds 'pink', expected its levels"):
        encode(data, splits(), display=pd.DataFrame({"colour": ["pink"], "x": [0.0]}))


def test_samples_may_stand_in_another_order_in_the_splits_and_lack_rows():
    data = dataset()
    for table in (splits().iloc[::-1], splits().iloc[:5]):
        np.testing.assert_array_equal(encode(data, table)[0][0], encoded(data))


def test_files_hold_the_folds_and_the_names_of_their_columns(tmp_path):
    data, both = dataset(), pd.concat([splits(train=[0, 2, 3], fold=3), splits()])
    names = {"features": "features.npy", "columns": "features.parquet", "display": "display.npy"}
    files = SimpleNamespace(**{name: tmp_path / file for name, file in names.items()})
    shown = data.samples.iloc[:2]
    write_features(data, both, shown, files, standardize=True)
    expected = encode(data, both, display=shown)
    np.testing.assert_array_equal(open_images(files.features), [samples for samples, _ in expected])
    np.testing.assert_array_equal(open_images(files.display), [points for _, points in expected])
    pd.testing.assert_frame_equal(
        read_table(files.columns, "features").astype({"name": str, "feature": str}),
        encoded_columns(data.features),
    )


def test_one_kind_of_feature_alone_is_enough():
    data = dataset()
    for kept in data.features:
        only = encoded(replace(data, features=(kept,)))
        place = np.flatnonzero(encoded_columns(data.features)["feature"] == kept.name)
        np.testing.assert_array_equal(only, encoded(data)[:, place])


def test_splits_of_another_data_set_are_refused():
    with pytest.raises(DataError, match="fold 0 has samples that the data set lacks"):
        encode(dataset(), splits().assign(sample=list("abcdef")))
