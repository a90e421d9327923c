import warnings

import numpy as np
import pandas as pd
import pytest

from armed.errors import ArmedWarning, DataError
from armed_study.studies.mci.columns import CATEGORIES, MEASURED, MEASURES
from armed_study.studies.mci.reading import read_adnimerge
from refusals import refused
from small_adni import participant, sites, table, write


def read(tmp_path, frame, name="ADNIMERGE.csv", moved_subjects="error", **settings):
    return read_adnimerge(write(frame, tmp_path / name, **settings), moved_subjects=moved_subjects)


def two(**values):
    return table(participant(1), participant(2), **values)


def changed(column, row, value):
    """Two participants with one value changed; `row` as in the file, where the header is row 1."""
    frame = two()
    frame[column] = frame[column].astype(object)
    frame.loc[row - 2, column] = value
    return frame


def message(tmp_path, frame):
    """Message of the refusal."""
    with refused(r"ADNIMERGE\.csv", DataError) as caught:
        read(tmp_path, frame)
    return str(caught.value)


def test_visits_come_typed_by_subject_and_month(tmp_path):
    visits = read(tmp_path, two().iloc[::-1])
    assert visits["RID"].tolist() == [1] * 4 + [2] * 4
    assert visits["month"].tolist() == [0, 12, 24, 36] * 2
    assert visits["SITE"].tolist() == ["11"] * 8
    assert visits["VISCODE"].tolist() == ["bl", "m12", "m24", "m36"] * 2
    for measure in MEASURES:
        assert visits[measure.column].dtype == "float64"
    assert visits["MMSE_bl"].iloc[0] == participant(1)["MMSE_bl"].iloc[0]
    assert visits["PTGENDER"].tolist() == ["Female"] * 4 + ["Male"] * 4


@pytest.mark.parametrize(
    "settings",
    [{}, {"encoding": "utf-8-sig"}, {"lineterminator": "\r\n"}, {"encoding": "latin-1"}],
)
def test_the_same_is_read_without_a_warning_whatever_the_file_looks_like(tmp_path, settings):
    plain = read(tmp_path, two())
    frame = two(INVESTIGATOR="Müller")[sorted([*two(), "INVESTIGATOR"], reverse=True)]
    frame.insert(3, "NEW_COLUMN", 'quoted, with a "comma"\nand a line break')
    frame = pd.concat([frame.iloc[5:], frame, frame.iloc[:3]])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        again = read(tmp_path, frame, "other.csv", **settings)
    pd.testing.assert_frame_equal(again, plain)


def test_blank_lines_and_surrounding_blanks_do_not_count(tmp_path):
    path = write(two(), tmp_path / "a.csv")
    plain = read_adnimerge(path)
    lines = path.read_text().replace('"LMCI"', '" LMCI "').splitlines()
    path.write_text("\n".join([*lines[:3], "", *lines[3:], "," * lines[0].count(","), "", ""]))
    pd.testing.assert_frame_equal(read_adnimerge(path), plain)


def test_thousands_of_further_columns_change_nothing(tmp_path):
    frame = sites(dict.fromkeys(range(4), 3))
    further = pd.DataFrame(7.25, frame.index, [f"extra{i}" for i in range(5000)])
    path = write(pd.concat([further, frame], axis=1), tmp_path / "wide.csv")
    pd.testing.assert_frame_equal(read_adnimerge(path), read(tmp_path, frame))


@pytest.mark.parametrize(
    ("column", "text", "value"),
    [
        ("ABETA_bl", ">1700", 1700), ("ABETA_bl", "<200", 200), ("TAU_bl", ">1300", 1300),
        ("TAU_bl", "<80", 80), ("PTAU_bl", ">120", 120), ("PTAU_bl", "<8", 8),
        ("PTAU_bl", "< 8.5", 8.5), ("TAU_bl", ">1300.0", 1300),
        ("ABETA_bl", "612.3", 612.3), ("TAU_bl", "", np.nan),
    ],
)  # fmt: skip
def test_a_value_beyond_the_assay_is_its_limit(tmp_path, column, text, value):
    visits = read(tmp_path, changed(column, 2, text))
    assert visits[column].iloc[0] == pytest.approx(value, nan_ok=True)


@pytest.mark.parametrize("code", ["-1", "-4", "-4.0", "", "NA"])
def test_missing_codes_are_missing_where_a_measure_cannot_be_negative(tmp_path, code):
    signed = ("mPACCdigit_bl", "mPACCtrailsB_bl", "RAVLT_learning_bl", "RAVLT_forgetting_bl",
              "RAVLT_perc_forgetting_bl")  # fmt: skip
    visits = read(tmp_path, two(**dict.fromkeys(MEASURED, code)))
    for measure in MEASURES:
        number = measure.column in signed and code not in ("", "NA")
        assert visits[measure.column].notna().all() == number, measure.column
    for category in CATEGORIES:
        assert visits[category.column].isna().all()


def test_unknown_categories_are_missing_and_whole_numbers_have_no_decimals(tmp_path):
    visits = read(tmp_path, two(PTRACCAT="Unknown", APOE4="1.0", SITE="11.0"))
    assert visits["PTRACCAT"].isna().all()
    assert set(visits["APOE4"]) == {"1"}
    assert set(visits["SITE"]) == {"11"}


def test_the_copy_of_r_is_read_as_the_table(tmp_path):
    plain = read(tmp_path, two(TAU_bl=">1300", FAQ_bl=None))
    frame = two(TAU_bl=">1300", FAQ_bl="NA")
    frame = frame.rename(columns={n: n.replace("_", ".") for n in frame.columns})
    frame.insert(0, "", range(1, len(frame) + 1))
    with pytest.warns(ArmedWarning) as caught:
        again = read(tmp_path, frame, "r.csv")
    pd.testing.assert_frame_equal(again, plain)
    said = [str(warning.message) for warning in caught]
    for words in ("have dots, such as 'DX.bl'", "first column has no name", "8 fields hold NA"):
        assert sum(words in sentence for sentence in said) == 1


def test_months_come_from_month_or_m_or_the_code_of_the_visit(tmp_path):
    frame = two()
    as_m = frame.rename(columns={"Month": "M"})
    for other in (as_m, frame.drop(columns="Month"), two(Month="")):
        assert read(tmp_path, other)["month"].tolist() == [0, 12, 24, 36] * 2
    late = changed("Month", 4, "30").assign(M=1)
    assert read(tmp_path, late)["month"].tolist()[:4] == [0, 12, 30, 36]
    screened = changed("VISCODE", 2, "sc").drop(columns="Month")
    assert read(tmp_path, screened)["month"].iloc[0] == 0


@pytest.mark.parametrize(
    ("found", "meant"),
    [("NL", "CN"), ("MCI to Dementia", "Dementia"), ("Dementia to MCI", "MCI"), ("CN", "CN")],
)
def test_diagnoses_of_early_releases_are_understood(tmp_path, found, meant):
    visits = read(tmp_path, changed("DX", 3, found))
    assert visits["DX"].tolist()[:3] == ["MCI", meant, "MCI"]


@pytest.mark.parametrize(
    ("column", "row", "value", "words"),
    [
        ("MMSE_bl", 4, "twenty", "'MMSE_bl' holds 'twenty' in row 4, expected numbers"),
        ("MMSE_bl", 4, ">1700", "'MMSE_bl' holds '>1700' in row 4, expected numbers"),
        ("ABETA_bl", 5, "about 900", "'about 900' in row 5, expected numbers or limits"),
        ("ABETA_bl", 5, "inf", "'inf' in row 5, expected numbers or limits"),
        ("TAU_bl", 5, ">1300 pg", "'>1300 pg' in row 5, expected numbers or limits"),
        ("FAQ_bl", 3, "7,5", "'FAQ_bl' holds '7,5' in row 3, expected numbers"),
        ("MMSE_bl", 9, 31, "'MMSE_bl' holds '31' in row 9, expected 0 to 30 points"),
        ("Hippocampus_bl", 9, -3, "'-3' in row 9, expected 0 to inf mm"),
        ("AGE", 6, 7.4, "'AGE' holds '7.4' in row 6, expected 30 to 110 years"),
        ("DX", 6, "Demented", "'DX' holds 'Demented' in row 6, expected 'CN', 'NL', 'MCI'"),
        ("DX_bl", 6, "MCI", "'DX_bl' holds 'MCI' in row 6, expected 'CN', 'SMC', 'EMCI'"),
        ("PTRACCAT", 2, "Green", "'PTRACCAT' holds 'Green' in row 2, expected 'White'"),
        ("APOE4", 2, 3, "'APOE4' holds '3' in row 2, expected '0', '1', '2'"),
        ("VISCODE", 7, "y1", "'VISCODE' holds 'y1' in row 7, expected 'bl', 'sc' or 'm'"),
        ("VISCODE", 7, "uns1", "'VISCODE' holds 'uns1' in row 7"),
        ("VISCODE", 7, None, "'VISCODE' holds nothing in row 7"),
        ("Month", 7, "12.5", "'Month' holds '12.5' in row 7, expected whole months"),
        ("Month", 7, "-6", "'Month' holds '-6' in row 7, expected whole months"),
        ("RID", 7, "S_0002", "'RID' holds 'S_0002' in row 7, expected a whole number"),
        ("RID", 7, None, "'RID' holds nothing in row 7"),
        ("SITE", 7, None, "'SITE' holds nothing in row 7"),
    ],
)  # fmt: skip
def test_a_wrong_value_is_named_with_column_and_row(tmp_path, column, row, value, words):
    assert words in message(tmp_path, changed(column, row, value))


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n"])
def test_rows_are_counted_as_in_the_file(tmp_path, end):
    frame = changed("MMSE_bl", 6, "x")
    frame = pd.concat([frame.iloc[:2], frame]).assign(NOTE=f"two{end}lines")
    with refused(r"'MMSE_bl' holds 'x' in row 8,"):
        read(tmp_path, frame, lineterminator=end)
    assert "(and 7 rows more like it)" in message(tmp_path, two(MMSE_bl="x"))


@pytest.mark.parametrize("column", ["SITE", "DX", "RID", "MMSE_bl", "PTGENDER"])
def test_a_missing_column_is_named(tmp_path, column):
    assert f"lacks column '{column}'" in message(tmp_path, two().drop(columns=column))
    renamed = two().rename(columns={column: column.lower() + "_"})
    assert f"did you mean '{column.lower()}_'" in message(tmp_path, renamed)


def test_a_file_that_is_no_whole_table_is_refused(tmp_path):
    assert "0 rows" in message(tmp_path, two().iloc[:0])
    path = write(two(), tmp_path / "ADNIMERGE.csv")
    whole = path.read_bytes()
    for content, words in (
        (b"", "the file is empty"),
        (whole[:-40], "cannot be read as CSV from row 9 on"),
        (
            whole.replace(b'"m12"', b'"m,12,\n,"', 1)[:-40],
            r"CSV from row 9 on|row 9 has \d+ fields, expected 37",
        ),
        (whole.replace(b'"m12"', b"m,12", 1), r"row 3 has 38 fields, expected 37"),
        (whole[:40], "cannot be read as CSV from row 1 on"),
        (whole.splitlines()[0], "0 rows"),
        (whole.replace(b'"bl"', b'"bl', 1) + b" " * 200_000, r"cannot be read as CSV|fields, exp"),
        (b"NOTE\n1\n", "lacks column 'RID'"),
        (whole[:900] + b"\0" + whole[901:], "binary content"),
        (whole.replace(b'"NEW"', b'"SITE"').replace(b'"PTGENDER"', b'"SITE"', 1), "'SITE' more"),
    ):
        path.write_bytes(content)
        with pytest.raises(DataError, match=words):
            read_adnimerge(path)
    with pytest.raises(DataError, match=r"ADNIMERG\.csv: no such file .did you mean 'ADNIMERGE"):
        read_adnimerge(tmp_path / "ADNIMERG.csv")
    (tmp_path / "ADNIMERG.csv").symlink_to(tmp_path / "moved.csv")
    with refused(r"ADNIMERG\.csv: a link to .*moved\.csv, where nothing is", DataError):
        read_adnimerge(tmp_path / "ADNIMERG.csv")


def test_a_subject_at_two_sites_is_refused_or_stays_at_the_first(tmp_path):
    moved = changed("SITE", 4, 99).iloc[::-1]
    with refused(r"subject 1 \(RID\) has SITE '11', '99'.*data.moved_subjects", DataError):
        read(tmp_path, moved)
    assert set(read(tmp_path, moved, moved_subjects="baseline")["SITE"]) == {"11"}


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        (pd.concat([two(), changed("MMSE_bl", 3, 12).iloc[[1]]]),
         r"subject 1 \(RID\) has visit 'm12' in rows 3, 10, which differ in column 'MMSE_bl'"),
        (changed("DX_bl", 4, "EMCI"),
         r"subject 1 \(RID\) has DX_bl 'LMCI', 'EMCI' in rows 2, 4(?!.*moved)"),
        (table(*(participant(rid, course={0: "MCI"}) for rid in range(1, 6))),
         "each of 5 subjects has one visit only"),
    ],
    ids=["a visit twice", "two groups", "one visit each"],
)  # fmt: skip
def test_visits_of_which_no_course_can_be_made_are_refused(tmp_path, frame, words):
    with refused(words, DataError):
        read(tmp_path, frame)
