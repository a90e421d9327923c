import json
import os
import subprocess
import sys

import pytest

from armed.errors import ConfigError, DataError
from armed_study.io.shards import in_shard
from armed_study.studies.ad_mri.scans.bids import find_scans, read_sidecar
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


def test_sidecars_are_inherited_from_the_tree_and_must_be_json(tmp_path):
    touch(raw_path(tmp_path, 1))
    assert read_sidecar(find_scans(tmp_path)[0]) == {}
    touch(tmp_path / "T1w.json", json.dumps({"Manufacturer": "tree"}))
    assert read_sidecar(find_scans(tmp_path)[0]) == {"Manufacturer": "tree"}
    own = touch(raw_path(tmp_path, 1).with_suffix("").with_suffix(".json"), '{"EchoTime": 0.003}')
    assert read_sidecar(find_scans(tmp_path)[0]) == {"Manufacturer": "tree", "EchoTime": 0.003}
    for broken in ("{", "[1]"):
        own.write_text(broken)
        with pytest.raises(DataError, match="not "):
            read_sidecar(find_scans(tmp_path)[0])


def test_the_nearest_sidecar_of_fitting_entities_wins_key_by_key(tmp_path):
    image = touch(raw_path(tmp_path, 1))
    subject, other = tmp_path / "sub-0001", tmp_path / "sub-0001" / "ses-02"
    touch(tmp_path / "T1w.json", '{"Manufacturer": "tree", "FlipAngle": 1, "EchoTime": 1}')
    touch(subject / "sub-0001_T1w.json", '{"Manufacturer": "subject", "FlipAngle": 2}')
    touch(subject / "sub-0001_ses-01_T1w.json", '{"FlipAngle": 3}')
    touch(subject / "sub-0001_acq-fast_T1w.json", '{"EchoTime": 9}')
    touch(other / "sub-0001_ses-02_T1w.json", '{"EchoTime": 9}')
    touch(image.with_name(f"._{image.name}"))
    touch(subject / "._sub-0001_T1w.json")
    (scan,) = find_scans(tmp_path)
    assert read_sidecar(scan) == {"Manufacturer": "subject", "FlipAngle": 3, "EchoTime": 1}
    assert not scan.others


def test_finding_scans_imports_nothing_heavy():
    heavy = "{'numpy', 'pandas', 'nibabel', 'nilearn', 'ants'}"
    code = f"import sys, armed_study.studies.ad_mri.scans.bids; print({heavy} & set(sys.modules))"
    environment = {"PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment
    )
    assert done.stdout.strip() == "set()"
