"""Clusters of further factors, besides those that samples are assigned."""

import warnings
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np
import torch

from armed.data.arrays import UNKNOWN
from armed.errors import ArmedWarning
from armed.methods.base import Method
from armed_study.messages import counted
from armed_study.training.factors.known import Factors

Further = Mapping[str, np.ndarray]
"""Clusters (samples,) of the further factors that a method has effects of, by name."""
NONE: Further = MappingProxyType({})


def further_of(factors: Factors, method: Method) -> Further:
    """Return the clusters of a method's further factors."""
    return {name: factors.further[name] for name in method.further}


def as_trained(z: np.ndarray, further: Further, rows: np.ndarray) -> Any:
    """``z`` of rows as `armed.data.samples.Samples` takes it: a mapping where there are further factors."""
    first = torch.from_numpy(z[rows])
    columns = {name: index[rows] for name, index in further.items()}
    # What is missing is no number, which only floats can say.
    for name, index in columns.items():
        if (index == UNKNOWN).any():
            columns[name] = np.where(index == UNKNOWN, np.nan, index)
    return {"": first} | columns if columns else first


def as_assigned(
    name: str, z: np.ndarray | None, further: Further, rows: np.ndarray
) -> np.ndarray | None:
    """``z`` of an assignment as `armed.data.factors` has it, with the known clusters of further factors.

    Under ``zero`` there is no effect of any factor.
    """
    if z is None or not further or name == "zero":
        return z
    first = z if z.ndim > 1 else z[:, None]
    columns = np.column_stack([index[rows] for index in further.values()])
    return np.concatenate([first, columns.astype(first.dtype)], axis=1)


def tell_of_untrained(
    study: str, factors: Factors, further: Further, folds: Sequence[tuple[np.ndarray, np.ndarray]]
) -> None:
    """Count scored rows that are of no trained cluster of a further factor, with an `ArmedWarning`.

    ``folds`` are the rows that each fold trains on, and those that it scores.
    """
    for name, index in further.items():
        total = without = 0
        for trained, scored in folds:
            known, _ = factors.trained(name, trained)
            total += len(scored)
            without += int((~np.isin(index[scored], known)).sum())
        if without:
            warnings.warn(
                f"study '{study}': {counted(without, 'row')} of {total} that the folds of this job score "
                f"have no cluster of factor '{name}' that is trained on, expected one; these have no effect "
                "of it",
                ArmedWarning,
                stacklevel=3,
            )
