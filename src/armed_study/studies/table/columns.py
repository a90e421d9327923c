"""Which column of a user's table is what, or a clear refusal."""

import re
import warnings
from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from armed.errors import ArmedWarning, ConfigError, DataError
from armed_study.io.schemas import TABLES
from armed_study.messages import listing, suggestion
from armed_study.studies.table.factors import columns_of_factors
from armed_study.vocabulary.names import form, whole

_RESERVED = tuple(TABLES["samples"].names)
_ROLES = ("outcome", "cluster", "group", "sample")
_UNNAMED = r"|Unnamed: [0-9]+|\.\.\.[0-9]+|__index_level_[0-9]+__"  # R, pandas, readr, Parquet
_FEW = 3  # rows: of fewer, numbers in order say nothing


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
    for name in settings.get("distinct_forms") or ():
        _check_present(table, name, "data.distinct_forms", what)
    for name in columns_of_factors(settings):
        _check_present(table, name, "random_effects.formula", what)
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
    roles = [name for name in names.values() if name is not None] + columns_of_factors(settings)
    chosen = [c for c in table.columns if c not in roles] if wanted == "all" else list(wanted)
    for name in chosen:
        _check_present(table, name, "data.features", what)
        if name in roles or chosen.count(name) > 1:
            raise ConfigError(
                f"{what}: column '{name}' is listed in data.features twice, or is the outcome, cluster, "
                "group, sample or a cluster factor too, expected one role; take it out of data.features"
            )
        if name in _RESERVED:
            raise DataError(
                f"{what}: feature column is called '{name}', expected a name other than "
                f"{listing(_RESERVED)}, which the workflow uses; rename the column"
            )
        if wanted == "all":
            _check_measures(table[name], f"{what}: column '{name}'")
    strange = [name for name in settings.get("categorical") or () if name not in chosen]
    if strange:
        raise ConfigError(
            f"{what}: data.categorical names {listing(strange)}{suggestion(strange[0], chosen)}, "
            f"expected some of the features {listing(chosen)}; correct it"
        )
    _warn_of_alike([*dict.fromkeys(roles), *chosen], what)
    return chosen


def without_row_names(table: pd.DataFrame, settings: Mapping[str, Any], what: str) -> pd.DataFrame:
    """Leave out, with an `ArmedWarning`, columns without a name that number the rows or hold nothing.

    Exports write one where row names or an index are, and where rows end in a separator. Raises
    `DataError` for one of anything else.
    """
    used, kept = _named_in(settings), []
    for place, name in enumerate(table.columns):
        if name in used or not re.fullmatch(_UNNAMED, name):
            kept.append(place)
            continue
        column = table.iloc[:, place]
        values = column.dropna().astype(str).str.strip()
        numbers = values.str.fullmatch("[0-9]+").all() and not values.duplicated().any()
        empty = values.eq("").all()
        if not empty and (column.isna().any() or not numbers):
            raise DataError(
                f"{what}: column {place + 1} has no name ('{name}') and holds "
                f"{listing(column.unique(), 3)}, expected row numbers in such a column; give "
                "it a name or remove it"
            )
        warnings.warn(
            f"{what}: column {place + 1} has no name ('{name}') and holds "
            f"{'nothing' if empty else 'row numbers'}, expected a name; left out",
            ArmedWarning,
            stacklevel=3,
        )
    return table.iloc[:, kept]


def warn_of_repetition(table: pd.DataFrame, samples: pd.DataFrame, what: str) -> None:
    """Warn of a table that holds every row more than once, and of features that are the outcome again."""
    if table.duplicated(keep=False).all():
        warnings.warn(
            f"{what}: each row of the table is there more than once, expected a row for each sample; a "
            "sample may be trained on and tested: look whether the table was joined with itself",
            ArmedWarning,
            stacklevel=3,
        )
    for name in samples.columns.difference([*_RESERVED], sort=False):
        pairs = samples[[name, "outcome"]].dropna().drop_duplicates()
        if len(pairs) == 2 and pairs.nunique().eq(2).all():
            warnings.warn(
                f"{what}: feature '{name}' is {pairs[name].iloc[0]} where the outcome is "
                f"{pairs['outcome'].iloc[0]:g} and {pairs[name].iloc[1]} elsewhere, expected measures that "
                "are known before it; take it out of the features if it is the outcome in other words",
                ArmedWarning,
                stacklevel=3,
            )


def _named_in(settings: Mapping[str, Any]) -> set[str]:
    features = settings.get("features")
    listed = features if isinstance(features, list | tuple) else ()
    roles = (settings.get(role) for role in ("cluster", "group", "sample"))
    return {
        *listed,
        *(role for role in roles if role),
        *columns_of_factors(settings),
        (settings.get("outcome") or {}).get("column"),
    }


def _warn_of_alike(used: Iterable[str], what: str) -> None:
    alike: dict[str, list[str]] = {}
    for name in used:
        alike.setdefault(form(name), []).append(name)
    for names in (names for names in alike.values() if len(names) > 1):
        warnings.warn(
            f"{what}: columns {listing(names)} have one name in different forms (case, blanks), expected "
            "a name for each; all are used: if they hold the same, list the features without one of them",
            ArmedWarning,
            stacklevel=3,
        )


def _check_measures(column: pd.Series, subject: str) -> None:
    """Refuse row numbers; warn of other whole numbers of which no two rows have the same.

    Row numbers are consecutive in any order, as the table may have been sorted, or only rise or only
    fall, as rows may have been taken out. Others may be identifiers or a fine measure: the user knows.
    """
    text = column.map(lambda value: whole(str(value).strip()))
    if len(text) < _FEW or not (text.is_unique and text.str.fullmatch("[+-]?[0-9]+").all()):
        return
    numbers = text.map(int)
    low, high = min(numbers), max(numbers)
    if high - low == len(numbers) - 1:
        found = f"holds the whole numbers from {low} to {high}, each in one row"
    elif numbers.is_monotonic_increasing or numbers.is_monotonic_decreasing:
        found = f"holds whole numbers in the order of the rows ({listing(text, 3)})"
    else:
        warnings.warn(
            f"{subject} holds a different whole number in each row ({listing(text, 3)}), expected "
            "measures of the samples; it is a feature, as data.features is all: if it names the "
            "samples, list the features without it, or set data.sample to it",
            ArmedWarning,
            stacklevel=4,
        )
        return
    raise DataError(
        f"{subject} {found}, as row numbers do, expected measures of the samples, as data.features is "
        "all; list the features, or set data.sample to it"
    )


def _check_present(table: pd.DataFrame, name: str, setting: str, what: str) -> None:
    if name not in table.columns:
        raise DataError(
            f"{what}: the table has no column '{name}'{suggestion(name, table.columns)}, expected "
            f"it as {setting} says, found {listing(table.columns)}; correct {setting}"
        )
