"""Figure of where networks find the outcome: Grad-CAM of every network for a few subjects."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure, SubFigure
from matplotlib.image import AxesImage

from armed_study.figures import style
from armed_study.figures.attribution import overlays
from armed_study.figures.heading import Heading, drawing
from armed_study.vocabulary.labels import model_label, order_models

FIGURE = {
    "label": "Attribution (Grad-CAM)",
    "title": "where networks see the disease",
    "nothing": "No network was attributed.",
    "kinds": ("ad_mri",),
    "reads": {
        "shown_attribution": "study",
        "samples": "study",
        "images.npy": "study",
        "disease_maps.npy": "truth",
    },
    "settings": {"threshold": ("interpretation", "threshold")},
    "caption": """
**Where networks of {name} find the disease**: Grad-CAM of one subject with AD and one with CN
from seen sites (test part of the first fold) and from unseen ones, a row of pictures for each
network, *fixed* effects next to *mixed*. Subjects from seen sites are given their own site, those
from unseen ones the inferred membership. What is attributed is the linear predictor (the logit of
AD, which unlike the probability does not saturate) to the rectified maps of the last but one
convolution, 6 x 6 places that are interpolated to the image: a finer pattern than that cannot be
seen. Only what speaks *for* AD is shown (Grad-CAM's rectifier), each picture from 0 to its own
maximum, so that colours say where and not how much; *none*: nothing speaks for AD anywhere. A
random intercept does not depend on the image, so LMMNN's two pictures are the same. The table
holds the values of all pictures. Subjects were drawn at random before any model was looked at.
""",
    "caption_of_truth": """
*True map*: the difference between the subject's noise-free images at the severity of an average
case and of an average control, cut like the image; blue outlines, also over the attribution:
where it is at least {study[interpretation][threshold]} of its maximum. It is the place where
disease would show in this brain, so subjects with CN have one too.
""",
}
_EFFECTS = ("fixed", "mixed")
_SIDES = {"test": "seen site", "unseen": "unseen site"}
_GAP = 0.12  # between subjects, in widths of a picture


@drawing(FIGURE)
def draw(
    table: pd.DataFrame,
    heading: Heading,
    *,
    samples: pd.DataFrame,
    images: np.ndarray,
    disease_maps: np.ndarray | None,
    threshold: float,
) -> Figure:
    """Draw models by row and subjects by pairs of columns, fixed next to mixed effects.

    Parameters
    ----------
    samples, images, disease_maps
        The study's samples and, in their order, images (samples, 1, size, size) and true maps of the
        disease where they are known.
    threshold
        From where on the true map is outlined.
    """
    pictures, truth = (
        overlays.pictures(arrays, samples, table["sample"]) for arrays in (images, disease_maps)
    )
    models, subjects = order_models(table["model"]), table["sample"].nunique()
    side = min((style.WIDTH - 1.1) / (2 * subjects + _GAP * (subjects - 1)), 0.95)
    width = max(side * (2 + _GAP) * subjects + 1.1, 4.5)
    figure, body = heading.canvas((side + 0.02) * (len(models) + 1) + 1.15, width=width)
    axes = _lay_out(body, len(models) + 1, subjects)
    drawn: list[AxesImage | None] = []
    for number, (name, rows) in enumerate(table.groupby("sample", sort=False)):
        pair = axes[:, 2 * number : 2 * number + 2]
        image, known = pictures[str(name)], truth.get(str(name))
        _draw_subject(pair[0], rows.iloc[0], image, known, threshold)
        for (place, column), axis in np.ndenumerate(pair[1:]):
            one = rows[(rows["model"] == models[place]) & (rows["effect"] == _EFFECTS[column])]
            if one.empty:  # the model has no such output
                overlays.leave_blank(axis)
            else:
                values = overlays.square(one, "value")
                drawn.append(overlays.draw_attribution(axis, image, values, known, threshold))
            if place == 0:
                axis.set_title(_EFFECTS[column], size=7, pad=2)
    for axis, model in zip(axes[1:, 0], models, strict=True):
        label = model_label(model).replace(", ", ",\n").replace(" adversarial", "\nadversarial")
        style.name_row(axis, label)
    if truth:
        style.legend(body, [overlays.outline_entry(threshold)])
    for picture in [picture for picture in drawn if picture is not None][:1]:
        bar = body.colorbar(picture, ax=axes, location="bottom", shrink=0.5, aspect=45, pad=0.01)
        bar.set_label("Attribution to AD (Grad-CAM), share of the picture's own maximum", size=7.5)
    return figure


def _lay_out(body: SubFigure, rows: int, subjects: int) -> np.ndarray:
    """Axes (rows, two for each subject), with a gap between subjects."""
    widths = [1, 1, _GAP] * subjects
    axes = body.subplots(rows, 3 * subjects - 1, squeeze=False,
                         gridspec_kw={"width_ratios": widths[:-1]})  # fmt: skip
    style.close_up(body, across=0.01, down=0.01)
    spare = np.arange(axes.shape[1]) % 3 == 2
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
    if known is None:
        overlays.leave_blank(axes[1])
        return
    overlays.draw_attribution(axes[1], image, known, known, threshold)
    axes[1].set_title("true map", size=7, pad=2)
