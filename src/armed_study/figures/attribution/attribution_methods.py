"""Figure of what methods of attribution find in the same networks, next to each other."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from armed_study.figures.attribution.grid import draw_grid
from armed_study.figures.heading import Heading, drawing
from armed_study.vocabulary.measures import ATTRIBUTIONS
from armed_study.vocabulary.reported import reported_effect

FIGURE = {
    "label": "Attribution by method",
    "title": "where networks see the disease, by method of attribution",
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
{% set of = {'kind': 'summary', 'effect': 'fixed', 'partition': 'test', 'model': look.reference} %}
{% for name, said in (('auroc', 'AUROC against the true map of the disease'), ('agreement',
'correlation between trainings')) %}{% if look.has('attribution', metric=name, by='gradcam', **of)
and look.has('attribution', metric=name, by='integrated_gradients', **of) and (name == 'auroc' or
not look.has('attribution', metric='auroc', **of)) %}The {{ said }} of {{ label(look.reference) }}
on seen sites is {{ look.interval('attribution', metric=name, by='gradcam', **of) }} by Grad-CAM
and {{ look.interval('attribution', metric=name, by='integrated_gradients', **of) }} by integrated
gradients.{% endif %} {% endfor %}
""",
    "caption": """
**Where networks of {name} find the disease, by method of attribution**: the subjects of the figure of
Grad-CAM, and of each network the output that it is reported by (mixed where there is one), a column
of pictures for each method. *Grad-CAM* weights the maps of the last but one convolution, 6 x 6 places, by
gradients that are averaged over the image, and shows what speaks *for* AD. *Integrated gradients* are
gradients by pixel along the straight path from the average training image to the subject's, times the
difference of the two; shown is their magnitude, so what speaks for AD *or against it*, averaged over
cells of the image, 12 x 12, since gradients of neighbouring pixels differ at random. Each picture goes
from 0 to its own maximum, so that colours say where and not how much. The table holds the values of all
pictures.
""",
    "caption_of_truth": """
*True map* and blue outlines as in the figure of Grad-CAM: where the disease would show in this brain, at
least {study[interpretation][threshold]} of its maximum.
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
    """Draw models by row and subjects by columns, a column for each method.

    Parameters are those of `grid.draw_grid`.
    """
    used = set(table["by"])
    return draw_grid(
        reported_effect(table),
        heading,
        {name: label.replace(" ", "\n") for name, label in ATTRIBUTIONS.items() if name in used},
        within="by",
        pictures=(samples, images, disease_maps),
        threshold=threshold,
    )
