"""The ``data`` block of a study of mild cognitive impairment."""

from typing import Literal

from armed_study.studies.blocks import Block, Text, absent, key
from armed_study.vocabulary.terms import PERMUTED


class Adnimerge(Block):
    """The table of the user."""

    path: Text = key(
        "ADNIMERGE CSV file, or a folder in which the newest ADNIMERGE*.csv is taken; relative to "
        "the working directory."
    )


class Data(Block):
    """Which table, and what is made of it."""

    source: Literal["generated"] | Adnimerge = key(
        "`generated` (in the layout of ADNIMERGE), or {path: your ADNIMERGE table}."
    )
    probes: Literal[0, 1] = key(
        "Whether five features are added that follow the conversion rate of the subject's site in "
        "the training part of each fold (1) or not (0).",
        default=0,
    )
    moved_subjects: Literal["error", "baseline"] = key(
        "Subjects who were at several sites: error, or baseline (the site of the first visit).",
        default="error",
    )
    permute_outcome: bool = absent(PERMUTED)
