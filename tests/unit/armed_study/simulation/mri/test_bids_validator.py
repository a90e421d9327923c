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
BESIDE_PYTHON = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
OF_DENO = shutil.which("bids-validator-deno", path=BESIDE_PYTHON)  # requirements/dev.txt
COMMANDS = {
    "npm": [shutil.which("bids-validator"), "--json"],  # node's; .ci/run installs it
    "deno": [OF_DENO, "--recursive", "--format", "json"],
}


def by(validator, *others):
    """Parameters that are skipped where a validator is missing; not in CI."""
    missing = not COMMANDS[validator][0] and not os.environ.get("CI")
    reason = f"no bids-validator of {validator}: see .ci/run and requirements/dev.txt"
    return pytest.param(validator, *others, marks=pytest.mark.skipif(missing, reason=reason))


@pytest.fixture(scope="module")
def trees(tmp_path_factory):
    folder = tmp_path_factory.mktemp("trees")
    for name, derivatives in (("raw", False), ("mni", True)):
        write_tree(folder / name, MriSettings(**SIZES, derivatives=derivatives), 1)
    return folder


def errors(validator, tree):
    """Codes of the errors that a validator finds in a tree, and whether it accepts the tree."""
    program, *options = COMMANDS[validator]
    done = subprocess.run([program, tree, *options], capture_output=True, text=True, check=False)
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
@pytest.mark.parametrize(
    ("validator", "name"), [by("npm", "raw"), by("deno", "raw"), by("deno", "mni")]
)
def test_generated_tree_is_valid(trees, validator, name):
    assert errors(validator, trees / name) == set()


@pytest.mark.parametrize(("validator", "name", "wrong"), [
    by("npm", "raw", ("T1w", "T1")), by("deno", "raw", ("T1w", "T1")),
    by("deno", "mni", ("space-MNI", "room-MNI")),
])  # fmt: skip
def test_misnamed_image_is_found(trees, tmp_path, validator, name, wrong):
    tree = shutil.copytree(trees / name, tmp_path / name)
    image = next(tree.rglob("*_T1w.nii.gz"))
    image.rename(image.with_name(image.name.replace(*wrong)))
    found = errors(validator, tree)
    assert found if name == "mni" else "NOT_INCLUDED" in found
