"""Figure of the clusters of any table: outcome share of each with its interval, and its size."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from armed_study.figures import style
from armed_study.figures.heading import Heading, drawing
from armed_study.messages import counted
from armed_study.vocabulary.outcomes import KINDS

FIGURE = {
    "label": "Outcome by cluster",
    "title": "outcome by cluster",
    "nothing": "No sample is in any cluster.",
    "section": "Data",
    "outcomes": ("binary", "continuous", "count"),
    "kinds": ("table", "mci", "ad_mri", "livecell"),
    "reads": {"cluster_shares": "study"},
    "finding": """
{% if look.has('clusters') %}The share of outcome one, or the mean, is {{ look.span('clusters',
'share') }} over {{ look.count('clusters') }} clusters.{% endif %}
""",
    "caption": """
**Clusters of {name}**, sorted by their share of outcome 1 or, where it is a number, by their mean
outcome. (a) Share in each cluster with Wilson's 95 % interval, or mean with its t interval, which
treat the samples of a cluster as independent; the dashed line is that over all samples. (b) Number
of samples, in the same order. Orange marks clusters that no fold trains on; those that are left out
in some folds only count as seen. The spread of the shares holds both the differences between
clusters and the chance of small ones.
""",
}
_MOST_NAMED = 45  # more cluster names than this do not fit below the axis
_SEEN, _UNSEEN = "#332288", "#D55E00"


@drawing(FIGURE)
def draw(table: pd.DataFrame, heading: Heading, outcome: str = "binary") -> Figure:
    """Draw the outcome share, or mean, of the sorted clusters above their numbers of samples."""
    named = len(table) <= _MOST_NAMED
    figure, body = heading.canvas(4.4)
    share, size = body.subplots(2, 1, sharex=True, height_ratios=(3, 2))
    held_out = table["held_out"].astype(bool).to_numpy()
    place = np.arange(1, len(table) + 1)
    _draw_shares(share, table, place, held_out)
    share.set(ylabel=KINDS[outcome].average)
    if outcome == "binary":
        share.set(ylim=(-0.03, 1.03))
    width = 0.75 if len(table) <= 100 else 1.0
    size.bar(place, table["samples"], width=width, color=np.where(held_out, _UNSEEN, _SEEN))
    size.set(ylabel="Samples in the cluster", ylim=(0, None), xlim=(0.2, len(table) + 0.8))
    what = "outcome share" if outcome == "binary" else "mean outcome"
    size.set_xlabel(f"Cluster, by {what}" if named else f"Cluster (rank of its {what})")
    if named:
        turned = max(map(len, table["cluster"].astype(str))) * len(table) > 90
        names = {"rotation": 90} if turned else {}
        size.set_xticks(place, table["cluster"].astype(str), **names)
        share.tick_params(axis="x", length=0)
        size.tick_params(axis="x", length=0)
    for index, axis in enumerate((share, size)):
        axis.grid(axis="y")
        style.letter(axis, index)
    style.legend(body, _entries(table, held_out, what.removeprefix("outcome ")))
    return figure


def _draw_shares(axis: Axes, table: pd.DataFrame, place: np.ndarray, held_out: np.ndarray) -> None:
    size = 3.5 if len(table) <= 100 else 2
    for mask, colour, marker in ((~held_out, _SEEN, "o"), (held_out, _UNSEEN, "D")):
        rows = table[mask]
        axis.vlines(place[mask], rows["low"], rows["high"], color=colour, lw=size / 4.5, alpha=0.6)
        axis.plot(place[mask], rows["share"], marker, ms=size, color=colour)
    axis.axhline(table["overall"].iloc[0], **style.DASHED)


def _entries(table: pd.DataFrame, held_out: np.ndarray, what: str) -> style.Entries:
    seen = "seen cluster" if held_out.any() else "cluster"
    kinds = ((~held_out, _SEEN, "o", seen), (held_out, _UNSEEN, "D", "unseen cluster"))
    shown = [
        style.entry(f"{counted(len(table[mask]), name)}, 95 % interval", marker=marker, color=colour,
                    lw=0.8, ms=3.5)
        for mask, colour, marker, name in kinds if mask.any()
    ]  # fmt: skip
    whole = table.iloc[0]
    label = f"{what} over all {whole['all_samples']:,} samples: {whole['overall']:.3f}"
    return [*shown, style.entry(label, **style.DASHED)]
