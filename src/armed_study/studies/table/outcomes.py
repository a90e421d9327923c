"""From the text of a user's outcome column to the outcome and its kind, or a clear refusal."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from armed.errors import DataError
from armed_study.data.checks import units, wrong_outcomes
from armed_study.messages import counted, listing
from armed_study.studies.table.names import one_form
from armed_study.studies.table.values import (
    binary_outcome,
    levels_of,
    number_feature,
    refuse_missing,
)
from armed_study.vocabulary.outcomes import Outcome


def read_outcome(
    column: pd.Series, declared: Mapping[str, Any], what: str, *, distinct: bool, decimal: str
) -> tuple[pd.Series, Outcome]:
    """Return the outcome as numbers, and of what kind it is.

    Parameters
    ----------
    column
        Text, as it stands in the table.
    declared
        The block ``outcome``: ``kind``, and ``positive`` of a binary one.
    what
        The study, for messages.
    distinct
        Whether names of classes that differ by form only are apart.
    decimal
        Mark before the decimals of numbers.

    Raises
    ------
    DataError
        For values that are missing or of another kind.
    """
    kind = declared.get("kind", "binary")
    if kind == "binary":
        numbers = binary_outcome(column, declared, what, distinct=distinct, decimal=decimal)
        return numbers, Outcome()
    subject = f"{what}: outcome column '{column.name}'"
    refuse_missing(column, subject)
    if kind == "categorical":
        return _classes(column, subject, distinct=distinct)
    outcome = Outcome(kind)
    numbers = number_feature(column, what, decimal=decimal, role="outcome column")
    wrong = wrong_outcomes(numbers.to_numpy(), outcome)
    if wrong.any():
        row, rows = column.index[int(np.argmax(wrong))], counted(int(wrong.sum()), "such row")
        raise DataError(
            f"{subject} holds '{column[row].strip()}' in row {row} ({rows}), expected "
            f"{outcome.about.values}, as data.outcome.kind is {kind}; correct it, or set the kind to "
            "continuous"
        )
    return numbers, outcome


def _classes(column: pd.Series, subject: str, *, distinct: bool) -> tuple[pd.Series, Outcome]:
    """Number the classes; each has to have two samples at least, to train and to test on."""
    names, _ = one_form(column, subject, distinct=distinct)
    classes, sizes = levels_of(names, subject), names.value_counts()
    if len(classes) < 3:
        raise DataError(
            f"{subject} has {counted(len(classes), 'value')} ({listing(classes, 5)}), expected at least "
            "3, as data.outcome.kind is categorical; leave the kind out and set data.outcome.positive"
        )
    if (rare := sizes.index[sizes < 2]).size:
        raise DataError(
            f"{subject} has {counted(len(rare), 'value')} of one sample ({listing(sorted(rare), 5)}), "
            "expected at least 2 of each class, to train and test on; merge classes, or set "
            "data.outcome.kind to continuous or count if they are numbers"
        )
    numbers = names.map({name: number for number, name in enumerate(classes)})
    return numbers.astype(float), Outcome("categorical", classes)


def permute_outcomes(samples: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Deal the outcomes out at random: to groups where each has one, else to samples.

    Parameters
    ----------
    samples
        Table ``samples``; only its column ``outcome`` changes.
    seed
        Of the permutation.
    """
    unit = units(samples)
    single = samples["outcome"].groupby(unit).nunique().max() == 1
    keys = unit if single else samples["sample"]
    own = samples["outcome"].groupby(keys, sort=False).first()
    dealt = np.random.default_rng(seed).permutation(own.to_numpy())
    return samples.assign(outcome=keys.map(pd.Series(dealt, own.index)).to_numpy())
