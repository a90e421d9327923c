"""Generated trees of scans are BIDS, as its validators say; broken ones are not."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from armed_study.simulation.mri import MriSettings, write_tree

SIZES = {
    "sites_ge": 1, "sites_other": 1, "sites_unseen": 0, "subjects_seen_per_site": 2,
    "fewest_per_diagnosis": 1, "second_session_every": 2, "voxel_mm": 3,
}  # fmt: skip
IMAGE = "sub-0001/ses-01/anat/sub-0001_ses-01_T1w.nii.gz"

OF_NPM = shutil.which("bids-validator")  # node's; .ci/run installs it
OF_DENO = shutil.which(
    "bids-validator-deno",
    path=os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
)


def needs(tool, name):
    """Skip where a validator is missing; not in CI."""
    return pytest.mark.skipif(not tool and not os.environ.get("CI"), reason=f"no {name}")


NPM = pytest.param("npm", marks=needs(OF_NPM, "bids-validator of npm: see .ci/run"))
DENO = pytest.param("deno", marks=needs(OF_DENO, "bids-validator-deno: see requirements/dev.txt"))


@pytest.fixture(scope="module")
def trees(tmp_path_factory):
    folder = tmp_path_factory.mktemp("trees")
    for name, derivatives in (("raw", False), ("mni", True)):
        write_tree(folder / name, MriSettings(**SIZES, derivatives=derivatives), 1)
    return folder


@pytest.fixture
def raw(trees, tmp_path):
    """A copy, to be broken."""
    return shutil.copytree(trees / "raw", tmp_path / "raw")


def errors(validator, tree):
    """Codes of the errors that a validator finds in a tree, and whether it accepts the tree."""
    command = [OF_NPM, tree, "--json"] if validator == "npm" else [
        OF_DENO, tree, "--recursive", "--format", "json"
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    report = json.loads(done.stdout)
    if validator == "npm":
        found = {issue["key"] for issue in report["issues"]["errors"]}
    else:
        parts = [report, *report.get("derivativesSummary", {}).values()]
        issues = [issue for part in parts for issue in part["issues"]["issues"]]
        found = {issue["code"] for issue in issues if issue["severity"] == "error"}
    assert (done.returncode == 0) == (not found)
    return found


# npm's validator knows no images in derivatives.
@pytest.mark.parametrize(("validator", "name"), [
    pytest.param("npm", "raw", marks=NPM.marks),
    pytest.param("deno", "raw", marks=DENO.marks),
    pytest.param("deno", "mni", marks=DENO.marks),
])  # fmt: skip
def test_generated_tree_is_valid(trees, validator, name):
    assert errors(validator, trees / name) == set()


@pytest.mark.parametrize("validator", [NPM, DENO])
def test_misnamed_image_is_found(raw, validator):
    (raw / IMAGE).rename(raw / IMAGE.replace("T1w", "T1"))
    assert "NOT_INCLUDED" in errors(validator, raw)


@pytest.mark.parametrize("validator", [DENO])
def test_misnamed_image_among_derivatives_is_found(trees, tmp_path, validator):
    tree = shutil.copytree(trees / "mni", tmp_path / "mni")
    image = next(tree.rglob("*_T1w.nii.gz"))
    image.rename(image.with_name(image.name.replace("space-MNI", "room-MNI")))
    assert errors(validator, tree)
