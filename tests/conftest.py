"""Runs of the tiny study that several tests look at; each is made once, by the first worker to need it."""

import os

# Workers share the cores: threads of one would wait for those of the other. Before torch is imported.
for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[name] = "1"
os.environ.setdefault("MKL_CBWR", "AUTO,STRICT")  # as in a job, see armed_study.job

import shutil

import pytest
import yaml
from filelock import FileLock

import conda_stand_in
import environments
from running import OFFLINE, SNAKEFILE, TINY, copy_tree, succeed, tiny_config, write_tiny_table


@pytest.fixture(scope="session")
def made_once(tmp_path_factory):
    """Function that gives a folder which the workers share, made by the first that asks for it."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base

    def once(name, make):
        folder, done = shared / name, shared / f"{name}.done"
        with FileLock(shared / f"{name}.lock"):
            if not done.exists():
                shutil.rmtree(folder, ignore_errors=True)
                folder.mkdir()
                make(folder)
                done.touch()
        return folder

    return once


@pytest.fixture(scope="session")
def finished(made_once):
    """A copy of the tree in which the tiny study has run: two cores, one job a model, no network."""

    def make(folder):
        copy_tree(folder)
        succeed("--cores", "2", cwd=folder, **OFFLINE)

    return made_once("finished", make)


@pytest.fixture(scope="session")
def bare(made_once):
    """An environment with Snakemake alone, and the conda environments of all rules."""

    def make(folder):
        commands = conda_stand_in.install(folder / "conda")
        write_tiny_table(folder)
        driver = environments.driver("driver", commands)
        where = ("-s", SNAKEFILE, "--directory", folder, "--configfile", TINY)
        succeed(*where, "--cores", "1", *driver.options, "--conda-create-envs-only",
                cwd=folder, python=driver.python, PATH=driver.path())  # fmt: skip

    return environments.driver("driver", made_once("bare", make) / "conda" / "bin")


@pytest.fixture(scope="session")
def elsewhere(made_once, bare):
    """A folder without the workflow, where the tiny study has run as it would on another machine.

    From an environment with Snakemake alone, each rule in its own conda environment; one core, two jobs a
    model. The user's table, whose rules are those of others, is left out. What was printed is in
    ``printed.txt``.
    """

    def make(folder):
        config = tiny_config()
        del config["studies"]["tiny_table"]
        (folder / "tiny.yaml").write_text(yaml.safe_dump(config, sort_keys=False), "utf-8")
        where = ("-s", SNAKEFILE, "--directory", folder, "--configfile", folder / "tiny.yaml")
        parts = ("--cores", "1", "--set-scatter", "folds=2")
        printed = succeed(
            *where, *parts, *bare.options, cwd=folder, python=bare.python, PATH=bare.path()
        )
        (folder / "printed.txt").write_text(printed, encoding="utf-8")

    return made_once("elsewhere", make)
