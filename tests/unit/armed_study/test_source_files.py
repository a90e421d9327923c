"""What lies at a path of the user is read, left out by a rule, or refused in a sentence."""

import os
import socket
from pathlib import Path

import pytest

from armed_study import source_files
from armed_study.source_files import (
    check_readable,
    folders,
    same_place,
    visible,
    why_unreadable,
)
from refusals import refused

KEY = ".git/annex/objects/Xx/Yy/MD5E-s9--0a.nii.gz/MD5E-s9--0a.nii.gz"
LFS = "version https://git-lfs.github.com/spec/v1\noid sha256:0a\nsize 9000\n"


def listen(path):
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(str(path))


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda path: path.write_text(LFS), "a pointer of git LFS.*run 'git lfs pull'"),
        (lambda path: path.symlink_to(f"../{KEY}"), "a pointer of git-annex.*'datalad get'"),
        (lambda path: path.write_text("/annex/objects/MD5E-s9--0a.nii.gz\n"), "a pointer of git-annex"),
        (lambda path: path.write_text(f"../../{KEY}"), "a pointer of git-annex"),
        (lambda path: path.symlink_to("elsewhere"), "a link to elsewhere, where nothing is"),
        (lambda path: path.symlink_to(path.name), "cannot be reached .Too many levels of symbolic"),
        (os.mkfifo, "a pipe, socket or device"),
        (listen, "a pipe, socket or device"),
        (Path.mkdir, "a folder, expected a file"),
    ],
    ids=["LFS", "annex", "unlocked", "copied link", "nowhere", "loop", "pipe", "socket", "folder"],
)  # fmt: skip
def test_what_is_no_file_with_content_is_refused(tmp_path, make, words):
    make(tmp_path / "x")
    with refused(f"x: {words}"):
        check_readable(tmp_path / "x")


@pytest.mark.parametrize("content", [b"", b"version 1", b"see /annex/objects/\n" * 99, bytes(5000)])
def test_a_file_is_readable_whatever_it_holds(tmp_path, content):
    (tmp_path / "x").write_bytes(content)
    assert not why_unreadable(tmp_path / "x")
    (tmp_path / "link").symlink_to("x")
    check_readable(tmp_path / "link")
    check_readable(tmp_path / "not there")


def test_files_and_folders_without_permission_are_refused(tmp_path, monkeypatch):
    (tmp_path / "x").touch()
    monkeypatch.setattr(source_files.os, "access", lambda *_: False)
    with refused("x: cannot be read .Permission denied.*correct its permissions"):
        check_readable(tmp_path / "x")

    def forbid(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", forbid)
    with refused("cannot be listed .Permission denied"):
        visible(tmp_path)
    monkeypatch.undo()
    monkeypatch.setattr(Path, "stat", forbid)
    for ask in (check_readable, folders):
        with refused("cannot be reached .Permission denied"):
            ask(tmp_path if ask is folders else tmp_path / "x")


def test_what_systems_leave_in_folders_is_not_seen(tmp_path):
    for name in (".git", "@eaDir", "__MACOSX", ".ipynb_checkpoints", "a", "$RECYCLE.BIN"):
        (tmp_path / name).mkdir()
    for name in ("._b.tif", ".~lock.c.tsv#", "~$d.xlsx", ".DS_Store", "b.tif"):
        (tmp_path / name).touch()
    assert [path.name for path in visible(tmp_path)] == ["a", "b.tif"]
    assert folders(tmp_path) == [tmp_path / "a"]


def test_folders_fit_a_pattern_in_any_case_and_a_broken_link_is_refused(tmp_path):
    for name in ("sub-1", "SUB-2", "other"):
        (tmp_path / name).mkdir()
    (tmp_path / "sub-3").symlink_to("other")
    (tmp_path / "README").symlink_to("nowhere")
    found = ["SUB-2", "sub-1", "sub-3"]
    assert [path.name for path in folders(tmp_path, "sub-*")] == found
    (tmp_path / "sub-4").symlink_to("nowhere")
    with refused("sub-4: a link to nowhere"):
        folders(tmp_path, "sub-*")


def test_two_names_of_one_file_are_told(tmp_path):
    (tmp_path / "a").touch()
    (tmp_path / "b").symlink_to("a")
    os.link(tmp_path / "a", tmp_path / "c")
    (tmp_path / "d").touch()
    (tmp_path / "e").symlink_to("nowhere")
    paths = {name: tmp_path / name for name in "abcde"}
    assert same_place([paths["a"], paths["d"], paths["e"]]) is None
    assert same_place([paths["d"], paths["a"], paths["b"]]) == (paths["a"], paths["b"])
    assert same_place([paths["b"], paths["c"]]) == (paths["b"], paths["c"])
