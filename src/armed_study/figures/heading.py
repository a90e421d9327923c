"""What every figure begins with: its heading, and what is checked before anything is drawn."""

import functools
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import matplotlib.style
import pandas as pd
from matplotlib.figure import Figure, SubFigure

from armed.errors import DataError
from armed_study.figures.style import DPI, FAINT, RC_PARAMS, WIDTH
from armed_study.io.schemas import TABLES

Draw = Callable[..., Figure]


@dataclass(frozen=True)
class Heading:
    """Title of a figure, and the line below it that says where the data come from (may be empty).

    Of data that are `generated` the title says so.
    """

    title: str
    origin: str = ""
    generated: bool = False

    def extended(self, text: str) -> "Heading":
        """The same heading with more text in its title."""
        return replace(self, title=f"{self.title}{text}")

    def canvas(self, height: float, *, width: float = WIDTH) -> tuple[Figure, SubFigure]:
        """Make a figure with this heading, and the part below it in which to draw.

        Parameters
        ----------
        height, width
            Size in inches of the part to draw in.
        """
        title = self.title
        if self.generated and "generated" not in title.lower():
            title = f"{title} (generated data)"
        lines = textwrap.wrap(title, int(width * 12.5))
        notes = textwrap.wrap(self.origin[:1].upper() + self.origin[1:], int(width * 19))
        head = 0.08 + 0.18 * len(lines) + 0.125 * len(notes)
        figure = Figure(figsize=(width, height + head), dpi=DPI, layout="constrained")
        top, body = figure.subfigures(2, 1, height_ratios=(head, height), hspace=0)
        place: dict[str, Any] = {"x": 0.05 / width, "ha": "left", "va": "top", "linespacing": 1.15}
        top.text(y=1 - 0.05 / head, s="\n".join(lines), size=9.5, weight="bold", **place)
        below = 1 - (0.07 + 0.175 * len(lines)) / head
        top.text(y=below, s="\n".join(notes), size=7, color=FAINT, **place)
        return figure, body

    def note(self, message: str) -> Figure:
        """Draw a figure that only says why there is nothing to show."""
        figure, body = self.canvas(0.6)
        body.text(0.05 / WIDTH, 0.6, message, ha="left", va="center", size=8)
        return figure


def columns_of(about: Mapping[str, Any], own: Sequence[str] = ()) -> list[str]:
    """Columns of a figure's table: its own or, where it names none, those of the first file it reads."""
    return list(own) or TABLES[next(iter(about["reads"]))].names


def drawing(about: Mapping[str, Any], own: Sequence[str] = ()) -> Callable[[Draw], Draw]:
    """Make of a function that draws a table, see `columns_of`, one that every figure can be drawn by.

    It uses the look of all figures alone, whatever the user's settings of matplotlib are; checks the
    table; extends the heading by the figure's own ``title``; and where there are no rows draws the
    sentence that ``nothing`` holds.

    Raises
    ------
    DataError
        The table lacks columns.
    """

    def decorate(draw: Draw) -> Draw:
        @functools.wraps(draw)
        def drawn(table: pd.DataFrame, heading: Heading, **given: Any) -> Figure:
            name = draw.__module__.rsplit(".", 1)[-1]
            missing = [column for column in columns_of(about, own) if column not in table]
            if missing:
                raise DataError(
                    f"figure '{name}': column {', '.join(missing)} not found in a table with "
                    f"{', '.join(map(str, table.columns))}; draw it from its own table"
                )
            heading = heading.extended(f": {about['title']}" if about["title"] else "")
            with matplotlib.style.context(RC_PARAMS, after_reset=True):
                if table.empty:
                    return heading.note(about["nothing"])
                return draw(table, heading, **given)

        return drawn

    return decorate
