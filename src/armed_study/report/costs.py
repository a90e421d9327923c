"""What jobs cost, as Snakemake measured it."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

# Importing pandas alone takes 100: less was measured before a job's program had begun.
_LEAST_MEGABYTES = 50


def read_benchmarks(paths: Sequence[str]) -> dict[str, pd.DataFrame]:
    """Read benchmark files ``.../<rule>/<job>.tsv``, by ``rule/job``.

    The rule is the first folder below the one that all files share.
    """
    files = [Path(path) for path in paths]
    shared = 0
    while (
        len({path.parts[: shared + 1] for path in files}) == 1 and shared < len(files[0].parts) - 2
    ):
        shared += 1
    return {
        "/".join(path.with_suffix("").parts[shared:]): pd.read_csv(path, sep="\t") for path in files
    }


def by_rule(frames: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Add up Snakemake's benchmark tables by rule, the costliest first.

    Parameters
    ----------
    frames
        One table for each job, with columns ``s`` (seconds) and ``max_rss`` (MB; text, or next to
        nothing, where the job was too short to measure). The key is ``rule`` or ``rule/anything``; a
        table of several repeats counts as one job of their mean time. ``total_seconds`` is of all rules.
    """
    jobs = _jobs(frames)
    table = _sum(jobs.assign(rule=[key.split("/", 1)[0] for key in frames]), "rule")
    return table.assign(total_seconds=table["seconds"].sum())


def by_model(frames: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Add up the benchmarks ``train_model/study/model/part`` by study and model, likewise."""
    trained = {key: frame for key, frame in frames.items() if key.startswith("train_model/")}
    names = [key.split("/")[1:3] for key in trained]
    jobs = _jobs(trained).assign(study=[n[0] for n in names], model=[n[1] for n in names])
    return _sum(jobs, "study", "model")


def _jobs(frames: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    seconds = [pd.to_numeric(f["s"], errors="coerce").mean() for f in frames.values()]
    peaks = [pd.to_numeric(f["max_rss"], errors="coerce").max() for f in frames.values()]
    megabytes = pd.Series(peaks, dtype=float)
    measured = megabytes.where(megabytes >= _LEAST_MEGABYTES)
    return pd.DataFrame({"seconds": seconds, "megabytes": measured})


def _sum(jobs: pd.DataFrame, *keys: str) -> pd.DataFrame:
    result = jobs.groupby(list(keys)).agg(
        jobs=("seconds", "size"),
        seconds=("seconds", "sum"),
        longest_seconds=("seconds", "max"),
        peak_megabytes=("megabytes", "max"),
    )
    upwards = [True] * (len(keys) - 1) + [False]
    order = [*keys[:-1], "seconds"]
    return result.reset_index().sort_values(order, ascending=upwards, ignore_index=True)
