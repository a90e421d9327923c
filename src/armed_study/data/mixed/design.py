"""From a formula of a mixed model and a table to arrays: outcome, fixed part and random terms."""

import warnings
from dataclasses import dataclass

import numpy as np
import pandas as pd

from armed.errors import ArmedWarning, DataError
from armed_study.data.mixed.columns import coded, matrix_of, single_of
from armed_study.data.mixed.expressions import plain
from armed_study.data.mixed.formula import MixedFormula, RandomPart
from armed_study.messages import counted, listing, suggestion
from armed_study.statistics.rank import independent_columns
from armed_study.vocabulary.names import whole

ALIASED = 1e-7
"""Share of a column's norm that those before it have to leave unexplained, as in R."""


@dataclass(frozen=True)
class RandomTerm:
    """Random effects of the clusters of one factor.

    Parameters
    ----------
    label
        The term as lme4 writes it, ``(1 + age | school)``.
    factor
        The factor alone, ``school`` or ``school:class``.
    clusters
        Their names, those of several columns joined by ``:``.
    index : (rows,) cluster of each row.
    design : (rows, effects) what the effects of a row's cluster are multiplied by.
    effects
        Names of the columns of `design`.
    correlated
        Whether the covariance of a cluster's effects is full; else it is diagonal.
    """

    label: str
    factor: str
    clusters: tuple[str, ...]
    index: np.ndarray
    design: np.ndarray
    effects: tuple[str, ...]
    correlated: bool

    def mean_variance(self, covariance: np.ndarray) -> float:
        """Return the variance that the term adds to the linear predictor, averaged over the rows.

        That of the intercept where it is the only effect; else ``mean(z_i' D z_i)`` with the rows
        ``z_i`` of the design and the covariance ``D`` (effects, effects).

        References
        ----------
        P. C. D. Johnson, Extension of Nakagawa & Schielzeth's R2 GLMM to random slopes models,
        Methods in Ecology and Evolution 5 (2014).
        """
        return float(np.einsum("ie,ef,if->i", self.design, covariance, self.design).mean())


@dataclass(frozen=True)
class MixedDesign:
    """Arrays of a mixed model, of the rows of a table in which no column of the model is missing.

    Parameters
    ----------
    y : (rows,) the outcome; of a category of two levels, 1 for the second.
    x : (rows, columns) the fixed part, of full rank.
    columns
        Names of the columns of `x`.
    offset : (rows,) what is added to the linear predictor, 0 without offsets.
    terms
        The random terms.
    rows : (rows,) positions in the table.
    dropped
        How many rows of the table were left out, as R does, because a value is missing.
    """

    y: np.ndarray
    x: np.ndarray
    columns: tuple[str, ...]
    offset: np.ndarray
    terms: tuple[RandomTerm, ...]
    rows: np.ndarray
    dropped: int


def build_design(formula: MixedFormula, table: pd.DataFrame, what: str) -> MixedDesign:
    """Make the arrays of a mixed model from a table.

    Text, categories and truth values are coded by treatment contrasts, as R codes factors without an
    order; the reference is the first category, or the first in the order of the alphabet. (R codes
    ordered factors by polynomials, which changes coefficients and no variance.) Columns of the fixed
    part that those before them determine are left out with an `ArmedWarning`, as lme4 does.

    Parameters
    ----------
    formula
        The model.
    table
        Its rows; any index.
    what
        What the table is, for messages.

    Raises
    ------
    DataError
        Columns that are absent, values that are infinite, an outcome that is no number, a factor
        of one cluster, or terms that cannot be computed.
    """
    what = f"{what}: formula '{formula.text}'"
    for column in formula.columns:
        if column not in table.columns:
            raise DataError(
                f"{what} names '{column}'{suggestion(column, table.columns)}, expected one of the "
                f"columns {listing(table.columns)}; correct the formula"
            )
    used = table[list(formula.columns)]
    complete = used.notna().all(axis=1).to_numpy(dtype=bool)
    if not complete.any():
        raise DataError(
            f"{what} has a missing value in each of {counted(len(table), 'row')}, expected rows "
            "without; fill them, or leave out the column that is empty"
        )
    present = used[complete].reset_index(drop=True)
    frame = present.apply(coded)
    x, names, _ = matrix_of(formula.fixed.text, frame, what)
    kept = independent_columns(x, tolerance=ALIASED)
    if aliased := [name for place, name in enumerate(names) if place not in kept]:
        warnings.warn(
            f"{what}: other columns of the fixed part determine {listing(aliased)}, expected none "
            "such; left out",
            ArmedWarning,
            stacklevel=2,
        )
    offsets = [single_of(offset, frame, what, levels=0) for offset in formula.offsets]
    return MixedDesign(
        y=single_of(formula.outcome, frame, what, levels=2),
        x=x[:, kept],
        columns=tuple(names[place] for place in kept),
        offset=np.sum([np.zeros(len(frame)), *offsets], axis=0),
        terms=tuple(_term(part, present, what) for part in formula.random),
        rows=np.flatnonzero(complete),
        dropped=int((~complete).sum()),
    )


def _term(part: RandomPart, frame: pd.DataFrame, what: str) -> RandomTerm:
    """Return a random term; `frame` holds the columns of its clusters as they are in the table."""
    factor = ":".join(part.factor)
    label = f"({plain(part.effects.text)} {'|' if part.correlated else '||'} {factor})"
    design, effects, category = matrix_of(part.effects.text, frame.apply(coded), what)
    if category and not part.correlated:
        raise DataError(
            f"{what}: {label} has a category before '||', expected numbers, as effects of levels "
            "would be correlated or not by version of lme4; write a term for each column"
        )
    index = frame.groupby(list(part.factor), observed=True).ngroup().to_numpy()
    first = np.unique(index, return_index=True)[1]
    if len(first) < 2:
        raise DataError(
            f"{what}: factor '{factor}' has 1 cluster, expected at least 2; leave {label} out"
        )
    names = frame[list(part.factor)].iloc[first].astype(str).map(whole).agg(":".join, axis=1)
    return RandomTerm(label, factor, tuple(names), index, design, tuple(effects), part.correlated)
