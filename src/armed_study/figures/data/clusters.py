"""Figure of the clusters of any table: outcome share of each with its interval, and its size."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from armed_study.figures import style
from armed_study.statistics.intervals import wilson
from armed_study.vocabulary.labels import order_clusters

COLUMNS = ("cluster", "held_out", "samples", "positives", "share", "low", "high")
_MOST_NAMED = 45  # more cluster names than this do not fit below the axis
_SEEN, _UNSEEN = "#332288", "#D55E00"


def table(samples: pd.DataFrame, splits: pd.DataFrame | None = None) -> pd.DataFrame:
    """Count samples and positive outcomes of each cluster, sorted by outcome share.

    Parameters
    ----------
    samples
        The study's samples, outcome 0 or 1.
    splits
        Its splits: clusters that no fold trains on are held out too.

    Returns
    -------
    pd.DataFrame
        One row a cluster; `low` and `high` are Wilson's 95 % interval of the share.
    """
    if splits is not None:
        train = splits.loc[splits["partition"].astype(str) == "train", "sample"].astype(str)
        trained = samples.loc[samples["sample"].astype(str).isin(set(train)), "cluster"]
        samples = samples.assign(held_out=~samples["cluster"].isin(set(trained)))
    frame = pd.DataFrame(
        {
            "cluster": samples["cluster"].astype(str),
            "held_out": samples["held_out"].astype(bool),
            "outcome": samples["outcome"].astype(float),
        }
    )
    counts = frame.groupby("cluster").agg(
        held_out=("held_out", "max"), samples=("outcome", "size"), positives=("outcome", "sum")
    )
    counts = counts.loc[order_clusters(counts.index)].reset_index()
    counts["share"] = counts["positives"] / counts["samples"]
    counts["low"], counts["high"] = wilson(
        counts["positives"].to_numpy(), counts["samples"].to_numpy()
    )
    counts["positives"] = counts["positives"].astype(int)
    return counts.sort_values("share", kind="stable", ignore_index=True)[list(COLUMNS)]


@style.styled
def draw(table: pd.DataFrame, *, title: str, origin: str = "", generated: bool = False) -> Figure:
    """Draw the outcome share of the sorted clusters above their numbers of samples."""
    style.check(table, COLUMNS, "data_clusters")
    title = f"{title}: outcome by cluster"
    named = len(table) <= _MOST_NAMED
    figure, body = style.canvas(4.4, title=title, origin=origin, generated=generated)
    share, size = body.subplots(2, 1, sharex=True, height_ratios=(3, 2))
    held_out = table["held_out"].astype(bool).to_numpy()
    place = np.arange(1, len(table) + 1)
    _draw_shares(share, table, place, held_out)
    width = 0.75 if len(table) <= 100 else 1.0
    size.bar(place, table["samples"], width=width, color=np.where(held_out, _UNSEEN, _SEEN))
    size.set(ylabel="Samples in the cluster", ylim=(0, None), xlim=(0.2, len(table) + 0.8))
    size.set_xlabel("Cluster, by outcome share" if named else "Cluster (rank of its outcome share)")
    if named:
        turned = max(map(len, table["cluster"].astype(str))) * len(table) > 90
        names = {"rotation": 90} if turned else {}
        size.set_xticks(place, table["cluster"].astype(str), **names)
        share.tick_params(axis="x", length=0)
        size.tick_params(axis="x", length=0)
    for index, axis in enumerate((share, size)):
        axis.grid(axis="y")
        style.letter(axis, index)
    style.legend(body, _handles(table, held_out))
    return figure


def _draw_shares(axis: Axes, table: pd.DataFrame, place: np.ndarray, held_out: np.ndarray) -> None:
    size = 3.5 if len(table) <= 100 else 2
    for mask, colour, marker in ((~held_out, _SEEN, "o"), (held_out, _UNSEEN, "D")):
        rows = table[mask]
        axis.vlines(place[mask], rows["low"], rows["high"], color=colour, lw=size / 4.5, alpha=0.6)
        axis.plot(place[mask], rows["share"], marker, ms=size, color=colour)
    overall = table["positives"].sum() / table["samples"].sum()
    axis.axhline(overall, color="black", lw=0.8, ls=(0, (4, 2)))
    axis.set(ylabel="Share of outcome 1", ylim=(-0.03, 1.03))


def _handles(table: pd.DataFrame, held_out: np.ndarray) -> list[Line2D]:
    seen = "seen cluster" if held_out.any() else "cluster"
    kinds = ((~held_out, _SEEN, "o", seen), (held_out, _UNSEEN, "D", "unseen cluster"))
    handles = [
        Line2D([], [], marker=marker, color=colour, lw=0.8, ms=3.5,
               label=f"{mask.sum()} {name}{'s' if mask.sum() > 1 else ''}, 95 % interval")
        for mask, colour, marker, name in kinds if mask.any()
    ]  # fmt: skip
    share = table["positives"].sum() / table["samples"].sum()
    label = f"share over all {int(table['samples'].sum()):,} samples: {share:.3f}"
    return [*handles, Line2D([], [], color="black", lw=0.8, ls=(0, (4, 2)), label=label)]
