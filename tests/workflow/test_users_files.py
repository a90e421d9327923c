"""User's files that are replaced, by older ones too: what is made of them is made again."""

import os
import shutil

import pytest
import yaml

from running import TINY_TABLE, jobs, succeed, tiny_config
from small_frames import pixels, write_cells, write_frame

pytestmark = pytest.mark.slow

TARGETS = (
    "results/tiny_table/samples.parquet",
    *(f"results/tiny_livecell/frames/{n}-of-2/frames.parquet" for n in (1, 2)),
)
FRAME = "tree/low/B1/160101_A1-B1/b1/frame_3.png"


def snakemake(folder, *arguments):
    return succeed(*arguments, "--", *TARGETS, cwd=folder, configs=[folder / "config.yaml"])


def older(path):
    os.utime(path, (1e9, 1e9))


@pytest.fixture(scope="module")
def finished(made_once):
    """A folder in which a table and a tree of frames have been read."""

    def make(folder):
        studies = {name: tiny_config()["studies"][name] for name in ("tiny_table", "tiny_livecell")}
        studies["tiny_livecell"]["data"]["source"] = {"path": "tree"}
        del studies["tiny_livecell"]["data"]["generated"]
        content = {"seed": 1, "reference_model": "armed", "studies": studies}
        (folder / "config.yaml").write_text(yaml.safe_dump(content), encoding="utf-8")
        shutil.copy(TINY_TABLE, folder)
        write_cells(folder / "tree")
        snakemake(folder, "--cores", "1")

    return made_once("users_files", make)


@pytest.fixture
def folder(finished, tmp_path):
    return shutil.copytree(finished, tmp_path / "users")


def other_table(folder):
    path = folder / "tiny.csv"
    path.write_text(path.read_text().replace("yes", "no ", 1))
    older(path)


def other_frame(folder):
    write_frame(folder / FRAME, pixels(99))
    older(folder / FRAME)


def later_first_frame(folder):
    first = sorted((folder / "tree/high/A1/160101_A1-B1/a1").iterdir())[0]
    os.utime(first)


def newly_seen_date(folder):
    shutil.copytree(folder / "tree/low/B1/160101_A1-B1/b1", folder / "tree/low/B1/160102_A1/b6")


@pytest.mark.parametrize(
    ("change", "again"),
    [
        (lambda folder: os.utime(folder / "tiny.csv"), {}),
        (lambda folder: older(folder / "tiny.csv"), {}),
        (other_table, {"prepare_dataset": 1}),
        (other_frame, {"prepare_frames": 1}),
        (lambda folder: (folder / FRAME).unlink(), {"prepare_frames": 1}),
        (later_first_frame, {"prepare_frames": 2}),
        (newly_seen_date, {"prepare_frames": 2}),
    ],
    ids=["touched", "older", "other table", "other frame", "no frame", "first frame", "seen date"],
)
def test_what_a_changed_file_decides_is_made_again(folder, change, again):
    change(folder)
    assert jobs(snakemake(folder, "--dry-run")) == again
