"""Figure of one cell as it would look on every date: the truth, and as each model imagines it."""

import math
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from armed_study.figures import style
from armed_study.figures.reconstruction import frames
from armed_study.interpretation.counterfactuals.scoring import squared_error
from armed_study.vocabulary.labels import model_label, order_clusters, order_models

COLUMNS = (
    "line", "model", "effect", "sample", "own_cluster", "phenotype", "pdx", "cluster", "error",
    "brightness", "array", "row",
)  # fmt: skip
_TRUE = "true"
_OWN = style.CLASS_COLOURS[1]
_MOST = 12  # dates in a line


def table(
    tables: Mapping[str, pd.DataFrame],
    chosen: pd.DataFrame,
    samples: pd.DataFrame,
    pictures: frames.Pictures,
) -> pd.DataFrame:
    """List the pictures of one cell: the first one shown of a seen date and of high efficiency.

    Parameters
    ----------
    tables
        ``imagined`` and, where the truth is known, ``rendered``; the first fold and seed are shown.
    chosen, samples
        Tables ``chosen_frames`` and ``samples``.
    pictures
        Arrays of images.

    Returns
    -------
    pd.DataFrame
        One row a picture; `line` is ``true`` or the model; `cluster` is the date it is as on, empty
        for the frame itself and for the fixed reconstruction; `error` is the mean squared error
        against the rendering on that date, `brightness` the mean of the picture; `row` is the place
        of the picture in an `array`.
    """
    imagined, rendered = tables["imagined"], tables.get("rendered")
    known = frames.known_frames(samples)
    shown = chosen[chosen["shown"] & (chosen["partition"] == "test")][["fold", "sample"]]
    shown = shown.astype({"sample": str}).merge(known, on="sample", how="left", validate="1:1")
    if shown.empty:
        return pd.DataFrame(columns=list(COLUMNS))
    cell = shown.sort_values("phenotype", kind="stable").iloc[0]
    own = imagined[(imagined["sample"] == cell["sample"]) & (imagined["fold"] == cell["fold"])]
    own = own[own["seed"] == own["seed"].min()]
    rows = own[["model", "effect", "cluster", "row"]].assign(line=own["model"], array="imagined")
    places = {name: place for place, name in enumerate(order_models(own["model"]))}
    first = pd.DataFrame([{"line": _TRUE, "cluster": "", "array": "frames", "row": cell["row"]}])
    parts = [first, rows.sort_values("model", key=lambda names: names.map(places), kind="stable")]
    if rendered is not None:
        truth = rendered[rendered["sample"] == cell["sample"]][["cluster", "row"]]
        parts.insert(1, truth.assign(line=_TRUE, array="rendered"))
    result = pd.concat(parts, ignore_index=True)
    result["row"] = result["row"].astype(int)
    true = result[result["array"] == "rendered"].set_index("cluster")["row"]
    images = [frames.picture(pictures, one.array, one.row) for one in result.itertuples()]
    result["brightness"] = [float(np.mean(image, dtype=np.float64)) for image in images]
    result["error"] = [
        float(squared_error(image[None], frames.picture(pictures, "rendered", true[date])[None])[0])
        if date in true.index
        else np.nan
        for image, date in zip(images, result["cluster"], strict=True)
    ]
    same = {"sample": cell["sample"], "own_cluster": cell["cluster"]}
    return result.assign(**same, phenotype=cell["phenotype"], pdx=cell["pdx"])[list(COLUMNS)]


@style.styled
def draw(
    table: pd.DataFrame,
    pictures: frames.Pictures,
    *,
    title: str,
    origin: str = "",
    generated: bool = False,
) -> Figure:
    """Draw a line for the truth and one for each model, dates across."""
    style.check(table, COLUMNS, "dates")
    title = f"{title}: a cell on every date"
    if table.empty or not (table["line"] != _TRUE).any():
        message = "No model of this study reconstructs a cell as on a date."
        return style.note(message, title=title, origin=origin, generated=generated)
    grid = _Grid.of(table)
    side = min((style.WIDTH - 1.0) / (grid.across + 1), 1.0)
    height = (side + 0.03) * len(grid.lines) * grid.strips + 0.16 * grid.strips + 0.5
    width = max(side * (grid.across + 1) + 1.0, 4.5)
    figure, body = style.canvas(
        height, title=title, origin=origin, generated=generated, width=width
    )
    axes = frames.lay_out(body, len(grid.lines) * grid.strips, grid.across + 1)
    about = table.iloc[0]
    for one in table.itertuples():
        axis = axes[grid.place(one.line, one.cluster)]
        frames.draw_frame(axis, frames.picture(pictures, one.array, one.row))
        if one.cluster == about["own_cluster"]:
            frames.draw_border(axis, _OWN)
    known = bool((table["array"] == "rendered").any())
    _name(axes, grid, known=known)
    what = f"the frame's own date (PDX {about['pdx']}, {about['phenotype']} efficiency)"
    style.legend(body, [Patch(fc="none", ec=_OWN, lw=1.4, label=what)])
    return figure


class _Grid(NamedTuple):
    """Lines of pictures, and dates that are dealt to strips of at most `_MOST`."""

    lines: list[str]
    dates: list[str]
    strips: int
    across: int

    @classmethod
    def of(cls, table: pd.DataFrame) -> "_Grid":
        dates = order_clusters(table.loc[table["cluster"] != "", "cluster"])
        lines = [_TRUE, *order_models(table.loc[table["line"] != _TRUE, "line"])]
        strips = math.ceil(len(dates) / _MOST)
        return cls(lines, dates, strips, math.ceil(len(dates) / strips))

    def place(self, line: str, date: str) -> tuple[int, int]:
        """Row and column of a picture; the first column is of no date."""
        strip, column = divmod(self.dates.index(date), self.across) if date else (0, -1)
        return strip * len(self.lines) + self.lines.index(line), column + 1


def _name(axes: np.ndarray, grid: _Grid, *, known: bool) -> None:
    """Name dates above the first line that has them, and lines before their first picture."""
    for date in grid.dates:
        axis = axes[grid.place(grid.lines[0 if known else 1], date)]
        axis.set_title(date, size=6.5, pad=2)
    for row, axis in enumerate(axes[:, 0]):
        line = grid.lines[row % len(grid.lines)]
        if known or line != _TRUE or row == 0:
            frames.name_row(axis, _label(line, known=known))
    axes[0, 0].set_title("frame\n(below: fixed)", size=6.5, pad=2)


def _label(line: str, *, known: bool) -> str:
    if line == _TRUE:
        return "true,\nno noise" if known else "as taken"
    return model_label(line).replace(", ", ",\n")
