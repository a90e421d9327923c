"""Soft cluster memberships of the unseen samples of a study."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import torch

from armed.data.lazy_rows import pick
from armed.methods.membership import Membership, restrict
from armed.tasks.outcomes import CategoricalTask
from armed_study.training.batched_inference import predict
from armed_study.training.fold_data import Replica, StudyFolds
from armed_study.training.replicas import train_replicas

NAME = "membership"


def infer_membership(study: StudyFolds, *, settings: Mapping[str, Any]) -> pd.DataFrame:
    """Train a classifier of the cluster for each fold and seed; score the unseen samples.

    Fitted on the training rows only. Folds without unseen samples train nothing.

    Returns
    -------
    DataFrame
        Table ``membership``: fold, seed, sample, cluster, probability.
    """
    replicas = [r for r in study.replicas(NAME) if len(r.fold.rows("unseen"))]
    task = CategoricalTask(len(study.clusters))
    trained = train_replicas(study, replicas, Membership, settings, target="z", task=task)
    weights: list[np.ndarray] = []
    for group, fitted in trained:
        unseen = [(pick(r.fold.x, r.fold.rows("unseen")), None) for r in group]
        scores = predict(fitted.ensemble, unseen)
        weights += [_restricted(p, r) for (p, _), r in zip(scores, group, strict=True)]
    return _table(study, replicas, weights)


def _restricted(probability: np.ndarray, replica: Replica) -> np.ndarray:
    seen = torch.zeros(probability.shape[1])
    seen[torch.from_numpy(replica.fold.seen)] = 1
    return restrict(torch.from_numpy(probability), seen).numpy()


def _table(
    study: StudyFolds, replicas: Sequence[Replica], weights: Sequence[np.ndarray]
) -> pd.DataFrame:
    ids, clusters = pd.Index(study.samples), pd.Index(study.clusters)
    pairs = [np.meshgrid(r.fold.rows("unseen"), r.fold.seen, indexing="ij") for r in replicas]
    sizes = [rows.size for rows, _ in pairs]
    none = np.empty(0, dtype=np.int64)
    samples, columns = (np.concatenate([none, *(p[i].ravel() for p in pairs)]) for i in (0, 1))
    values = [w[:, r.fold.seen].ravel() for w, r in zip(weights, replicas, strict=True)]
    return pd.DataFrame(
        {
            "fold": np.repeat([r.fold.fold for r in replicas], sizes).astype(np.int16),
            "seed": np.repeat([r.seed for r in replicas], sizes).astype(np.int16),
            "sample": pd.Categorical.from_codes(samples, ids),
            "cluster": pd.Categorical.from_codes(columns, clusters),
            "probability": np.concatenate([np.empty(0, np.float32), *values]).astype(np.float32),
        }
    )
