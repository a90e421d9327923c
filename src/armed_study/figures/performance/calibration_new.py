"""Figure of calibration on unseen clusters: the population's predictions, and marginal ones."""

import pandas as pd
from matplotlib.figure import Figure

from armed_study.figures.heading import Heading, drawing
from armed_study.figures.performance.calibration import COLUMNS
from armed_study.figures.performance.reliability import Look, draw_reliability

FIGURE = {
    "label": "Calibration on new clusters",
    "title": "calibration on clusters never seen",
    "nothing": "No model with random effects of estimated variance, or no unseen cluster.",
    "reads": {"calibration": "study"},
    "finding": """
{% if look.has('summary', model=look.reference, partition='unseen', metric='ece') %} The
calibration error of {{ label(look.reference) }} on unseen clusters, as it is reported, is {{
look.interval('summary', 'mean', model=look.reference, partition='unseen', metric='ece') }}. {%
elif look.has('calibration_new', model=look.reference, assignment='marginal') %}In bins the
marginal predictions of {{ label(look.reference) }} on unseen clusters are {{
look.span('calibration_new', 'predicted', model=look.reference, assignment='marginal') }}, the
observed shares {{ look.span('calibration_new', 'observed', model=look.reference,
assignment='marginal') }}.{% endif %}
""",
    "caption": """
**Calibration on clusters never seen of {name}**, of models with random effects of estimated
variance: observed share of outcome 1 against the mean predicted probability in ten bins of
equally many predictions, pooled over folds and seeds. Population: predictions without random
effects, which are those of a cluster in the middle of all; over clusters of either side they are
too far from the mean. Marginal: predictions with the random effects integrated over their
distribution, which is what is known of a new cluster. Bars: 95 % interval of the observed share,
over clusters resampled with all their samples. Below: how densely the predictions lie.
""",
}
_LOOKS = {
    "zero": Look("Population", "#7F7F7F", "o", True),
    "marginal": Look("Marginal", "#D55E00", "s", False),
}


def table(calibration: pd.DataFrame) -> pd.DataFrame:
    """Keep population and marginal predictions of models that have both."""
    unseen = calibration[calibration["partition"] == "unseen"]
    models = unseen.loc[unseen["assignment"] == "marginal", "model"]
    return unseen[unseen["model"].isin(models) & unseen["assignment"].isin(list(_LOOKS))]


@drawing(FIGURE, COLUMNS)
def draw(table: pd.DataFrame, heading: Heading) -> Figure:
    """Draw for each model a reliability curve above the distribution of its predictions."""
    return draw_reliability(table, heading, by="assignment", looks=_LOOKS)
