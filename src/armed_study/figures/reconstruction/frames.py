"""Drawing frames of cells in grey, and what differs between two."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import SubFigure
from matplotlib.image import AxesImage


def lay_out(body: SubFigure, rows: int, columns: int) -> np.ndarray:
    """Return axes (rows, columns) without frames, close together."""
    engine = body.figure.get_layout_engine()
    if engine is not None:
        engine.set(w_pad=0.015, h_pad=0.015, wspace=0, hspace=0)
    axes = body.subplots(rows, columns, squeeze=False)
    for axis in axes.flat:
        leave_blank(axis)
    return axes


def leave_blank(axis: Axes) -> None:
    """Leave the place of a picture empty."""
    axis.set(xticks=[], yticks=[])
    axis.set_box_aspect(1)
    for spine in axis.spines.values():
        spine.set_visible(False)


def draw_frame(axis: Axes, image: np.ndarray) -> None:
    """Draw a frame in grey, 0 black and 1 white."""
    axis.imshow(image, cmap="gray", vmin=0, vmax=1, interpolation="nearest")


def draw_difference(axis: Axes, difference: np.ndarray, most: float) -> AxesImage:
    """Draw a difference of frames; red where it is above 0."""
    return axis.imshow(difference, cmap="RdBu_r", vmin=-most, vmax=most, interpolation="nearest")


def draw_border(axis: Axes, colour: str) -> None:
    """Draw a frame around a picture."""
    for spine in axis.spines.values():
        spine.set(visible=True, color=colour, linewidth=1.4)


def name_row(axis: Axes, label: str) -> None:
    """Write the name of a row before its first picture."""
    axis.annotate(label, (0, 0.5), xycoords="axes fraction", xytext=(-4, 0), size=7,
                  textcoords="offset points", ha="right", va="center")  # fmt: skip
