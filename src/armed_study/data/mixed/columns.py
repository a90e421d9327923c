"""Columns of a part of a formula, coded as R codes them."""

import numpy as np
import pandas as pd
from formulaic import model_matrix
from formulaic.errors import FormulaicError

from armed.errors import DataError
from armed_study.data.mixed.expressions import MARK, Expression, plain
from armed_study.messages import counted
from armed_study.vocabulary.names import whole


def coded(column: pd.Series) -> pd.Series:
    """Return numbers as float64, anything else as a category whose levels all occur."""
    numeric = pd.api.types.is_numeric_dtype(column.dtype)
    if numeric and not pd.api.types.is_bool_dtype(column.dtype):
        return column.astype(float)
    return column.astype("category").cat.remove_unused_categories()


def _factor(column: pd.Series) -> pd.Series:
    """R's ``factor``: a category also of numbers."""
    category = pd.Series(column).astype("category").cat.remove_unused_categories()
    return category.cat.rename_categories([whole(str(name)) for name in category.cat.categories])


# I: a condition such as I(week > 2) is a factor in R.
_CONTEXT = {"I": lambda values: coded(pd.Series(values)), "factor": _factor, "sqrt": np.sqrt}


def matrix_of(part: str, frame: pd.DataFrame, what: str) -> tuple[np.ndarray, list[str], bool]:
    """Return the columns of a part of the formula, their names, and whether some are a category's."""
    try:
        marked = frame.add_prefix(MARK)
        matrix = model_matrix(part, marked, na_action="ignore", context=_CONTEXT)
    except FormulaicError as error:
        shown, reason = plain(part).removeprefix("+ "), " ".join(plain(str(error)).split())
        raise DataError(
            f"{what}: '{shown}' cannot be computed ({reason}), expected terms of numbers and "
            "categories; correct the formula"
        ) from error
    names = [{"Intercept": "(Intercept)"}.get(name, plain(name)) for name in matrix.columns]
    values = matrix.to_numpy(dtype=float)
    if not np.isfinite(values).all():
        row, place = np.argwhere(~np.isfinite(values))[0]
        raise DataError(
            f"{what}: '{names[place]}' is {values[row, place]} in a row without missing values, "
            "expected finite numbers; correct the column or the formula"
        )
    return values, names, bool(matrix.model_spec.factor_contrasts)


def single_of(part: Expression, frame: pd.DataFrame, what: str, *, levels: int) -> np.ndarray:
    """Return the values of one expression (rows,): numbers, or 1 for the last of two `levels`."""
    values, names, category = matrix_of(f"0 + I({part.text})", frame, what)
    if category and len(names) != levels:
        expected = "numbers or two levels" if levels else "numbers"
        raise DataError(
            f"{what}: '{plain(part.text)}' is a category of {counted(len(names), 'level')}, expected "
            f"{expected}; recode it"
        )
    return values[:, -1]
