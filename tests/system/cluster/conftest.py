"""A Slurm, and a study that has run through it."""

import os

import pytest

import environments
import slurm
from running import snakemake, start

# Of this cluster: no accounting, one disk, jobs of seconds.
OURS = (
    "--slurm-status-command", "squeue", "--slurm-init-seconds-before-status-checks", "2",
    "--latency-wait", "10", "--set-scatter", "folds=2", "scans=2", "frames=2",
    "--conda-not-block-search-path-envvars",  # so that jobs can be made to fail
)  # fmt: skip


@pytest.fixture(scope="session")
def cluster(made_once, bare, tmp_path_factory):
    """Function that runs Snakemake with the profile for Slurm, in a folder, on a Slurm of our own.

    Its `start` only starts a run, which prints to ``printed.txt``. Each worker that needs a Slurm starts one.
    """
    absent = slurm.missing()
    if absent and "CI" not in os.environ:
        pytest.skip(f"found no {', '.join(absent)}, expected all of a Slurm")
    assert not absent
    driver = environments.driver("slurm", bare.commands)

    options = ("--workflow-profile", "workflow/profiles/slurm", *driver.options, *OURS)

    def run(*arguments, ask=snakemake, **more):
        return ask(*options, *arguments, python=driver.python, PATH=path, **more)

    def begin(*arguments, cwd, **more):
        return run(*arguments, ask=start, cwd=cwd, log=cwd / "printed.txt", **more)

    with slurm.running(tmp_path_factory.mktemp("slurm")) as variables:
        path = driver.path(variables["PATH"])
        run.environment, run.start = variables, begin
        yield run
