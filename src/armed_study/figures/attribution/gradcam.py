"""Figure of where networks find the outcome: Grad-CAM of every network for a few subjects."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from armed_study.figures.attribution.grid import draw_grid
from armed_study.figures.heading import Heading, drawing
from armed_study.vocabulary.terms import EFFECTS, GRADCAM

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
    "finding": """
{% set of = {'kind': 'summary', 'by': 'gradcam', 'effect': 'fixed', 'partition': 'test'} %} {% for
name, said in (('auroc', 'AUROC of Grad-CAM against the true map of the disease'), ('agreement',
'correlation of Grad-CAM between trainings')) %}{% if look.has('attribution', metric=name,
model=look.reference, **of) and (name == 'auroc' or not look.has('attribution', metric='auroc',
**of)) %}On seen sites the {{ said }} is {% for model in look.names('attribution', 'model',
metric=name, **of) if model != 'oracle' %} {{ look.value('attribution', metric=name, model=model,
**of) }} in {{ label(model) }}{{ ', ' if not loop.last }} {% endfor %}; by chance it is {{
look.span('attribution', 'chance', metric=name, **of) }}.{% endif %}{% endfor %}
""",
    "caption": """
**Where networks of {name} find the disease**: Grad-CAM of one subject with AD and one with CN
from seen sites (test part of the first fold) and from unseen ones, a row of pictures for each
network, *fixed* effects next to *mixed*. Subjects from seen sites are given their own site, those
from unseen ones the inferred membership. What is attributed is the linear predictor (the logit of
AD, which unlike the probability does not saturate) to the rectified maps of the last but one
convolution, 6 x 6 places that are interpolated to the image: a finer pattern than that cannot be
seen. Only what speaks *for* AD is shown (Grad-CAM's rectifier), each picture from 0 to its own
maximum, so that colours say where and not how much; *none*: nothing speaks for AD anywhere. A
random intercept does not depend on the image, so the two pictures of a network that has no other
effect are the same. The table holds the values of all pictures. Subjects were drawn at random before any
model was looked at.
""",
    "caption_of_truth": """
*True map*: the difference between the subject's noise-free images at the severity of an average
case and of an average control, cut like the image; blue outlines, also over the attribution:
where it is at least {study[interpretation][threshold]} of its maximum. It is the place where
disease would show in this brain, so subjects with CN have one too.
""",
}


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

    Parameters are those of `grid.draw_grid`.
    """
    return draw_grid(
        table[table["by"] == GRADCAM],
        heading,
        {name: name for name in EFFECTS},
        within="effect",
        pictures=(samples, images, disease_maps),
        threshold=threshold,
    )
