"""The workflow is clean for Snakemake's linter and formatted by snakefmt."""

import subprocess
import sys

from running import ROOT, succeed


def test_snakemake_lint_finds_nothing():
    assert "in a good condition" in succeed("--lint", cwd=ROOT)


def test_rules_are_formatted():
    done = subprocess.run(
        [sys.executable, "-m", "snakefmt", "--check", "workflow"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
