import pytest

from armed_study import studies
from armed_study.studies.ad_mri.scans.participants import CHANGED, read_participants
from armed_study.studies.ad_mri.scans.person_tables import find_lower_tables, find_participants
from refusals import refused
from small_heads import write_participants

ROWS = [("sub-1", "S01", "AD", 71.5, "F"), ("sub-2", "S02", "CN", 66, "M")]
UNKNOWN = [("sub-1", "n/a", "n/a", "n/a", "n/a"), ROWS[1]]


def write(path, *rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join("\t".join(row) for row in rows) + "\n")
    return path


def people(root):
    return read_participants(root).set_index("participant")


@pytest.mark.parametrize(
    "name",
    ["sub-1_sessions.tsv", "sub-1_scans.tsv", "ses-1/sub-1_ses-1_scans.tsv", "sub-1_Sessions.TSV"],
)
def test_a_table_of_one_participant_adds_to_that_of_all(tmp_path, name):
    write_participants(tmp_path, UNKNOWN)
    path = tmp_path / "sub-1" / name
    write(path, ("session_id", "site", "diagnosis"), ("ses-1", "S03", "AD"))
    assert find_lower_tables(tmp_path / "participants.tsv") == {path: "sub-1"}
    assert people(tmp_path)["site"].tolist() == ["S03", "S02"]
    assert people(tmp_path)["diagnosis"].tolist() == ["AD", "CN"]
    data = {"source": {"path": str(tmp_path)}, "seen_sites": ["S02", "S03"]}
    kind = studies.load("ad_mri")
    assert kind.user_files(data) == (str(tmp_path / "participants.tsv"), str(path))
    (tmp_path / ".bidsignore").write_text("")
    assert kind.user_files(data)[2] == str(tmp_path / ".bidsignore")


def test_a_diagnosis_that_a_session_changes_leaves_the_participant_out(tmp_path):
    write_participants(tmp_path, [*ROWS, ("sub-3", "S01", "CN", 70, "F")])
    write(tmp_path / "sub-3" / "sub-3_sessions.tsv", ("session_id", "diagnosis"), ("ses-2", "AD"))
    assert people(tmp_path)["reason"].tolist() == ["", "", CHANGED]


def test_a_contradiction_of_a_lower_table_is_refused_by_its_name(tmp_path):
    write_participants(tmp_path, ROWS)
    write(tmp_path / "sub-2" / "sub-2_scans.tsv", ("filename", "site"), ("x", "n/a"), ("y", "S01"))
    with refused("sub-2_scans.tsv: sub-2 has site 'S02', 'S01'"):
        read_participants(tmp_path)


def test_lower_tables_of_other_columns_and_of_people_not_listed_change_nothing(tmp_path):
    write_participants(tmp_path, ROWS)
    before = people(tmp_path)
    write(tmp_path / "sub-1" / "sub-1_scans.tsv", ("filename", "acq_time"), ("x", "n/a"))
    write(tmp_path / "sessions.tsv", ("session_id", "weather"), ("ses-1", "fine"))
    assert find_lower_tables(tmp_path / "participants.tsv") == {}
    write(tmp_path / "sub-9" / "sub-9_sessions.tsv", ("session_id", "diagnosis"), ("ses-1", "AD"))
    assert people(tmp_path).equals(before)


@pytest.mark.parametrize(
    "name",
    ["sessions.tsv", "sub-1_sessions.tsv", "scans.tsv", "sub-1/participants.tsv",
     "sub-1/sessions.tsv", "sub-1/sub-2_sessions.tsv", "sub-1/ses-1/sub-1_ses-1_sessions.tsv"],
)  # fmt: skip
def test_a_table_where_bids_knows_none_is_refused(tmp_path, name):
    write_participants(tmp_path, ROWS)
    write(tmp_path / name, ("session_id", "diagnosis"), ("ses-1", "AD"))
    with refused(f"{name}: has column 'diagnosis' where BIDS knows no such table"):
        read_participants(tmp_path)


def test_the_table_of_the_tree_is_found_in_any_case_and_holds_for_derivatives(tmp_path):
    write_participants(tmp_path / "derivatives" / "a", UNKNOWN)
    assert find_participants(tmp_path).parent.name == "a"
    write_participants(tmp_path, ROWS)
    (tmp_path / "participants.tsv").rename(tmp_path / "Participants.TSV")
    assert find_participants(tmp_path) == tmp_path / "Participants.TSV"


def test_several_tables_of_participants_must_be_alike(tmp_path):
    for name in ("a", "b"):
        write_participants(tmp_path / "derivatives" / name, ROWS)
    assert find_participants(tmp_path).parent.name == "a"
    write_participants(tmp_path / "derivatives" / "b", UNKNOWN)
    with refused("holds 'derivatives/a/participants.tsv', 'derivatives/b/part.*which differ"):
        find_participants(tmp_path)


@pytest.mark.parametrize("name", ["participants.tsv", "sub-1/sub-1_sessions.tsv"])
def test_a_pointer_in_place_of_a_table_is_refused(tmp_path, name):
    write_participants(tmp_path, ROWS)
    path = write(tmp_path / name)
    path.unlink()
    path.symlink_to(".git/annex/objects/x")
    with refused(f"{name}: a pointer of git-annex"):
        read_participants(tmp_path)
