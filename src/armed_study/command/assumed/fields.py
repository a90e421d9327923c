"""What each column of an unknown table holds: numbers, categories, dates, names, nothing."""

import re
import warnings
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from armed.errors import ArmedWarning, DataError
from armed_study.messages import listing
from armed_study.studies.table.names import LIKE_MISSING
from armed_study.studies.table.values import number_feature

Kind = Literal[
    "number",
    "scale",
    "category",
    "constant",
    "empty",
    "date",
    "image",
    "mixed",
    "identifier",
    "text",
]

_DATE = r"\d{4}-\d{1,2}-\d{1,2}([T ].*)?|\d{1,2}[./-]\d{1,2}[./-]\d{2,4}([T ].*)?"
_IMAGE = r".*\.(nii|nii\.gz|png|jpe?g|tiff?|dcm|mgz|bmp|npy)"
_IDENTIFIER = re.compile(r"(?i)(^|.*[_. -])(id|subject|patient|participant|person|pid)$|.*[a-z]ID$")
_MOST_LEVELS = 30
_FEW_LEVELS = 10
_MOSTLY = 0.5  # of the rows have a value of their own: names or free text


@dataclass(frozen=True)
class Field:
    """One column of a table.

    Parameters
    ----------
    name
        Its name.
    kind
        What it holds; `number`, `scale` (a few whole numbers) and `category` can be features.
    numeric
        Whether all its values are numbers.
    levels
        Number of different values.
    missing
        Rows without a value.
    note
        What a reader should know of it, a clause; empty if nothing.
    """

    name: str
    kind: Kind
    numeric: bool
    levels: int
    missing: int
    note: str = ""


def describe_field(column: pd.Series, *, decimal: str = ".") -> Field:
    """Say what a column holds.

    Parameters
    ----------
    column
        (rows,) text, None where missing, as `armed_study.studies.table.reading.read_raw` gives it.
    decimal
        Mark before the decimals of numbers.
    """
    values = column.dropna().map(str.strip)
    counts = values.value_counts()
    numeric = is_number(values, decimal)
    kind, note = _kind(values, counts, numeric=numeric)
    return Field(str(column.name), kind, numeric, len(counts), int(column.isna().sum()), note)


def _kind(values: pd.Series, counts: pd.Series, *, numeric: bool) -> tuple[Kind, str]:
    if counts.empty:
        return "empty", "no value in any row"
    if len(counts) == 1:
        return "constant", f"'{counts.index[0]}' in every row that has a value"
    if numeric:
        return _number(values, counts)
    words = counts.index.to_series()
    if words.str.fullmatch(_DATE).all():
        return "date", f"dates such as '{words.iloc[0]}'"
    if words.str.fullmatch(_IMAGE, flags=re.IGNORECASE).all():
        return "image", f"names of image files such as '{words.iloc[0]}'"
    numbers = pd.to_numeric(values, errors="coerce").notna()
    if numbers.mean() > _MOSTLY and len(counts) > _FEW_LEVELS:
        odd = listing(values[~numbers].unique(), 3)
        return "mixed", f"numbers, and text such as {odd}"
    if (counts == 1).sum() > _MOSTLY * len(values):
        return "identifier", "another text in most rows"
    if len(counts) > _MOST_LEVELS:
        return "text", f"{len(counts)} different texts"
    return "category", ""


def _number(values: pd.Series, counts: pd.Series) -> tuple[Kind, str]:
    whole = values.str.fullmatch(r"[+-]?[0-9]+").all()
    if whole and len(counts) == len(values) > _FEW_LEVELS:
        return "identifier", "another whole number in each row"
    if whole and 2 < len(counts) <= _FEW_LEVELS:
        return "scale", f"{len(counts)} whole numbers"
    return "number", ""


def is_number(values: pd.Series, decimal: str) -> bool:
    """Whether the texts of a column, without missing ones, can be read as a feature of numbers."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ArmedWarning)
        try:
            number_feature(values, "", decimal=decimal)
        except DataError:
            return False
    return True


def words_for_missing(
    table: pd.DataFrame, names: Collection[str], *, decimal: str = "."
) -> dict[str, list[str]]:
    """Find words that mean missing: those that stand among numbers only.

    Parameters
    ----------
    table
        Fields as text.
    names
        Columns that hold names (clusters, groups, samples): a word that is a name there is none.

    Returns
    -------
    Each word, with the columns of numbers that it stands in.
    """
    taken = {value for name in names for value in table[name].dropna().unique()}
    found: dict[str, list[str]] = {}
    for name, column in table.items():
        values = column.dropna().map(str.strip)
        odd = {word for word in values.unique() if word.casefold() in LIKE_MISSING | {"unknown"}}
        rest = values[~values.isin(odd)]
        if name in names or not odd or rest.empty or not is_number(rest, decimal):
            continue
        for word in odd - taken:
            found.setdefault(word, []).append(str(name))
    return dict(sorted(found.items()))


def find_sample(fields: pd.DataFrame, names: Sequence[str]) -> str | None:
    """A column that names the samples: called an identifier, full, another value in each row."""
    for name in fields.columns.difference([*names], sort=False):
        if _IDENTIFIER.fullmatch(name) and fields[name].notna().all() and fields[name].is_unique:
            return str(name)
    return None


def find_group(fields: pd.DataFrame, names: set[str | None], cluster: str) -> str | None:
    """A column that names what has several rows, within one cluster each: persons with several visits."""
    for name in fields.columns.difference([n for n in names if n], sort=False):
        column = fields[name]
        if not _IDENTIFIER.fullmatch(name) or column.isna().any() or column.is_unique:
            continue
        within = fields[cluster].groupby(column).nunique().max() == 1
        if within and column.nunique() > fields[cluster].nunique():
            return str(name)
    return None
