"""Small studies whose outcome is of any kind: samples of a mixed model, and what models get of them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from armed_study.data.dataset import ClusteredDataset, Feature
from armed_study.io.tables import cast_table, empty_table
from armed_study.splits.few_shot import few_shot_samples
from armed_study.splits.make_splits import make_splits
from armed_study.training import load
from armed_study.training.fold_data import StudyFolds
from armed_study.vocabulary.outcomes import Outcome
from small_tables import encoded_inputs

OUTCOMES = {
    "continuous": Outcome("continuous"),
    "count": Outcome("count"),
    "categorical": Outcome("categorical", ("high", "low", "medium")),
}
CLUSTERS, SIZE = 8, 40
SLOPE, INTERCEPT_SD = 0.7, 0.8


def drawn(kind: str, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Feature, cluster and outcome of the samples, the last cluster held out by its source."""
    rng = np.random.default_rng(seed)
    z, x = np.repeat(np.arange(CLUSTERS), SIZE), rng.normal(size=CLUSTERS * SIZE)
    predictor = SLOPE * x + rng.normal(0, INTERCEPT_SD, CLUSTERS)[z]
    if kind == "continuous":
        return x, z, 50 + 10 * (predictor + 0.5 * rng.normal(size=len(x)))
    if kind == "count":
        return x, z, rng.poisson(np.exp(1 + predictor)).astype(float)
    logits = np.stack([2 * predictor, 0 * predictor, -2 * predictor], axis=1)
    return x, z, (logits + rng.gumbel(size=logits.shape)).argmax(axis=1).astype(float)


def dataset(kind: str, seed: int = 0) -> ClusteredDataset:
    """The samples as a data set."""
    x, z, y = drawn(kind, seed)
    samples = pd.DataFrame({
        "sample": [f"s{i:03d}" for i in range(len(y))], "cluster": [f"c{k}" for k in z],
        "group": None, "outcome": y, "held_out": z == CLUSTERS - 1, "x": x,
    })  # fmt: skip
    features = (Feature("x", "continuous"),)
    made = cast_table(samples, "samples")
    return ClusteredDataset("t", made, features, "generated", True, outcome=OUTCOMES[kind])


def split(data: ClusteredDataset, **settings: object) -> pd.DataFrame:
    """Two folds of the samples."""
    given = {"folds": 2, "validation": 0.2, "unseen": {"scheme": "held_out"}, "seed": 1}
    return make_splits(data, **{**given, "small_strata": "merge", **settings})  # type: ignore[arg-type]


def folds(data: ClusteredDataset, seeds: int = 1, shots: tuple[int, ...] = ()) -> StudyFolds:
    """What models get of them, so many samples of the unseen cluster labelled."""
    splits, display = split(data), empty_table("display", ["x"])
    inputs = encoded_inputs(data, splits, display)
    labelled = few_shot_samples(data.samples, splits, shots=shots, seed=1)
    given = {"folds": (0, 1), "seeds": seeds, "config_seed": 7}
    given |= {"few_shot": labelled, "shots": shots}
    return load.make_study(data, splits, display, inputs, **given)  # type: ignore[arg-type]
