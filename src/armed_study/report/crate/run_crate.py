"""The crate of a run: the workflow, what it was given, when it ran, and what came of it."""

from collections.abc import Iterable, Mapping
from io import StringIO
from pathlib import Path
from typing import Any

import pandas as pd
import yaml
from rocrate.model.contextentity import ContextEntity
from rocrate.model.file import File
from rocrate.rocrate import ROCrate

from armed_study.report.crate import code, entities, results

_CONFIG = "config/config.yaml"
_README = """\
# A run of the ARMED study

`results/` holds what came of it, `ro-crate-metadata.json` what each file is and what it was made by.
`{config}` is the whole configuration, with all files and the command line put together.
Where Snakemake {version} is installed, `snakemake --cores all --sdm conda` in this folder does the same
again; files of yours that the configuration names have to be put where it names them.
"""


def make(
    given: Mapping[str, Any],
    *,
    tree: Path,
    root: Path,
    studies: Mapping[str, Mapping[str, Any]],
    configuration: Mapping[str, Any],
    snakemake_version: str,
) -> ROCrate:
    """Return the crate of a run, to be written.

    Parameters
    ----------
    given
        Files by what they are: the lists `results` and `benchmarks` (of Snakemake), and `record`, which
        is `tables/provenance.csv`.
    tree
        Folder with the workflow: see `code.copy`.
    root
        Folder of the results.
    studies
        By study `title`, `data` (where they come from) and whether these are `generated`.
    configuration
        What the run was configured by; `agent`, if it names one, is who ran it.
    """
    record = pd.read_csv(given["record"])
    facts = record[record["section"] == "Run"].set_index("item")["value"].astype(str)
    crate = ROCrate(version="1.1")
    # That version of RO-Crate has no term for it, which the profile's namespace has.
    crate.metadata.extra_terms = {"sha256": "https://w3id.org/ro/terms/workflow-run#sha256"}
    packages = record[record["section"] == "Packages"]
    workflow = code.add(crate, tree, facts, packages, snakemake_version)
    inputs, data = _inputs(crate, workflow, studies, configuration)
    outputs = results.add_results(crate, given["results"], root, studies, data)
    start, end = span(given["benchmarks"], given["results"])
    named = configuration.get("agent")
    action = entities.add(
        crate,
        "#run",
        "CreateAction",
        name=f"Run by Snakemake {snakemake_version} of {', '.join(studies)}",
        description=_circumstances(facts),
        instrument=workflow,
        object=inputs,
        result=outputs,
        startTime=start,
        endTime=end,
        actionStatus="http://schema.org/CompletedActionStatus",
        agent=entities.agent(crate, named) if named else None,
    )
    _describe(crate, action, studies)
    text = _README.format(config=_CONFIG, version=snakemake_version)
    about = {"name": "What this is", "encodingFormat": "text/markdown", "about": crate.root_dataset}
    crate.add_file(StringIO(text), "README.md", properties=about)
    return crate


def span(benchmarks: Iterable[str], files: Iterable[str]) -> tuple[str, str]:
    """Return when the first job began and the last one ended, as UTC to the second.

    A benchmark is written when its job ends and holds the seconds that it took; jobs without one count
    by their files.
    """
    ends = [Path(path).stat().st_mtime for path in (*benchmarks, *files)]
    took = ((path, pd.read_csv(path, sep="\t")["s"].max()) for path in benchmarks)
    begins = [Path(path).stat().st_mtime - seconds for path, seconds in took]
    times = pd.to_datetime([min(begins + ends), max(ends)], unit="s", utc=True)
    start, end = (time.isoformat(timespec="seconds") for time in times)
    return start, end


def _inputs(
    crate: ROCrate,
    workflow: File,
    studies: Mapping[str, Mapping[str, Any]],
    configuration: Mapping[str, Any],
) -> tuple[list[ContextEntity | File], dict[str, ContextEntity]]:
    """Add what the run was given: configuration, seed, and data of each study."""
    taken = {
        "configuration": entities.parameter(crate, "configuration", "File"),
        "seed": entities.parameter(crate, "seed", "Integer"),
        "data": entities.parameter(crate, "data", "Text"),
    }
    text = yaml.safe_dump(dict(configuration), sort_keys=False, allow_unicode=True)
    config = crate.add_file(
        StringIO(text),
        _CONFIG,
        record_size=True,
        properties={
            "name": "Configuration of the run, complete",
            "encodingFormat": results.FORMATS[".yaml"],
            "exampleOfWork": taken["configuration"],
        },
    )
    seed = entities.add(
        crate,
        "#seed",
        "PropertyValue",
        name="Seed of everything random",
        value=configuration["seed"],
        exampleOfWork=taken["seed"],
    )
    data = entities.data(crate, studies, taken["data"])
    workflow["input"] = list(taken.values())
    return [config, seed, *data.values()], data


def _circumstances(facts: pd.Series) -> str:
    told = ("Operating system", "Processor", "Cores", "Memory", "GPU", "Changed since that commit")
    return "; ".join(f"{name}: {facts[name]}" for name in told)


def _describe(
    crate: ROCrate, action: ContextEntity, studies: Mapping[str, Mapping[str, Any]]
) -> None:
    """Say of the crate what it is, and by which profiles."""
    told = (f"{study['title']} ({study['data']})" for study in studies.values())
    root = crate.root_dataset
    root["name"] = "A run of the ARMED study"
    root["description"] = f"Tables, figures and pages of: {'; '.join(told)}."
    root["license"] = crate.get(entities.LICENSE)
    root["citation"] = crate.get(entities.PAPER)
    root["conformsTo"] = entities.profiles(crate)
    root["mentions"] = action
    root["datePublished"] = action["endTime"]
    if agent := action.get("agent"):
        root["author"] = agent
