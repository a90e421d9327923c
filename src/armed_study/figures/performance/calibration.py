"""Figure of calibration: observed share against predicted probability, by model."""

import pandas as pd
from matplotlib.figure import Figure

from armed_study.figures.heading import Heading, drawing
from armed_study.figures.performance.reliability import Look, draw_reliability
from armed_study.vocabulary.labels import partition_label
from armed_study.vocabulary.reported import reported_assignment

FIGURE = {
    "label": "Calibration",
    "title": "calibration",
    "nothing": "No prediction on test or unseen samples.",
    "outcomes": ("binary",),
    "reads": {"calibration": "study"},
    "finding": """
{% if look.has('summary', model=look.reference, partition='test', metric='ece') %} The calibration
error of {{ label(look.reference) }} on seen clusters is {{ look.interval('summary', 'mean',
model=look.reference, partition='test', metric='ece') }}; over models it is {{
look.span('summary', 'mean', partition='test', metric='ece') }}.{% endif %}
""",
    "caption": """
**Calibration by model on {name}**: observed share of outcome 1 against the mean predicted
probability in ten bins of equally many predictions, for test samples of seen clusters and for
unseen clusters (with inferred membership where the model uses the cluster), pooled over folds
and seeds. Bars: 95 % interval of the observed share, over clusters resampled with all their
samples; a bin of one cluster has none. Below, on its own scale for each model: how densely the
predictions lie, from the same bins (shaded: seen clusters; line: unseen clusters). Networks
that are trained with class weights (``training.class_weights``), as in the published study of
MCI, predict as if both outcomes were equally frequent, so that their probabilities of the rarer
one are too high; logistic and mixed models are not weighted.
""",
}
COLUMNS = (
    "model", "partition", "assignment", "bin", "predicted", "observed", "low", "high", "count",
    "left", "right", "density",
)  # fmt: skip
_LOOKS = {
    "test": Look(partition_label("test"), "#332288", "o", True),
    "unseen": Look(partition_label("unseen"), "#D55E00", "s", False),
}


def table(calibration: pd.DataFrame) -> pd.DataFrame:
    """Keep what each model is reported by."""
    return reported_assignment(calibration)


@drawing(FIGURE, COLUMNS)
def draw(table: pd.DataFrame, heading: Heading) -> Figure:
    """Draw for each model a reliability curve above the distribution of its predictions."""
    return draw_reliability(table, heading, by="partition", looks=_LOOKS)
