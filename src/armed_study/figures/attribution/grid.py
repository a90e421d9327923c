"""A grid of pictures of attribution: networks by row, subjects by pairs of columns."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.figure import Figure, SubFigure
from matplotlib.image import AxesImage

from armed_study.figures import style
from armed_study.figures.attribution import overlays
from armed_study.figures.heading import Heading
from armed_study.vocabulary.labels import model_label, order_models

_SIDES = {"test": "seen site", "unseen": "unseen site"}
_GAP = 0.12  # between subjects, in widths of a picture


def draw_grid(
    table: pd.DataFrame,
    heading: Heading,
    columns: Mapping[str, str],
    *,
    within: str,
    pictures: tuple[pd.DataFrame, np.ndarray, np.ndarray | None],
    threshold: float,
) -> Figure:
    """Draw each subject's image and true map above the maps of every model.

    Parameters
    ----------
    columns
        Values of the column ``within`` that are drawn next to each other, two or more, with their titles.
    pictures
        The study's samples and, in their order, images (samples, 1, size, size) and true maps of the
        disease where they are known.
    threshold
        From where on the true map is outlined.
    """
    samples, arrays = pictures[0], pictures[1:]
    shown, truth = (overlays.pictures(array, samples, table["sample"]) for array in arrays)
    models, subjects = order_models(table["model"]), table["sample"].nunique()
    across = max(len(columns), 2)
    side = min((style.WIDTH - 1.1) / (across * subjects + _GAP * (subjects - 1)), 0.95)
    width = max(side * (across + _GAP) * subjects + 1.1, 4.5)
    titles = 0.14 * max(title.count("\n") for title in columns.values())
    figure, body = heading.canvas((side + 0.02) * (len(models) + 1) + 1.15 + titles, width=width)
    axes = _lay_out(body, len(models) + 1, subjects, across)
    drawn: list[AxesImage | None] = []
    for number, (name, rows) in enumerate(table.groupby("sample", sort=False)):
        part = axes[:, across * number :][:, :across]
        image, known = shown[str(name)], truth.get(str(name))
        _draw_subject(part[0], rows.iloc[0], image, known, threshold)
        for (place, column), axis in np.ndenumerate(part[1:]):
            value = list(columns)[column] if column < len(columns) else ""
            one = rows[(rows["model"] == models[place]) & (rows[within] == value)]
            if one.empty:  # the model has no such output
                overlays.leave_blank(axis)
            else:
                values = overlays.square(one, "value")
                drawn.append(overlays.draw_attribution(axis, image, values, known, threshold))
            if place == 0:
                axis.set_title(columns.get(value, ""), size=7 if side > 0.6 else 6, pad=2)
    for axis, model in zip(axes[1:, 0], models, strict=True):
        label = model_label(model).replace(", ", ",\n").replace(" adversarial", "\nadversarial")
        style.name_row(axis, label)
    if truth:
        style.legend(body, [overlays.outline_entry(threshold)])
    for picture in [picture for picture in drawn if picture is not None][:1]:
        bar = body.colorbar(picture, ax=axes, location="bottom", shrink=0.5, aspect=45, pad=0.01)
        bar.set_label("Attribution, share of the picture's own maximum", size=7.5)
    return figure


def _lay_out(body: SubFigure, rows: int, subjects: int, across: int) -> np.ndarray:
    """Axes (rows, so many for each subject), with a gap between subjects."""
    widths = [*[1] * across, _GAP] * subjects
    axes = body.subplots(rows, (across + 1) * subjects - 1, squeeze=False,
                         gridspec_kw={"width_ratios": widths[:-1]})  # fmt: skip
    style.close_up(body, across=0.01, down=0.01)
    spare = np.arange(axes.shape[1]) % (across + 1) == across
    for axis in axes[:, spare].flat:
        axis.remove()
    return axes[:, ~spare]


def _draw_subject(
    axes: np.ndarray,
    subject: pd.Series,
    image: np.ndarray,
    known: np.ndarray | None,
    threshold: float,
) -> None:
    diagnosis = overlays.outcome_label(subject["outcome"])
    where = f"{_SIDES[subject['partition']]} {subject['cluster']}"
    overlays.draw_slice(axes[0], image)
    axes[0].set_title(f"{diagnosis}, {where}\nimage", size=7, loc="left", pad=2)
    for axis in axes[1 if known is None else 2 :]:
        overlays.leave_blank(axis)
    if known is None:
        return
    overlays.draw_attribution(axes[1], image, known, known, threshold)
    axes[1].set_title("true map", size=7, pad=2)
