"""What a figure shows, in a sentence that its tables write: see ``finding`` in `config.figures`."""

import re
from collections.abc import Iterable, Mapping
from functools import cache

import pandas as pd
from jinja2 import Environment, StrictUndefined, Template

from armed_study.config import figures
from armed_study.report.paper import ranking
from armed_study.report.paper.lookups import Lookups, text_of
from armed_study.vocabulary.labels import model_name


def finding(look: Lookups, figure: str) -> str:
    """Say what a figure of the study at hand shows; nothing where the figure says nothing.

    Parameters
    ----------
    look
        Tables, with the study at hand.
    figure
        Name of the figure, whose ``finding`` is filled with what it looks up.
    """
    text = _template(figures.about(figure)["finding"]).render(
        look=look,
        leader=ranking.leader,
        label=model_name,
        number=text_of,
        metric=ranking.metric_name,
    )
    return re.sub(r" (?=[.,;)])", "", " ".join(text.split()))


def every(
    tables: Mapping[tuple[str, str], pd.DataFrame], named: Mapping[str, Iterable[str]]
) -> pd.DataFrame:
    """Say it of all figures: a table with columns study, figure and shows.

    Parameters
    ----------
    tables
        The tables of the run, by study and name.
    named
        Figures of each study.
    """
    look = Lookups(tables)
    rows = [
        (study, figure, finding(look.of(study), figure))
        for study, shown in named.items()
        for figure in shown
    ]
    return pd.DataFrame(rows, columns=["study", "figure", "shows"])


@cache
def _template(text: str) -> Template:
    return Environment(undefined=StrictUndefined, autoescape=False).from_string(text)
