"""Where the boxes of a participant flow stand, and what is written in them; all in inches."""

import textwrap
from dataclasses import dataclass

import pandas as pd

from armed_study.figures import style

LINE, PAD, _GAP, FORK = 0.135, 0.07, 0.24, 0.44  # inches
_MAIN, _SIDE, _ALONE = (0.1, 3.3), (3.95, 3.15), (1.95, 3.3)  # left edge and width of boxes


@dataclass(frozen=True)
class Box:
    """Lines of text in a frame; sizes in inches from the upper left corner of the drawing."""

    left: float
    top: float
    width: float
    lines: tuple[str, ...]

    @property
    def height(self) -> float:
        """By the number of lines."""
        return len(self.lines) * LINE + 2 * PAD

    @property
    def bottom(self) -> float:
        """Distance of the lower edge from the top of the drawing."""
        return self.top + self.height

    @property
    def middle(self) -> float:
        """Distance of the centre from the left of the drawing."""
        return self.left + self.width / 2


def place_stages(table: pd.DataFrame) -> tuple[list[Box], dict[int, Box]]:
    """Place the boxes of kept stages, and by number of the stage those of who was left out."""
    left_out = table[table["kind"] == "left_out"]
    left, width = _MAIN if len(left_out) else _ALONE
    orders = table.loc[table["kind"] != "branch", "order"].drop_duplicates().tolist()
    main: list[Box] = []
    sides: dict[int, Box] = {}
    top = 0.04
    for order in orders:
        out = left_out[left_out["order"] == order]
        if len(out):
            side = Box(_SIDE[0], top + 0.1 * bool(main), _SIDE[1], _side_lines(out))
            sides[len(main)] = side
            top = side.bottom + 0.1
        elif main:
            top += _GAP
        for row in table[(table["kind"] == "kept") & (table["order"] == order)].itertuples():
            main.append(Box(left, top, width, (*_wrap(row.stage, 50), f"n = {row.count:,}")))
            top = main[-1].bottom
    return main, sides


def place_branches(table: pd.DataFrame, last: Box | None) -> list[Box]:
    """Place the boxes of the final fork side by side below the last stage."""
    rows = table[table["kind"] == "branch"]
    if rows.empty:
        return []
    if len(rows) == 2 and last and last.left == _MAIN[0]:
        frames = [_MAIN, _SIDE]
    else:
        pitch = (style.WIDTH - 0.2) / len(rows)
        frames = [(0.18 + place * pitch, pitch - 0.16) for place in range(len(rows))]
    top = last.bottom + FORK if last else 0.04
    boxes = []
    for (left, width), row in zip(frames, rows.itertuples(), strict=True):
        count = f"n = {row.count:,}"
        if pd.notna(row.positives):
            share = row.positives / max(row.count, 1)
            count += f", {int(row.positives):,} with outcome 1 ({share:.1%})".replace("%", " %")
        boxes.append(Box(left, top, width, (*_wrap(row.stage, int(width * 14)), count)))
    return boxes


def _side_lines(rows: pd.DataFrame) -> tuple[str, ...]:
    lines = [f"Left out: n = {rows['count'].sum():,}"]
    for row in rows.sort_values("count", ascending=False, kind="stable").itertuples():
        count = f"(n\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}{row.count:,})"
        first, *more = textwrap.wrap(f"{row.reason} {count}", 50)
        lines += [f"• {first}", *(f"   {line}" for line in more)]
    return tuple(lines)


def _wrap(text: object, width: int) -> list[str]:
    name = str(text).replace("_", " ")
    return textwrap.wrap(name[:1].upper() + name[1:], width) or [""]
