"""Names next to the points that lie far from the others, where there is room for them."""

import textwrap
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

_Frame = tuple[float, float, float, float]  # left, bottom, right, top in inches
_LETTER, _LINE = 0.0092, 0.0175  # inches, per point of size, of DejaVu Sans
_PLACES = (("left", "center", 1, 0), ("right", "center", -1, 0), ("center", "bottom", 0, 1),
           ("center", "top", 0, -1))  # fmt: skip
_SHIFT = {"left": 0.0, "right": -1.0, "center": -0.5, "bottom": 0.0, "top": -1.0}


def label_points(
    axis: Axes,
    points: np.ndarray,
    names: Sequence[str],
    priority: np.ndarray,
    *,
    size: tuple[float, float],
    avoid: np.ndarray | None = None,
    most: int = 4,
    font: float = 6,
    wrap: int = 16,
) -> None:
    """Write the names of the points of highest priority, without covering points or each other.

    Parameters
    ----------
    points : (points, 2) in data coordinates; the axis limits must be final.
    priority : (points,) the points are tried in descending order.
    size : width and height of the axes in inches.
    avoid : (places, 2) further places to leave free, in data coordinates.
    most : most names to write.
    """
    limits = np.array([axis.get_xlim(), axis.get_ylim()])
    places = points if avoid is None else np.vstack([points, avoid])
    at = (places - limits[:, 0]) / (limits[:, 1] - limits[:, 0]) * np.array(size)
    taken: list[_Frame] = [(x - 0.03, y - 0.03, x + 0.03, y + 0.03) for x, y in at]
    written = 0
    for index in np.argsort(-priority, kind="stable"):
        lines = textwrap.wrap(str(names[index]), wrap)
        options = ((place, _frame(at[index], lines, place, font)) for place in _PLACES)
        free = (option for option in options if _free(option[1], taken, size, int(index)))
        found = next(free, None)
        if found is None or written == most:
            continue
        (across, up, right, above), frame = found
        axis.annotate(
            "\n".join(lines), points[index], xytext=(3.2 * right, 3.2 * above), ha=across, va=up,
            textcoords="offset points", size=font, linespacing=1.0,
        )  # fmt: skip
        taken.append(frame)
        written += 1


def remoteness(points: np.ndarray) -> np.ndarray:
    """Distance (points,) from the middle of points (points, 2), both axes in s.d.: whom to name first."""
    spread = points.std(axis=0)
    away = (points - points.mean(axis=0)) / np.where(spread > 0, spread, 1)
    return np.hypot(*away.T)


def _frame(
    at: np.ndarray, lines: list[str], place: tuple[str, str, int, int], font: float
) -> _Frame:
    across, up, right, above = place
    width, height = max(map(len, lines)) * _LETTER * font, len(lines) * _LINE * font
    left = at[0] + 0.045 * right + _SHIFT[across] * width
    bottom = at[1] + 0.045 * above + _SHIFT[up] * height
    return left, bottom, left + width, bottom + height


def _free(frame: _Frame, taken: list[_Frame], size: tuple[float, float], own: int) -> bool:
    inside = frame[0] >= 0 and frame[1] >= 0 and frame[2] <= size[0] and frame[3] <= size[1]
    return inside and not any(
        frame[0] < other[2] and other[0] < frame[2] and frame[1] < other[3] and other[1] < frame[3]
        for index, other in enumerate(taken)
        if index != own
    )
