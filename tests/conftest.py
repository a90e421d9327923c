"""Runs of the tiny study that several tests look at; each is made once a session.

Tests that use them are in one group, so that with `pytest -n 2 --dist loadgroup` one worker makes them.
"""

import os

# Two workers on two cores: threads of one would wait for those of the other. Before torch is imported.
for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[name] = "1"

import pytest

from running import SNAKEFILE, TINY, copy_tree, succeed, write_tiny_table


@pytest.fixture(scope="session")
def finished(tmp_path_factory):
    """A copy of the tree in which the tiny study has run: two cores, one job a model."""
    tree = copy_tree(tmp_path_factory.mktemp("finished"))
    succeed("--cores", "2", cwd=tree)
    return tree


@pytest.fixture(scope="session")
def elsewhere(tmp_path_factory):
    """A folder without the workflow, where the tiny study has run: one core, two jobs a model."""
    folder = tmp_path_factory.mktemp("elsewhere")
    write_tiny_table(folder)
    where = ("-s", SNAKEFILE, "--directory", folder, "--configfile", TINY)
    succeed(*where, "--cores", "1", "--set-scatter", "folds=2", cwd=folder)
    return folder
