"""Figure of what the study costs: wall time and peak memory of each rule."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from armed_study.figures import style

COLUMNS = ("rule", "jobs", "seconds", "longest_seconds", "peak_megabytes")
_TIME, _MEMORY = "#332288", "#117733"
# Importing pandas alone takes 100: less was measured before a job's program had begun.
_LEAST_MEGABYTES = 50


def table(frames: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Add up Snakemake's benchmark tables by rule, the costliest first.

    Parameters
    ----------
    frames
        One table for each job, with columns ``s`` (seconds) and ``max_rss`` (MB; text, or next to
        nothing, where the job was too short to measure). The key is ``rule`` or ``rule/anything``; a
        table of several repeats counts as one job of their mean time.
    """
    jobs = _jobs(frames)
    return _sum(jobs.assign(rule=[key.split("/", 1)[0] for key in frames]), "rule")[list(COLUMNS)]


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


@style.styled
def draw(table: pd.DataFrame, *, title: str, origin: str = "", generated: bool = False) -> Figure:
    """Draw the summed wall time of each rule beside the highest memory of any of its jobs."""
    style.check(table, COLUMNS, "costs")
    if table.empty:
        return style.note("No benchmark was recorded.", title=title, origin=origin)
    height = 0.2 * len(table) + 0.75
    figure, body = style.canvas(height, title=title, origin=origin, generated=generated)
    time, memory = body.subplots(1, 2, sharey=True)
    place = np.arange(len(table))
    minutes = table["seconds"].sum() > 600
    values = table["seconds"].astype(float) / (60 if minutes else 1)
    jobs = table["jobs"].astype(int)
    names = [f"{rule} ({count} job{'s' if count > 1 else ''})"
             for rule, count in zip(table["rule"], jobs, strict=True)]  # fmt: skip
    time.barh(place, values, height=0.65, color=_TIME)
    memory.barh(place, table["peak_megabytes"].astype(float), height=0.65, color=_MEMORY)
    for axis, numbers in ((time, values), (memory, table["peak_megabytes"].astype(float))):
        for at, number in zip(place, numbers, strict=True):
            axis.annotate(_text(number), (number if number == number else 0, at), xytext=(3, 0),
                          textcoords="offset points", va="center", size=6.5)  # fmt: skip
        axis.margins(x=0.14)
        axis.grid(axis="x")
        axis.tick_params(axis="y", length=0)
    time.set_yticks(place, names)
    time.set_ylim(len(table) - 0.4, -0.6)
    total = values.sum()
    unit = "min" if minutes else "s"
    time.set_xlabel(f"Wall time, summed over jobs ({unit})")
    time.set_title(f"all rules: {total:,.1f} {unit}")
    memory.set_xlabel("Peak resident memory of one job (MB)")
    style.letter(time, 0)
    style.letter(memory, 1)
    return figure


def _text(number: float) -> str:
    if number != number:
        return "not measured"
    if number < 0.01:
        return "< 0.01"
    return f"{number:,.{0 if number >= 100 else 1 if number >= 1 else 2}f}"
