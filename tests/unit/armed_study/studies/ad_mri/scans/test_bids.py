import os
import subprocess
import sys
from pathlib import Path

import pytest

from armed.errors import ConfigError, DataError
from armed_study.io.shards import in_shard
from armed_study.studies.ad_mri.scans.bids import find_images, find_scans, scans_of_part
from refusals import refused
from small_heads import mni_path, raw_path


def touch(path, text=""):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_scans_of_a_raw_tree_come_by_participant_and_session_with_their_sidecars(tmp_path):
    for number, session in ((2, 1), (1, 2), (1, 1)):
        touch(raw_path(tmp_path, number, session))
    sidecar = touch(raw_path(tmp_path, 1).with_suffix("").with_suffix(".json"), "{}")
    scans = find_scans(tmp_path)
    assert [scan.sample for scan in scans] == [
        "sub-0001_ses-01", "sub-0001_ses-02", "sub-0002_ses-01"
    ]  # fmt: skip
    assert [scan.sidecars for scan in scans] == [(sidecar,), (), ()]
    assert scans[0].path == raw_path(tmp_path, 1)
    assert not any(scan.derivatives for scan in scans)


def test_images_in_template_space_come_first_unless_the_setting_says_otherwise(tmp_path):
    touch(raw_path(tmp_path, 1))
    touch(mni_path(tmp_path, 2))
    assert [s.participant for s in find_scans(tmp_path)] == ["sub-0002"]
    assert [s.participant for s in find_scans(tmp_path, "mni")] == ["sub-0002"]
    assert [s.participant for s in find_scans(tmp_path, "subject")] == ["sub-0001"]
    assert find_scans(tmp_path)[0].derivatives
    within = find_scans(tmp_path / "derivatives" / "mni")
    assert [(s.participant, s.derivatives) for s in within] == [("sub-0002", True)]


def test_other_images_of_a_tree_are_no_scans(tmp_path):
    path = touch(raw_path(tmp_path, 1))
    for name in ("sub-0001_ses-01_T2w.nii.gz", "sub-0001_ses-01_space-MNI305_T1w.nii.gz"):
        touch(path.with_name(name))
    touch(mni_path(tmp_path, 1).with_name("sub-0001_ses-01_space-MNI152Lin_T1w.nii.gz"))
    assert [scan.path for scan in find_scans(tmp_path)] == [path]


def test_a_tree_without_sessions_is_read(tmp_path):
    path = touch(tmp_path / "sub-01" / "anat" / "sub-01_T1w.nii")
    (scan,) = find_scans(tmp_path)
    assert (scan.sample, scan.session, scan.path) == ("sub-01", "", path)


def test_a_duplicate_session_gives_one_scan_which_names_the_other_images(tmp_path):
    path = raw_path(tmp_path, 1)
    runs = [touch(path.with_name(f"sub-0001_ses-01_run-{n}_T1w.nii.gz")) for n in (2, 1)]
    (scan,) = find_scans(tmp_path)
    assert scan.path == runs[1]
    assert scan.others == (runs[0],)
    brain = touch(mni_path(tmp_path, 1))
    whole = touch(brain.with_name(brain.name.replace("brain", "a")))
    (scan,) = find_scans(tmp_path)
    assert (scan.path, scan.others) == (brain, (whole,))


@pytest.mark.parametrize(
    "name", ["sub-0002_ses-01_T1w.nii.gz", "sub-0001_ses-02_T1w.nii.gz", "sub-0001_T1w.nii.gz",
             "sub-0001_ses-01 copy_T1w.nii.gz"]
)  # fmt: skip
def test_a_file_under_another_subject_or_session_is_refused(tmp_path, name):
    touch(raw_path(tmp_path, 1).with_name(name))
    with pytest.raises(DataError, match=r"does not fit its folder, expected sub-0001_ses-01"):
        find_scans(tmp_path)


def test_no_images_and_no_folder_are_refused_in_a_sentence(tmp_path):
    touch(raw_path(tmp_path, 1))
    with pytest.raises(DataError, match=r"derivatives/\*/sub-\*"):
        find_scans(tmp_path, "mni")
    with pytest.raises(DataError, match="holds no T1-weighted image"):
        find_scans(tmp_path / "sub-0001")
    with pytest.raises(ConfigError, match="no such folder"):
        find_scans(tmp_path / "elsewhere")


def test_a_batch_is_the_same_whoever_else_there_is_and_batches_are_alike_in_size():
    names = [f"sub-{n:04d}" for n in range(1, 801)]
    shards = [[n for n in names if in_shard(n, f"{i}-of-8")] for i in range(1, 9)]
    assert [[n in shard for shard in shards].index(True) for n in names[:5]] == [0, 2, 4, 5, 5]
    sizes = [len(shard) for shard in shards]
    assert sum(sizes) == len(names)
    assert 60 < min(sizes) <= max(sizes) < 140


@pytest.mark.parametrize("ending", [".NII.GZ", ".nii.GZ", ".NII", ".NII.gz"])
def test_endings_of_images_and_sidecars_are_found_in_any_case(tmp_path, ending):
    base = raw_path(tmp_path, 1).with_suffix("").with_suffix("")
    path = touch(base.with_name(f"{base.name}{ending}"))
    sidecar = touch(base.with_suffix(".JSON"), "{}")
    (scan,) = find_scans(tmp_path)
    assert (scan.sample, scan.path, scan.sidecars) == ("sub-0001_ses-01", path, (sidecar,))


@pytest.mark.parametrize(
    "name",
    ["sub-1/anat/sub-1_t1w.nii.gz", "SUB-1/anat/SUB-1_T1w.nii.gz", "sub-1/ANAT/sub-1_T1w.nii.gz",
     "sub-1/SES-1/anat/sub-1_ses-1_T1w.nii.gz", "sub-1/sub-1_T1w.nii.gz",
     "sub-1/anat/sub-1_T1w.Nii.gz"],
)  # fmt: skip
def test_names_that_bids_writes_otherwise_are_refused(tmp_path, name):
    touch(raw_path(tmp_path, 1))
    touch(tmp_path / name)
    with refused(r"does not fit its folder, expected sub-1\S*_T1w.nii.gz in sub-1\S*/anat"):
        find_scans(tmp_path)


@pytest.mark.parametrize("ending", ["hdr", "img", "mgz", "nii.zst"])
def test_images_of_other_formats_are_found_and_come_after_nifti(tmp_path, ending):
    path = raw_path(tmp_path, 1)
    other = touch(path.with_name(path.name.replace("nii.gz", ending)))
    assert find_scans(tmp_path)[0].path == other
    touch(path)
    (scan,) = find_scans(tmp_path)
    assert (scan.path, scan.others) == (path, (other,))


def test_images_that_bidsignore_names_are_left_out_and_told(tmp_path):
    kept, out = touch(raw_path(tmp_path, 1)), touch(raw_path(tmp_path, 2))
    warped = touch(mni_path(tmp_path, 1))
    for patterns, mni, raw in (
        ("", ([warped], [], True), ([kept, out], [], False)),
        ("/sub-0002/", ([warped], [], True), ([kept], [out], False)),
        ("derivatives/\nsub-0002", ([kept], [warped, out], False), ([kept], [out], False)),
    ):
        (tmp_path / ".bidsignore").write_text(patterns)
        assert find_images(tmp_path) == mni
        assert find_images(tmp_path, "subject") == raw
    with refused("no T1-weighted image but 1 that .bidsignore leaves out"):
        find_scans(tmp_path, "mni")
    (tmp_path / ".bidsignore").unlink()
    touch(tmp_path / "derivatives" / "mni" / ".bidsignore", "/sub-0001")
    assert find_images(tmp_path, "mni") == ([], [warped], True)


def test_one_file_for_two_sessions_is_refused(tmp_path):
    path, link = touch(raw_path(tmp_path, 1)), raw_path(tmp_path, 2)
    link.parent.mkdir(parents=True)
    link.symlink_to(path)
    with refused("sub-0002_ses-01_T1w.nii.gz: is the same file as .*sub-0001_ses-01"):
        find_scans(tmp_path)


def test_a_link_to_a_file_elsewhere_is_a_scan(tmp_path):
    touch(tmp_path / "store" / "1.nii.gz")
    path = raw_path(tmp_path / "tree", 1)
    path.parent.mkdir(parents=True)
    path.symlink_to("../../../../store/1.nii.gz")
    assert scans_of_part(tmp_path / "tree", "auto", "1-of-1")[0].path == path


@pytest.mark.parametrize("ending", [".nii.gz", ".json"])
@pytest.mark.parametrize("target", [".git/annex/objects/x", "nowhere", None])
def test_a_pointer_a_broken_link_or_a_pipe_is_refused_before_anything_runs(
    tmp_path, ending, target
):
    path = touch(raw_path(tmp_path, 1))
    place = path.with_name(path.name.replace(".nii.gz", ending))
    place.unlink(missing_ok=True)
    place.symlink_to(target) if target else os.mkfifo(place)
    with refused(f"{place}: a (pointer of git-annex|link to nowhere|pipe)"):
        scans_of_part(tmp_path, "auto", "1-of-1")


def test_a_folder_that_leads_nowhere_or_cannot_be_listed_is_refused(tmp_path, monkeypatch):
    touch(raw_path(tmp_path, 1))
    (tmp_path / "sub-0002").symlink_to("sub-0002")
    with refused("sub-0002: cannot be reached"):
        find_scans(tmp_path)
    (tmp_path / "sub-0002").unlink()
    listed = Path.iterdir

    def forbid(folder):
        if folder.name == "anat":
            raise PermissionError(13, "Permission denied")
        return listed(folder)

    monkeypatch.setattr(Path, "iterdir", forbid)
    with refused("anat: cannot be listed .Permission denied"):
        find_scans(tmp_path)


def test_finding_scans_imports_nothing_heavy():
    heavy = "{'numpy', 'pandas', 'nibabel', 'nilearn', 'ants'}"
    code = f"import sys, armed_study.studies.ad_mri.scans.bids; print({heavy} & set(sys.modules))"
    environment = {"PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment
    )
    assert done.stdout.strip() == "set()"
