"""What `armed init` finds in a table, assumes and writes, and what it refuses."""

import numpy as np
import pandas as pd
import pytest
import yaml

from armed_study.command.main import main
from running import DEFAULT

ROWS = 120


def table(**changes):
    """Visits of patients in clinics, with columns of every sort."""
    rng = np.random.default_rng(0)
    row = np.arange(ROWS)
    columns = {
        "visit": [f"v{i:03d}" for i in row],
        "clinic": np.repeat(["north", "east", "south"], ROWS // 3),
        "cured": np.where(rng.random(ROWS) < 0.4, "yes", "no"),
        "age": [str(a) for a in rng.integers(20, 90, ROWS)],
        "ward": rng.choice(["x", "y", "z"], ROWS),
        "record": row * 7 + 3,
        "seen_on": "2024-01-31",
        "date": [f"2024-0{1 + i % 9}-11" for i in row],
        "remark": [f"patient says {i}" for i in row],
    }
    return pd.DataFrame({**columns, **changes})


def run(frame, tmp_path, monkeypatch, *options, name="trial.csv", sep=","):
    """Run `armed init` in a folder of its own; the status and the configuration, if one was written."""
    monkeypatch.chdir(tmp_path)
    if isinstance(frame, bytes):
        (tmp_path / name).write_bytes(frame)
    else:
        frame.to_csv(name, index=False, sep=sep)
    given = options or ("--outcome", "cured", "--cluster", "clinic")
    status = main(["init", name, *given])
    written = tmp_path / "trial.yaml"
    return status, yaml.safe_load(written.read_text("utf-8")) if written.exists() else None


def data(config):
    return config["studies"]["trial"]["data"]


def test_columns_are_found_to_be_what_they_are(tmp_path, monkeypatch, capsys):
    status, config = run(table(), tmp_path, monkeypatch)
    assert status == 0
    assert data(config)["outcome"] == {"column": "cured", "positive": "yes"}
    assert data(config)["features"] == ["age", "ward"]
    assert data(config)["categorical"] == ["ward"]
    said = capsys.readouterr().out
    for name in ("visit", "record", "seen_on", "date", "remark"):
        assert f"left out    {name}: " in said


def test_numbers_that_are_asked_for_are_numbers_whatever_they_look_like(tmp_path, monkeypatch):
    options = ("--outcome", "cured", "--cluster", "clinic", "--features", "record", "ward")
    _, config = run(table(), tmp_path, monkeypatch, *options)
    assert data(config)["features"] == ["record", "ward"]
    assert data(config)["categorical"] == ["ward"]


def test_words_among_numbers_mean_missing_unless_they_name_a_cluster(tmp_path, monkeypatch):
    ages = [str(30 + i) if i % 5 else "NA" for i in range(ROWS)]
    _, config = run(table(age=ages), tmp_path, monkeypatch)
    assert data(config)["missing_values"] == ["", "NA"]
    assert "age" not in data(config)["categorical"]
    clinics = np.repeat(["NA", "BW", "ZA"], ROWS // 3)  # Namibia
    (tmp_path / "trial.yaml").unlink()
    _, config = run(table(age=ages, clinic=clinics), tmp_path, monkeypatch)
    assert "missing_values" not in data(config)
    assert "age" not in data(config)["features"]


def test_rows_of_one_patient_are_a_group(tmp_path, monkeypatch):
    frame = table(patient_id=np.arange(ROWS) // 2)
    _, config = run(frame, tmp_path, monkeypatch)
    assert data(config)["group"] == "patient_id"


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([0, 1], None),
        ([0, 1, 2, 5], "count"),
        ([1.5, 2.5, 7.25], "continuous"),
        (["mild", "none", "severe"], "categorical"),
    ],
)
def test_kind_of_the_outcome_follows_from_its_values(tmp_path, monkeypatch, values, kind):
    frame = table(cured=np.resize(values, ROWS))
    _, config = run(frame, tmp_path, monkeypatch)
    assert data(config)["outcome"].get("kind") == kind


def test_table_with_semicolons_and_decimal_commas_is_read(tmp_path, monkeypatch):
    frame = table(dose=[f"{i},5" for i in range(ROWS)])
    _, config = run(frame, tmp_path, monkeypatch, sep=";")
    assert data(config)["source"] == {"path": "trial.csv", "separator": ";", "decimal": ","}
    assert "dose" not in data(config)["categorical"]
    assert "dose" in data(config)["features"]


def test_path_is_relative_to_the_configuration_wherever_that_is(tmp_path, monkeypatch, capsys):
    (tmp_path / "studies").mkdir()
    options = ("--outcome", "cured", "--cluster", "clinic", "--output", "studies/mine.yaml")
    assert run(table(), tmp_path, monkeypatch, *options)[0] == 0
    config = yaml.safe_load((tmp_path / "studies/mine.yaml").read_text("utf-8"))
    assert data(config)["source"]["path"] == "../trial.csv"
    assert main(["check", "studies/mine.yaml"]) == 0


def test_incomplete_rows_and_single_clusters_are_said_and_kept_out(tmp_path, monkeypatch, capsys):
    frame = table()
    frame.loc[3, "cured"], frame.loc[5, "clinic"] = None, "alone"
    _, config = run(frame, tmp_path, monkeypatch)
    assert data(config)["incomplete_rows"] == "drop"
    assert data(config)["small_clusters"] == "held_out"
    assert "1 row without an outcome or a cluster" in capsys.readouterr().out


def test_further_factors_have_intercepts_of_their_own(tmp_path, monkeypatch):
    frame = table(nurse=np.resize(["a", "b", "c", "d"], ROWS))
    options = ("--outcome", "cured", "--cluster", "clinic", "--cluster", "nurse")
    _, config = run(frame, tmp_path, monkeypatch, *options)
    formula = config["studies"]["trial"]["random_effects"]["formula"]
    assert formula == "(1 | clinic) + (1 | nurse)"


def test_recipe_is_that_of_the_default_studies_of_tables(tmp_path, monkeypatch):
    _, config = run(table(), tmp_path, monkeypatch)
    default = yaml.safe_load(DEFAULT.read_text("utf-8"))["studies"]["mci"]
    for block in ("network", "training"):
        assert config["studies"]["trial"][block] == default[block]


def test_file_that_is_there_is_replaced_only_by_force(tmp_path, monkeypatch, capsys):
    (tmp_path / "trial.yaml").write_text("mine: true")
    status, config = run(table(), tmp_path, monkeypatch)
    assert status == 1
    assert config == {"mine": True}
    assert "say --force" in capsys.readouterr().err
    options = ("--outcome", "cured", "--cluster", "clinic", "--force")
    assert run(table(), tmp_path, monkeypatch, *options)[0] == 0


CHOSEN = ("--outcome", "cured", "--cluster", "clinic")


@pytest.mark.parametrize(
    ("frame", "options", "said"),
    [
        (table(), ("--outcome", "curd", "--cluster", "clinic"), "did you mean 'cured'"),
        (table(), ("--outcome", "cured", "--cluster", "cured"), "is named twice"),
        (table(), (*CHOSEN, "--exclude", "wrad"), "did you mean 'ward'"),
        (table(), (*CHOSEN, "--positive", "maybe"), "has the values 'no', 'yes'"),
        (table(cured="yes"), CHOSEN, "one value only"),
        (table(), ("--outcome", "remark", "--cluster", "clinic"), "120 different values"),
        (table(clinic="north"), CHOSEN, "has 1 cluster"),
        (table(), ("--outcome", "cured", "--cluster", "visit"), "another cluster in each row"),
        (table()[["clinic", "cured", "date"]], CHOSEN, "no column that can be a feature"),
        (b"", CHOSEN, "the file is empty"),
        (b"clinic,cured,age\n", CHOSEN, "0 rows"),
        (b"clinic,clinic,cured\na,b,yes\n", CHOSEN, "more than once"),
        (b"clinic,cured,age\na,yes\nb,no,3\n", CHOSEN, "row 2 has 2 fields"),
        ("clinic,cured,age\nKöln,yes,3\n".encode("cp1252"), CHOSEN, "by --encoding"),
    ],
)
def test_bad_tables_and_options_are_one_sentence_and_nothing_is_written(
    tmp_path, monkeypatch, capsys, frame, options, said
):
    status, config = run(frame, tmp_path, monkeypatch, *options)
    error = capsys.readouterr().err
    assert (status, config) == (1, None)
    assert said in error
    assert error.startswith("armed init: ")
    assert error.count("\n") == 1


def test_file_that_is_not_there_is_named(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["init", "nowhere.csv", *CHOSEN]) == 1
    assert "nowhere.csv: no such file" in capsys.readouterr().err
