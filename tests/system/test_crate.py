"""The crate of a run is valid by the profile that it claims; the validator knows one that is not."""

import json
import subprocess
import zipfile

import pytest

import environments
from running import ROOT

PROFILE = "workflow-run-crate-0.5"


@pytest.fixture(scope="module")
def validated(tmp_path_factory):
    """Function that validates a crate in the validator's own environment and gives its verdict."""
    python = environments.driver("validator", commands=None).python
    script = ROOT / "tests" / "support" / "crate_validation.py"

    def run(crate):
        line = [python, script, crate, PROFILE, tmp_path_factory.mktemp("cache")]
        return subprocess.run([*map(str, line)], capture_output=True, text=True, check=False)

    return run


def test_crate_of_a_run_is_valid(validated, exported):
    verdict = validated(exported / "results" / "crate.zip")
    assert verdict.returncode == 0, verdict.stdout
    assert f"is a valid {PROFILE}" in verdict.stdout


def test_crate_whose_run_names_no_workflow_is_invalid(validated, exported, tmp_path):
    with zipfile.ZipFile(exported / "results" / "crate.zip") as archive:
        archive.extractall(tmp_path)
    path = tmp_path / "ro-crate-metadata.json"
    told = json.loads(path.read_text(encoding="utf-8"))
    (run,) = (entity for entity in told["@graph"] if entity["@id"] == "#run")
    del run["instrument"]
    path.write_text(json.dumps(told), encoding="utf-8")
    verdict = validated(tmp_path)
    assert verdict.returncode == 1
    assert "instrument" in verdict.stdout
