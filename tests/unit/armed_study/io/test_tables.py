from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from armed.errors import DataError
from armed_study.io.schemas import TABLES, about, describe, kind_of
from armed_study.io.tables import empty_table, read_table, write_csv, write_table


def splits(rows=4):
    sample = [f"s{i}" for i in range(rows)]
    sides = ["train", "test"] * (rows // 2)
    return pd.DataFrame({"fold": np.arange(rows) % 2, "sample": sample, "partition": sides})


def test_what_is_written_is_read_with_declared_order_and_types(tmp_path):
    frame = splits()[["partition", "sample", "fold"]]
    write_table(frame, tmp_path / "splits.parquet", "splits")
    back = read_table(tmp_path / "splits.parquet", "splits")
    assert list(back.columns) == ["fold", "sample", "partition"]
    assert back["fold"].dtype == np.int16
    assert isinstance(back["sample"].dtype, pd.CategoricalDtype)
    assert back["sample"].astype(str).tolist() == frame["sample"].tolist()


@pytest.mark.parametrize("table", sorted(TABLES))
def test_every_declared_table_survives_a_round_trip_with_and_without_rows(tmp_path, table):
    values = {"str": "a", "bool": True}
    row = {field.name: [values.get(kind_of(field), 1)] for field in TABLES[table]}
    for frame in (pd.DataFrame(row), empty_table(table)):
        write_table(frame, tmp_path / "t.parquet", table)
        back = read_table(tmp_path / "t.parquet", table)
        assert len(back) == len(frame)
        assert back.astype(object).to_dict("list") == frame.astype(object).to_dict("list")


def test_missing_values_pass_only_where_declared(tmp_path):
    row = {field.name: ["a" if kind_of(field) == "str" else 1] for field in TABLES["predictions"]}
    write_table(pd.DataFrame(row | {"mixed": [np.nan]}), tmp_path / "p.parquet", "predictions")
    assert read_table(tmp_path / "p.parquet", "predictions")["mixed"].isna().all()
    with pytest.raises(DataError, match="'fixed' has 1 missing value, expected none"):
        write_table(pd.DataFrame(row | {"fixed": [np.nan]}), tmp_path / "q.parquet", "predictions")
    assert not (tmp_path / "q.parquet").exists()


def test_bytes_depend_on_the_content_not_on_how_text_is_held(tmp_path):
    plain = splits()
    held = plain.assign(
        partition=pd.Categorical(plain["partition"], ["unseen", "test", "zzz", "train"]),
        sample=plain["sample"].astype(object),
        fold=plain["fold"].astype(float),
    )
    write_table(plain, tmp_path / "a.parquet", "splits")
    write_table(held.set_index(held["sample"]), tmp_path / "b.parquet", "splits")
    assert (tmp_path / "a.parquet").read_bytes() == (tmp_path / "b.parquet").read_bytes()


@pytest.mark.parametrize(("rows", "first"), [(600, 10), (200, 100)])
def test_several_files_are_joined_in_the_order_given_as_if_written_whole(tmp_path, rows, first):
    # Dictionaries of different width; and of 8 bits each, which does not hold both.
    whole = splits(rows)
    parts = [whole[:first], whole[first:]]
    for number, part in enumerate(parts):
        write_table(part, tmp_path / f"{number}.parquet", "splits")
    write_table(whole, tmp_path / "whole.parquet", "splits")
    joined = read_table([tmp_path / "0.parquet", tmp_path / "1.parquet"], "splits")
    pd.testing.assert_frame_equal(joined, read_table(tmp_path / "whole.parquet", "splits"))


def test_rows_do_not_depend_on_how_folds_were_dealt_to_files(tmp_path):
    keys = [(m, f, s) for m in ("b", "a") for f in range(4) for s in range(2)]
    whole = pd.DataFrame(keys, columns=["model", "fold", "seed"]).assign(
        study="s", kind="average", feature="x", probe=False, importance=np.arange(16.0)
    )
    paths = []
    for model in ("b", "a"):
        for parity in (0, 1):
            paths.append(tmp_path / f"{model}{parity}.parquet")
            part = whole[(whole["model"] == model) & (whole["fold"] % 2 == parity)]
            write_table(part, paths[-1], "importance")
    write_table(whole, tmp_path / "whole.parquet", "importance")
    pd.testing.assert_frame_equal(
        read_table(paths, "importance"), read_table([tmp_path / "whole.parquet"], "importance")
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda f: f.drop(columns="partition"), "lacks column 'partition'"),
        (lambda f: f.assign(fould=1), "undeclared column 'fould'"),
        (lambda f: f.assign(fold=70000), "'fold' holds int64 values that are not int16"),
        (lambda f: f.assign(fold=0.5), "'fold' holds float64 values that are not int16"),
        (lambda f: f.assign(fold="first"), "'fold' holds .* values that are not int16"),
    ],
)
def test_a_frame_that_is_not_the_table_is_refused_before_anything_is_written(
    tmp_path, change, message
):
    with pytest.raises(DataError, match=message):
        write_table(change(splits()), tmp_path / "t.parquet", "splits")
    assert list(tmp_path.iterdir()) == []


def test_a_foreign_file_is_named_with_the_remedy(tmp_path):
    (tmp_path / "text.parquet").write_text("fold,sample,partition\n0,a,train\n")
    damaged = r"text\.parquet: damaged or no Parquet of this workflow.*delete it and run the work"
    with pytest.raises(DataError, match=damaged):
        read_table(tmp_path / "text.parquet", "splits")
    write_table(splits(), tmp_path / "splits.parquet", "splits")
    with pytest.raises(DataError, match=r"splits\.parquet: lacks column 'oracle'.*delete it"):
        read_table(tmp_path / "splits.parquet", "truth")
    wrong = {"fold": ["0"], "sample": ["a"], "partition": ["train"]}
    pq.write_table(pa.table(wrong), tmp_path / "wrong.parquet")
    with pytest.raises(DataError, match=r"wrong\.parquet: column 'fold'.*expected int16"):
        read_table(tmp_path / "wrong.parquet", "splits")
    with pytest.raises(DataError, match=r"absent\.parquet: no such file"):
        read_table(tmp_path / "absent.parquet", "splits")


@pytest.mark.parametrize("before", [None, "old"])
@pytest.mark.parametrize("failure", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_an_interrupted_write_leaves_no_half_file(tmp_path, monkeypatch, before, failure):
    path = tmp_path / "splits.parquet"
    if before:
        path.write_text(before)

    def fail(where, content):
        with where.open("wb") as file:
            file.write(content[:99])
        raise failure

    monkeypatch.setattr(Path, "write_bytes", fail)
    with pytest.raises(type(failure)):
        write_table(splits(), path, "splits")
    assert [p.name for p in tmp_path.iterdir()] == (["splits.parquet"] if before else [])
    assert before is None or path.read_text() == before


def test_csv_has_six_digits_unix_lines_and_utf8(tmp_path):
    frame = pd.DataFrame({"name": ["é"], "value": [1 / 3], "small": [1e-12 / 3], "n": [2]})
    write_csv(frame, tmp_path / "t.csv")
    expected = "name,value,small,n\né,0.333333,3.33333e-13,2\n"
    assert (tmp_path / "t.csv").read_bytes() == expected.encode()
    write_csv(frame, tmp_path / "exact.csv", digits=None)
    assert pd.read_csv(tmp_path / "exact.csv")["value"].item() == 1 / 3


def test_description_explains_every_column_of_every_table():
    text = describe()
    for name, schema in TABLES.items():
        section = text.split(f"### `{name}`")[1].split("###")[0]
        for field in schema:
            assert f"| `{field.name}` |" in section
            assert about(field, "description") in section


def test_half_a_million_predictions_stay_small(tmp_path):
    n = 500_000
    rng = np.random.default_rng(0)
    ids = pd.Categorical.from_codes(rng.integers(0, 9000, n), [f"s{i}" for i in range(9000)])
    same = {"study": "a", "model": "b", "fold": 0, "seed": 0, "partition": "test"}
    own = {"assignment": "none", "sample": ids, "trained": True}
    own |= {"fixed": rng.random(n), "mixed": np.nan}
    frame = pd.DataFrame({**same, **own})
    write_table(frame, tmp_path / "p.parquet", "predictions")
    back = read_table(tmp_path / "p.parquet", "predictions")
    assert (tmp_path / "p.parquet").stat().st_size < 10e6
    assert back.memory_usage(deep=True).sum() < 20e6
