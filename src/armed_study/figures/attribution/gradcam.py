"""Figure of where networks find the outcome: Grad-CAM of every network for a few subjects."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
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
        "attribution": "network",
        "attributed": "study",
        "samples": "study",
        "images.npy": "study",
        "disease_maps.npy": "truth",
    },
    "settings": {"threshold": ("interpretation", "threshold")},
    "caption": """
**Where networks of {name} find the disease**: Grad-CAM of one subject with AD and one with CN
from seen sites (test part of the first fold) and from unseen ones, a row of pictures for each
network, *fixed* effects beside *mixed*. Subjects from seen sites are given their own site, those
from unseen ones the inferred membership. What is attributed is the linear predictor (the logit of
AD, which unlike the probability does not saturate) to the rectified maps of the last but one
convolution, 6 x 6 places that are interpolated to the image: a finer pattern than that cannot be
seen. Only what speaks *for* AD is shown (Grad-CAM's rectifier), each picture from 0 to its own
maximum, so that colours say where and not how much; *none*: nothing speaks for AD anywhere. A
random intercept does not depend on the image, so LMMNN's two pictures are the same. The table
holds the values of all pictures. Subjects were drawn by lot before any model was looked at.
""",
    "caption_of_truth": """
*True map*: the difference between the subject's noise-free images at the severity of an average
case and of an average control, cut like the image; blue outlines, also over the attribution:
where it is at least {study[interpretation][threshold]} of its maximum. It is the place where
disease would show in this brain, so subjects with CN have one too.
""",
}
COLUMNS = (
    "sample", "cluster", "outcome", "partition", "model", "effect", "row", "column", "value",
)  # fmt: skip
_EFFECTS = ("fixed", "mixed")
_SIDES = {"test": "seen site", "unseen": "unseen site"}
_GAP = 0.12  # between subjects, in widths of a picture


def table(
    attribution: pd.DataFrame, attributed: pd.DataFrame, samples: pd.DataFrame
) -> pd.DataFrame:
    """Collect the maps of one subject of each outcome, of seen and of unseen clusters.

    Parameters
    ----------
    attribution, attributed, samples
        The study's tables; the first fold and seed are shown.

    Returns
    -------
    One row for each place of a map; ``cluster`` is the sample's.
    """
    known = samples[["sample", "cluster", "outcome"]].astype({"sample": str, "cluster": str})
    shown = attributed[attributed["shown"]].astype({"sample": str, "partition": str})
    shown = shown.merge(known, on="sample", validate="many_to_one")
    shown = shown.drop_duplicates(["partition", "outcome"])
    own = attribution[attribution["cluster"].astype(str) == ""].drop(columns="cluster")
    own = own[(own["seed"] == own["seed"].min()) & own["sample"].isin(shown["sample"])]
    own = own.astype(dict.fromkeys(("model", "effect", "partition", "sample"), str))
    result = shown.drop(columns="shown").merge(own, on=["fold", "partition", "sample"])
    order = {name: place for place, name in enumerate(order_models(result["model"]))}
    result["place"] = result["model"].map(order)
    keys = ["partition", "outcome", "place", "effect", "row", "column"]
    result = result.sort_values(keys, ascending=[True, False, True, True, True, True])
    return result[list(COLUMNS)].reset_index(drop=True)


@drawing(FIGURE, COLUMNS)
def draw(
    table: pd.DataFrame,
    heading: Heading,
    *,
    samples: pd.DataFrame,
    images: np.ndarray,
    disease_maps: np.ndarray | None,
    threshold: float,
) -> Figure:
    """Draw models by row and subjects by pairs of columns, fixed beside mixed effects.

    Parameters
    ----------
    table
        Result of `table`.
    samples, images, disease_maps
        The study's samples and, in their order, images (samples, 1, size, size) and true maps of the
        disease where they are known.
    threshold
        From where on the true map is outlined.
    """
    pictures = overlays.pictures(images, samples, table["sample"])
    truth = overlays.pictures(disease_maps, samples, table["sample"])
    subjects = table.drop_duplicates("sample")
    models = order_models(table["model"])
    side = (style.WIDTH - 1.1) / (2 * len(subjects) + _GAP * (len(subjects) - 1))
    side = min(side, 0.95)
    width = max(side * (2 + _GAP) * len(subjects) + 1.1, 4.5)
    height = (side + 0.02) * (len(models) + 1) + 1.15
    figure, body = heading.canvas(height, width=width)
    axes = _lay_out(body, len(models) + 1, len(subjects))
    drawn: list[AxesImage] = []
    for pair, subject in enumerate(subjects.itertuples()):
        name = str(subject.sample)
        known = truth.get(name)
        _draw_subject(axes[0, 2 * pair : 2 * pair + 2], subject, pictures[name], known, threshold)
        rows = table[table["sample"] == name]
        for place, model in enumerate(models, start=1):
            for column, effect in enumerate(_EFFECTS):
                axis = axes[place, 2 * pair + column]
                one = rows[(rows["model"] == model) & (rows["effect"] == effect)]
                drawn += _draw_map(axis, one, pictures[name], known, threshold)
                if place == 1:
                    axis.set_title(effect, size=7, pad=2)
    _name_rows(axes[:, 0], ["", *models])
    _explain(body, axes, drawn, known=bool(truth), threshold=threshold)
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
    subject: tuple,
    image: np.ndarray,
    known: np.ndarray | None,
    threshold: float,
) -> None:
    diagnosis = overlays.outcome_label(subject.outcome)  # type: ignore[attr-defined]
    where = f"{_SIDES[subject.partition]} {subject.cluster}"  # type: ignore[attr-defined]
    overlays.draw_slice(axes[0], image)
    axes[0].set_title(f"{diagnosis}, {where}\nimage", size=7, loc="left", pad=2)
    if known is None:
        overlays.leave_blank(axes[1])
        return
    overlays.draw_slice(axes[1], image, white=overlays.UNDER)
    overlays.draw_attribution(axes[1], known, len(known))
    overlays.draw_outline(axes[1], known, threshold)
    axes[1].set_title("true map", size=7, pad=2)


def _draw_map(
    axis: Axes,
    rows: pd.DataFrame,
    image: np.ndarray,
    known: np.ndarray | None,
    threshold: float,
) -> list[AxesImage]:
    """Draw one map over its image; nothing where the model has no such output."""
    if rows.empty:
        overlays.leave_blank(axis)
        return []
    overlays.draw_slice(axis, image, white=overlays.UNDER)
    values = rows.pivot(index="row", columns="column", values="value").to_numpy(float)
    drawn = overlays.draw_attribution(axis, values, len(image))
    overlays.draw_outline(axis, known, threshold)
    return [] if drawn is None else [drawn]


def _name_rows(axes: np.ndarray, models: list[str]) -> None:
    for axis, model in zip(axes, models, strict=True):
        label = (
            model_label(model).replace(", ", ",\n").replace(" adversarial", "\nadversarial")
            if model
            else ""
        )
        style.name_row(axis, label)


def _explain(
    body: SubFigure, axes: np.ndarray, drawn: list[AxesImage], *, known: bool, threshold: float
) -> None:
    if known:
        style.legend(body, [overlays.outline_handle(threshold)])
    if drawn:
        bar = body.colorbar(drawn[0], ax=axes, location="bottom", shrink=0.5, aspect=45, pad=0.01)
        bar.set_label("Attribution to AD (Grad-CAM), share of the picture's own maximum", size=7.5)
