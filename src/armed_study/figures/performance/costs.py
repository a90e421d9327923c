"""Figure of what the study costs: wall time and peak memory of each rule."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from armed_study.figures import style
from armed_study.figures.heading import Heading, drawing
from armed_study.messages import counted

_ABOUT = {"title": "", "nothing": "No benchmark was recorded."}
COLUMNS = ("rule", "jobs", "seconds", "longest_seconds", "peak_megabytes", "total_seconds")
_TIME, _MEMORY = "#332288", "#117733"


@drawing(_ABOUT, COLUMNS)
def draw(table: pd.DataFrame, heading: Heading) -> Figure:
    """Draw the summed wall time of each rule next to the highest memory of any of its jobs."""
    height = 0.2 * len(table) + 0.75
    figure, body = heading.canvas(height)
    time, memory = body.subplots(1, 2, sharey=True)
    place = np.arange(len(table))
    whole = float(table["total_seconds"].iloc[0])
    unit, seconds = ("min", 60) if whole > 600 else ("s", 1)
    values = table["seconds"].astype(float) / seconds
    peaks = table["peak_megabytes"].astype(float)
    jobs = zip(table["rule"], table["jobs"].astype(int), strict=True)
    for axis, numbers, colour in ((time, values, _TIME), (memory, peaks, _MEMORY)):
        axis.barh(place, numbers, height=0.65, color=colour)
        for at, number in zip(place, numbers, strict=True):
            axis.annotate(_text(number), (number if number == number else 0, at), xytext=(3, 0),
                          textcoords="offset points", va="center", size=6.5)  # fmt: skip
        axis.margins(x=0.14)
        axis.grid(axis="x")
        axis.tick_params(axis="y", length=0)
    time.set_yticks(place, [f"{rule} ({counted(count, 'job')})" for rule, count in jobs])
    time.set_ylim(len(table) - 0.4, -0.6)
    time.set_xlabel(f"Wall time, summed over jobs ({unit})")
    time.set_title(f"all rules: {whole / seconds:,.1f} {unit}")
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
