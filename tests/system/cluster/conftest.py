"""A Slurm, and a study that has run through it."""

import os

import pytest

import environments
import slurm
from cluster_options import OURS
from running import snakemake


@pytest.fixture(scope="session")
def cluster(made_once, bare, tmp_path_factory):
    """Function that runs Snakemake with the profile for Slurm, in a folder, on a Slurm of our own.

    Each worker that needs one starts one.
    """
    absent = slurm.missing()
    if absent and "CI" not in os.environ:
        pytest.skip(f"found no {', '.join(absent)}, expected all of a Slurm")
    assert not absent
    driver = environments.driver("slurm", bare.commands)
    folder = tmp_path_factory.mktemp("slurm")

    def run(*arguments, cwd, **more):
        profile = ("--workflow-profile", "workflow/profiles/slurm", *driver.options)
        return snakemake(
            *profile, *OURS, *arguments, cwd=cwd, python=driver.python, **{"PATH": path, **more}
        )

    with slurm.running(folder) as variables:
        path = driver.path(variables["PATH"])
        run.environment, run.driver = variables, driver
        yield run
