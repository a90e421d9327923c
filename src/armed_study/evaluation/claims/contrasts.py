"""A contrast of two rows of a tidy table, with an interval: by what the table holds, and never by less."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from armed.errors import DataError
from armed_study.messages import listing, suggestion
from armed_study.statistics.tests import corrected_t_test

UNITS = ("fold", "cell", "item")
"""Columns whose values are repetitions: rows of one model, to be paired with those of another."""
OWN, COMBINED = "of the table", "of both rows"
OVER_FOLDS, OVER_UNITS = "corrected resampled t", "t"


class Absent(Exception):
    """The table has no rows to compare; the text says which."""


class Contrast(NamedTuple):
    """An effect with its 95 % interval, the p value of its test if there is one, and which these are."""

    effect: float
    low: float
    high: float
    p: float
    interval: str


def contrast(table: pd.DataFrame, claim: Mapping[str, Any]) -> Contrast:
    """Compute the contrast of a claim.

    - A table of differences from a reference model has it: it is turned where the claim takes the other
      model from the reference. Its interval is that of a paired test (`evaluation.models`).
    - Of a single row the interval is the row's own.
    - Of two rows with intervals of their own, ``a`` and ``b``, it is that of Zou and Donner (2008,
      Statistics in Medicine 27:1693-1702): ``a - b - sqrt((a - low_a)^2 + (high_b - b)^2)`` and so on. It
      takes rows to be independent: of the same samples, which raise and lower both, it is too wide.
    - Of several rows, their means by `UNITS`, paired, are tested: folds, which share training samples, by
      `tests.corrected_t_test`, other units by the t-test.

    Parameters
    ----------
    table
        A tidy table of a study.
    claim
        As `config.claims.planning.plan` returns it: ``value``, ``rows``, ``less`` and ``ratio``.

    Raises
    ------
    Absent
        The table has no such rows.
    DataError
        It has no such column, or several rows that nothing pairs.
    """
    value, rows, less = claim["value"], claim["rows"], claim.get("less")
    if not isinstance(less, Mapping):
        left = select(table, rows)
        taken = _column(left, less) if isinstance(less, str) else float(less or 0.0)
        if len(left) == 1:
            return _single(left, value, taken)
        left = left.assign(**{value: _column(left, value) - taken})
        return _repeated(left, None, value, claim["ratio"])
    if "reference" in table.columns and "model" in less:
        return _of_reference(table, value, rows, {**rows, **less})
    left, right = select(table, rows), select(table, {**rows, **less})
    if len(left) == len(right) == 1:
        return _combined(_single(left, value), _single(right, value))
    return _repeated(left, right, value, claim["ratio"])


def select(table: pd.DataFrame, rows: Mapping[str, Any]) -> pd.DataFrame:
    """Return the rows with these values of these columns; `Absent` if there are none."""
    kept = pd.Series(True, index=table.index)
    for name, wanted in rows.items():
        kept &= _column(table, name).map(_text) == _text(wanted)
    if not kept.any():
        named = ", ".join(f"{name} {wanted}" for name, wanted in rows.items())
        raise Absent(f"its table has no row of {named}")
    return table[kept]


def _text(found: Any) -> str:
    """A cell as the configuration writes it: 5, also where missing cells make a column of numbers 5.0."""
    whole = isinstance(found, float) and found.is_integer()
    return str(int(found)) if whole else str(found)


def _column(table: pd.DataFrame, name: str) -> pd.Series:
    if name not in table.columns:
        raise DataError(
            f"the table has no column '{name}'{suggestion(name, table.columns)}, expected one of "
            f"{listing(table.columns, 99)}; correct the claim"
        )
    return table[name]


def _single(row: pd.DataFrame, value: str, taken: Any = 0.0) -> Contrast:
    """The value of one row less what is taken, with the row's own interval and p."""
    names = (f"{value}_low", f"{value}_high") if f"{value}_low" in row else ("low", "high")
    columns = [
        _column(row, value),
        *(row.get(name, pd.Series(np.nan, row.index)) for name in names),
    ]
    effect, low, high = (float((column - taken).iloc[0]) for column in columns)
    p = float(row["p"].iloc[0]) if "p" in row and effect == columns[0].iloc[0] else np.nan
    return Contrast(effect, low, high, p, str(row["test"].iloc[0]) if "test" in row else OWN)


def _of_reference(
    table: pd.DataFrame, value: str, rows: Mapping[str, Any], others: Mapping[str, Any]
) -> Contrast:
    """The difference of two models, of which one is the reference."""
    reference = str(table["reference"].iloc[0])
    if rows["model"] == reference:
        effect, low, high, p, test = _single(select(table, others), value)
        return Contrast(-effect, -high, -low, p, test)
    if others["model"] == reference:
        return _single(select(table, rows), value)
    raise Absent(f"models are compared with '{reference}', which is neither of these")


def _combined(left: Contrast, right: Contrast) -> Contrast:
    effect = left.effect - right.effect
    low = effect - np.hypot(left.effect - left.low, right.high - right.effect)
    high = effect + np.hypot(left.high - left.effect, right.effect - right.low)
    return Contrast(effect, float(low), float(high), np.nan, COMBINED)


def _repeated(left: pd.DataFrame, right: pd.DataFrame | None, value: str, ratio: float) -> Contrast:
    """The mean difference over folds, or other units."""
    unit = next((name for name in UNITS if name in left.columns), None)
    if unit is None and right is not None:
        raise DataError(
            f"found {len(left)} rows and {len(right)} to be taken from them, expected one each, or a "
            f"table with a column of {listing(UNITS)}, which pairs them; add columns to the claim's rows"
        )
    if unit is None:
        means = _column(left, value)
    else:
        means = _column(left, value).groupby(left[unit]).mean()
        if right is not None:
            means = means - _column(right, value).groupby(right[unit]).mean()
    folds = unit == "fold"
    test = corrected_t_test(means.dropna().to_numpy(float), ratio if folds else 0.0)
    name = OVER_FOLDS if folds else OVER_UNITS
    return Contrast(test.difference, test.low, test.high, test.p, name)
