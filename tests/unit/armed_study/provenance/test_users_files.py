"""A user's file in the place of another is noticed, whatever its time."""

import os

import pytest

from armed_study.provenance import users_files
from refusals import refused


@pytest.fixture
def table(tmp_path):
    (tmp_path / "t.csv").write_text("a,b\n1,2\n")
    return tmp_path / "t.csv"


def older(path):
    os.utime(path, (1e9, 1e9))


def test_content_decides_and_not_time(table):
    before = users_files.content(table)
    older(table)
    assert users_files.content(table) == before
    table.write_text("a,b\n1,3\n")
    older(table)
    assert users_files.content(table) != before


def test_a_large_file_counts_by_size_and_time(table, monkeypatch):
    monkeypatch.setattr(users_files, "LARGE", 4)
    before = users_files.content(table)
    assert users_files.content(table) == before
    older(table)
    assert users_files.content(table) != before


def test_what_is_no_file_has_no_content(tmp_path):
    assert {users_files.content(tmp_path / name) for name in ("", "gone")} == {""}


def test_a_pointer_in_place_of_a_file_is_refused(tmp_path):
    (tmp_path / "t.csv").symlink_to(".git/annex/objects/x/t.csv")
    with refused("t.csv: a pointer of git-annex"):
        users_files.content(tmp_path / "t.csv")
