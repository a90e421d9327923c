"""The record of a run as tables: the run itself, its studies, its rules, its packages."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from armed_study.io.tables import read_table
from armed_study.messages import counted
from armed_study.report import surroundings

ROOT = Path(__file__).resolve().parents[3]
NOTE = (
    "What this run was made by, when this page was written. Jobs run side by side, so their wall times add "
    "up to more than was waited for. Packages: pinned is what the environments under envs/ hold; installed "
    "is what was there for the job that wrote this page."
)
_COSTS = {
    "seconds": "wall time, all jobs (s)",
    "longest_seconds": "wall time, longest job (s)",
    "peak_megabytes": "highest memory of a job (MB)",
}


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
    replicas = f"{sized['replicas'].sum():,}, one a replica of a network"
    facts = {
        "Written": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        "Commit of the code": surroundings.commit(ROOT),
        "Changed since that commit": surroundings.changes(ROOT),
        "Version of the workflow": surroundings.workflow_version(ROOT),
        "Snakemake": snakemake_version,
        **surroundings.machine(),
        **taken(costs),
        "Seed of the configuration": str(seed),
        "Seeds made from it": replicas,
    }
    return {
        "Run": pd.DataFrame(facts.items(), columns=["item", "value"]),
        "Studies": sized,
        "Time and memory": costs.rename(columns=_COSTS),
        "Packages": surroundings.packages(ROOT),
    }


def taken(costs: pd.DataFrame) -> dict[str, str]:
    """What all jobs took of the machine, by item."""
    seconds, jobs = costs["seconds"].sum(), int(costs["jobs"].sum())
    time = f"{seconds / 60:,.1f} min" if seconds >= 60 else f"{seconds:.1f} s"
    peak = costs["peak_megabytes"].max()
    return {
        "Wall time, summed over jobs": f"{time} ({counted(jobs, 'job')})",
        "Highest memory of a job": "not measured" if pd.isna(peak) else f"{peak:,.0f} MB",
    }


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
