"""What users bring: names in several forms, words for missing, row numbers, decimal commas."""

import re
import unicodedata
import warnings
from datetime import date
from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from armed.errors import ArmedWarning, DataError
from armed_study.studies.table.prepare import prepare
from refusals import refused

SETTINGS = {
    "outcome": {"column": "cured", "positive": "yes"},
    "cluster": "clinic",
    "features": ["age", "drug"],
    "categorical": ["drug"],
}
WARNED = "ignore::armed.errors.ArmedWarning"


def patients(**changes):
    return pd.DataFrame({
        "clinic": ["north"] * 4 + ["south"] * 4,
        "age": [30, 41, 52, 63, 24, 35, 46, 57],
        "drug": ["a", "b", "a", "c"] * 2,
        "cured": ["yes", "no"] * 4,
    }).assign(**changes)  # fmt: skip


def prepared(tmp_path, frame, name="p.csv", *, source=None, **settings):
    path = tmp_path / name
    if name.endswith(".parquet"):
        frame.to_parquet(path)
    else:
        frame.to_csv(path, index=False, sep="\t" if name.endswith(".tsv") else ",")
    source = {"path": str(path), **(source or {})}
    return prepare("demo", {**SETTINGS, **settings, "source": source}, {}).dataset


@pytest.mark.parametrize(
    ("forms", "name"),
    [
        (["1", "1", "1.0", "1"], "1"),
        (["1.0", "1.0", "1.0", "1"], "1"),
        (["-0.0", "0", "-0", "0.0"], "0"),
        (["K\u00f6ln", "Ko\u0308ln", "Ko\u0308ln", "Ko\u0308ln"], "K\u00f6ln"),
        (["NORTH", "north", "north", "North"], "north"),
        (["New  York", "New York", "New\u00a0York", "New York "], "New York"),
        (["\uff21\uff11", "A1", "A1", "A1"], "A1"),
    ],
)
@pytest.mark.parametrize("column", ["clinic", "drug"])
def test_forms_of_a_name_become_the_most_frequent_with_a_warning(tmp_path, forms, name, column):
    values = forms + (["south"] * 4 if column == "clinic" else ["x", "y"] * 2)
    with pytest.warns(
        ArmedWarning, match=rf"'{column}'.* in another form .[1-3] rows?.*distinct_forms"
    ):
        data = prepared(tmp_path, patients(**{column: values}))
    found = data.samples[{"clinic": "cluster"}.get(column, column)]
    assert found.tolist() == [name] * 4 + values[4:]
    if column == "drug":
        assert set(data.features[1].levels) == {name, "x", "y"}


@pytest.mark.parametrize(
    ("other", "shown"), [("nor\u200bth", r"nor\u200bth"), ("nor\nth", r"nor\nth")]
)
def test_forms_that_cannot_be_seen_are_written_out(tmp_path, other, shown):
    one = other.replace("\n", " ").replace("\u200b", "")
    with pytest.warns(ArmedWarning, match=re.escape(f"such as '{shown}' for '{one}'")):
        prepared(tmp_path, patients(drug=[one, one, other, "x"] * 2))


def test_rows_without_a_group_are_counted(tmp_path):
    frame = patients(person=["a", "a", None, "b", "c", "c", "d", None])
    with pytest.warns(ArmedWarning, match="'person' .data.group. is missing in 2 rows.*alone"):
        data = prepared(tmp_path, frame, group="person")
    assert data.samples["group"].isna().sum() == 2


def test_distinct_forms_stay_different_names(tmp_path):
    clinics = ["north"] * 2 + ["North"] * 2 + ["1"] * 2 + ["1.0"] * 2
    data = prepared(tmp_path, patients(clinic=clinics), distinct_forms=["clinic"])
    assert data.samples["cluster"].tolist() == clinics


def test_numbers_that_only_look_alike_are_different_names(tmp_path):
    clinics = ["1.1"] * 2 + ["1.10"] * 2 + ["1"] * 2 + ["01"] * 2
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        data = prepared(tmp_path, patients(clinic=clinics))
    assert data.samples["cluster"].tolist() == clinics


@pytest.mark.filterwarnings(WARNED)
def test_the_positive_class_may_be_given_in_any_form_of_the_file(tmp_path):
    frame = patients(cured=["yes", "no", "Yes", "no", "Yes", "no", "Yes ", "no"])
    for name in ("yes", "Yes", " Yes"):
        data = prepared(tmp_path, frame, outcome={"column": "cured", "positive": name})
        assert data.samples["outcome"].tolist() == [1, 0] * 4


def test_a_positive_number_that_two_classes_have_is_refused(tmp_path):
    frame = patients(cured=["1.10", "1.1"] * 4)
    with refused("'1.1', '1.10', both of which are 1.1, .*in quotes", DataError):
        prepared(tmp_path, frame, outcome={"column": "cured", "positive": 1.1})
    for name, outcome in (("1.1", [0, 1]), ("1.10", [1, 0])):
        data = prepared(tmp_path, frame, outcome={"column": "cured", "positive": name})
        assert data.samples["outcome"].tolist() == outcome * 4
    frame = patients(cured=[2**53, 2**53 + 1] * 4)
    data = prepared(tmp_path, frame, outcome={"column": "cured", "positive": 2**53 + 1})
    assert data.samples["outcome"].tolist() == [0, 1] * 4


@pytest.mark.parametrize("name", ["p.csv", "p.parquet"])
def test_features_whose_names_differ_by_form_only_are_named(tmp_path, name):
    frame = patients().assign(Age=range(8), **{"blood  pressure": 1.5, "Blood Pressure": 2.5})
    names = ["age", "Age"]
    with pytest.warns(ArmedWarning, match="columns 'age', 'Age' have one name in different forms"):
        data = prepared(tmp_path, frame, name, features=names, categorical=[])
    assert [feature.name for feature in data.features] == names
    with pytest.warns(ArmedWarning, match="columns 'clinic', 'Clinic' have"):
        prepared(tmp_path, patients(Clinic=range(8)), name, features=["Clinic"], categorical=[])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        prepared(tmp_path, frame, name)  # with one of each


def test_a_table_that_holds_every_row_twice_is_warned_of(tmp_path):
    twice = pd.concat([patients(), patients().sample(frac=1, random_state=1)])
    with pytest.warns(ArmedWarning, match="each row of the table is there more than once"):
        assert len(prepared(tmp_path, twice).samples) == 16
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        prepared(tmp_path, twice.iloc[:15])


@pytest.mark.parametrize(
    ("copy", "categorical"),
    [([1, 0], []), ([0, 1], []), ([-3.5, 7], []), (["Y", "N"], ["copy"]), (["", "N"], ["copy"])],
)
def test_a_feature_that_is_the_outcome_in_other_words_is_warned_of(tmp_path, copy, categorical):
    frame = patients(copy=copy * 4)
    if "" in copy:
        frame.loc[0, "copy"] = "Y"  # known of one
    with pytest.warns(ArmedWarning, match="feature 'copy' is .* where the outcome is 1 and"):
        prepared(tmp_path, frame, features=["age", "copy"], categorical=categorical)
    frame.loc[1, "copy"] = frame.loc[0, "copy"]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        prepared(tmp_path, frame, features=["age", "copy"], categorical=categorical)


@pytest.mark.parametrize("name", ["p.csv", "p.parquet"])
def test_whole_numbers_that_become_equal_as_floats_are_refused(tmp_path, name):
    numbers = [2**53, 2**53 + 1, *range(6)]
    with refused("'age' holds 1 whole number .* 9007199254740993 in row .*become equal", DataError):
        prepared(tmp_path, patients(age=numbers), name)
    with pytest.warns(ArmedWarning, match="'age' holds 2 whole numbers that .* round.* 1234567890"):
        data = prepared(
            tmp_path, patients(age=["12345678901234567891", f"-{2**60 + 1}.0", *"012345"]), name
        )
    assert data.samples["age"].tolist()[:3] == [12345678901234567891.0, -(2.0**60), 0]


@pytest.mark.parametrize("name", ["p.csv", "p.parquet"])
def test_large_numbers_that_floats_hold_are_no_trouble(tmp_path, name):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        frame = patients(
            age=[
                "9007199254740992",
                "18014398509481984.0",
                "1e30",
                "0.1234567890123456789",
                *"1234",
            ]
        )
        assert prepared(tmp_path, frame, name).samples["age"].tolist()[:2] == [2.0**53, 2.0**54]


@pytest.mark.filterwarnings(WARNED)
def test_ids_that_differ_by_form_only_are_refused(tmp_path):
    frame = patients(person=["p1", "P1", *"abcdef"])
    with refused("'p1', 'P1' in rows 2, 3, which differ by form only", DataError):
        prepared(tmp_path, frame, sample="person")
    data = prepared(tmp_path, frame, sample="person", distinct_forms=["person"])
    assert sorted(data.samples["sample"]) == ["P1", *"abcdef", "p1"]


@pytest.mark.parametrize("name", ["p.csv", "p.tsv", "p.parquet"])
def test_words_for_missing_are_names_unless_listed(tmp_path, name):
    frame = patients(clinic=["NA"] * 4 + ["None"] * 4, drug=["nan", "b", "a", "null"] * 2)
    with pytest.warns(ArmedWarning, match="'NA', 'None' in 8 rows.*data.missing_values"):
        data = prepared(tmp_path, frame, name)
    assert sorted(data.samples["cluster"].unique()) == ["NA", "None"]
    assert data.features[1].levels == ("a", "b", "nan", "null")
    with refused("'clinic'.* is missing in 4 rows", DataError):
        prepared(tmp_path, frame, name, missing_values=["", "NA"])
    for word in (".", "-", "?", "na", "#N/A", "<NA>", "Missing"):
        with pytest.warns(
            ArmedWarning, match=f"'{re.escape(word)}' in 2 rows.*data.missing_values"
        ):
            prepared(tmp_path, patients(drug=[word, "b", "c", "c"] * 2), name)


@pytest.mark.parametrize("name", ["p.csv", "p.parquet"])
def test_empty_fields_are_missing_and_listed_numbers_too(tmp_path, name):
    frame = patients(
        age=[None, -9, 3, 4, 5, 6, 7, 8.5], drug=["", "b", None, "c", " ", "c", "b", "c"]
    )
    data = prepared(tmp_path, frame, name, missing_values=["", "-9", "-9.0"])
    assert data.samples["age"].isna().tolist() == [True] * 2 + [False] * 6
    assert data.samples["drug"].isna().tolist() == [True, False, True, False, True] + [False] * 3
    for words in (["", "-9"], ["", "-9.00"]):
        assert (
            prepared(tmp_path, frame, name, missing_values=words).samples["age"].isna().sum() == 2
        )
    with refused("empty name in row", DataError):
        prepared(tmp_path, frame.assign(age=range(8)), name, missing_values=["-9"])


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ([1, 2], ["1", "2"]), ([1.0, 2.0], ["1", "2"]), ([True, False], ["True", "False"]),
        ([np.float32(0.1), np.float32(2.5)], ["0.1", "2.5"]),
        (pd.to_datetime(["2024-01-31", "2024-02-01"]), ["2024-01-31", "2024-02-01"]),
        (pd.Categorical(["b", "a"]), ["b", "a"]),
        ([2**60 + 1, 2**60 + 3], [str(2**60 + 1), str(2**60 + 3)]),
    ],
)  # fmt: skip
@pytest.mark.filterwarnings(WARNED)
def test_parquet_gives_the_names_that_its_csv_gives(tmp_path, values, name):
    frame = patients(clinic=pd.Series(values).repeat(4).reset_index(drop=True))
    for file in ("p.parquet", "p.csv"):
        data = prepared(tmp_path, frame, file)
        assert data.samples["cluster"].tolist() == [name[0]] * 4 + [name[1]] * 4


def test_an_index_of_parquet_with_a_name_is_a_column(tmp_path):
    data = prepared(tmp_path, patients().set_index(["clinic", "drug"]), "p.parquet")
    assert data.samples["cluster"].tolist() == ["north"] * 4 + ["south"] * 4
    steps = pd.RangeIndex(10, 18, name="visit")
    data = prepared(tmp_path, patients().set_index(steps), "p.parquet", sample="visit")
    assert data.samples["sample"].tolist() == [str(visit) for visit in range(10, 18)]


@pytest.mark.parametrize("name", ["", "Unnamed: 0", "...1"])
def test_an_unnamed_column_of_row_numbers_is_left_out_with_a_warning(tmp_path, name):
    frame = patients()
    frame.insert(0, name, [5, 3, 9, 1, 2, 8, 7, 6])
    with pytest.warns(ArmedWarning, match="column 1 has no name.*left out"):
        data = prepared(tmp_path, frame, features="all")
    assert [feature.name for feature in data.features] == ["age", "drug"]
    frame[name] = list("abcdefgh")
    with refused("column 1 has no name .* holds 'a', 'b', 'c'", DataError):
        prepared(tmp_path, frame, features="all")


@pytest.mark.parametrize(
    "numbers",
    [range(8), range(1, 9), range(101, 109), [4, 3, 8, 1, 2, 7, 6, 5], [7, 2, 3, 0, 1, 6, 5, 4],
     ["1.0", "3.0", "2.0", "4.0", "6", "5", "8", "7"], [1, 2, 5, 6, 7, 9, 20, 31],
     [31, 20, 9, 7, 6, 5, 2, 1]],
)  # fmt: skip
@pytest.mark.parametrize("name", ["X", "rownames"])
@pytest.mark.filterwarnings(WARNED)
def test_a_column_of_row_numbers_is_refused_under_all_features(tmp_path, numbers, name):
    frame = patients(**{name: numbers})
    with refused(f"column '{name}' holds .*as row numbers do.*data.sample", DataError):
        prepared(tmp_path, frame, features="all")
    assert prepared(tmp_path, frame, features=[name, "drug"]).features[0].name == name
    assert len(prepared(tmp_path, frame, features="all", sample=name).features) == 2


@pytest.mark.parametrize("name", ["p.csv", "p.parquet"])
def test_different_whole_numbers_in_each_row_are_named_under_all_features(tmp_path, name):
    frame = patients(
        age=[1.5, 2, 3, 4, 5, 6, 7, 8], record=[523, 101, 909, 311, 200, 801, 777, 610]
    )
    with pytest.warns(ArmedWarning, match="'record' holds a different whole number in each row"):
        data = prepared(tmp_path, frame, name, features="all")
    assert [feature.name for feature in data.features] == ["age", "drug", "record"]
    for settings in (
        {"features": ["age", "drug", "record"]},
        {"features": "all", "sample": "record"},
    ):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            prepared(tmp_path, frame, name, **settings)


def test_a_category_of_another_level_in_each_row_is_named(tmp_path):
    with pytest.warns(
        ArmedWarning, match="'drug' has a different level in each row .'a', 'b', 'c' and"
    ):
        prepared(tmp_path, patients(drug=list("abcdefgh")))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        prepared(tmp_path, patients(drug=list("abcdefga")))


@pytest.mark.parametrize(
    "measure", [[0.5, 1, 2, 3, 4, 5, 6, 7], [1, 2, 3, 4, 5, 6, 7, 7], [1, 2, 3, None, 5, 6, 7, 8]]
)
def test_measures_that_repeat_miss_or_have_decimals_are_no_row_numbers(tmp_path, measure):
    frame = patients(age=measure)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert prepared(tmp_path, frame, features="all").features[0].name == "age"


def test_unnamed_columns_that_hold_nothing_are_left_out_with_a_warning(tmp_path):
    text = patients().to_csv(index=False).replace("\n", ",, \n")
    (tmp_path / "p.csv").write_text(text, encoding="utf-8")
    source = {"path": str(tmp_path / "p.csv")}
    with pytest.warns(ArmedWarning, match="column 6 has no name .* holds nothing.*left out"):
        data = prepare("demo", {**SETTINGS, "source": source, "features": "all"}, {}).dataset
    assert [feature.name for feature in data.features] == ["age", "drug"]


def test_numbers_that_a_spreadsheet_cut_are_named(tmp_path):
    with pytest.warns(ArmedWarning, match="'clinic'.* cut, such as '9.00720E.15', in 4 rows"):
        prepared(tmp_path, patients(clinic=["9.00720E+15"] * 4 + ["90071992547409931"] * 4))


@pytest.mark.parametrize(
    ("clinics", "names"),
    [
        (pa.array([b"north", "s\u00fcd".encode()]), ["north", "s\u00fcd"]),
        (pa.array([[1] * 2000, [1] * 1999 + [2]]), None),
        (pa.array([{"a": 1}, {"a": 2}]), ["{'a': 1}", "{'a': 2}"]),
        (pa.array([b"north", b"\xff"]), ["b'north'", "b'\\xff'"]),
        (pa.array([b"north", b"\xff"], pa.binary_view()), ["b'north'", "b'\\xff'"]),
        (pa.array([b"ab", b"cd"], pa.binary(2)), ["ab", "cd"]),
        (pa.array(["north", "south"], pa.large_string()), ["north", "south"]),
        (pa.array(["north", "south"]).dictionary_encode(), ["north", "south"]),
        (pa.array([Decimal("1.50"), Decimal("1.5e2")]), ["1.50", "150"]),
        (pa.array([date(9999, 1, 1), date(1, 1, 2)]), ["9999-01-01", "0001-01-02"]),
        (pa.array([1, 2], pa.duration("s")), ["0 days 00:00:01", "0 days 00:00:02"]),
        (pa.array(pd.arrays.IntervalArray.from_breaks([0, 1.5, 2])), ["(0.0, 1.5]", "(1.5, 2.0]"]),
        (pa.array(pd.PeriodIndex(["2020-01", "2020-02"], freq="M")), ["2020-01", "2020-02"]),
        (pa.array([{"a": [1, None]}, {"a": [1]}]), ["{'a': [1, None]}", "{'a': [1]}"]),
    ],
)
@pytest.mark.filterwarnings(WARNED)
def test_names_of_every_type_of_parquet_stay_apart(tmp_path, clinics, names):
    table = pa.Table.from_pandas(patients(), preserve_index=False)
    table = table.set_column(
        0, "clinic", pa.concat_arrays([*[clinics[:1]] * 4, *[clinics[1:]] * 4])
    )
    pq.write_table(table, tmp_path / "p.parquet")
    source = {"path": str(tmp_path / "p.parquet")}
    samples = prepare("demo", {**SETTINGS, "source": source}, {}).dataset.samples
    found = list(dict.fromkeys(samples["cluster"]))
    assert found == (names or found)
    assert samples["cluster"].value_counts().tolist() == [4, 4]


def test_an_index_that_does_not_fit_its_parquet_is_no_column(tmp_path):
    frame = patients().rename_axis("visit")
    table = pa.Table.from_pandas(frame).take(pa.array([0, 1, 2, 4, 5, 6]))
    pq.write_table(table, tmp_path / "p.parquet")
    source = {"path": str(tmp_path / "p.parquet")}
    data = prepare("demo", {**SETTINGS, "source": source, "features": "all"}, {}).dataset
    assert [feature.name for feature in data.features] == ["age", "drug"]
    patients().rename_axis("clinic").to_parquet(tmp_path / "p.parquet")
    with refused("more than one column 'clinic'", DataError):
        prepare("demo", {**SETTINGS, "source": source}, {})
    pq.write_table(pa.table([[1], [2]], names=["age", "age "]), tmp_path / "p.parquet")
    with refused("more than one column 'age'", DataError):
        prepare("demo", {**SETTINGS, "source": source}, {})
    pq.write_table(pa.table([[1], [2]], names=["age", "age"]), tmp_path / "p.parquet")
    with refused("more than one column 'age'", DataError):
        prepare("demo", {**SETTINGS, "source": source}, {})


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("31,5", "'31,5', a number with a decimal comma, in row 3 .*source.decimal: \",\""),
        (
            "1,234",
            "'1,234', a number with a decimal comma or with separators of thousands, in row 3",
        ),
        ("1,234,567.5", "separators of thousands, in row 3 .*; remove them"),
        ("1 234", "separators of thousands, in row 3"),
        ("NA", "the text 'NA' in row 3 .*data.missing_values"),
        ("0x1F", "the text '0x1F' in row 3"),
        ("1_000", "the text '1_000' in row 3"),
    ],
)
def test_text_in_a_number_is_named_with_the_remedy(tmp_path, value, words):
    with refused(words, DataError):
        prepared(tmp_path, patients(age=[1, value, *range(6)]))


def test_decimal_commas_are_read_where_they_are_said(tmp_path):
    frame = patients(age=["1,5", "-2,25", "3", "4e1", "5", "6", "7", "8"])
    data = prepared(tmp_path, frame, source={"decimal": ","})
    assert data.samples["age"].tolist()[:4] == [1.5, -2.25, 3, 40]
    with refused("'1.5', a number with a decimal dot, in row 2.*source.decimal", DataError):
        prepared(tmp_path, frame.replace("1,5", "1.5"), source={"decimal": ","})


def test_the_order_of_rows_changes_nothing_where_samples_have_names(tmp_path):
    frame = patients(person=list("hgfedcba"), clinic=["A", "a", "A", "a", "b", "b", "b", "b"])
    made = []
    for rows in (frame, frame.sample(frac=1, random_state=3)):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            prepared(tmp_path, rows, sample="person").save(tmp_path / "samples.parquet")
        made.append((tmp_path / "samples.parquet").read_bytes())
    assert made[0] == made[1]
    assert prepared(tmp_path, patients()).samples["sample"].tolist() == list("12345678")


def test_a_column_is_found_in_either_form_of_unicode(tmp_path):
    name = unicodedata.normalize("NFD", "gr\u00f6\u00dfe")
    data = prepared(
        tmp_path,
        patients().rename(columns={"age": name}),
        features=["gr\u00f6\u00dfe"],
        categorical=[],
    )
    assert data.features[0].name == "gr\u00f6\u00dfe"


def test_small_clusters_that_are_dropped_are_counted(tmp_path):
    frame = pd.concat([patients(), patients().iloc[:1].assign(clinic="west")])
    with pytest.warns(ArmedWarning, match="cluster 'west' .1 row. has fewer than 2.*dropped"):
        prepared(tmp_path, frame, small_clusters="drop")
