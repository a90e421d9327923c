"""The workflow in a crate: its files, so that it can run again, and the software that ran it."""

import shutil
from pathlib import Path

import pandas as pd
from rocrate.model.file import File
from rocrate.rocrate import ROCrate

from armed_study.report.crate import entities

FOLDERS = ("workflow", "src", "envs")  # what of the tree a run needs, with `_PROJECT`
_FIRST = "workflow/Snakefile"
_PROJECT = "pyproject.toml"
_CACHES = ("__pycache__", ".*", "*.egg-info")


def copy(tree: Path, folder: Path) -> Path:
    """Copy the workflow from a tree without what Python and editors keep there; return the folder."""
    for name in FOLDERS:
        shutil.copytree(tree / name, folder / name, ignore=shutil.ignore_patterns(*_CACHES))
    shutil.copy(tree / _PROJECT, folder)
    return folder


def add(
    crate: ROCrate, tree: Path, facts: pd.Series, packages: pd.DataFrame, snakemake_version: str
) -> File:
    """Add the workflow, as the main entity of the crate, and return it.

    Parameters
    ----------
    tree
        What `copy` has made; the Snakefile is moved out of its folder, of which it is listed apart.
    facts
        Of the record of the run: version and commit of the workflow.
    packages
        Of the same record: what ran it.
    """
    apart = (tree / _FIRST).rename(tree / "Snakefile")
    workflow = crate.add_workflow(
        apart, _FIRST, main=True, lang="snakemake", lang_version=snakemake_version,
        properties={
            "name": "The ARMED study",
            "description": "Compares ARMED with other methods on clustered data.",
            "version": f"{facts['Version of the workflow']}, commit {facts['Commit of the code']}",
            "encodingFormat": "text/plain",
        },
    )  # fmt: skip
    engine = entities.add(
        crate,
        "https://pypi.org/project/snakemake/",
        "SoftwareApplication",
        name="snakemake",
        url="https://snakemake.github.io",
        softwareVersion=snakemake_version,
    )
    workflow["license"] = entities.license_of(crate)
    workflow["citation"] = entities.paper(crate)
    workflow["conformsTo"] = entities.workflow_profile(crate)
    workflow["softwareRequirements"] = [engine, *entities.software(crate, packages)]
    for name in FOLDERS:
        crate.add_dataset(tree / name, name, properties={"name": f"Code: {name}"})
    about = {"name": "Versions and packages of the code", "encodingFormat": "application/toml"}
    crate.add_file(tree / _PROJECT, _PROJECT, properties=about)
    return workflow
