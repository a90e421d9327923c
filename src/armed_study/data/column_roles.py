"""From the columns of a user's table to outcome, identifiers and features, or a clear refusal."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from armed.errors import ConfigError, DataError
from armed_study.io.schemas import TABLES
from armed_study.messages import counted, listing, suggestion

_RESERVED = tuple(TABLES["samples"].names)
_ROLES = ("outcome", "cluster", "group", "sample")


def find_columns(
    table: pd.DataFrame, settings: Mapping[str, Any], what: str
) -> dict[str, str | None]:
    """Return the column of each role; raises if one is absent or has two roles."""
    given = {**settings, "outcome": (settings.get("outcome") or {}).get("column")}
    names = {role: given.get(role) for role in _ROLES}
    for role, name in names.items():
        if name is None and role in ("outcome", "cluster"):
            raise ConfigError(f"{what}: data names no {role} column, expected one; add data.{role}")
        if name is not None:
            _check_present(table, name, f"data.{role}", what)
    used = [name for name in names.values() if name is not None]
    if repeated := sorted({name for name in used if used.count(name) > 1} - {names["sample"]}):
        raise ConfigError(
            f"{what}: column {listing(repeated)} is named for two of {listing(_ROLES)}, expected "
            "a column for each; correct data"
        )
    return names


def select_features(
    table: pd.DataFrame, settings: Mapping[str, Any], names: Mapping[str, str | None], what: str
) -> list[str]:
    """Return the feature columns; `all` are the columns that have no other role."""
    wanted = settings.get("features", "all")
    roles = [name for name in names.values() if name is not None]
    chosen = [c for c in table.columns if c not in roles] if wanted == "all" else list(wanted)
    for name in chosen:
        _check_present(table, name, "data.features", what)
        if name in roles or chosen.count(name) > 1:
            raise ConfigError(
                f"{what}: column '{name}' is listed in data.features twice, or is the outcome, "
                "cluster, group or sample too, expected one role; take it out of data.features"
            )
        if name in _RESERVED:
            raise DataError(
                f"{what}: feature column is called '{name}', expected a name other than "
                f"{listing(_RESERVED)}, which the workflow uses; rename the column"
            )
    strange = [name for name in settings.get("categorical") or () if name not in chosen]
    if strange:
        raise ConfigError(
            f"{what}: data.categorical names {listing(strange)}{suggestion(strange[0], chosen)}, "
            f"expected some of the features {listing(chosen)}; correct it"
        )
    return chosen


def as_text(column: pd.Series) -> pd.Series:
    """Return text, whole numbers without a decimal point; blank is missing, as what was missing."""
    values = column.astype(object)
    if pd.api.types.is_float_dtype(column.dtype):
        values = values.map(lambda v: int(v) if pd.notna(v) and float(v).is_integer() else v)
    text = values.map(lambda v: str(v).strip(), na_action="ignore")
    return text.where(column.notna() & (text != ""), None)


def identifier(table: pd.DataFrame, column: str | None, setting: str, what: str) -> pd.Series:
    """Return a column of names as text; raises `DataError` if some are missing."""
    text = as_text(table[str(column)])
    _refuse_missing(text, f"{what}: column '{column}' ({setting})")
    return text


def binary_outcome(column: pd.Series, declared: Mapping[str, Any], what: str) -> pd.Series:
    """Return the outcome as 0.0 and 1.0; `declared` may name the `positive` class.

    Raises `DataError` for missing values, one class, more than two, or two that are not 0 and 1
    where no positive one is named.
    """
    what = f"{what}: outcome column '{column.name}'"
    text = as_text(column)
    _refuse_missing(text, what)
    classes = sorted(text.unique())
    positive = declared.get("positive")
    if len(classes) != 2:
        remedy = "check which rows the table has" if len(classes) == 1 else "recode it to two"
        found = f"{counted(len(classes), 'value')} ({listing(classes, 5)})"
        raise DataError(f"{what} has {found}, expected 2; {remedy}")
    if positive is not None:
        wanted = _positive_name(positive, classes)
        if wanted is None:
            raise DataError(
                f"{what} has the values {listing(classes)}, expected '{positive}' among them, as "
                f"data.outcome.positive says{suggestion(positive, classes)}; correct it, in quotes"
            )
        return (text == wanted).astype(float)
    numbers = pd.to_numeric(text.replace({"True": "1", "False": "0"}), errors="coerce")
    if set(numbers.unique()) != {0, 1}:
        raise DataError(
            f"{what} has the values {listing(classes)}, expected 0 and 1; set "
            "data.outcome.positive to the class to predict"
        )
    return numbers.astype(float)


def feature_column(
    column: pd.Series, categorical: bool, what: str
) -> tuple[pd.Series, tuple[str, ...]]:
    """Return a feature as float64, or as text with its levels, the first of which is the reference.

    Levels are in the order of a stored categorical type, else by number or alphabet.
    """
    text = as_text(column)
    if categorical:
        return text, _levels(column, text)
    plain = pd.api.types.is_numeric_dtype(column.dtype)
    numbers = pd.to_numeric(column if plain else text, errors="coerce").astype("float64")
    wrong = numbers.isna() & text.notna()
    if wrong.any():
        row = int(np.argmax(wrong.to_numpy()))
        raise DataError(
            f"{what}: feature '{column.name}' holds the text '{column.iloc[row]}' in row "
            f"{row + 1} ({counted(wrong.sum(), 'such row')}), expected numbers; list it under "
            "data.categorical or correct the value"
        )
    return numbers, ()


def _levels(column: pd.Series, text: pd.Series) -> tuple[str, ...]:
    present = set(text.dropna())
    if isinstance(column.dtype, pd.CategoricalDtype):
        return tuple(str(level) for level in column.cat.categories if str(level) in present)
    numbers = pd.to_numeric(pd.Series(sorted(present), dtype=object), errors="coerce")
    if numbers.notna().all():
        return tuple(sorted(present, key=lambda level: (float(level), level)))
    return tuple(sorted(present))


def _positive_name(positive: object, classes: Sequence[str]) -> str | None:
    if str(positive) in classes:
        return str(positive)
    if isinstance(positive, int | float) and not isinstance(positive, bool):
        numbers = pd.to_numeric(pd.Series(classes, dtype=object), errors="coerce")
        same = np.flatnonzero(numbers == positive)
        return classes[int(same[0])] if len(same) else None
    return None


def _check_present(table: pd.DataFrame, name: str, setting: str, what: str) -> None:
    if name not in table.columns:
        raise DataError(
            f"{what}: the table has no column '{name}'{suggestion(name, table.columns)}, expected "
            f"it as {setting} says, found {listing(table.columns)}; correct {setting}"
        )


def _refuse_missing(text: pd.Series, subject: str) -> None:
    missing = text.isna().to_numpy()
    if missing.any():
        raise DataError(
            f"{subject} is missing in {counted(missing.sum(), 'row')}, the first row "
            f"{int(np.argmax(missing)) + 1}, expected a value in each; fill or remove those rows"
        )
