"""The ``data`` block of a study of mild cognitive impairment."""

from typing import Literal

from pydantic import Field

from armed_study.studies.blocks import Block, Text


class Adnimerge(Block):
    """The table of the user."""

    path: Text = Field(
        description="ADNIMERGE CSV file, or a folder in which the newest ADNIMERGE*.csv is taken; "
        "relative to the working directory."
    )


class Data(Block):
    """Which table, and what is made of it."""

    source: Literal["generated"] | Adnimerge = Field(
        description="`generated` (in the layout of ADNIMERGE), or {path: your ADNIMERGE table}."
    )
    probes: Literal[0, 1] = Field(
        default=0,
        description="Whether five features are added that follow the conversion rate of the subject's "
        "site (1) or not (0).",
    )
    moved_subjects: Literal["error", "baseline"] = Field(
        default="error",
        description="Subjects who were at several sites: error, or baseline (the site of the first "
        "visit).",
    )
