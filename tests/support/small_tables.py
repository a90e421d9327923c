"""Studies of small tables, for tests of what is trained on features."""

from armed_study.data.encoding import encode_folds, encoded_columns
from armed_study.training.load import Inputs


def encoded_inputs(dataset, splits, display, *, standardize=True):
    """What models get of the folds: as the rule `encode_features` writes it, in memory."""
    folds = list(encode_folds(dataset, splits, display, standardize=standardize))
    samples, points = zip(*folds, strict=True)
    return Inputs(samples, points, encoded_columns(dataset.features))
