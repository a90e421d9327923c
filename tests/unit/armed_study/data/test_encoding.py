import warnings
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from armed.errors import ArmedWarning, DataError
from armed_study.data.dataset import ClusteredDataset, Feature
from armed_study.data.encoding import encode

TRAIN = [0, 1, 2, 3]


def dataset(**changes):
    frame = pd.DataFrame(
        {
            "sample": [f"s{i}" for i in range(6)],
            "cluster": list("ababab"),
            "group": pd.Series([None] * 6, dtype=object),
            "outcome": [0.0, 1.0, 0.0, 1.0, 0.0, 1.0],
            "held_out": False,
            "colour": ["red", "red", "blue", "green", "green", "red"],
            "x": [1.0, 2.0, 3.0, 6.0, 100.0, -5.0],
        }
    ).assign(**changes)
    features = (
        Feature("colour", "categorical", levels=("blue", "green", "red")),
        Feature("x", "continuous", probe=True),
    )
    return ClusteredDataset("demo", frame, features, "generated for a test", generated=True)


def splits(train=TRAIN, fold=0):
    sides = ["train" if i in train else "test" for i in range(6)]
    return pd.DataFrame({"fold": fold, "sample": [f"s{i}" for i in range(6)], "partition": sides})


def encoded(data, standardize=True, **which):
    return encode(data, splits(**which), standardize=standardize)


def test_columns_follow_the_features_and_name_level_and_probe():
    columns = encoded(dataset()).columns
    assert [c.name for c in columns] == ["colour: green", "colour: red", "x"]
    assert [c.feature for c in columns] == ["colour", "colour", "x"]
    assert [c.probe for c in columns] == [False, False, True]


def test_values_are_what_is_computed_by_hand_from_the_training_rows():
    x = encoded(dataset()).fold(0)
    mean, sd = 3.0, np.std([1, 2, 3, 6])
    assert x.dtype == np.float32
    assert x[:, 2] == pytest.approx((np.array([1, 2, 3, 6, 100, -5]) - mean) / sd, rel=1e-6)
    assert x[:, 0].tolist() == [0, 0, 0, 1, 1, 0]
    assert x[:, 1].tolist() == [1, 1, 0, 0, 0, 1]


@pytest.mark.parametrize("standardize", [True, False])
def test_encoding_is_that_of_the_transformers_of_scikit_learn(standardize):
    rng = np.random.default_rng(5)
    frame = pd.DataFrame({"x": rng.normal(40, 9, 200), "w": rng.lognormal(0, 2, 200)})
    frame["b"] = rng.choice(["p", "q"], 200)
    frame["a"] = rng.choice(["s", "t", "u", "v"], 200, p=[0.1, 0.2, 0.3, 0.4])
    frame = frame.mask(rng.random(frame.shape) < 0.2)
    names = [f"s{i}" for i in range(200)]
    known = {"sample": names, "cluster": "c", "group": None, "outcome": 0.0, "held_out": False}
    levels = {"a": ("s", "t", "u", "v"), "b": ("p", "q")}
    features = [
        Feature(name, "categorical", levels=levels[name]) if name in levels else Feature(name, "continuous")
        for name in frame
    ]  # fmt: skip
    data = ClusteredDataset(
        "demo", frame.assign(**known), tuple(features), "generated", generated=True
    )
    parts = ["train"] * 120 + ["test"] * 80
    table = pd.DataFrame({"fold": 0, "sample": names, "partition": parts})
    fill = SimpleImputer(strategy="mean")
    numbers = make_pipeline(fill, StandardScaler()) if standardize else fill
    texts = make_pipeline(
        SimpleImputer(strategy="most_frequent"),
        OneHotEncoder(categories=[levels["b"], levels["a"]], drop="first", sparse_output=False),
    )
    other = ColumnTransformer([("numbers", numbers, ["x", "w"]), ("texts", texts, ["b", "a"])])
    expected = other.fit(frame[:120]).transform(frame)
    found = encode(data, table, standardize=standardize).fold(0)
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-12)


def test_numbers_that_only_rounding_tells_apart_are_constant():
    x = encoded(dataset(x=[0.3, 0.1 + 0.2, 0.3, 0.3, 100, -5])).fold(0)
    assert x[:, 2].tolist() == [0.0] * 6


def test_nothing_outside_the_training_rows_changes_the_encoding_of_the_training_rows():
    data = dataset(
        x=[1, 2, np.nan, 6, 100, -5], colour=["red", "red", None, "green", "blue", "red"]
    )
    other = dataset(x=[1, 2, np.nan, 6, -1e6, np.nan],
                    colour=["red", "red", None, "green", None, "green"])  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ArmedWarning)
        first, second = (encoded(d).fold(0)[TRAIN] for d in (data, other))
    np.testing.assert_array_equal(first, second)


def test_missing_values_become_training_mean_and_most_frequent_training_level():
    x = [1.0, 2.0, 6.0, np.nan, np.nan, 50.0]
    colour = ["red", "red", "blue", None, None, "blue"]
    shown = encoded(dataset(x=x, colour=colour), standardize=False).fold(0)
    assert shown[3:5, 2].tolist() == [3.0, 3.0]
    assert shown[3:5, 1].tolist() == [1.0, 1.0]
    assert encoded(dataset(x=x, colour=colour)).fold(0)[3:5, 2] == pytest.approx([0, 0], abs=1e-7)


def test_unstandardized_features_stay_as_they_are():
    assert encoded(dataset(), standardize=False).fold(0)[:, 2].tolist() == [1, 2, 3, 6, 100, -5]


def test_a_feature_constant_in_training_becomes_zero_everywhere():
    x = encoded(dataset(x=[0.1, 0.1, 0.1, 0.1, 100, -5])).fold(0)
    assert x[:, 2].tolist() == [0.0] * 6
    kept = encoded(dataset(x=[0.1, 0.1, 0.1, 0.1, 100, -5]), standardize=False).fold(0)
    assert kept[:, 2] == pytest.approx([0.1, 0.1, 0.1, 0.1, 100, -5])


@pytest.mark.parametrize("standardize", [True, False])
def test_a_feature_missing_in_all_of_training_becomes_zero(standardize):
    data = dataset(x=[np.nan] * 4 + [100, -5], colour=[None] * 4 + ["blue", "blue"])
    with pytest.warns(ArmedWarning, match="level 'blue'"):
        x = encoded(data, standardize=standardize).fold(0)
    assert np.array_equal(x, np.zeros((6, 3)))


def test_a_level_absent_from_training_is_coded_like_the_reference_and_reported_once():
    data = dataset(colour=["red", "blue", "blue", "red", "green", "green"])
    with pytest.warns(ArmedWarning) as caught:
        x = encoded(data, fold=7).fold(7)
    assert x[4:, :2].tolist() == [[0, 0], [0, 0]]
    assert x.shape == (6, 3)
    assert len(caught) == 1
    message = str(caught[0].message)
    assert "feature 'colour' has level 'green' in 2 rows of fold 7" in message


def test_width_is_the_same_for_all_folds_whatever_they_train_on():
    both = pd.concat([splits(), splits(train=[0, 1, 5], fold=1)])
    with pytest.warns(ArmedWarning):
        made = encode(dataset(), both, standardize=True)
    assert made.folds == (0, 1)
    assert made.fold(0).shape == made.fold(1).shape == (6, len(made.columns))


def test_a_further_frame_is_encoded_as_the_samples_are():
    data = dataset()
    made = encoded(data)
    np.testing.assert_array_equal(made.apply(0, data.samples.iloc[::-1]), made.fold(0)[::-1])
    assert made.apply(0, data.samples.iloc[:0]).shape == (0, 3)
    with pytest.raises(DataError, match="'colour' holds 'pink', expected its levels"):
        made.apply(0, pd.DataFrame({"colour": ["pink"], "x": [0.0]}))


def test_samples_may_stand_in_another_order_in_the_splits_and_lack_rows():
    data = dataset()
    np.testing.assert_array_equal(
        encode(data, splits().iloc[::-1], standardize=True).fold(0), encoded(data).fold(0)
    )
    fewer = encode(data, splits().iloc[:5], standardize=True)
    np.testing.assert_array_equal(fewer.fold(0), encoded(data).fold(0))


def test_one_kind_of_feature_alone_is_enough():
    data = dataset()
    for kept in data.features:
        only = encoded(replace(data, features=(kept,))).fold(0)
        place = [i for i, c in enumerate(encoded(data).columns) if c.feature == kept.name]
        np.testing.assert_array_equal(only, encoded(data).fold(0)[:, place])


def test_splits_of_another_data_set_are_refused():
    with pytest.raises(DataError, match="fold 0 has samples that the data set lacks"):
        encode(dataset(), splits().assign(sample=list("abcdef")), standardize=True)
