"""Studies of small tables, for tests of what is trained on features."""

import numpy as np
import pandas as pd
from scipy.special import expit

from armed_study.data.encoding import encode_folds, encoded_columns
from armed_study.training.fold_data import FoldData, Replica, StudyFolds
from armed_study.training.load import Inputs
from armed_study.training.result_tables import TABLES

COEFFICIENTS = np.array([1.0, -0.5, 0.0])
SEEN, UNSEEN = 20, 4
K = SEEN + UNSEEN


def one_fold(rng, fold=0, size=60):
    """Clusters 0..19 seen, 20..23 unseen; rows shuffled; a logistic mixed model's outcome."""
    z = rng.permutation(np.repeat(np.arange(K), size))
    x = rng.normal(size=(len(z), 3)).astype(np.float32)
    u = rng.normal(0, 1.0, K)
    y = (rng.random(len(z)) < expit(x @ COEFFICIENTS + u[z] + 0.3)).astype(np.float32)
    partition = rng.choice(["train", "validation", "test"], len(z), p=[0.7, 0.1, 0.2])
    partition = np.where(z >= SEEN, "unseen", partition)
    partition[:5] = ""
    display = rng.normal(size=(6, 3)).astype(np.float32)
    return FoldData(fold, x, y, z, partition, display, np.array([0, 1, 2, 3, 20, 21])), u


def study_of(*folds, membership=None, columns=("a", "b", "c")):
    return StudyFolds(
        name="made",
        clusters=tuple(f"c{k}" for k in range(K)),
        columns=columns,
        probes=tuple(name == "c" for name in columns),
        samples=np.array([f"s{i}" for i in range(len(folds[0].y))]),
        display_samples=np.array([f"p{i}" for i in range(len(folds[0].display))]),
        folds=folds,
        seeds=3,
        config_seed=7,
        membership=membership,
    )


def replica_of(fold, model="m", seed=0):
    return Replica("made", model, fold, seed, 7)


def encoded_inputs(dataset, splits, display, *, standardize=True):
    """What models get of the folds: as the rule `encode_features` writes it, in memory."""
    folds = list(encode_folds(dataset, splits, display, standardize=standardize))
    samples, points = zip(*folds, strict=True)
    return Inputs(samples, points, encoded_columns(dataset.features))


def assert_same_tables(one, other, fold=None):
    """Check that all tables of two trained models agree to the last bit; of the first, those of a fold."""
    for name in TABLES:
        table = one.table(name)
        if fold is not None:
            table = table[table["fold"] == fold].reset_index(drop=True)
        pd.testing.assert_frame_equal(table, other.table(name), check_exact=True)
