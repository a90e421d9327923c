"""Runs of the tiny study that several tests look at; each is made once, by the first worker to need it."""

import os

# Workers share the cores: threads of one would wait for those of the other. Before torch is imported.
for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[name] = "1"
os.environ.setdefault("MKL_CBWR", "AUTO,STRICT")  # as in a job, see armed_study.job

import gc
import shutil

import pytest
from filelock import FileLock

import forked_jobs
from running import APART, OFFLINE, copy_tree, succeed

gc.set_threshold(100_000)  # what imports make is no garbage, and to look for it in them takes long


def pytest_configure(config):
    """Start the process that workers have jobs forked by; they inherit its address."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        os.environ["FORKED_JOBS"] = forked_jobs.start()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    """Begin with what takes longest: the run in separate environments, then others of the system."""
    items.sort(
        key=lambda item: ("system" not in item.keywords, "elsewhere" not in item.fixturenames)
    )


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
def exported(made_once, finished):
    """A copy of `finished` with the crate of its run, and what was printed in ``printed.txt``."""

    def make(folder):
        shutil.copytree(finished, folder, dirs_exist_ok=True)
        printed = succeed("--cores", "1", "--", *APART, cwd=folder)
        (folder / "printed.txt").write_text(printed, encoding="utf-8")

    return made_once("exported", make)
