"""`make` sets up everything itself, and says in a sentence when it cannot."""

import os
import shutil
import subprocess
import sys

import pytest

from running import ROOT


@pytest.fixture
def clone(tmp_path):
    shutil.copy(ROOT / "Makefile", tmp_path)
    shutil.copytree(ROOT / "requirements", tmp_path / "requirements")
    return tmp_path


def make(folder, *arguments):
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("MAKE", "MFLAGS"))}
    return subprocess.run(
        ["make", *arguments], cwd=folder, env=kept, capture_output=True, text=True, check=False
    )


def pretend_python(folder, version):
    """A program that says of itself, to the check, that it is this version of Python."""
    path = folder / "fake-python"
    path.write_text(
        '#!/bin/sh\n[ "$1" = -c ] && exit 1\n'
        "exec python3 -c 'import sys; from runpy import run_path; sys.argv = sys.argv[1:]; "
        f'sys.version_info = {version!r}; run_path(sys.argv[0])\' "$@"\n'
    )
    path.chmod(0o755)
    return path


@pytest.mark.parametrize("goal", ["study", "test"])
def test_too_old_python_is_refused_in_a_sentence_and_leaves_nothing(clone, goal):
    done = make(clone, goal, f"PYTHON={pretend_python(clone, (3, 9, 18))}")
    message = [line for line in done.stderr.splitlines() if not line.startswith("make")]
    assert done.returncode != 0
    assert len(message) == 1
    assert "Found Python 3.9.18" in message[0]
    assert "expected 3.11 or newer" in message[0]
    assert f"make {goal} PYTHON=python3.12" in message[0]
    assert not (clone / ".venv").exists()


def test_absent_python_is_refused_in_a_sentence_and_leaves_nothing(clone):
    done = make(clone, "study", "PYTHON=no-such-python")
    assert done.returncode != 0
    assert "Found no no-such-python, expected Python 3.11 or newer" in done.stderr
    assert not (clone / ".venv").exists()


@pytest.mark.parametrize("name", ["my study", "it's", "a&b", "$HOME", "two\ttabs"])
def test_folder_that_a_shell_would_split_is_refused_before_installing(clone, name):
    folder = clone.rename(clone.with_name(name))
    done = make(folder, "study")
    assert done.returncode != 0
    assert f"in the name of the folder {folder}" in done.stderr
    assert "move or rename the folder" in done.stderr
    assert not (folder / ".venv").exists()


def test_folder_with_letters_of_any_language_is_not_refused(clone):
    folder = clone.rename(clone.with_name("Zürich-東京_1.0"))
    check = [sys.executable, "requirements/check_python.py", "study"]
    assert subprocess.run(check, cwd=folder, check=False).returncode == 0


def test_interrupted_installation_is_done_again_from_the_start(clone):
    (clone / ".venv" / "bin").mkdir(parents=True)  # no stamp: an installation that did not end
    assert "-m venv --clear .venv" in make(clone, "-n", "study").stdout


def test_finished_installation_is_not_repeated(clone):
    (clone / ".venv").mkdir()
    (clone / ".venv" / ".study").touch()
    assert "pip install" not in make(clone, "-n", "study").stdout
    os.utime(clone / "requirements" / "study.txt", (2e9, 2e9))  # newer pins than the stamp
    assert "pip install" in make(clone, "-n", "study").stdout


def test_study_ends_by_naming_the_report(clone):
    last = make(clone, "-n", "study").stdout.strip().splitlines()[-1]
    assert last.startswith("echo")
    assert "results/report.html" in last


def test_help_names_every_target(clone):
    shown = make(clone, "help").stdout
    assert all(
        f"make {goal}" in shown
        for goal in ("install", "study", "test", "lint", "docs", "site", "lock")
    )
