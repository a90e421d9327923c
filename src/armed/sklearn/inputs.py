"""What estimators are given, checked as scikit-learn checks it."""

from typing import Any

import numpy as np
from sklearn.utils.validation import _check_sample_weight, validate_data

from armed.data.arrays import same_rows
from armed.errors import DataError


def table(estimator: Any, X: Any, **given: Any) -> Any:
    """Return what scikit-learn's ``validate_data`` makes of ``X``, and of ``y`` if given: arrays of numbers.

    Arrays of more than two dimensions are those of a network that was given.
    """
    if text := _text_column(X):
        raise DataError(
            f"X has the column {text!r} of text or categories; expected numbers; encode it, as by "
            "make_pipeline(make_column_transformer((OneHotEncoder(), [...]), remainder='passthrough'), ...)"
        )
    # Images are large: 32 bits stay.
    options = {"dtype": [np.float64, np.float32], "allow_nd": estimator.network is not None}
    return validate_data(estimator, X, **options, **given)


def to_fit(
    estimator: Any, X: Any, y: Any, clusters: Any, sample_weight: Any, **given: Any
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Arrays ``X`` and ``y`` of samples to train on, and their weights, from 0."""
    same_rows(X=X, y=y, clusters=clusters, sample_weight=sample_weight)
    x, y = table(estimator, X, y=y, **given)
    weight = _check_sample_weight(sample_weight, x, dtype=np.float64, ensure_non_negative=True)
    return x, y, weight


def _text_column(X: Any) -> str | None:
    """Name of the first column of a table that holds text or categories."""
    for name in getattr(X, "columns", ()):
        kind = str(getattr(X[name], "dtype", "")).lower()
        if kind.startswith(("str", "category", "categorical", "enum", "utf8")):
            return str(name)
    return None


class Standardised:
    """Columns divided by their standard deviations, less their means; those of images stay as they are."""

    def __init__(self, mean: np.ndarray, scale: np.ndarray) -> None:
        self.mean, self.scale = mean, scale

    @classmethod
    def of(cls, x: np.ndarray, *, standardize: bool) -> "Standardised":
        """Find them for samples (n, columns)."""
        # Pixels have one unit, which a network's first layer takes up.
        if not standardize or x.ndim != 2:
            return cls(np.zeros(1), np.ones(1))
        mean, scale = x.mean(0, dtype=np.float64), x.std(0, dtype=np.float64)
        # A constant column differs from its mean by rounding alone.
        small = scale <= 10 * np.finfo(x.dtype).eps * np.abs(mean)
        return cls(mean, np.where(small | (scale == 0), 1.0, scale))

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """Return samples of a network, float32."""
        made: np.ndarray = ((x - self.mean) / self.scale).astype(np.float32)
        return made
