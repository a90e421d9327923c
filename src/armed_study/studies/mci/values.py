"""From the text of ADNIMERGE's fields to numbers, levels, months and diagnoses, or a refusal.

Every function takes a column as text, None where missing, whose index is the row of the file.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from armed.errors import DataError
from armed_study.messages import counted, listing
from armed_study.studies.mci.columns import DIAGNOSES, MISSING_CODES, UNKNOWN, Category, Measure

_BASELINE_VISITS = ("bl", "sc")
_LIMIT = r"[<>]=?\s*(\d+(?:\.\d+)?)"


def numbers(text: pd.Series, measure: Measure, path: Path) -> pd.Series:
    """Return a measure as float64; a value outside the assay's range becomes the limit it names."""
    limits = text.str.extract(rf"^{_LIMIT}$", expand=False)
    plain = text.where(limits.isna(), limits) if measure.range else text
    values = pd.to_numeric(plain, errors="coerce").astype("float64")
    wanted = "numbers" if measure.range is None else "numbers or limits such as '>1700'"
    check(~pd.Series(np.isfinite(values)) & text.notna(), text, path, wanted)
    if measure.low >= 0:
        values = values.mask(values.isin(MISSING_CODES))
    bounds = f"{measure.low:g} to {measure.high:g} {measure.unit}"
    check((values < measure.low) | (values > measure.high), text, path, bounds)
    return values


def levels(text: pd.Series, category: Category, path: Path) -> pd.Series:
    """Return a category as text; whole numbers without decimals, `Unknown` and codes as missing."""
    plain = whole(text)
    plain = plain.mask(plain.isin(UNKNOWN), None)
    check(plain.notna() & ~plain.isin(category.levels), text, path, listing(category.levels))
    return plain


def groups(text: pd.Series, known: tuple[str, ...], path: Path) -> pd.Series:
    """Return the group at baseline as it is."""
    check(text.notna() & ~text.isin(known), text, path, listing(known))
    return text


def diagnoses(text: pd.Series, path: Path) -> pd.Series:
    """Return CN, MCI or Dementia; of a change, as early releases wrote it, what it ended in."""
    plain = text.str.rsplit(" to ", n=1).str[-1]
    check(text.notna() & ~plain.isin(DIAGNOSES), text, path, listing(DIAGNOSES))
    return plain.map(DIAGNOSES).astype(object).where(text.notna(), None)


def months(visits: pd.Series, given: pd.Series | None, path: Path) -> pd.Series:
    """Return whole months since baseline: as `given`, or by the code of the visit without that."""
    code = visits.str.lower()
    named = pd.to_numeric(code.str.extract(r"^m(\d{1,3})$", expand=False), errors="coerce")
    named = named.mask(code.isin(_BASELINE_VISITS), 0.0)
    check(named.isna(), visits, path, "'bl', 'sc' or 'm' with the month, such as 'm24'")
    if given is None:
        return named.astype("int64")
    elapsed = pd.to_numeric(given, errors="coerce").astype("float64")
    odd = given.notna() & ~((elapsed >= 0) & (elapsed % 1 == 0))
    check(odd, given, path, "whole months since baseline")
    return elapsed.fillna(named).astype("int64")


def identifiers(text: pd.Series, path: Path) -> pd.Series:
    """Return names as text, whole numbers without decimals; none may be missing."""
    check(text.isna(), text, path, "a value in every row")
    return whole(text)


def subjects(text: pd.Series, path: Path) -> pd.Series:
    """Return the roster ids (RID) as whole numbers."""
    plain = identifiers(text, path)
    check(~plain.str.fullmatch(r"\d{1,9}").astype(bool), text, path, "a whole number")
    return plain.astype("int64")


def whole(text: pd.Series) -> pd.Series:
    """Return text with whole numbers written as such: `11.0` as `11`."""
    return text.str.replace(r"^(-?\d+)\.0+$", r"\1", regex=True).astype(object)


def check(wrong: pd.Series, text: pd.Series, path: Path, expected: str) -> None:
    """Raise `DataError` that names file, column, row and value of the first wrong one."""
    if not wrong.any():
        return
    row = wrong.index[int(np.argmax(wrong.to_numpy()))]
    found = "nothing" if text[row] is None else f"'{text[row]}'"
    others = int(wrong.sum()) - 1
    more = f" (and {counted(others, 'row')} more like it)" if others else ""
    raise DataError(
        f"{path}: column '{text.name}' holds {found} in row {row}{more}, expected {expected}; "
        "correct it in the file, or leave the field empty where a value is unknown"
    )
