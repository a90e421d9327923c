"""Figure of the participant flow: who was kept at each step, and who was left out by which reason."""

import textwrap
from dataclasses import dataclass

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from armed_study.figures import style
from armed_study.figures.heading import Heading, drawing

FIGURE = {
    "label": "From the file to the samples",
    "title": "from the source to the analysis",
    "nothing": "No flow was recorded for this study.",
    "section": "Data",
    "kinds": ("mci", "ad_mri", "livecell"),
    "reads": {"participant_flow": "study"},
    "finding": """
{% for row in look.records('flow', kind='kept') %}{% if loop.first %}Of {{ number(row.total) }}
({{ row.stage }}) {% elif loop.last %}{{ number(row.total) }} are used ({{ row.stage }}).{% endif
%}{% endfor %}
""",
    "caption": """
**From the source to the analysis on {name}**: how many were kept at each step of the
preparation (down the middle) and how many were left out before the next, by the first reason
that applied (at the side). At the end: the seen clusters, on which models are trained,
validated and tested in folds, and the unseen clusters, which no model is trained on.
""",
}
_BRANCH_COLOURS = ("#332288", "#D55E00")
_LINE, _PAD, _GAP, _FORK = 0.135, 0.07, 0.24, 0.44  # inches
_MAIN, _SIDE, _ALONE = (0.1, 3.3), (3.95, 3.15), (1.95, 3.3)  # left edge and width of boxes


@dataclass(frozen=True)
class _Box:
    """Lines of text in a frame; sizes in inches from the upper left corner of the drawing."""

    left: float
    top: float
    width: float
    lines: tuple[str, ...]

    @property
    def height(self) -> float:
        """By the number of lines."""
        return len(self.lines) * _LINE + 2 * _PAD

    @property
    def bottom(self) -> float:
        """Distance of the lower edge from the top of the drawing."""
        return self.top + self.height

    @property
    def middle(self) -> float:
        """Distance of the centre from the left of the drawing."""
        return self.left + self.width / 2


@drawing(FIGURE)
def draw(table: pd.DataFrame, heading: Heading) -> Figure:
    """Draw kept counts down the middle, those left out next to them, and the fork at the end."""
    reason = table["reason"].astype(object)
    table = table.assign(reason=reason.where(reason.notna(), "").astype(str))
    main, sides = _place_stages(table)
    branches = _place_branches(table, main[-1] if main else None)
    height = max(box.bottom for box in [*main, *sides.values(), *branches]) + 0.08
    figure, body = heading.canvas(height)
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


def _draw_box(axis: Axes, box: _Box, edge: str, fill: str = "white") -> None:
    axis.add_patch(
        Rectangle((box.left, box.top), box.width, box.height, ec=edge, fc=fill, lw=0.8, zorder=2)
    )
    centred = fill == "white"
    x = box.middle if centred else box.left + 0.08
    for place, line in enumerate(box.lines):
        weight = "bold" if (place == len(box.lines) - 1 if centred else place == 0) else "normal"
        axis.text(x, box.top + _PAD + (place + 0.5) * _LINE, line, va="center_baseline", size=7.5,
                  ha="center" if centred else "left", weight=weight, zorder=3)  # fmt: skip


def _draw_branches(axis: Axes, branches: list[_Box], last: _Box | None) -> None:
    for place, box in enumerate(branches):
        _draw_box(axis, box, _BRANCH_COLOURS[place % 2])
        if last:
            middle = last.bottom + _FORK / 2
            axis.plot([last.middle, last.middle, box.middle], [last.bottom, middle, middle],
                      color=style.INK, lw=0.8, zorder=1)  # fmt: skip
            _arrow(axis, (box.middle, middle), (box.middle, box.top))


def _arrow(axis: Axes, start: tuple[float, float], end: tuple[float, float]) -> None:
    look = {"arrowstyle": "-|>", "lw": 0.8, "color": style.INK, "shrinkA": 0, "shrinkB": 0}
    axis.annotate("", end, start, arrowprops={**look, "mutation_scale": 7}, zorder=1)


def _place_stages(table: pd.DataFrame) -> tuple[list[_Box], dict[int, _Box]]:
    """Place the boxes of kept stages, and by number of the stage those of who was left out."""
    left_out = table[table["kind"] == "left_out"]
    left, width = _MAIN if len(left_out) else _ALONE
    orders = table.loc[table["kind"] != "branch", "order"].drop_duplicates().tolist()
    main: list[_Box] = []
    sides: dict[int, _Box] = {}
    top = 0.04
    for order in orders:
        out = left_out[left_out["order"] == order]
        if len(out):
            side = _Box(_SIDE[0], top + 0.1 * bool(main), _SIDE[1], _side_lines(out))
            sides[len(main)] = side
            top = side.bottom + 0.1
        elif main:
            top += _GAP
        for row in table[(table["kind"] == "kept") & (table["order"] == order)].itertuples():
            main.append(_Box(left, top, width, (*_wrap(row.stage, 50), f"n = {row.count:,}")))
            top = main[-1].bottom
    return main, sides


def _place_branches(table: pd.DataFrame, last: _Box | None) -> list[_Box]:
    """Place the boxes of the final fork side by side below the last stage."""
    rows = table[table["kind"] == "branch"]
    if rows.empty:
        return []
    if len(rows) == 2 and last and last.left == _MAIN[0]:
        frames = [_MAIN, _SIDE]
    else:
        pitch = (style.WIDTH - 0.2) / len(rows)
        frames = [(0.18 + place * pitch, pitch - 0.16) for place in range(len(rows))]
    top = last.bottom + _FORK if last else 0.04
    boxes = []
    for (left, width), row in zip(frames, rows.itertuples(), strict=True):
        count = f"n = {row.count:,}"
        if pd.notna(row.positives):
            share = f"{row.share:.1%}".replace("%", " %")
            count += f", {int(row.positives):,} with outcome 1 ({share})"
        boxes.append(_Box(left, top, width, (*_wrap(row.stage, int(width * 14)), count)))
    return boxes


def _side_lines(rows: pd.DataFrame) -> tuple[str, ...]:
    lines = [f"Left out: n = {rows['total'].iloc[0]:,}"]
    for row in rows.sort_values("count", ascending=False, kind="stable").itertuples():
        count = f"(n\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}{row.count:,})"
        first, *more = textwrap.wrap(f"{row.reason} {count}", 50)
        lines += [f"• {first}", *(f"   {line}" for line in more)]
    return tuple(lines)


def _wrap(text: object, width: int) -> list[str]:
    name = str(text).replace("_", " ")
    return textwrap.wrap(name[:1].upper() + name[1:], width) or [""]
