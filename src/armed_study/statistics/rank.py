"""Columns of a design that say something the others do not."""

import numpy as np


def independent_columns(design: np.ndarray, *, tolerance: float) -> np.ndarray:
    """Numbers of the columns that are no linear combination of the columns before them.

    Parameters
    ----------
    design : ndarray, shape (rows, columns)
    tolerance : float
        A column is kept if those before it leave more than this share of its norm unexplained.
    """
    remainder = np.zeros(design.shape[1])
    diagonal = np.abs(np.diagonal(np.linalg.qr(design, mode="r")))
    remainder[: len(diagonal)] = diagonal
    return np.flatnonzero(remainder > tolerance * np.linalg.norm(design, axis=0))
