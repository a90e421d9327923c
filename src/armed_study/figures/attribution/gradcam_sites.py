"""Figure of what a site's effects change: Grad-CAM of the same subjects at every site."""

import math

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.patches import Patch

from armed_study.data.pictures import enlarge
from armed_study.figures import style
from armed_study.figures.attribution import overlays
from armed_study.figures.heading import Heading, drawing
from armed_study.vocabulary.labels import model_label, order_clusters, order_models

FIGURE = {
    "label": "Attribution at every site",
    "title": "what each site's effects change",
    "nothing": "No network of this study uses the cluster.",
    "kinds": ("ad_mri",),
    "reads": {
        "site_attribution": "study",
        "samples": "study",
        "images.npy": "study",
        "disease_maps.npy": "truth",
    },
    "settings": {"threshold": ("interpretation", "threshold")},
    "finding": """
{% for name in look.names('gradcam_sites', 'model') %}{% if loop.first %}Less the fixed effects, a
site's effects change Grad-CAM by {% else %}, by {% endif %}{{ look.span('gradcam_sites',
'difference', model=name) }} in {{ label(name) }}{% if loop.last %} (logit, over places, subjects
and sites).{% endif %}{% endfor %}
""",
    "caption": """
**What a site's effects change in {name}**, in ARMED, or where its effects are intercepts, which change
no map, in the first network in which the site changes any: for the same subjects (two with AD, two with
CN, from the test part of the first fold), first the Grad-CAM of the fixed effects (from 0 to
its own maximum), then, for each seen site, the Grad-CAM of the mixed output under that site's
effects (or given that site) less that of the fixed effects, all on one scale in units of the logit: red, the
site's effects make the place speak more for AD, blue less. A black frame marks the subject's
own site. Both maps show only what speaks for AD, so where both are 0 a change is not seen. The
table holds these values for every network that uses the cluster.
""",
    "caption_of_truth": """
Blue outline: where the true map of the disease is at least {study[interpretation][threshold]} of
its maximum.
""",
}
_MOST = 12  # sites in a line
_ROUNDING = 1e-5  # share of a map's largest value


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
    """Draw a line for each subject: the fixed effects, then what every site's effects change.

    ``samples``, ``images``, ``disease_maps`` and ``threshold`` as in `gradcam.draw`.
    """
    pictures, truth = (
        overlays.pictures(arrays, samples, table["sample"]) for arrays in (images, disease_maps)
    )
    model = _model_drawn(table)
    rows = table[table["model"] == model]
    subjects, sites = rows["sample"].nunique(), order_clusters(rows["cluster"])
    lines = math.ceil(len(sites) / _MOST)
    across = math.ceil(len(sites) / lines)
    side = min((style.WIDTH - 0.6) / (across + 1), 0.95)
    width = max(side * (across + 1) + 0.6, 4.5)
    figure, body = heading.extended(f" in {model_label(model)}").canvas(
        (side + 0.04) * subjects * lines + 0.75, width=width
    )
    style.close_up(body, across=0.02, down=0.01)
    axes = body.subplots(subjects * lines, across + 1, squeeze=False)
    for axis in axes.flat:
        axis.set_axis_off()
    most = float(rows["difference"].abs().max())
    drawn = None
    for line, (name, part) in enumerate(rows.groupby("sample", sort=False)):
        own, subject, image = axes[line * lines :][:lines], part.iloc[0], pictures[str(name)]
        fixed = overlays.square(part[part["cluster"] == subject["cluster"]], "fixed")
        overlays.draw_attribution(own[0, 0], image, fixed, truth.get(str(name)), threshold)
        diagnosis = f"{overlays.outcome_label(subject['outcome'])}\n{subject['own_cluster']}"
        style.name_row(own[0, 0], diagnosis, away=3, size=7)
        for axis, site in zip(own[:, 1:].flat, sites, strict=False):
            change = overlays.square(part[part["cluster"] == site], "difference")
            drawn = _draw_change(axis, change, image, most, own=site == subject["own_cluster"])
            if line == 0:
                axis.set_title(site, size=7, pad=2)
    axes[0, 0].set_title("fixed", size=7, pad=2)
    entries: style.Entries = [Patch(fc="none", ec="black", lw=1.6, label="the subject's own site")]
    style.legend(body, entries + [overlays.outline_entry(threshold)] * bool(truth))
    bar = body.colorbar(drawn, ax=axes, location="bottom", shrink=0.5, aspect=45, pad=0.01,
                        format="{x:.2g}")  # fmt: skip
    bar.set_label(
        "Attribution to AD (Grad-CAM): mixed under the site's effects less fixed, logit", size=7.5
    )
    return figure


def _model_drawn(table: pd.DataFrame) -> str:
    """Return ARMED, or the first model in which a site changes any map if it changes none there."""
    models = order_models(table["model"])
    changed = [name for name in models if _changes(table[table["model"] == name])] or models
    return "armed" if "armed" in changed else changed[0]


def _changes(rows: pd.DataFrame) -> bool:
    """Say whether a site changes maps of a model, by more than rounding leaves of no difference."""
    return bool(rows["difference"].abs().max() > _ROUNDING * rows["fixed"].abs().max())


def _draw_change(
    axis: Axes, change: np.ndarray, image: np.ndarray, most: float, *, own: bool
) -> AxesImage:
    """Draw the change over the faint image; a frame marks the subject's own site."""
    overlays.draw_slice(axis, image)
    (large,) = enlarge(change[None], len(image))
    limit = most if most > 0 else 1.0
    drawn = axis.imshow(large, cmap="RdBu_r", vmin=-limit, vmax=limit, alpha=0.75,
                        interpolation="nearest")  # fmt: skip
    if own:
        axis.set_axis_on()
        axis.set(xticks=[], yticks=[])
        axis.spines[:].set(visible=True, color="black", linewidth=1.6)
    return drawn
