"""Missing values of features: left to be filled in, with features that say where they are, or refused."""

import warnings
from collections.abc import Mapping

import numpy as np
import pandas as pd

from armed.errors import ArmedWarning, DataError
from armed_study.data.dataset import Feature
from armed_study.messages import counted

_LEVELS = ("no", "yes")
_ENDING = " missing"


def treat_missing(
    columns: pd.DataFrame, features: tuple[Feature, ...], choice: str, what: str
) -> tuple[pd.DataFrame, tuple[Feature, ...]]:
    """Return columns of features, and the features, as ``data.missing`` says.

    With ``indicate`` a category `NAME missing` follows, of no and yes, for each feature that has missing
    values; these stay as they are, and are filled in by the training part of each fold.

    Raises
    ------
    DataError
        If a value is missing and ``choice`` is error, or a feature has the name of one that follows.
    """
    missing = columns.isna()
    missing = missing.loc[:, missing.any()]
    if choice == "error" and len(missing.columns):
        name = missing.columns[0]
        rows = counted(int(missing[name].sum()), "row")
        raise DataError(
            f"{what}: feature '{name}' is missing in {rows}, the first row "
            f"{columns.index[int(np.argmax(missing[name]))]}, expected none as data.missing is error; fill "
            "them or set data.missing to impute"
        )
    if choice != "indicate":
        return columns, features
    words = dict(enumerate(_LEVELS))
    added = missing.add_suffix(_ENDING).astype(int).apply(lambda column: column.map(words))
    if taken := [name for name in added if name in columns]:
        raise DataError(
            f"{what}: feature '{taken[0]}' has the name that data.missing: indicate gives to a feature "
            "of its own, expected another; rename the column"
        )
    indicators = (Feature(name, "categorical", levels=_LEVELS) for name in added)
    return columns.join(added), (*features, *indicators)


def without_incomplete(
    fields: pd.DataFrame, names: Mapping[str, str | None], what: str
) -> pd.DataFrame:
    """Leave out rows without an outcome or a cluster, with an `ArmedWarning` that counts them.

    Parameters
    ----------
    fields
        Text, None where missing.
    names
        The column of each role.
    what
        The study, for the message.

    Raises
    ------
    DataError
        If no row is left.
    """
    columns = [str(names[role]) for role in ("outcome", "cluster")]
    whole = fields[columns].notna().all(axis=1)
    if not whole.any():
        raise DataError(
            f"{what}: no row has both {columns[0]} (data.outcome) and {columns[1]} (data.cluster), expected "
            "some; check data.missing_values"
        )
    if count := int((~whole).sum()):
        warnings.warn(
            f"{what}: {counted(count, 'row')} of {len(fields):,} without {columns[0]} (data.outcome) or "
            f"{columns[1]} (data.cluster), expected both in each; as data.incomplete_rows says, dropped",
            ArmedWarning,
            stacklevel=3,
        )
    return fields[whole]
