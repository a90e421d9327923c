"""From the samples table to the numbers a network gets, fitted on the training part of a fold.

Of scikit-learn's transformers one would need the mean, the standard deviation and the most frequent
value, and importing them costs every training job more than half a second; the tests compare with them.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from armed.errors import ArmedWarning, DataError
from armed_study.data.dataset import ClusteredDataset, Feature
from armed_study.messages import listing


@dataclass(frozen=True)
class EncodedColumn:
    """One input of a network: `name` is `feature` or `feature: level`."""

    name: str
    feature: str
    probe: bool


@dataclass(frozen=True)
class _FoldEncoder:
    """What the training part of a fold tells, each of shape (columns,)."""

    feature: np.ndarray  # place of the feature that the column is made of
    level: np.ndarray  # the level that the column indicates; nan for a continuous feature
    fill: np.ndarray  # in place of a missing value
    centre: np.ndarray
    scale: np.ndarray
    known: np.ndarray  # bool; others are 0, as the training part tells nothing of them


@dataclass(frozen=True)
class Encoded:
    """The encoding of every fold.

    Parameters
    ----------
    columns
        What the columns are, the same for all folds.
    samples
        The feature columns of the data set's samples, categorical ones as codes.
    encoders
        What was fitted on the training part, by fold.
    """

    columns: tuple[EncodedColumn, ...]
    features: tuple[Feature, ...]
    samples: pd.DataFrame
    encoders: Mapping[int, _FoldEncoder]

    @property
    def folds(self) -> tuple[int, ...]:
        """The folds, sorted."""
        return tuple(sorted(self.encoders))

    def fold(self, fold: int) -> np.ndarray:
        """Return all samples of the data set, in its order: `(samples, columns)` float32."""
        return _transform(self.encoders[fold], self.samples)

    def apply(self, fold: int, frame: pd.DataFrame) -> np.ndarray:
        """Return the rows of another frame with the same features, encoded as in `fold`."""
        return _transform(self.encoders[fold], _codes(frame, self.features))


def encode(dataset: ClusteredDataset, splits: pd.DataFrame, *, standardize: bool) -> Encoded:
    """Fit the encoding of each fold on its training rows only.

    Continuous features: the training mean for missing values; if `standardize`, less the training
    mean and over the training standard deviation (0 for a feature constant in training).
    Categorical ones: the most frequent training level for missing values, then an indicator of
    each level but the first. A level that the training part lacks is coded as zeros, like the
    first, with an `ArmedWarning`.
    """
    features = dataset.features
    samples = _codes(dataset.samples, features)
    place = pd.Index(dataset.samples["sample"].astype(str))
    encoders = {}
    for fold, rows in splits.groupby("fold", sort=True):
        at = place.get_indexer(pd.Index(rows["sample"].astype(str)))
        training = (rows["partition"] == "train").to_numpy()
        if (at < 0).any() or not training.any():
            raise DataError(
                f"study '{dataset.name}': fold {fold} has samples that the data set lacks, or none "
                "to train on, expected splits of this data set; make the splits again"
            )
        encoders[int(str(fold))] = _fit(features, samples.iloc[at[training]], standardize)
        _report_unknown(dataset, samples.iloc[at], training, fold)
    return Encoded(_columns(features), features, samples, encoders)


def _columns(features: Sequence[Feature]) -> tuple[EncodedColumn, ...]:
    return tuple(
        EncodedColumn(name, feature.name, feature.probe)
        for feature in features
        for name in (
            [f"{feature.name}: {level}" for level in feature.levels[1:]]
            if feature.kind == "categorical"
            else [feature.name]
        )
    )


def _codes(frame: pd.DataFrame, features: Sequence[Feature]) -> pd.DataFrame:
    """Return the features as float64: numbers as they are, levels as their place in `levels`."""
    coded = {}
    for feature in features:
        column = frame[feature.name]
        if feature.kind == "continuous":
            coded[feature.name] = column.to_numpy(dtype=np.float64, na_value=np.nan)
            continue
        text = column.astype(object).where(column.notna(), None)
        place = {level: float(code) for code, level in enumerate(feature.levels)}
        codes = np.array([np.nan if v is None else place.get(str(v), -1.0) for v in text])
        if (codes < 0).any():
            strange = sorted({str(v) for v in text[codes < 0]})
            raise DataError(
                f"feature '{feature.name}' holds {listing(strange, 4)}, expected its levels "
                f"{listing(feature.levels)}; add the level to the feature or recode the value"
            )
        coded[feature.name] = codes
    return pd.DataFrame(coded)


def _fit(features: Sequence[Feature], training: pd.DataFrame, standardize: bool) -> _FoldEncoder:
    columns: list[tuple[float, ...]] = []
    for place, feature in enumerate(features):
        present = training[feature.name].dropna().to_numpy()
        if feature.kind == "categorical":
            fill = _most_frequent(present)
            levels = range(1, len(feature.levels))
            columns += [(place, level, fill, 0, 1, level in present) for level in levels]
        else:
            fill = present.mean() if len(present) else 0.0
            filled = training[feature.name].fillna(fill).to_numpy()
            mean, sd = filled.mean(), filled.std()
            # Smaller ones are what rounding leaves of equal numbers.
            varies = sd > len(filled) * np.finfo(float).eps * abs(mean)
            centre, scale = (mean, sd if varies else 1) if standardize else (0, 1)
            known = varies if standardize else len(present) > 0
            columns += [(place, np.nan, fill, centre, scale, known)]
    feature, level, fill, centre, scale, known = (
        np.array(columns, dtype=np.float64).reshape(-1, 6).T
    )
    return _FoldEncoder(feature.astype(int), level, fill, centre, scale, known.astype(bool))


def _most_frequent(codes: np.ndarray) -> float:
    """Return the most frequent code, the lowest of several; 0 where there is none."""
    values, counts = np.unique(codes, return_counts=True)
    return float(values[counts.argmax()]) if len(values) else 0.0


def _transform(encoder: _FoldEncoder, coded: pd.DataFrame) -> np.ndarray:
    values = coded.to_numpy(dtype=np.float64)[:, encoder.feature]
    values = np.where(np.isnan(values), encoder.fill, values)
    numbers = (values - encoder.centre) / encoder.scale
    encoded = np.where(np.isnan(encoder.level), numbers, values == encoder.level)
    return np.where(encoder.known, encoded, 0.0).astype(np.float32)


def _report_unknown(
    dataset: ClusteredDataset, rows: pd.DataFrame, training: np.ndarray, fold: object
) -> None:
    for feature in dataset.features:
        if feature.kind != "categorical":
            continue
        codes = rows[feature.name].to_numpy()
        for code in np.setdiff1d(codes[~training & ~np.isnan(codes)], codes[training]):
            warnings.warn(
                f"study '{dataset.name}': feature '{feature.name}' has level "
                f"'{feature.levels[int(code)]}' in {int((codes == code).sum())} rows of fold "
                f"{fold} but in none it trains on, expected some there; it is coded as zeros, like "
                f"the first level '{feature.levels[0]}'; merge rare levels",
                ArmedWarning,
                stacklevel=3,
            )
