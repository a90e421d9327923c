"""Tests of the whole in its surroundings: a cluster, a browser, environments, faults."""

from pathlib import Path

import pytest
import yaml

import environments
import fake_conda
from running import APART, TINY, copy_users_files, succeed, tiny_config


def pytest_collection_modifyitems(items):
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.system)


@pytest.fixture(scope="session")
def bare(made_once):
    """An environment with Snakemake alone, and the conda environments of all rules."""

    def make(folder):
        commands = fake_conda.install(folder / "conda")
        copy_users_files(folder)
        driver = environments.driver("driver", commands)
        succeed("--cores", "1", *driver.options, "--conda-create-envs-only", cwd=folder,
                configs=[TINY], python=driver.python, PATH=driver.path())  # fmt: skip

    return environments.driver("driver", made_once("bare", make) / "conda" / "bin")


DRAWN = "tiny_spirals"
"""The study whose figures are drawn where each rule runs in its own environment."""


@pytest.fixture(scope="session")
def elsewhere(made_once, bare):
    """A folder without the workflow, where the tiny study has run as it would on another machine.

    From an environment with Snakemake alone, each rule in its own conda environment, on one core (that two
    jobs a model change nothing is seen on the cluster). The user's table, whose rules are those of others, is
    left out, and so are the figures of all studies but one: they would take a third of the time. The run of
    that one is exported as a crate, too. What was printed is in ``printed.txt``.
    """

    def make(folder):
        config = tiny_config()
        del config["studies"]["tiny_table"]
        copy_users_files(folder)
        of_one = {**config, "studies": {DRAWN: config["studies"][DRAWN]}}
        run = ("--cores", "1", *bare.options)
        printed = []
        undrawn, drawn = ("--omit-from", "plot_figure", "plot_data"), ("--", "all", *APART)
        for content, options in ((config, undrawn), (of_one, drawn)):
            (folder / "tiny.yaml").write_text(yaml.safe_dump(content, sort_keys=False), "utf-8")
            printed.append(succeed(*run, *options, cwd=folder, configs=[folder / "tiny.yaml"],
                                   python=bare.python, PATH=bare.path()))  # fmt: skip
        (folder / "printed.txt").write_text("\f".join(printed), encoding="utf-8")

    return made_once("elsewhere", make)
