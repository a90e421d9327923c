"""What is installed is pinned once, and the pins of all environments agree."""

import re

import pytest
import yaml

from running import ROOT

REQUIREMENTS = ROOT / "requirements"


def pins(name):
    lines = (REQUIREMENTS / name).read_text(encoding="utf-8").splitlines()
    return dict(line.split("==") for line in lines if line and not line.startswith("#"))


@pytest.mark.parametrize("name", ["study.txt", "dev.txt"])
def test_every_requirement_is_pinned_without_index_path_or_local_version(name):
    lines = (REQUIREMENTS / name).read_text(encoding="utf-8").splitlines()
    pinned = re.compile(r"[a-z0-9-]+==[0-9][0-9a-z.]*")
    assert [x for x in lines if not x.startswith("#") and not pinned.fullmatch(x)] == []


def test_development_pins_are_those_of_the_study_and_more():
    assert pins("study.txt").items() < pins("dev.txt").items()


@pytest.mark.parametrize("path", sorted((ROOT / "envs").glob("*.yaml")), ids=lambda p: p.stem)
def test_conda_environment_has_the_versions_of_the_lock(path):
    environment = yaml.safe_load(path.read_text(encoding="utf-8"))
    (listed,) = (item["pip"] for item in environment["dependencies"] if isinstance(item, dict))
    assert dict(item.split("==") for item in listed).items() <= pins("study.txt").items()
