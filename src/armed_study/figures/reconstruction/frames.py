"""Drawing frames of cells in grey, and what differs between two."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import SubFigure
from matplotlib.image import AxesImage

Pictures = Mapping[str, np.ndarray]
"""Arrays of images (images, 1, size, size) by name: frames, rendered, imagined."""
FRAMES, RENDERED, IMAGINED = "frames", "rendered", "imagined"


def picture(pictures: Pictures, array: str, row: int) -> np.ndarray:
    """Return one image (size, size), from 0 to 1."""
    image = np.asarray(pictures[array][row, 0])
    return image / np.float32(255) if image.dtype == np.uint8 else image


def known_frames(samples: pd.DataFrame) -> pd.DataFrame:
    """Return what is known of samples: date, phenotype and xenograft, and the ``row`` of the image."""
    names = ["sample", "cluster", "outcome", "stratum"]
    known = samples[names].astype({"sample": str, "cluster": str, "stratum": str})
    known["phenotype"] = np.where(known["outcome"].astype(float) == 1, "high", "low")
    known["pdx"] = known["stratum"].str.removeprefix("PDX ")
    known["row"] = np.arange(len(known))
    return known[["sample", "cluster", "phenotype", "pdx", "row"]]


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
