"""Drawing frames of cells in grey, and what differs between two."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import SubFigure
from matplotlib.image import AxesImage

from armed_study.figures import style


def lay_out(body: SubFigure, rows: int, columns: int) -> np.ndarray:
    """Return axes (rows, columns) without frames, close together."""
    style.close_up(body, across=0.015, down=0.015)
    axes = body.subplots(rows, columns, squeeze=False)
    for axis in axes.flat:
        axis.set(xticks=[], yticks=[], box_aspect=1)
        axis.spines[:].set_visible(False)
    return axes


def draw_frame(axis: Axes, image: np.ndarray) -> None:
    """Draw a frame in grey, 0 black and 1 white."""
    axis.imshow(image, cmap="gray", vmin=0, vmax=1, interpolation="nearest")


def draw_difference(axis: Axes, difference: np.ndarray, most: float) -> AxesImage:
    """Draw a difference of frames; red where it is above 0."""
    return axis.imshow(difference, cmap="RdBu_r", vmin=-most, vmax=most, interpolation="nearest")


def draw_border(axis: Axes, colour: str) -> None:
    """Draw a frame around a picture."""
    axis.spines[:].set(visible=True, color=colour, linewidth=1.4)
