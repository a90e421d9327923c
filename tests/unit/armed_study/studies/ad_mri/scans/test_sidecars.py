import json

import pytest

from armed.errors import DataError
from armed_study.studies.ad_mri.scans.bids import find_scans
from armed_study.studies.ad_mri.scans.sidecars import read_sidecars
from small_heads import raw_path


def touch(path, text=""):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def told(root):
    return read_sidecars(find_scans(root)[0].sidecars)


def test_sidecars_are_inherited_from_the_tree_and_must_be_json(tmp_path):
    touch(raw_path(tmp_path, 1))
    assert told(tmp_path) == {}
    touch(tmp_path / "T1w.json", json.dumps({"Manufacturer": "tree"}))
    assert told(tmp_path) == {"Manufacturer": "tree"}
    own = touch(raw_path(tmp_path, 1).with_suffix("").with_suffix(".json"), '{"EchoTime": 0.003}')
    assert told(tmp_path) == {"Manufacturer": "tree", "EchoTime": 0.003}
    for broken in ("{", "[1]"):
        own.write_text(broken)
        with pytest.raises(DataError, match="not "):
            told(tmp_path)


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
    assert read_sidecars(scan.sidecars) == {
        "Manufacturer": "subject",
        "FlipAngle": 3,
        "EchoTime": 1,
    }
    assert not scan.others


def test_a_sidecar_that_bidsignore_names_is_not_read(tmp_path):
    touch(raw_path(tmp_path, 1))
    touch(tmp_path / "T1w.json", '{"EchoTime": 1}')
    touch(tmp_path / "acq-x_T1w.json", '{"EchoTime": 2}')
    assert told(tmp_path) == {"EchoTime": 1}
    touch(tmp_path / ".bidsignore", "/T1w.json")
    assert told(tmp_path) == {}
