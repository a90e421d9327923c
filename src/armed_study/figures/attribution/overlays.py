"""Drawing slices of brains, with attribution over them and outlines of where the disease is."""

from collections.abc import Iterable

import numpy as np
import pandas as pd
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.colors import Colormap, ListedColormap
from matplotlib.image import AxesImage
from matplotlib.lines import Line2D

from armed_study.data.pictures import enlarge

OUTLINE = "#56B4E9"
UNDER = 1.4  # what is white under attribution, so that this stands out


def pictures(
    images: np.ndarray | None, samples: pd.DataFrame, wanted: Iterable[object]
) -> dict[str, np.ndarray]:
    """Take some of the images (samples, 1, size, size), by sample; none where there are no images."""
    if images is None:
        return {}
    names = samples["sample"].astype(str).tolist()
    return {name: np.array(images[names.index(name), 0]) for name in sorted(set(map(str, wanted)))}


def outcome_label(outcome: float) -> str:
    """Give the diagnosis that an outcome stands for."""
    return "AD" if outcome == 1 else "CN"


def heat() -> Colormap:
    """Colours of attribution from 0 (nothing to be seen) to 1."""
    colours = colormaps["inferno"](np.linspace(0.25, 1, 256))
    colours[:, 3] = np.linspace(0, 0.85, 256)
    return ListedColormap(colours, name="heat")


def draw_slice(axis: Axes, image: np.ndarray, *, white: float = 1.0) -> None:
    """Draw a slice in grey, without ticks and frame; darker if more than 1 is ``white``."""
    axis.imshow(image, cmap="gray", vmin=0, vmax=white, interpolation="nearest")
    axis.set_axis_off()


def leave_blank(axis: Axes) -> None:
    """Leave the place of a slice empty."""
    axis.set_axis_off()
    axis.set_box_aspect(1)


def draw_attribution(axis: Axes, attribution: np.ndarray, size: int) -> AxesImage | None:
    """Lay a map (rows, columns) over a slice, from 0 to its own maximum; say so if it is empty."""
    most = float(attribution.max())
    if not most > 0:
        axis.text(0.5, 0.04, "none", color="white", size=6.5, ha="center", va="bottom",
                  transform=axis.transAxes)  # fmt: skip
        return None
    (large,) = enlarge(attribution[None] / most, size)
    return axis.imshow(large, cmap=heat(), vmin=0, vmax=1, interpolation="nearest")


def outline_handle(threshold: float) -> Line2D:
    """Entry of a legend that explains the outline."""
    label = f"true map of the disease, at least {threshold:g}"
    return Line2D([], [], color=OUTLINE, lw=1, label=label)


def draw_outline(axis: Axes, truth: np.ndarray | None, threshold: float) -> None:
    """Outline where the true map is at least the threshold, if it is known."""
    if truth is not None and truth.min() < threshold <= truth.max():
        axis.contour(truth, levels=[threshold], colors=OUTLINE, linewidths=0.6)
