"""The workflow is clean for Snakemake's linter and formatted by snakefmt."""

from running import ROOT, python, succeed


def test_snakemake_lint_finds_nothing():
    assert "in a good condition" in succeed("--lint", cwd=ROOT)


def test_rules_are_formatted():
    python("-m", "snakefmt", "--check", "workflow", cwd=ROOT)
