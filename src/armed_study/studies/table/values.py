"""From the text of a user's columns to outcome, names and features, or a clear refusal."""

import re
import warnings
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd

from armed.errors import ArmedWarning, DataError
from armed_study.messages import counted, listing, suggestion
from armed_study.studies.table.names import one_form
from armed_study.vocabulary.names import plain, whole

_NUMBER = r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
_COMMA = r"[+-]?[0-9]*,[0-9]+(?:[eE][+-]?[0-9]+)?"
_THOUSANDS = r"[+-]?[0-9]{1,3}(?:[ ,.'\u2019\u00a0\u202f][0-9]{3})+(?:[.,][0-9]+)?"
_LARGEST = 2**53  # up to it, every whole number is a 64-bit float
_LARGEST_32 = float(np.finfo(np.float32).max)
_FEW = 3  # rows: of fewer, levels that differ say nothing
_SWAP = str.maketrans(".,", ",.")


def binary_outcome(
    column: pd.Series, declared: Mapping[str, Any], what: str, *, distinct: bool, decimal: str
) -> pd.Series:
    """Return the outcome as 0.0 and 1.0; `declared` may name the `positive` class.

    Raises `DataError` for missing values, one class, more than two, or two that are not 0 and 1
    where no positive one is named.
    """
    what = f"{what}: outcome column '{column.name}'"
    refuse_missing(column, what)
    text, became = one_form(column, what, distinct=distinct)
    classes = sorted(text.unique())
    positive = declared.get("positive")
    if len(classes) != 2:
        others = "recode it to two, or set data.outcome.kind to continuous, count or categorical"
        remedy = "check which rows the table has" if len(classes) == 1 else others
        found = f"{counted(len(classes), 'value')} ({listing(classes, 5)})"
        raise DataError(f"{what} has {found}, expected 2 of a binary outcome; {remedy}")
    if positive is not None:
        wanted = _positive_name(positive, classes, became, what)
        if wanted is None:
            raise DataError(
                f"{what} has the values {listing(classes)}, expected '{positive}' among them, as "
                f"data.outcome.positive says{suggestion(positive, classes)}; correct it, in quotes"
            )
        return (text == wanted).astype(float)
    numbers = _numbers(text, decimal)
    if set(numbers.unique()) != {0, 1}:
        raise DataError(
            f"{what} has the values {listing(classes)}, expected 0 and 1; set "
            "data.outcome.positive to the class to predict"
        )
    return numbers


def number_feature(
    column: pd.Series, what: str, *, decimal: str = ".", role: str = "feature"
) -> pd.Series:
    """Return a feature as float64; raises `DataError` for text and for what is infinite.

    ``role`` is what messages call the column.
    """
    numbers, subject = _numbers(column, decimal), f"{what}: {role} '{column.name}'"
    wrong = numbers.isna() & column.notna()
    if wrong.any():
        row = column.index[int(np.argmax(wrong))]
        others = f"in row {row} ({counted(int(wrong.sum()), 'such row')})"
        raise DataError(f"{subject} holds {_fault(column[row].strip(), others, decimal)}")
    infinite = numbers.abs() > _LARGEST_32
    if infinite.any():
        kind = "infinite value" if np.isinf(numbers[infinite]).all() else "value beyond 3.4e38"
        raise DataError(
            f"{subject} has {counted(int(infinite.sum()), kind)}, the first in row "
            f"{column.index[int(np.argmax(infinite))]}, expected finite numbers of 32 bits; replace them "
            "or leave them empty"
        )
    _check_rounded(column, numbers, subject)
    return numbers


def _check_rounded(column: pd.Series, numbers: pd.Series, subject: str) -> None:
    """Refuse whole numbers that become equal as floats; warn of others that do not stay as they are."""
    long = column[numbers.abs() >= _LARGEST].str.strip().map(whole)
    exact = long[long.str.fullmatch("[+-]?[0-9]+")].map(int)
    rounded = exact[[number != int(float(number)) for number in exact]]
    if rounded.empty:
        return
    found = (
        f"{subject} holds {counted(len(rounded), 'whole number')} that 64-bit numbers round, such as "
        f"{rounded.iloc[0]} in row {rounded.index[0]}, expected at most {_LARGEST} or so"
    )
    if exact.nunique() > numbers[exact.index].nunique():
        raise DataError(
            f"{found}, and different ones become equal; list the column under data.categorical, or take "
            "it out of the features if it names something"
        )
    warnings.warn(
        f"{found}; if it names something, list it under data.categorical, or take it out",
        ArmedWarning,
        stacklevel=4,
    )


def levels_of(names: pd.Series, subject: str, order: Sequence[str] = ()) -> tuple[str, ...]:
    """Return the levels of a category, the reference first: as stored, else by number or alphabet.

    An `ArmedWarning` tells of a category that is another one in each row.
    """
    present = sorted(set(names.dropna()))
    if len(present) == len(names) > _FEW:
        warnings.warn(
            f"{subject} has a different level in each row ({listing(present, 3)}), expected levels that "
            "rows share; if it names the samples, take it out of the features or set data.sample to it",
            ArmedWarning,
            stacklevel=4,
        )
    if order:
        return tuple(level for level in dict.fromkeys(order) if level in present)
    numbers = pd.to_numeric(pd.Series(present, dtype=object), errors="coerce")
    if numbers.notna().all():
        present.sort(key=lambda level: (float(level), level))
    return tuple(present)


def refuse_missing(column: pd.Series, subject: str) -> None:
    """Raise `DataError` if a value is missing."""
    missing = column.isna().to_numpy()
    if missing.any():
        raise DataError(
            f"{subject} is missing in {counted(int(missing.sum()), 'row')}, the first row "
            f"{column.index[int(np.argmax(missing))]}, expected a value in each; fill or remove "
            "those rows"
        )


def tell_of_missing_groups(column: pd.Series, subject: str) -> None:
    """Count rows without a group with an `ArmedWarning`."""
    if missing := int(column.isna().sum()):
        warnings.warn(
            f"{subject} is missing in {counted(missing, 'row')}, expected the group of each; they are taken "
            "as alone, and may be split from rows that they belong to",
            ArmedWarning,
            stacklevel=4,
        )


def _numbers(column: pd.Series, decimal: str) -> pd.Series:
    """Return text as numbers, NaN where it is none; truth values as 0 and 1 where there are only such."""
    text = column.str.strip()
    if text.dropna().isin(("True", "False")).all():
        return text.map({"True": 1.0, "False": 0.0}).astype("float64")
    text = text.str.translate(_SWAP) if decimal == "," else text
    good = text.str.fullmatch(rf"{_NUMBER}|[+-]?[iI]nf(?:inity)?").eq(True)
    return pd.to_numeric(text.where(good, None), errors="coerce").astype("float64")


def _fault(value: str, where: str, decimal: str) -> str:
    """Say what a text is that is no number, what was expected, and what to do."""
    dotted = value.translate(_SWAP) if decimal == "," else value
    mark, name = (".", "dot") if decimal == "," else (",", "comma")
    as_decimal = f'set data.source.decimal: "{mark}"'
    thousands = re.fullmatch(_THOUSANDS, value)
    expected = f"expected numbers such as 1234{decimal}5"
    if re.fullmatch(_COMMA, dotted) and thousands:
        found = f"'{value}', a number with a decimal {name} or with separators of thousands,"
        remedy = f"{as_decimal} in the first case, remove them in the second"
    elif re.fullmatch(_COMMA, dotted):
        found, remedy = f"'{value}', a number with a decimal {name},", as_decimal
    elif thousands:
        found, remedy = f"'{value}', a number with separators of thousands,", "remove them"
    else:
        found, expected = f"the text '{value}'", "expected numbers"
        remedy = (
            "list it under data.missing_values if it means missing, list the column under "
            "data.categorical, or correct the value"
        )
    return f"{found} {where}, {expected}; {remedy}"


def _positive_name(
    positive: object, classes: Sequence[str], became: Mapping[str, str], what: str
) -> str | None:
    """Return the class that is meant: of a number the one of that value, else the one of that name."""
    if isinstance(positive, int | float) and not isinstance(positive, bool):
        value = Decimal(str(positive))
        same = [name for name in classes if re.fullmatch(_NUMBER, name) and Decimal(name) == value]
        if len(same) > 1:
            raise DataError(
                f"{what} has the values {listing(same)}, both of which are {positive}, as data.outcome."
                "positive says, expected one; put it in quotes there, as it is written in the table"
            )
        if same:
            return same[0]
    name = plain(str(positive))
    return became.get(name, name) if became.get(name, name) in classes else None
