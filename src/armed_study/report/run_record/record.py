"""The record of a run as tables: the run itself, its studies, its rules, its packages."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from armed_study.io.tables import read_table
from armed_study.messages import counted
from armed_study.report.run_record import checkout, machine, packages

ROOT = Path(__file__).resolve().parents[4]
NOTE = (
    "What this run was made by, when this page was written. Jobs run side by side, so their wall times add "
    "up to more than was waited for. Packages: pinned is what the environments under envs/ hold; installed "
    "is what was there for the job that wrote this page."
)


def tables(
    files: Mapping[str, Any],
    *,
    studies: Mapping[str, Mapping[str, Any]],
    seed: int,
    snakemake_version: str,
) -> dict[str, pd.DataFrame]:
    """All tables of the record, by their headings.

    Parameters
    ----------
    files
        `costs`, and `samples` and `splits` of each study, in the order of ``studies``.
    studies
        What the configuration tells of each study: see `of_studies`.
    """
    samples = [read_table(path, "samples") for path in files["samples"]]
    splits = [read_table(path, "splits") for path in files["splits"]]
    sized = of_studies(studies, samples, splits)
    costs = pd.read_csv(files["costs"])
    return {
        "Run": pd.concat([of_code(snakemake_version), of_machine(costs), of_seeds(seed, sized)]),
        "Studies": sized,
        "Time and memory": of_rules(costs),
        "Packages": packages.table(ROOT),
    }


def of_code(snakemake_version: str) -> pd.DataFrame:
    """Time of writing, commit and versions, one row an item."""
    return _items(
        {
            "Written": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
            "Commit of the code": checkout.commit(ROOT),
            "Changed since that commit": checkout.changes(ROOT),
            "Version of the workflow": packages.workflow_version(ROOT),
            "Snakemake": snakemake_version,
        }
    )


def of_machine(costs: pd.DataFrame) -> pd.DataFrame:
    """The machine, and what all jobs took of it, one row an item."""
    seconds, jobs = costs["seconds"].sum(), int(costs["jobs"].sum())
    taken = f"{seconds / 60:,.1f} min" if seconds >= 60 else f"{seconds:.1f} s"
    peak = costs["peak_megabytes"].max()
    return _items(
        {
            **machine.describe(),
            "Wall time, summed over jobs": f"{taken} ({counted(jobs, 'job')})",
            "Highest memory of a job": "not measured" if pd.isna(peak) else f"{peak:,.0f} MB",
        }
    )


def of_seeds(seed: int, studies: pd.DataFrame) -> pd.DataFrame:
    """The seed, and how many follow from it, one row an item."""
    replicas = f"{studies['replicas'].sum():,}, one a replica of a network"
    return _items({"Seed of the configuration": str(seed), "Seeds made from it": replicas})


def _items(facts: Mapping[str, str]) -> pd.DataFrame:
    return pd.DataFrame(facts.items(), columns=["item", "value"])


def of_studies(
    settings: Mapping[str, Mapping[str, Any]],
    samples: Sequence[pd.DataFrame],
    splits: Sequence[pd.DataFrame],
) -> pd.DataFrame:
    """One row a study: source of its data, its size, and how often each model is trained.

    Parameters
    ----------
    settings
        By study: `title`, `kind`, `data` (where they come from), `models` and `networks` (how many are
        trained) and `seeds` (repetitions of each fold).
    samples, splits
        Tables of these names, one a study.
    """
    rows = [
        {
            "study": name,
            **{key: study[key] for key in ("title", "kind", "data")},
            **_sizes(known, dealt),
            "models": study["models"],
            "folds": dealt["fold"].nunique(),
            "seeds": study["seeds"],
            "replicas": study["networks"] * dealt["fold"].nunique() * study["seeds"],
        }
        for (name, study), known, dealt in zip(settings.items(), samples, splits, strict=True)
    ]
    return pd.DataFrame(rows)


def _sizes(samples: pd.DataFrame, splits: pd.DataFrame) -> dict[str, int]:
    """Samples and clusters that some fold sees, and that some fold leaves out whole."""
    clusters = samples.set_index(samples["sample"].astype(str))["cluster"]
    unseen = splits["partition"].astype(str) == "unseen"
    sizes: dict[str, int] = {}
    for name, part in (("seen", splits[~unseen]), ("unseen", splits[unseen])):
        found = part["sample"].astype(str).unique()
        sizes |= {f"{name}_samples": len(found), f"{name}_clusters": clusters[found].nunique()}
    return sizes


def of_rules(costs: pd.DataFrame) -> pd.DataFrame:
    """Jobs, wall time and memory by rule, under names that say so."""
    return costs.rename(
        columns={
            "seconds": "wall time, all jobs (s)",
            "longest_seconds": "wall time, longest job (s)",
            "peak_megabytes": "highest memory of a job (MB)",
        }
    )


def tidy(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """All tables as one, a row a value; the first column of a table names its items."""
    rows = [
        (section, item, name, value)
        for section, frame in tables.items()
        for name in frame.columns[1:]
        for item, value in zip(frame.iloc[:, 0], frame[name], strict=True)
    ]
    columns = ["section", "item", "property", "value"]
    return pd.DataFrame(rows, columns=columns, dtype=object)
