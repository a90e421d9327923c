"""Figure of a data set's measures next to published descriptives of the same groups."""

import textwrap

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from armed_study.figures import style
from armed_study.figures.heading import Heading, drawing

FIGURE = {
    "label": "Against published descriptives",
    "title": "measures next to published descriptives",
    "nothing": "No measure of the data has published descriptives.",
    "section": "Data",
    "kinds": ("mci",),
    "reads": {"compared_descriptives": "study"},
    "finding": """
{% if look.has('descriptives') %}Means are {{ look.span('descriptives', 'difference') }} published
s.d. from the published ones; s.d. are {{ look.span('descriptives', 'sd_ratio') }} times theirs.{%
endif %}
""",
    "caption": """
**Measures of {name} next to published descriptives**, a panel for each diagnostic group, all
clusters together. Grey: published mean and one s.d. to each side; orange: mean and one s.d. of
the data, on the same scale, which is that of the published mean and s.d. The whiskers say how
widely subjects are spread, not how sure the mean is. Published samples are not those of this
study, so that small differences are to be expected of real data too. Means, s.d. and numbers in
the measure's own unit, with the source of each published value, stand in the table.
""",
}
_OURS, _PAPER = "#D55E00", "#C9CED6"


@drawing(FIGURE)
def draw(table: pd.DataFrame, heading: Heading) -> Figure:
    """Draw a panel for each group, measures down the side, in units of the published s.d."""
    shown = table[table["difference"].notna()]
    if shown.empty:
        return heading.note(FIGURE["nothing"])
    groups = list(dict.fromkeys(shown["group"].astype(str)))
    measures = list(dict.fromkeys(shown["measure"].astype(str)))
    columns = style.columns(len(groups))
    rows = -(-len(groups) // columns)
    sources = _sources(shown)
    height = rows * (0.165 * max(len(measures), 3) + 0.5) + 0.65 + 0.13 * len(sources)
    figure, body = heading.canvas(height)
    axes = style.grid(body, len(groups), columns=columns)
    reach = 1.08 * float(shown[["difference", "sd_low", "sd_high"]].abs().max(axis=None))
    for index, (axis, group) in enumerate(zip(axes, groups, strict=True)):
        part = shown[shown["group"].astype(str) == group]
        _draw_group(axis, part, measures)
        axis.set_title(_group_title(group, part), size=7, linespacing=1.3)
        axis.set_xlim(-max(reach, 1.3), max(reach, 1.3))
        if len(groups) > 1:
            style.letter(axis, index)
    label = "Deviation from the published mean, in published s.d."
    body.supxlabel("\n".join([label, *sources]), size=7.5)
    ours = "generated data" if heading.generated else "these data"
    dot = style.entry(f"{ours}: mean ± s.d.", color=_OURS, marker="o", ms=3.6, lw=1.1)
    style.legend(body, [Patch(color=_PAPER, label="published: mean ± s.d."), dot])
    return figure


def _draw_group(axis: Axes, rows: pd.DataFrame, measures: list[str]) -> None:
    place = rows["measure"].astype(str).map(measures.index).to_numpy()
    axis.barh(place, 2, left=-1, height=0.62, color=_PAPER)
    axis.vlines(0, -0.6, len(measures) - 0.4, color="white", lw=1.2)
    axis.hlines(place, rows["sd_low"], rows["sd_high"], color=_OURS, lw=1.1)
    axis.plot(rows["difference"], place, "o", color=_OURS, ms=3.6, mec="white", mew=0.4)
    style.rows_down(axis, measures)
    axis.spines["left"].set_visible(False)


def _group_title(group: str, rows: pd.DataFrame) -> str:
    ours, theirs = (_range(rows[name]) for name in ("n", "published_n"))
    return f"{group}\nn = {ours}" + f"\npublished n = {theirs}" * bool(theirs)


def _range(numbers: pd.Series) -> str:
    known = numbers.dropna().astype(int)
    if known.empty:
        return ""
    low, high = known.min(), known.max()
    return f"{high:,}" if low == high else f"{low:,}–{high:,}"


def _sources(rows: pd.DataFrame) -> list[str]:
    names = list(dict.fromkeys(rows["source"].dropna().astype(str)))
    return textwrap.wrap(f"Published: {'; '.join(names)}.", 125) if names else []
