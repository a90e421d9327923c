"""Further cluster factors of a user's table: those of random effects, besides the clusters of the samples."""

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from armed.errors import ArmedWarning, DataError
from armed_study.data.dataset import factor_column
from armed_study.messages import counted
from armed_study.studies.table.names import one_form


def columns_of_factors(settings: Mapping[str, Any]) -> list[str]:
    """Columns that the factors of `data.further_factors` are made of, each once."""
    factors = settings.get("further_factors") or ()
    return list(dict.fromkeys(column for columns in factors for column in columns))


def factors_of(settings: Mapping[str, Any]) -> tuple[str, ...]:
    """Names of the cluster factors, that of the samples first; none if there is no further one."""
    further = settings.get("further_factors") or ()
    return (settings["cluster"], *map(":".join, further)) if further else ()


def read_factors(fields: pd.DataFrame, settings: Mapping[str, Any], what: str) -> pd.DataFrame:
    """Return clusters of each further factor, those of several columns joined by ``:``, None where missing.

    An `ArmedWarning` counts the rows of which one is missing.

    Raises
    ------
    DataError
        A factor of one cluster, or with another one in each row.
    """
    distinct = settings.get("distinct_forms") or ()
    subject = f"{what}: column '{{}}' (random_effects.formula)"
    names = {
        column: one_form(fields[column], subject.format(column), distinct=column in distinct)[0]
        for column in columns_of_factors(settings)
    }
    found = {}
    for columns in settings.get("further_factors") or ():
        factor = ":".join(columns)
        found[factor_column(factor)] = _clusters([names[name] for name in columns], factor, what)
    return pd.DataFrame(found, fields.index)


def _clusters(columns: Sequence[pd.Series], factor: str, what: str) -> pd.Series:
    frame = pd.concat(columns, axis=1)
    known = frame.notna().all(axis=1)
    joined = frame[known].astype(str).agg(":".join, axis=1)
    if joined.nunique() < 2 or joined.is_unique:
        found = "another cluster in each row" if joined.is_unique else "1 cluster"
        raise DataError(
            f"{what}: factor '{factor}' of random_effects.formula has {found}, expected at least 2, of "
            "several rows; leave its term out"
        )
    if missing := int((~known).sum()):
        warnings.warn(
            f"{what}: factor '{factor}' of random_effects.formula is missing in {counted(missing, 'row')}, "
            "expected the cluster of each; these rows have no effect of it",
            ArmedWarning,
            stacklevel=4,
        )
    return joined.reindex(frame.index).astype(object).where(known, None)
