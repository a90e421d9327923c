"""From the features of the samples to the columns that networks get, fold by fold.

One job of a study imports this, and scikit-learn with it; all others read the arrays that it writes.
"""

import warnings
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from armed.errors import ArmedWarning, DataError
from armed_study.data.cluster_rates import add_rates
from armed_study.data.dataset import ClusteredDataset, Feature
from armed_study.io.image_arrays import writing_images
from armed_study.io.tables import write_table
from armed_study.messages import counted, listing


def encoded_columns(features: Sequence[Feature]) -> pd.DataFrame:
    """Table ``features``: the columns that features are encoded as, the same in all folds."""
    rows = [(name, f.name, f.probe) for f in features for name in _names(f)]
    return pd.DataFrame(rows, columns=["name", "feature", "probe"])


def _names(feature: Feature) -> list[str]:
    if feature.kind == "continuous":
        return [feature.name]
    return [f"{feature.name}: {level}" for level in feature.levels[1:]]


def encode_folds(
    dataset: ClusteredDataset, splits: pd.DataFrame, display: pd.DataFrame, *, standardize: bool
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Encode all samples and all display points, as fitted on the training rows of each fold.

    Continuous features: the training mean for missing values; if ``standardize``, less the training
    mean and over the training standard deviation (0 for a feature constant in training).
    Categorical ones: the most frequent training level for missing values, then an indicator of
    each level but the first. A level that the training part lacks is coded as zeros, like the
    first, with an `ArmedWarning`. Features that follow the outcome's rate in the cluster get that of
    the training rows, see `armed_study.data.cluster_rates`, before anything else is fitted.

    Yields
    ------
    Samples (samples, columns) and points (points, columns), float32, a pair for each fold in order.

    Raises
    ------
    DataError
        When the splits are of other samples, a fold trains on none, or a level is unknown.
    """
    samples = _numbers(dataset.samples, dataset.features)
    points = display if len(display) else dataset.samples.iloc[:0]  # none have no features either
    shown = _numbers(points, dataset.features)
    place = pd.Index(dataset.samples["sample"].astype(str))
    for fold, rows in splits.groupby("fold", sort=True):
        at = place.get_indexer(pd.Index(rows["sample"].astype(str)))
        training = (rows["partition"] == "train").to_numpy()
        if (at < 0).any() or not training.any():
            raise DataError(
                f"study '{dataset.name}': fold {fold} has samples that the data set lacks, or none "
                "to train on, expected splits of this data set; make the splits again"
            )
        _warn_of_absent_levels(dataset, samples.iloc[at], training, fold)
        trained = dataset.samples.iloc[at[training]]
        own, own_shown = (
            add_rates(numbers, rows, dataset.features, trained)
            for numbers, rows in ((samples, dataset.samples), (shown, points))
        )
        encoder = _FoldEncoder(dataset.features, own.iloc[at[training]], standardize)
        yield encoder.transform(own), encoder.transform(own_shown)


def write_features(
    dataset: ClusteredDataset,
    splits: pd.DataFrame,
    display: pd.DataFrame,
    files: Any,
    *,
    standardize: bool,
) -> None:
    """Write what `encode_folds` yields, one fold at a time.

    Parameters
    ----------
    dataset, splits, display, standardize
        See `encode_folds`.
    files
        Paths, as attributes: ``features``, an array (folds, samples, columns); ``display``, one (folds,
        points, columns); ``columns``, the table of `encoded_columns`.
    """
    columns = encoded_columns(dataset.features)
    folds = encode_folds(dataset, splits, display, standardize=standardize)
    writing = partial(writing_images, count=splits["fold"].nunique(), dtype="float32")
    shape, shown = (len(dataset.samples), len(columns)), (len(display), len(columns))
    with (
        writing(files.features, shape=shape) as add_samples,
        writing(files.display, shape=shown) as add_points,
    ):
        for samples, points in folds:
            add_samples(samples)
            add_points(points)
    write_table(columns, files.columns, "features")


def _numbers(frame: pd.DataFrame, features: Sequence[Feature]) -> pd.DataFrame:
    """Return the features as float64: numbers as they are, levels as their place in `levels`."""
    numbers = {}
    for feature in features:
        column = frame[feature.name]
        if feature.kind == "continuous":
            numbers[feature.name] = column.to_numpy(dtype=np.float64, na_value=np.nan)
            continue
        text = column.astype(object).where(column.notna(), None).map(str, na_action="ignore")
        if strange := sorted(set(text.dropna()) - set(feature.levels)):
            raise DataError(
                f"feature '{feature.name}' holds {listing(strange, 4)}, expected its levels "
                f"{listing(feature.levels)}; add the level to the feature or recode the value"
            )
        codes = pd.Categorical(text, categories=list(feature.levels)).codes
        numbers[feature.name] = np.where(codes < 0, np.nan, codes)
    return pd.DataFrame(numbers)


class _FoldEncoder:
    """Transformers fitted on the training rows of a fold."""

    def __init__(
        self, features: Sequence[Feature], training: pd.DataFrame, standardize: bool
    ) -> None:
        numbers = [f.name for f in features if f.kind == "continuous"]
        levels = [f for f in features if f.kind == "categorical"]
        mean = SimpleImputer(strategy=_mean, keep_empty_features=True)
        commonest = SimpleImputer(strategy="most_frequent", keep_empty_features=True)
        codes = [np.arange(len(f.levels)) for f in levels]
        indicators = OneHotEncoder(categories=codes, drop="first", sparse_output=False)
        scaler = StandardScaler() if standardize else "passthrough"
        steps = [
            ("numbers", make_pipeline(mean, scaler), numbers),
            ("levels", make_pipeline(commonest, indicators), [f.name for f in levels]),
        ]
        self._transformer = ColumnTransformer([step for step in steps if step[2]]).fit(training)
        known = training[numbers].notna().any().to_numpy(dtype=bool)
        if numbers and standardize:
            fitted = self._transformer.named_transformers_["numbers"][-1]
            # It leaves at 1 the scale of numbers that only rounding tells apart.
            known = known & (fitted.scale_ == np.sqrt(fitted.var_))
        present = self._transformer.transform(training)[:, len(numbers) :].any(axis=0)
        self._known = np.concatenate([known, present])
        of_levels = [f.kind == "categorical" for f in features for _ in _names(f)]
        self._order = np.argsort(np.argsort(of_levels, kind="stable"))

    def transform(self, frame: pd.DataFrame) -> np.ndarray:
        """Return the encoded rows; columns that the training rows tell nothing of are 0."""
        if frame.empty:
            return np.empty((0, len(self._known)), dtype=np.float32)
        encoded = np.where(self._known, self._transformer.transform(frame), 0.0)
        return encoded[:, self._order].astype(np.float32)


def _mean(present: np.ndarray) -> float:
    """Mean of the values that are present, (n,); 0 where there is none.

    The imputer's own sums a masked column, zeros for what is missing, and rounds differently. Filled
    values that differ by 1e-15 are enough to end the fit of a mixed model of many features elsewhere.
    """
    return present.mean() if present.size else 0.0


def _warn_of_absent_levels(
    dataset: ClusteredDataset, rows: pd.DataFrame, training: np.ndarray, fold: object
) -> None:
    for feature in dataset.features:
        if feature.kind != "categorical":
            continue
        codes = rows[feature.name].to_numpy()
        for code in np.setdiff1d(codes[~training & ~np.isnan(codes)], codes[training]):
            warnings.warn(
                f"study '{dataset.name}': feature '{feature.name}' has level "
                f"'{feature.levels[int(code)]}' in {counted((codes == code).sum(), 'row')} of "
                f"fold {fold} but in none it trains on, expected some there; it is coded as zeros, like "
                f"the first level '{feature.levels[0]}'; merge rare levels",
                ArmedWarning,
                stacklevel=2,
            )
