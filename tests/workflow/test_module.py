"""The workflow as a module of another one: under a prefix, from its own folder."""

import re

import pandas as pd
import pytest

from running import ROOT, SNAKEFILE, TINY, TINY_FILES, copy_users_files, jobs, succeed

OTHERS = f"""
configfile: "{TINY}"


module armed:
    snakefile: "{SNAKEFILE}"
    config: config
    prefix: "armed"


use rule * from armed as armed_*


rule all:
    default_target: True
    input: rules.armed_all.input
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "Snakefile").write_text(OTHERS, encoding="utf-8")
    copy_users_files(tmp_path)  # a user's file is where the other workflow runs
    return tmp_path


def test_everything_is_planned_under_the_prefix(folder):
    planned = succeed("--dry-run", cwd=folder)
    alone = succeed("-n", cwd=folder, configs=[TINY])
    of_module = {rule.removeprefix("armed_"): n for rule, n in jobs(planned).items()}
    assert of_module == jobs(alone)
    lines = re.findall(r"^ +(?:output|log|benchmark): (.*)$", planned, re.MULTILINE)
    paths = [path for line in lines for path in line.split(", ")]
    assert len(paths) > 200
    assert [path for path in paths if not path.startswith("armed/results/")] == []


def test_rules_run_with_their_scripts_and_package(folder):
    splits = "armed/results/tiny_spirals/splits.parquet"
    succeed("--cores", "1", "--", splits, cwd=folder)
    assert len(pd.read_parquet(folder / splits)) > 0
    left = {path.name for path in folder.iterdir()}
    assert left == {".snakemake", "Snakefile", "armed", *TINY_FILES}
    assert not (ROOT / "armed").exists()


def test_another_copy_of_the_package_that_is_found_first_is_not_used(tmp_path):
    other = tmp_path / "other" / "armed_study"
    other.mkdir(parents=True)
    (other / "__init__.py").write_text("raise SystemExit('another copy')", encoding="utf-8")
    samples = "results/tiny_spirals/samples.parquet"
    succeed("--cores", "1", "--", samples, cwd=tmp_path, configs=[TINY], PYTHONPATH=other.parent)
    assert (tmp_path / samples).is_file()
