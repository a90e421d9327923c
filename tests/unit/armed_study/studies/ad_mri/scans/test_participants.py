from pathlib import Path

import pandas as pd
import pytest

from armed.errors import DataError
from armed_study.studies.ad_mri.scans import participants
from armed_study.studies.ad_mri.scans.bids import Scan
from armed_study.studies.ad_mri.scans.participants import join_scans, read_participants
from small_heads import write_participants

ROWS = [("sub-01", "S01", "AD", 71.5, "F"), ("sub-02", "S01", "CN", 66, "M")]


def read(tmp_path, *rows, **settings):
    write_participants(tmp_path, [*ROWS, *rows], **settings)
    return read_participants(tmp_path).set_index("participant")


def refused(tmp_path, *rows, **settings):
    with pytest.raises(DataError) as caught:
        read(tmp_path, *rows, **settings)
    message = str(caught.value)
    assert "participants.tsv" in message
    assert "expected" in message
    assert "\n" not in message
    return message


def scan(participant, session="ses-01"):
    return Scan(participant, session, Path("x.nii.gz"), None, False)


def test_participants_come_with_site_diagnosis_age_and_sex(tmp_path):
    people = read(
        tmp_path, ("sub-03", " S02 ", "cn", "89+", "female"), ("04", "7", "AD", "n/a", "n/a")
    )
    assert list(people.index) == ["sub-01", "sub-02", "sub-03", "sub-04"]
    assert people["site"].tolist() == ["S01", "S01", "S02", "7"]
    assert people["diagnosis"].tolist() == ["AD", "CN", "CN", "AD"]
    assert people["age"].tolist()[:3] == [71.5, 66, 89]
    assert pd.isna(people["age"]["sub-04"])
    assert people["sex"].tolist()[:3] == ["F", "M", "F"]
    assert set(people["reason"]) == {""}


def test_columns_may_stand_in_any_order_and_among_others(tmp_path):
    rows = [("F", "x", "AD", 70, "sub-01", "S01"), ("M", "y", "CN", 71, "sub-02", "S01")]
    columns = ("sex", "education", "diagnosis", "age", "participant_id", "site")
    write_participants(tmp_path, rows, columns)
    assert read_participants(tmp_path)["diagnosis"].tolist() == ["AD", "CN"]


def test_the_copy_among_the_derivatives_serves_where_the_root_has_none(tmp_path):
    write_participants(tmp_path / "derivatives" / "mni", ROWS)
    assert len(read_participants(tmp_path)) == 2


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([("sub-03", "n/a", "AD", 70, "F")], participants.NO_SITE),
        ([("sub-03", "S01", "n/a", 70, "F")], participants.NO_DIAGNOSIS),
        ([("sub-03", "S01", "MCI", 70, "F")], participants.OTHER_DIAGNOSIS),
        ([("sub-03", "S01", "CN", 70, "F"), ("sub-03", "S01", "AD", 72, "F")], participants.CHANGED),
        ([("sub-03", "S01", "CN", 70, "F"), ("sub-03", "S01", "MCI", 72, "F")], participants.CHANGED),
        ([("sub-03", "S01", "CN", 70, "F"), ("sub-03", "S01", "CN", 70, "F")], ""),
        ([("sub-03", "S01", "CN", 70, "F"), ("sub-03", "S01", "n/a", 72, "F")], ""),
    ],
)  # fmt: skip
def test_who_cannot_be_used_is_left_out_with_the_reason(tmp_path, rows, reason):
    people = read(tmp_path, *rows)
    assert people["reason"]["sub-03"] == reason
    assert people["reason"][["sub-01", "sub-02"]].tolist() == ["", ""]
    kept, left_out = join_scans(
        [scan("sub-01"), scan("sub-03"), scan("sub-02")], people.reset_index()
    )
    assert len(kept) + len(left_out) == 3
    assert left_out["reason"].tolist() == ([reason] if reason else [])


def test_scans_without_a_participant_and_participants_without_a_scan_are_told_of(tmp_path):
    people = read(tmp_path, ("sub-03", "S02", "AD", 70, "F")).reset_index()
    scans = [scan("sub-02"), scan("sub-01", "ses-02"), scan("sub-09"), scan("sub-01")]
    kept, left_out = join_scans(scans, people)
    assert kept["sample"].tolist() == ["sub-02_ses-01", "sub-01_ses-02", "sub-01_ses-01"]
    assert kept["outcome"].tolist() == [0, 1, 1]
    assert kept["site"].tolist() == ["S01"] * 3
    assert left_out.to_dict("list") == {
        "sample": ["sub-09_ses-01", ""],
        "participant": ["sub-09", "sub-03"],
        "reason": [participants.NOT_LISTED, participants.NO_IMAGE],
    }


def test_rows_that_contradict_each_other_are_refused(tmp_path):
    message = refused(tmp_path, ("sub-02", "S02", "CN", 66, "M"))
    assert "sub-02 has site 'S01', 'S02'" in message
    assert "has sex 'M', 'F'" in refused(tmp_path, ("sub-02", "S01", "CN", 66, "F"))


def test_what_is_no_table_of_participants_is_refused(tmp_path):
    with pytest.raises(DataError, match="no such file"):
        read_participants(tmp_path)
    columns = ("participant_id", "Site", "diagnosis", "age", "sex")
    assert "lacks column 'site' (did you mean 'Site'?)" in refused(tmp_path, columns=columns)
    assert "row 4 has age 'old'" in refused(tmp_path, ("sub-03", "S01", "AD", "old", "F"))
    assert "row 4 has age '-4'" in refused(tmp_path, ("sub-03", "S01", "AD", "-4", "F"))
    assert "row 4 has no participant_id" in refused(tmp_path, ("n/a", "S01", "AD", 70, "F"))
    (tmp_path / "participants.tsv").write_text("participant_id\tsite\tdiagnosis\tage\tsex\n")
    with pytest.raises(DataError, match="nobody who can be used has diagnosis 'CN', 'AD'"):
        read_participants(tmp_path)


def test_nobody_with_one_of_the_two_diagnoses_is_refused(tmp_path):
    write_participants(tmp_path, [ROWS[0], ("sub-02", "S01", "MCI", 66, "M")])
    with pytest.raises(DataError, match=r"diagnosis 'CN' \(found: 'AD', 'MCI'\)"):
        read_participants(tmp_path)
