"""The block of a claim."""

from typing import Annotated, Literal

from pydantic import Field

from armed_study.studies.blocks import Block, Text, absent, key

Values = dict[str, str | int | float | bool]


class Claim(Block):
    """A claim that is judged: a contrast of rows of a table, and the smallest effect that matters."""

    says: Text = key("The claim, a sentence in plain English that holds or does not.")
    source: Literal["paper", "ours"] = key("Whose claim it is: the published study's, or ours.")
    study: Text = key(
        "Study whose table is read, or `effects`; without it the claim is not tested."
    )
    table: Text = key("Table of the study: the name of a CSV file in `results/tables/STUDY`.")
    value: Text = key("Column of that table with the effect.", default="value")
    rows: Annotated[Values, Field(min_length=1)] = key(
        "Which rows: columns and the value that each has there."
    )
    less: Values | Text | float = absent(
        "What is taken from the effect: rows that differ from the first in these columns "
        "({model: conventional}), another column of the same rows (its name), or a number. Nothing if "
        "left out."
    )
    effect: Text = key("What the effect is called, such as `gain in AUROC`.")
    expected: Literal["above", "below", "near"] = key(
        "What the claim says of the effect: above 0, below 0, or near it.", default="above"
    )
    smallest: float = key("Smallest effect that matters, in units of the effect.", gt=0)
    figure: str = absent("Figure of the study that shows it.")
