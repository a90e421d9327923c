"""A release says the same of itself everywhere."""

import re
import tomllib

import pytest
import yaml

import armed
from armed_study.command import main
from running import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
CITATION = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
CHANGELOG = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
RELEASES = re.findall(r"^## \[(\d+\.\d+\.\d+)\] - (\d{4}-\d{2}-\d{2})$", CHANGELOG, re.M)


def test_citation_and_newest_release_have_the_version_of_the_project():
    assert CITATION["version"] == PROJECT["version"]
    assert RELEASES[0] == (PROJECT["version"], str(CITATION["date-released"]))


def test_releases_stand_from_new_to_old_behind_what_is_unreleased():
    order = [tuple(map(int, version.split("."))) for version, _ in RELEASES]
    assert order == sorted(order, reverse=True)
    titles = re.findall(r"^## \[(.+?)\]", CHANGELOG, re.M)
    assert titles == ["Unreleased", *(version for version, _ in RELEASES)]


def test_release_is_divided_as_keep_a_changelog_has_it():
    newest = re.split(r"^## ", CHANGELOG, flags=re.M)[2]
    kinds = re.findall(r"^### (.+)$", newest, re.M)
    known = ["Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"]
    assert kinds == [kind for kind in known if kind in kinds]
    assert {"Added", "Changed", "Fixed"} <= set(kinds)


def test_command_tells_the_version_of_the_library(capsys):
    with pytest.raises(SystemExit, match=r"^0$"):
        main.main(["--version"])
    assert capsys.readouterr().out == f"armed {armed.__version__}\n"
