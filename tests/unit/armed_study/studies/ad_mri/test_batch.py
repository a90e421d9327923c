import os
import subprocess
import sys
import tracemalloc

import numpy as np
import pytest
from PIL import Image

from armed.errors import DataError
from armed_study.io.tables import read_table
from armed_study.studies.ad_mri import batch
from armed_study.studies.ad_mri.batch import prepare_batch
from armed_study.studies.ad_mri.prepare_scan import prepare_scan
from armed_study.studies.ad_mri.preprocessing.settings import MriSettings
from armed_study.studies.ad_mri.scans.bids import find_scans
from small_heads import template, write_mni
from trees import contents

SETTINGS = MriSettings(size=48)


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    """Four scans in MNI space, the third of which is cut off."""
    root = tmp_path_factory.mktemp("tree")
    data, _ = template()
    for number in range(1, 5):
        noise = np.random.default_rng(number).normal(scale=30, size=data.shape)
        path = write_mni(root, number, data=data + (data > 0) * noise)
        if number == 3:
            path.write_bytes(path.read_bytes()[:20_000])
    return root


def test_a_failed_scan_does_not_stop_the_others(tree, tmp_path):
    scans = find_scans(tree)
    prepare_batch(scans, SETTINGS, tmp_path / "out")
    images = np.load(tmp_path / "out" / "images.npy", mmap_mode="r")
    qc = read_table(tmp_path / "out" / "qc.parquet", "qc")
    assert images.shape == (4, 1, 48, 48)
    assert images.dtype == np.float32
    assert qc["sample"].tolist() == [scan.sample for scan in scans]
    assert qc["status"].tolist() == ["ok", "ok", "failed", "ok"]
    assert "truncated" in qc["reason"][2]
    assert not images[2].any()
    for place in (0, 1, 3):
        np.testing.assert_array_equal(images[place, 0], prepare_scan(scans[place], SETTINGS).image)
    for scan in scans:
        with Image.open(tmp_path / "out" / "qc" / f"{scan.sample}.png") as picture:
            assert picture.size == (384, 192)
    assert sorted(os.listdir(tmp_path / "out")) == ["images.npy", "qc", "qc.parquet"]


def test_two_runs_give_the_same_bytes(tree, tmp_path):
    for name in ("a", "b"):
        prepare_batch(find_scans(tree), SETTINGS, tmp_path / name)
    assert contents(tmp_path / "a") == contents(tmp_path / "b")
    assert len(contents(tmp_path / "a")) == 6


def test_pictures_of_an_earlier_run_do_not_stay(tree, tmp_path):
    scans = find_scans(tree)
    prepare_batch(scans, SETTINGS, tmp_path)
    prepare_batch(scans[:1], SETTINGS, tmp_path)
    assert os.listdir(tmp_path / "qc") == ["sub-0001_ses-01.png"]
    assert len(np.load(tmp_path / "images.npy")) == 1


def test_a_batch_without_scans_is_empty(tmp_path):
    prepare_batch([], SETTINGS, tmp_path)
    assert np.load(tmp_path / "images.npy").shape == (0, 1, 48, 48)
    assert read_table(tmp_path / "qc.parquet", "qc").empty


def test_an_interruption_leaves_nothing_half_written(tree, tmp_path, monkeypatch):
    seen = []

    def interrupted(scan, settings):
        seen.append(scan)
        if len(seen) == 3:
            raise KeyboardInterrupt
        return prepare_scan(scan, settings)

    monkeypatch.setattr(batch, "prepare_scan", interrupted)
    with pytest.raises(KeyboardInterrupt):
        prepare_batch(find_scans(tree), SETTINGS, tmp_path)
    assert os.listdir(tmp_path) == []


FULL = """
import resource, sys
from armed_study.studies.ad_mri.batch import prepare_batch
from armed_study.studies.ad_mri.scans.bids import find_scans
from armed_study.studies.ad_mri.preprocessing.settings import MriSettings
scans = find_scans(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]), resource.RLIM_INFINITY))
prepare_batch(scans, MriSettings(size=96), sys.argv[2])
"""


@pytest.mark.parametrize("limit", [80_000, 20_000])
def test_a_disk_that_is_full_halfway_is_one_sentence_and_leaves_nothing(tree, tmp_path, limit):
    """The system refuses to let files grow beyond `limit` bytes, as a full disk would."""
    code = [sys.executable, "-c", FULL, tree, tmp_path / "out", str(limit)]
    done = subprocess.run(
        code, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": ":".join(sys.path)}
    )
    last = done.stderr.strip().splitlines()[-1]
    assert done.returncode == 1
    assert last.startswith("armed.errors.DataError: ")
    assert "cannot be written (File too large) after" in last
    assert "MB to be free" in last
    assert os.listdir(tmp_path / "out") == []


def test_a_folder_that_cannot_be_written_is_one_sentence(tree, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match=r"cannot be written \(.*\) after 0 of 4 scans"):
        prepare_batch(find_scans(tree), SETTINGS, tmp_path / "file" / "out")


def test_memory_does_not_grow_with_the_number_of_scans(tree, tmp_path):
    scan = find_scans(tree)[0]
    settings = MriSettings(size=384)
    prepare_batch([scan], settings, tmp_path)  # so that templates are there
    peaks = []
    for count in (2, 12):
        tracemalloc.start()
        prepare_batch([scan] * count, settings, tmp_path)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.05 * peaks[0]  # 10 more images alone would be 5.9 MB
