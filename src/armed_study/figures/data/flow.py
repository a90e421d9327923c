"""Figure of the participant flow: who was kept at each step, and who was left out by which reason."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from armed_study.figures import style
from armed_study.figures.data.flow_boxes import FORK, LINE, PAD, Box, place_branches, place_stages

COLUMNS = ("order", "kind", "stage", "reason", "count", "positives")
_BRANCH_COLOURS = ("#332288", "#D55E00")


def table(
    flow: pd.DataFrame,
    samples: pd.DataFrame | None = None,
    splits: pd.DataFrame | None = None,
    *,
    cluster: str = "cluster",
) -> pd.DataFrame:
    """Say of each row of the flow whether it was kept, left out, or is a branch of the final fork.

    Parameters
    ----------
    flow
        The study's table. The last stages are branches where they share one `order`, or where
        nobody was left out for them and they add up to the stage before.
    samples, splits
        The study's tables. Where the flow has no branches, the seen and the unseen clusters become
        them, provided that the same clusters are unseen in all folds.
    cluster
        What a cluster is called, for example ``site``.

    Returns
    -------
    pd.DataFrame
        `kind` is ``kept``, ``left_out`` or ``branch``; `positives`, samples with outcome 1, is
        known for branches made of samples and splits.
    """
    rows = flow.assign(stage=flow["stage"].astype(str), reason=_text(flow["reason"]))
    rows = rows.sort_values("order", kind="stable", ignore_index=True)
    kept = rows[rows["reason"] == ""]
    rows["kind"] = "left_out"
    rows.loc[kept.index, "kind"] = "kept"
    rows.loc[_last_branches(rows, kept), "kind"] = "branch"
    rows["positives"] = pd.NA
    if samples is not None and splits is not None and len(kept) and "branch" not in set(rows.kind):
        rows = pd.concat([rows, _branches(samples, splits, cluster, int(rows["order"].max()) + 1)])
    rows["positives"] = rows["positives"].astype("Int64")
    return rows.reset_index(drop=True)[list(COLUMNS)]


@style.styled
def draw(table: pd.DataFrame, *, title: str, origin: str = "", generated: bool = False) -> Figure:
    """Draw kept counts down the middle, those left out beside them, and the fork at the end."""
    style.check(table, COLUMNS, "flow")
    title = f"{title}: from the source to the analysis"
    table = table.assign(reason=_text(table["reason"]))
    if table.empty:
        return style.note("No flow was recorded for this study.", title=title, origin=origin,
                          generated=generated)  # fmt: skip
    main, sides = place_stages(table)
    branches = place_branches(table, main[-1] if main else None)
    height = max(box.bottom for box in [*main, *sides.values(), *branches]) + 0.08
    figure, body = style.canvas(height, title=title, origin=origin, generated=generated)
    axis = body.add_axes((0, 0, 1, 1))
    axis.set(xlim=(0, style.WIDTH), ylim=(height, 0))
    axis.set_axis_off()
    for index, box in enumerate(main):
        _draw_box(axis, box, style.INK)
        if index:
            _arrow(axis, (box.middle, main[index - 1].bottom), (box.middle, box.top))
    for index, box in sides.items():
        _draw_box(axis, box, "#9A9A9A", fill="#F6F6F6")
        at = (box.top + box.bottom) / 2
        _arrow(axis, (main[min(index, len(main) - 1)].middle, at), (box.left, at))
    _draw_branches(axis, branches, main[-1] if main else None)
    return figure


def _text(column: pd.Series) -> pd.Series:
    return column.astype(object).where(column.notna(), "").astype(str)


def _last_branches(rows: pd.DataFrame, kept: pd.DataFrame) -> list[int]:
    """Give the row labels of the branches at the end of the flow, none if it does not fork."""
    same = kept.index[kept["order"] == rows["order"].max()]
    if len(same) > 1:
        return list(same)
    excluded = rows.loc[rows["reason"] != "", "order"].max()
    last = kept.index[kept["order"] > excluded] if excluded == excluded else kept.index[1:]
    for size in range(2, len(last) + 1):
        before = kept.index[kept.index < last[-size]]
        if len(before) and kept.loc[last[-size:], "count"].sum() == kept.loc[before[-1], "count"]:
            return list(last[-size:])
    return []


def _branches(
    samples: pd.DataFrame, splits: pd.DataFrame, cluster: str, order: int
) -> pd.DataFrame:
    known = samples[["sample", "cluster", "outcome"]].astype({"sample": str, "cluster": str})
    unseen = splits.loc[splits["partition"].astype(str) == "unseen", "sample"].astype(str)
    seen = splits.loc[splits["partition"].astype(str) != "unseen", "sample"].astype(str)
    if set(unseen) & set(seen) or unseen.empty:
        return pd.DataFrame()
    rows = []
    for name, members in (("seen", set(seen)), ("unseen", set(unseen))):
        part = known[known["sample"].isin(members)]
        count = part["cluster"].nunique()
        stage = f"{count} {name} {cluster}{'' if count == 1 else 's'}"
        rows.append((order, "branch", stage, "", len(part), int(part["outcome"].sum())))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _draw_box(axis: Axes, box: Box, edge: str, fill: str = "white") -> None:
    axis.add_patch(
        Rectangle((box.left, box.top), box.width, box.height, ec=edge, fc=fill, lw=0.8, zorder=2)
    )
    centred = fill == "white"
    x = box.middle if centred else box.left + 0.08
    for place, line in enumerate(box.lines):
        weight = "bold" if (place == len(box.lines) - 1 if centred else place == 0) else "normal"
        axis.text(x, box.top + PAD + (place + 0.5) * LINE, line, va="center_baseline", size=7.5,
                  ha="center" if centred else "left", weight=weight, zorder=3)  # fmt: skip


def _draw_branches(axis: Axes, branches: list[Box], last: Box | None) -> None:
    for place, box in enumerate(branches):
        _draw_box(axis, box, _BRANCH_COLOURS[place % 2])
        if last:
            middle = last.bottom + FORK / 2
            axis.plot([last.middle, last.middle, box.middle], [last.bottom, middle, middle],
                      color=style.INK, lw=0.8, zorder=1)  # fmt: skip
            _arrow(axis, (box.middle, middle), (box.middle, box.top))


def _arrow(axis: Axes, start: tuple[float, float], end: tuple[float, float]) -> None:
    look = {"arrowstyle": "-|>", "lw": 0.8, "color": style.INK, "shrinkA": 0, "shrinkB": 0}
    axis.annotate("", end, start, arrowprops={**look, "mutation_scale": 7}, zorder=1)
