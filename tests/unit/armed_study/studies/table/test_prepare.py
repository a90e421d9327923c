import numpy as np
import pandas as pd
import pytest

from armed.errors import ArmedWarning, ConfigError, DataError
from armed_study import studies
from armed_study.data.dataset import ClusteredDataset
from armed_study.io.tables import write_csv
from armed_study.splits.make_splits import make_splits
from armed_study.studies.table.prepare import prepare, read_raw, simulate
from refusals import refused

KIND = studies.load("table")
SETTINGS = {
    "outcome": {"column": "cured", "positive": "yes"},
    "cluster": "clinic",
    "features": ["age", "drug"],
    "categorical": ["drug"],
}


def patients(**changes):
    return pd.DataFrame({
        "clinic": ["north"] * 4 + ["south"] * 4,
        "person": [f"p{i // 2}" for i in range(8)],
        "visit": [f"v{i}" for i in range(8)],
        "age": [30, 41, 52, 63, 24, 35, 46, 57],
        "drug": ["a", "b", "a", "c"] * 2,
        "cured": ["yes", "no"] * 4,
    }).assign(**changes)  # fmt: skip


def prepared(tmp_path, frame, name="patients.csv", **settings):
    path = tmp_path / name
    if name.endswith(".parquet"):
        frame.to_parquet(path)
    else:
        frame.to_csv(path, index=False, sep="\t" if name.endswith(".tsv") else ",")
    return prepare("demo", {**SETTINGS, "source": {"path": str(path)}, **settings}, {})


@pytest.mark.parametrize("name", ["patients.csv", "patients.tsv", "patients.parquet"])
def test_a_table_becomes_the_same_data_set_from_every_kind_of_file(tmp_path, name):
    data = prepared(tmp_path, patients(), name, sample="visit", group="person").dataset
    roles = {
        "sample": "visit",
        "cluster": "clinic",
        "group": "person",
        "age": "age",
        "drug": "drug",
    }
    for role, column in roles.items():
        assert data.samples[role].tolist() == patients()[column].tolist()
    assert data.samples["outcome"].tolist() == [1, 0] * 4
    assert [f.kind for f in data.features] == ["continuous", "categorical"]
    assert data.features[1].levels == ("a", "b", "c")
    assert not data.generated
    assert data.origin == f"real data: the user's table {name}"


def test_what_spreadsheets_add_is_survived(tmp_path):
    text = patients().assign(age=["", " ", "NA", 4, 5, 6, 7, 8]).to_csv(index=False)
    (tmp_path / "p.csv").write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
    settings = {**SETTINGS, "source": {"path": tmp_path / "p.csv"}, "missing_values": ["", "NA"]}
    data = prepare("demo", settings, {}).dataset
    assert data.samples["age"].isna().tolist() == [True] * 3 + [False] * 5
    assert sorted(data.samples["cluster"].unique()) == ["north", "south"]


def test_identifiers_keep_leading_zeros_and_whole_numbers_have_no_decimal_point(tmp_path):
    clinics = ["01"] * 4 + ["1"] * 4
    data = prepared(tmp_path, patients(clinic=clinics)).dataset
    assert sorted(data.samples["cluster"].unique()) == ["01", "1"]
    data = prepared(tmp_path, patients(clinic=[1.0] * 4 + [2.0] * 4), "p.parquet").dataset
    assert sorted(data.samples["cluster"].unique()) == ["1", "2"]


def test_levels_are_ordered_by_number_or_as_stored(tmp_path):
    data = prepared(tmp_path, patients(drug=["10", "9", "2", "9"] * 2)).dataset
    assert data.features[1].levels == ("2", "9", "10")
    stored = pd.Categorical(["a", "b", "a", "c"] * 2, ["c", "unused", "b", "a"])
    data = prepared(tmp_path, patients(drug=stored), "p.parquet").dataset
    assert data.features[1].levels == ("c", "b", "a")


def positive(value):
    return {"outcome": {"column": "cured", "positive": value}}


NUMBERS = {"outcome": {"column": "cured"}}  # 0 and 1


@pytest.mark.parametrize(
    ("values", "outcome"),
    [([1, 0], NUMBERS), ([1.0, 0.0], NUMBERS), ([True, False], NUMBERS), ([2.0, 1.0], positive(2))],
)
@pytest.mark.parametrize("name", ["p.csv", "p.parquet"])
def test_only_an_outcome_of_zero_and_one_needs_no_positive_class(tmp_path, values, outcome, name):
    samples = prepared(tmp_path, patients(cured=values * 4), name, **outcome).dataset.samples
    assert samples["outcome"].tolist() == [1, 0] * 4


def test_all_features_are_the_columns_without_another_role(tmp_path):
    settings = {"features": "all", "group": "person", "sample": "visit"}
    data = prepared(tmp_path, patients(), **settings).dataset
    assert [f.name for f in data.features] == ["age", "drug"]


MISSPELT = {"outcome": {"column": "curd", "positive": "yes"}}


@pytest.mark.parametrize(
    ("changes", "settings", "message"),
    [
        ({}, MISSPELT, "no column 'curd' .did you mean 'cured'.*data.outcome"),
        ({}, {"cluster": "Clinik"}, "no column 'Clinik' .did you mean 'clinic'.*data.cluster"),
        ({}, {"features": ["age", "drugs"]}, "no column 'drugs' .* 'drug'.*data.features"),
        ({"held_out": 1}, {"features": ["held_out", "drug"]}, "feature column is called 'held_out'.*rename"),
        ({}, {"group": "persn"}, "no column 'persn' .did you mean 'person'.*data.group"),
        ({"cured": "yes"}, {}, "'cured' has 1 value .'yes'., expected 2"),
        ({"cured": ["yes", "no", "maybe", "no"] * 2}, {}, "3 values .'maybe', 'no', 'yes'., expected 2"),
        ({"cured": [0, 1, 2, 1] * 2}, NUMBERS, "3 values .'0', '1', '2'., expected 2"),
        ({}, NUMBERS, "'no', 'yes', expected 0 and 1; set data.outcome.positive"),
        ({"cured": [1, 2] * 4}, NUMBERS, "'1', '2', expected 0 and 1; set"),
        ({}, positive("Yes"), "expected 'Yes' among them.*mean 'yes'"),
        ({}, positive(True), "expected 'True' among them.*in quotes"),
        ({"cured": ["yes", None, "no", "no"] * 2}, {}, "'cured' is missing in 2 rows, the first row 3"),
        ({"clinic": ["n"] * 3 + [None] + ["s"] * 4}, {}, ".data.cluster. is missing in 1 row, .* row 5"),
        ({"clinic": ["n"] * 7 + ["s"]}, {}, "'s' has fewer than 2 samples.*data.small_clusters"),
        ({"clinic": "n"}, {}, "1 cluster left for training, expected at least 2"),
        ({"age": [1, None] * 4}, {"missing": "error"}, "'age' is missing in 4 rows, the first row 3.*impute"),
        ({"age": [1, None] * 4, "age missing": range(8)},
         {"missing": "indicate", "features": ["age", "drug", "age missing"]}, "'age missing' has the name"),
        ({"age": None}, {}, "'age' is missing in all 8 samples"),
        ({"age": [1, 2, 3, "inf", 5, 6, 7, "-inf"]}, {}, "'age' has 2 infinite values, the first in row 5"),
        ({"age": [*range(6), "-1e39", "1e38"]}, {}, "'age' has 1 value beyond 3.4e38, the first in row 8"),
        ({"age": [1, 2, "old", 4, 5, 6, 7, "x"]}, {}, "text 'old' in row 4 .2 such rows.*data.categorical"),
        ({"visit": "v"}, {"sample": "visit"}, "sample id 'v' occurs up to 8 times"),
        ({"person": ["p", "q"] * 4}, {"group": "person"}, "group 'p' has cluster 'north', 'south'"),
        ({"age": 40}, {}, "'age' is constant .40.0 in every sample"),
        ({"drug": "a"}, {}, "'drug' is constant .a in every sample"),
    ],
)  # fmt: skip
def test_a_fault_of_the_table_is_named_with_the_remedy(tmp_path, changes, settings, message):
    with refused(message, DataError):
        prepared(tmp_path, patients(**changes), **settings)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"outcome": {}}, "names no outcome column"),
        ({"cluster": None}, "names no cluster column"),
        ({"group": "clinic"}, "'clinic' is named for two of"),
        ({"features": ["age", "cured"]}, "'cured' is listed in data.features twice, or is the out"),
        ({"features": ["age", "age", "drug"]}, "'age' is listed in data.features twice"),
        ({"categorical": ["drugg"]}, "data.categorical names 'drugg' .did you mean 'drug'"),
        ({"small_clusters": "keep"}, "data.small_clusters is 'keep'"),
        ({"source": {"path": "a.csv", "package": "b"}}, "data.source holds 'path', 'package'"),
        ({"source": {}}, "data.source holds none"),
    ],
)
def test_a_fault_of_the_settings_is_named_with_the_remedy(tmp_path, settings, message):
    with refused(message, ConfigError):
        prepared(tmp_path, patients(), **settings)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("empty.csv", b"", "the file is empty"),
        ("header.csv", b"clinic,age,drug,cured\n", "the table has 0 rows"),
        ("binary.csv", bytes(range(256)) * 4, "binary content, expected text"),
        ("latin.csv", "clinic,age\nZürich,1\n".encode("latin-1"), "not UTF-8"),
        ("ragged.csv", b"a,b\n1,2\n1,2,3\n", "row 3 has 3 fields, expected 2 as in the header"),
        (
            "wider.csv",
            b"a,b\n1,2,3\n4,5,6\n",
            "every row has 3 fields and the header 2.*col.names=NA",
        ),
        ("twice.csv", b"a,b,a\n1,2,3\n", "names column 'a' more than once"),
        ("broken.parquet", b"PAR1 but no more", "truncated or not Parquet"),
        ("sheet.xlsx", b"PK", "ends in '.xlsx', expected one of .*export the table as CSV"),
    ],
)
def test_a_file_that_is_no_table_is_named_with_the_remedy(tmp_path, name, content, message):
    (tmp_path / name).write_bytes(content)
    with refused(f"{name}.*{message}", DataError):
        read_raw(tmp_path / name)


def test_a_missing_file_is_named_with_its_neighbour(tmp_path):
    (tmp_path / "patients.csv").touch()
    for name, message in (
        ("patient.csv", r"patient\.csv: no such file .did you mean 'patients.csv'"),
        ("", "is a folder, expected a CSV, TSV or Parquet table; name the file in it"),
        ("no/such/folder.csv", "no such file"),
    ):
        with refused(message, DataError):
            read_raw(tmp_path / name)


def test_a_link_that_leads_nowhere_is_not_suggested_in_its_own_place(tmp_path):
    (tmp_path / "patients.csv").symlink_to(tmp_path / "moved.csv")
    with refused(r"patients\.csv: a link to .*moved\.csv, where nothing is", DataError) as caught:
        read_raw(tmp_path / "patients.csv")
    assert "did you mean" not in str(caught.value)


def test_clusters_of_one_sample_are_dropped_or_held_out_on_request(tmp_path):
    frame = pd.concat([patients(), patients().iloc[:1].assign(clinic="west")])
    for choice, more in (("drop", []), ("held_out", ["west"])):
        samples = prepared(tmp_path, frame, small_clusters=choice).dataset.samples
        assert sorted(samples["cluster"].unique()) == ["north", "south", *more]
        assert samples.loc[samples["held_out"], "cluster"].tolist() == more


def test_an_outcome_constant_in_every_cluster_is_warned_of(tmp_path):
    with pytest.warns(ArmedWarning, match="constant within every cluster"):
        prepared(tmp_path, patients(cured=["yes"] * 4 + ["no"] * 4))


CONTRACEPTION = {
    "source": {"package": "mlmRev", "item": "Contraception"},
    "outcome": {"column": "use", "positive": "Y"},
    "cluster": "district",
    "features": ["age", "livch", "urban"],
    "categorical": ["livch", "urban"],
}
VERBAGG = {
    "source": {"package": "lme4", "item": "VerbAgg"},
    "outcome": {"column": "r2", "positive": "Y"},
    "cluster": "id",
    "features": ["Anger", "Gender", "btype", "situ", "mode"],
    "categorical": ["Gender", "btype", "situ", "mode"],
}
HEART_DISEASE = {
    "source": {"package": "armed_study", "item": "heart_disease"},
    "outcome": {"column": "disease", "positive": "yes"},
    "cluster": "hospital",
    "features": ["age", "chol", "thal"],
    "categorical": ["thal"],
    "missing": "indicate",
}


@pytest.mark.parametrize(
    ("settings", "size", "clusters", "share", "cited"),
    [(CONTRACEPTION, 1934, 60, 0.392, "Steele"), (VERBAGG, 7584, 316, 0.476, "De Boeck")],
)
def test_packaged_tables_run_from_export_to_splits(
    tmp_path, settings, size, clusters, share, cited
):
    assert KIND.raw_files(settings) == ("table.csv",)
    for name, frame in simulate(settings, seed=1).items():
        write_csv(frame, tmp_path / name, digits=None)
    made = prepare("demo", settings, {"table.csv": tmp_path / "table.csv"}).dataset
    made.save(tmp_path / "samples.parquet")
    data = ClusteredDataset.load(tmp_path / "samples.parquet")
    assert len(data.samples) == size
    assert data.samples["cluster"].nunique() == clusters
    assert data.samples["outcome"].mean() == pytest.approx(share, abs=1e-3)
    assert cited in data.origin
    unseen = {"scheme": "leave_out", "folds": 5}
    splits = make_splits(
        data, folds=5, validation=0.2, unseen=unseen, small_strata="merge", seed=2023
    )
    sides = splits.groupby(["fold", "partition"], observed=True).size().unstack(fill_value=0)
    assert np.ptp(sides.loc[:4, "test"]) <= 2
    assert sides.loc[5:, "unseen"].sum() == size
    with pytest.raises(DataError, match=r"stratum cluster .* set splits.small_strata to merge"):
        make_splits(
            data, folds=5, validation=0.2, unseen={"scheme": "none"}, stratify="outcome_cluster",
            seed=2023,
        )  # fmt: skip


def test_an_unknown_packaged_table_is_named_with_near_matches(capsys):
    for source, message in (
        ({"package": "mlmrev", "item": "x"}, "no package 'mlmrev' .did you mean 'mlmRev'"),
        ({"package": "lme4", "item": "Verbagg"}, "no item 'Verbagg' .did you mean 'VerbAgg'"),
        ({"package": "armed-study", "item": "x"}, "no package .*did you mean 'armed_study'"),
        ({"package": "armed_study", "item": "heart"}, "no item .*expected one of 'heart_disease'"),
    ):
        with refused(message, ConfigError):
            simulate({"source": source}, seed=1)
    assert capsys.readouterr().out == ""


def test_shipped_patients_are_those_of_the_four_hospitals(tmp_path):
    table = simulate(HEART_DISEASE, seed=1)["table.csv"]
    assert not table[["chol", "trestbps"]].eq("0").any(axis=None)
    assert ((table["grade"] == "0") == (table["disease"] == "no")).all()
    write_csv(table, tmp_path / "table.csv", digits=None)
    data = prepare("demo", HEART_DISEASE, {"table.csv": tmp_path / "table.csv"}).dataset
    found = data.samples.groupby("cluster", observed=True)["outcome"].agg(["size", "mean"])
    assert found["size"].tolist() == [303, 294, 123, 200]
    assert found["mean"].round(2).tolist() == [0.46, 0.36, 0.93, 0.74]
    assert "Janosi" in data.origin
    assert KIND.raw_files(HEART_DISEASE) == ("table.csv",)
    assert KIND.origin(HEART_DISEASE) == "real data: heart disease, as shipped with this study"


def test_missing_values_are_indicated_by_a_feature_of_their_own(tmp_path):
    own = {"missing": "indicate", "features": ["age", "drug", "height"]}
    table = patients(
        age=[None, 41, 52, 63, None, 35, 46, 57], drug=[None, "a", "b", "c"] * 2, height=range(8)
    )
    data = prepared(tmp_path, table, **own).dataset
    assert [f.name for f in data.features] == [
        "age",
        "drug",
        "height",
        "age missing",
        "drug missing",
    ]
    assert [f.levels for f in data.features[3:]] == [("no", "yes")] * 2
    assert (data.samples["age missing"] == "yes").tolist() == data.samples["age"].isna().tolist()
    assert data.samples["drug missing"].tolist() == ["yes", "no", "no", "no"] * 2


def test_the_users_own_file_is_not_exported():
    assert KIND.raw_files({"source": {"path": "a.csv"}}) == ()
    with pytest.raises(ConfigError, match="names a path"):
        simulate({"source": {"path": "a.csv"}}, seed=1)


def test_kinds_of_study_are_discovered_and_an_unknown_one_lists_them():
    assert "table" in studies.available()
    assert studies.load_prepare("table").prepare is prepare
    with pytest.raises(ConfigError, match=r"'tabel'; there are: .*table; correct"):
        studies.load("tabel")


def test_permuted_outcomes_keep_groups_whole_and_differ_by_seed(tmp_path):
    frame = pd.concat([patients(person=[f"{n}{i // 2}" for i in range(8)]) for n in "abcdef"])
    frame["cured"] = ["yes", "yes", "no", "no"] * 12
    kept = prepared(tmp_path, frame, group="person").dataset.samples
    for settings, whole in ({"group": "person"}, True), ({}, False):
        one, two = (
            prepared(tmp_path, frame, **settings, permute_outcome=True, seed=seed).dataset
            for seed in (1, 2)
        )
        assert one.origin.startswith("permuted outcomes of the user's table")
        assert one.samples["outcome"].sum() == kept["outcome"].sum()
        assert (one.samples["outcome"] != kept["outcome"]).any()
        assert (one.samples["outcome"] != two.samples["outcome"]).any()
        groups = one.samples["outcome"].groupby(kept["group"], observed=True).nunique()
        assert (groups.max() == 1) == whole
        pd.testing.assert_frame_equal(one.samples[["cluster", "age"]], kept[["cluster", "age"]])
