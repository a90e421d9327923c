"""Figure of the scores of attribution against the true map of the disease, by model."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from armed_study.figures import style
from armed_study.figures.heading import Heading, drawing
from armed_study.vocabulary.labels import (
    model_colour,
    model_label,
    order_models,
    partition_label,
)
from armed_study.vocabulary.measures import ATTRIBUTION_SCORES, ATTRIBUTIONS, TRUE_MAP
from armed_study.vocabulary.reported import reported_effect
from armed_study.vocabulary.terms import GRADCAM, ORACLE, UNTRAINED

FIGURE = {
    "label": "Attribution against the truth",
    "title": "attribution against the true map of the disease",
    "nothing": "No network was attributed.",
    "kinds": ("ad_mri",),
    "truth": True,
    "reads": {"attribution_summary": "study"},
    "finding": """
{% if look.has('attribution', kind='summary', model=look.reference, partition='test',
by='gradcam', effect='fixed', metric='auroc') %}Against the true map of the disease, the AUROC of
{{ label(look.reference) }}'s Grad-CAM is {{ look.interval('attribution', kind='summary',
model=look.reference, partition='test', by='gradcam', effect='fixed', metric='auroc') }}.{% endif
%}
""",
    "caption": """
**Is the attribution of {name} where the disease is?** Maps of every network and method of
attribution against the true map of the disease, which is known as the images are generated: the
difference between a subject's noise-free images at the severity of an average case and of an
average control, *inside* where it is at least {study[interpretation][threshold]} of its maximum.
*AUROC*: chance that a pixel inside has more attribution than another pixel of the brain. *Share
inside*: attribution inside over all attribution on the image, in the brain or not. *Rank
correlation*: of the map with those of the other models for the same subject, over pixels of the
brain. *Empty*: nothing on the image speaks for AD (Grad-CAM); such a map is counted, and scored as
even attribution is, 0.5 and the share of the image that is inside, which are the dashed lines (of
the correlation: none).
Crosses: the same network with random weights (first fold), what a method owes to the images alone,
since brains differ from each other where the disease is. *True map*: that itself, in as many places
as the method's maps have, 6 x 6 or 12 x 12; no map of that size can do better. Means over up to
{study[interpretation][samples]} samples of each split, half with AD and half with CN; 95 % intervals:
t over the means of splits, seeds averaged within, so that they hold the spread of both, and on unseen
sites speak of these samples. Of each network the output that it is
reported by (mixed, under the sample's own site or the inferred membership, where there is one); the
table holds both. A high score says that a network looks at the right place, not that it is right,
and a network may use the brain elsewhere as a reference.
""",
}
_UNTRAINED: style.LineStyle = {"marker": "x", "ms": 3.4, "mew": 1}


@drawing(FIGURE)
def draw(table: pd.DataFrame, heading: Heading) -> Figure:
    """Draw a row of panels for each score, seen next to unseen clusters, models down the side."""
    models = order_models(table["model"])
    partitions = [name for name in ("test", "unseen") if (table["partition"] == name).any()]
    height = len(ATTRIBUTION_SCORES) * (0.2 * max(len(models), 4) + 0.55) + 0.45
    figure, body = heading.canvas(height)
    axes = body.subplots(
        len(ATTRIBUTION_SCORES), len(partitions), sharey=True, sharex="row", squeeze=False
    )
    shown = pd.concat([reported_effect(table), table[table["effect"] == UNTRAINED]])
    for (row, column), axis in np.ndenumerate(axes):
        metric = list(ATTRIBUTION_SCORES)[row]
        there = (shown["metric"] == metric) & (shown["partition"] == partitions[column])
        _draw_panel(axis, shown[there], models)
        axis.set_xlabel(ATTRIBUTION_SCORES[metric])
        axis.set_title(partition_label(partitions[column]) if row == 0 else "")
        style.letter(axis, row * len(partitions) + column)
    style.legend(body, _entries(sorted(set(table["by"]))))
    return figure


def _draw_panel(axis: Axes, rows: pd.DataFrame, models: list[str]) -> None:
    for chance in rows["chance"].dropna()[:1]:  # the samples are the same for all models
        axis.axvline(chance, **style.DASHED)
    for row in rows.itertuples():
        at = models.index(row.model) + (-0.17 if row.by == GRADCAM else 0.17)
        colour = model_colour(row.model)
        if row.effect == UNTRAINED:
            if row.kind == "summary":
                axis.plot([row.value], [at], **_UNTRAINED | {"mec": colour})
        elif row.kind == "fold":
            axis.plot([row.value], [at], "o", color=colour, alpha=0.45, ms=2.4, mew=0)
        else:
            axis.hlines(at, row.low, row.high, color=colour, lw=1.2)
            axis.plot([row.value], [at], **_marker(row.by, colour))
    style.models_down(axis, models)
    labels = [TRUE_MAP if name == ORACLE else model_label(name) for name in models]
    axis.set_yticks(np.arange(len(models)), labels)


def _marker(by: str, colour: str) -> style.LineStyle:
    filled = {"marker": "o", "color": colour, "ms": 4, "mec": "white", "mew": 0.4}
    hollow = {"marker": "s", "mfc": "white", "mec": colour, "mew": 0.9, "ms": 3.4}
    return hollow if by == GRADCAM else filled


def _entries(methods: list[str]) -> style.Entries:
    grey = style.FAINT
    return [
        *(style.entry(f"{ATTRIBUTIONS[by]}, 95 % interval", **{"color": grey, "lw": 1.2} | _marker(by, grey))
          for by in methods),
        style.entry("one split", ls="", marker="o", ms=2.4, alpha=0.5, color=grey),
        style.entry("random weights", ls="", **_UNTRAINED | {"mec": grey}),
        style.entry("even attribution", **style.DASHED),
    ]  # fmt: skip
