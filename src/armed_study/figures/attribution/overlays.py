"""Drawing slices of brains, with attribution over them and outlines of where the disease is."""

from collections.abc import Iterable

import numpy as np
import pandas as pd
from matplotlib import colormaps
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.colors import Colormap, ListedColormap
from matplotlib.image import AxesImage

from armed_study.data.pictures import enlarge
from armed_study.figures import style

_OUTLINE = "#56B4E9"
_UNDER = 1.4  # what is white under attribution, so that this stands out


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


def square(rows: pd.DataFrame, value: str) -> np.ndarray:
    """Lay a column of a table of one map out as (rows, columns)."""
    return rows.pivot(index="row", columns="column", values=value).to_numpy(float)


def draw_slice(axis: Axes, image: np.ndarray, *, white: float = 1.0) -> None:
    """Draw a slice in grey, without ticks and frame; darker if more than 1 is ``white``."""
    axis.imshow(image, cmap="gray", vmin=0, vmax=white, interpolation="nearest")
    axis.set_axis_off()


def leave_blank(axis: Axes) -> None:
    """Leave the place of a slice empty."""
    axis.set_axis_off()
    axis.set_box_aspect(1)


def draw_attribution(
    axis: Axes,
    image: np.ndarray,
    attribution: np.ndarray,
    truth: np.ndarray | None,
    threshold: float,
) -> AxesImage | None:
    """Lay a map (rows, columns) over a slice, from 0 to its own maximum; say so if it is empty.

    Where the ``truth`` of the disease is known, where it is at least the ``threshold`` is outlined.
    """
    draw_slice(axis, image, white=_UNDER)
    most = float(attribution.max())
    drawn = None
    if most > 0:
        (large,) = enlarge(attribution[None] / most, len(image))
        drawn = axis.imshow(large, cmap=_heat(), vmin=0, vmax=1, interpolation="nearest")
    else:
        axis.text(0.5, 0.04, "none", color="white", size=6.5, ha="center", va="bottom",
                  transform=axis.transAxes)  # fmt: skip
    if truth is not None and truth.min() < threshold <= truth.max():
        axis.contour(truth, levels=[threshold], colors=_OUTLINE, linewidths=0.6)
    return drawn


def outline_entry(threshold: float) -> Artist:
    """Entry of a legend that explains the outline."""
    label = f"true map of the disease, at least {threshold:g}"
    return style.entry(label, color=_OUTLINE, lw=1)


def _heat() -> Colormap:
    """Colours of attribution from 0 (nothing to be seen) to 1."""
    colours = colormaps["inferno"](np.linspace(0.25, 1, 256))
    colours[:, 3] = np.linspace(0, 0.85, 256)
    return ListedColormap(colours, name="heat")
