import os
import time

import pytest

from armed_study.io import atomic
from armed_study.io.atomic import replacing_folder

LONG_AGO = 1.6e9


def left_behind(folder, name, seconds):
    """What a killed process leaves: half a file, and half a folder."""
    half = folder / f".{name}.0a1b2c3d.part"
    if name == "folder":
        half.mkdir()
        (half / "file").write_text("half")
    else:
        half.write_text("half")
    os.utime(half, (seconds, seconds))
    return half


def write(folder, name):
    if name == "folder":
        with replacing_folder(folder / name) as part:
            (part / "file").write_text("whole")
        return (folder / name / "file").read_text()
    with atomic.replacing(folder / name) as part:
        part.write_text("whole")
    return (folder / name).read_text()


@pytest.mark.parametrize("name", ["file", "folder"])
def test_what_a_killed_process_left_goes_with_the_next_writing(tmp_path, name):
    left_behind(tmp_path, name, LONG_AGO)
    left_behind(tmp_path, "other", LONG_AGO)
    assert write(tmp_path, name) == "whole"
    assert sorted(os.listdir(tmp_path)) == [".other.0a1b2c3d.part", name]


@pytest.mark.parametrize("name", ["file", "folder"])
def test_what_another_process_writes_is_left_to_it(tmp_path, name):
    theirs = left_behind(tmp_path, name, time.time() + 1)
    assert write(tmp_path, name) == "whole"
    assert theirs.exists()


@pytest.mark.parametrize("replace", [atomic.replacing, replacing_folder])
def test_two_who_write_the_same_do_not_mix(tmp_path, replace):
    def fill(part, text):
        (part / "file" if part.is_dir() else part).write_text(text)

    with replace(tmp_path / "it") as first:
        fill(first, "first")
        with replace(tmp_path / "it") as second:
            fill(second, "second")
    kept = tmp_path / "it" / "file" if (tmp_path / "it").is_dir() else tmp_path / "it"
    assert kept.read_text() == "first"
    assert os.listdir(tmp_path) == ["it"]


def test_full_disk_is_told_with_the_name_of_the_file(tmp_path):
    full = OSError(28, "No space left on device")
    with (
        pytest.raises(OSError, match=r"No space left on device: '.*table\.csv'"),
        atomic.replacing(tmp_path / "table.csv"),
    ):
        raise full
    assert os.listdir(tmp_path) == []
