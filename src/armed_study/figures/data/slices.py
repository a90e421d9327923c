"""Figure of images from every site: a row for each seen site, one image for each unseen one."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from armed_study.figures import style
from armed_study.figures.heading import Heading, drawing
from armed_study.vocabulary.measures import SLICES_OF_EACH

FIGURE = {
    "label": "Slices of every site",
    "title": "slices of every site",
    "nothing": "No site has an image.",
    "section": "Data",
    "kinds": ("ad_mri",),
    "reads": {"shown_slices": "study", "images.npy": "study"},
    "finding": """
{% if look.has('slices', block='seen') %}Shown are {{ look.count('slices', block='seen') }} images
of {{ look.names('slices', 'cluster', block='seen') | length }} seen sites, where {{
look.span('slices', 'share', block='seen') }} of the subjects have AD, and {{ look.count('slices',
block='unseen') }} of unseen sites.{% endif %}
""",
    "caption": """
**Images of {name}**, as networks get them: the coronal slice through the right hippocampus,
brain only, right is right, scaled to its own percentiles. A row for each seen site, with its
manufacturer and its share of subjects with AD: the first five subjects, by name, of either
diagnosis. Below, an image of each unseen site, with AD and CN in turn. Differences of
sharpness, contrast and shading between sites are the scanners', those within a row the
subjects'.
""",
}
CLASSES = ("CN", "AD")
_ACROSS, _MOST_UNSEEN = 12, 60
_LABEL, _GAP = 2.2, 0.25  # width of the sites' names, space between diagnoses; in images
_UNIT = style.WIDTH / (_LABEL + 2 * SLICES_OF_EACH + _GAP)  # inches of an image with its margin
_EDGE = 0.94  # of an image, in units
_TEXT = 0.36  # height of a line of text above an image, in units


@drawing(FIGURE)
def draw(table: pd.DataFrame, heading: Heading, *, images: np.ndarray) -> Figure:
    """Draw the chosen images; `images` (samples, 1, size, size) from 0 to 1 is read row by row."""
    seen, unseen = (table[table["block"] == block] for block in ("seen", "unseen"))
    rows = seen["cluster"].nunique() + 0.55
    shown = unseen[:_MOST_UNSEEN]
    strips = -(-len(shown) // _ACROSS)
    below = strips * (1 + _TEXT) + 0.75 if strips else 0
    height = rows + below
    figure, body = heading.canvas(height * _UNIT)
    axis = body.add_axes((0, 0, 1, 1))
    axis.set(xlim=(0, style.WIDTH / _UNIT), ylim=(height, 0))
    axis.set_axis_off()
    _draw_seen(axis, seen, images)
    if strips:
        _draw_unseen(axis, shown, images, top=rows, left_out=len(unseen) - len(shown))
    return figure


def _left(outcome: int, place: int) -> float:
    return _LABEL + place + outcome * (SLICES_OF_EACH + _GAP)


def _draw_seen(axis: Axes, seen: pd.DataFrame, images: np.ndarray) -> None:
    for outcome, name in enumerate(CLASSES):
        axis.text(_left(outcome, 0), 0.42, name, weight="bold", size=8.5,
                  color=style.CLASS_COLOURS[outcome])  # fmt: skip
    axis.text(0.1, 0.42, "Seen sites", weight="bold", size=8.5)
    for number, (site, part) in enumerate(seen.groupby("cluster", sort=False)):
        top, first = number + 0.55, part.iloc[0]
        name = str(site) if len(str(site)) <= 15 else f"{str(site)[:14]}…"
        share = f"{first['share']:.0%}".replace("%", " %")
        axis.text(0.1, top + 0.22, name, weight="bold", va="center", size=7.5)
        axis.text(0.1, top + 0.48, first["manufacturer"], va="center", size=7)
        axis.text(0.1, top + 0.72, f"{share} AD of {first['subjects']}", va="center", size=6.5,
                  color=style.FAINT)  # fmt: skip
        for image in part.itertuples():
            _show(axis, images[image.row], _left(image.outcome, image.place), top)


def _draw_unseen(
    axis: Axes, unseen: pd.DataFrame, images: np.ndarray, *, top: float, left_out: int
) -> None:
    more = f"; {left_out} further sites not shown" if left_out else ""
    axis.text(0.1, top + 0.55, "Unseen sites", weight="bold", size=8.5, va="baseline")
    axis.text(_LABEL, top + 0.55, f"one image each: site, manufacturer, diagnosis{more}", size=7,
              color=style.FAINT, va="baseline")  # fmt: skip
    for number, image in enumerate(unseen.itertuples()):
        left = 0.1 + (number % _ACROSS) * (style.WIDTH / _UNIT - 0.1) / _ACROSS
        at = top + 0.7 + (number // _ACROSS) * (1 + _TEXT)
        axis.text(left, at + 0.26, f"{str(image.cluster)[:8]} {image.manufacturer[:7]}", size=5.5)
        _show(axis, images[image.row], left, at + _TEXT)
        axis.text(left + 0.06, at + _TEXT + 0.07, CLASSES[image.outcome], size=5.5, color="white",
                  va="top", zorder=3, bbox={"fc": "black", "ec": "none", "pad": 0.8})  # fmt: skip


def _show(axis: Axes, image: np.ndarray, left: float, top: float) -> None:
    axis.imshow(np.asarray(image[0]), cmap="gray", vmin=0, vmax=1, aspect="auto", zorder=2,
                extent=(left, left + _EDGE, top + _EDGE, top))  # fmt: skip
