"""Soft cluster memberships of the unseen samples of a study."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import torch

from armed.data.lazy_rows import pick
from armed.data.samples import Samples
from armed.methods.base import Method
from armed.methods.membership import Membership, restrict
from armed.tasks.categorical import CategoricalTask
from armed.training.fit import Fitted, fit
from armed_study.training.factory import build_method, device
from armed_study.training.fold_data import Problem
from armed_study.training.replicas import (
    Replica,
    fit_settings,
    groups_of,
    predict,
    progress,
    replicas_of,
)

NAME = "membership"


def infer_membership(problem: Problem, *, settings: Mapping[str, Any]) -> pd.DataFrame:
    """Train a classifier of the cluster for each fold and seed; score the unseen samples.

    Fitted on the training rows only. Folds without unseen samples train nothing.

    Returns
    -------
    DataFrame
        Table ``membership``: fold, seed, sample, cluster, probability.
    """
    torch.set_num_threads(1)  # fastest for small networks
    replicas = [r for r in replicas_of(problem, NAME) if len(r.fold.rows("unseen"))]
    if not replicas:
        return _frame(problem, [], [])
    weights = []
    for group in groups_of(replicas, _build(problem, replicas[0], settings)):
        fitted = _train(problem, group, settings)
        scores = predict(
            fitted.ensemble, [(pick(r.fold.x, r.fold.rows("unseen")), None) for r in group]
        )
        weights += [_restricted(p, r) for (p, _), r in zip(scores, group, strict=True)]
    return _frame(problem, replicas, weights)


def _build(problem: Problem, replica: Replica, settings: Mapping[str, Any]) -> Method:
    return build_method(
        Membership,
        settings,
        shape=problem.shape,
        clusters=len(problem.clusters),
        seed=replica.seed_for("initialisation"),
        task=CategoricalTask(len(problem.clusters)),
    )


def _train(problem: Problem, replicas: list[Replica], settings: Mapping[str, Any]) -> Fitted:
    training = fit_settings(settings)
    return fit(
        [_build(problem, replica, settings) for replica in replicas],
        _cluster_samples(replicas),
        settings=training,
        seeds=[replica.seed_for("training") for replica in replicas],
        labels=[f"fold {r.fold.fold}, seed {r.seed}" for r in replicas],
        steps=-(-problem.largest_training_part // training.batch_size),
        on_epoch=progress(problem.study, NAME, replicas, epochs=training.epochs),
        device=device(),
    )


def _cluster_samples(replicas: list[Replica]) -> list[Samples]:
    made: dict[int, Samples] = {}
    for replica in replicas:
        fold = replica.fold
        if fold.fold not in made:
            rows = fold.rows("train")
            z = torch.from_numpy(fold.z[rows])
            made[fold.fold] = Samples(pick(fold.x, rows), z, z)
    return [made[r.fold.fold] for r in replicas]


def _restricted(probability: np.ndarray, replica: Replica) -> np.ndarray:
    seen = torch.zeros(probability.shape[1])
    seen[torch.from_numpy(replica.fold.seen)] = 1
    return restrict(torch.from_numpy(probability), seen).numpy()


def _frame(problem: Problem, replicas: list[Replica], weights: list[np.ndarray]) -> pd.DataFrame:
    ids, clusters = pd.Index(problem.samples), pd.Index(problem.clusters)
    rows = [r.fold.rows("unseen") for r in replicas]
    seen = [r.fold.seen for r in replicas]
    sizes = [len(r) * len(s) for r, s in zip(rows, seen, strict=True)]
    none = np.empty(0, dtype=np.int64)
    samples = [np.repeat(r, len(s)) for r, s in zip(rows, seen, strict=True)]
    columns = [np.tile(s, len(r)) for r, s in zip(rows, seen, strict=True)]
    values = [w[:, s].ravel() for w, s in zip(weights, seen, strict=True)]
    return pd.DataFrame(
        {
            "fold": np.repeat([r.fold.fold for r in replicas], sizes).astype(np.int16),
            "seed": np.repeat([r.seed for r in replicas], sizes).astype(np.int16),
            "sample": pd.Categorical.from_codes(np.concatenate([none, *samples]), ids),
            "cluster": pd.Categorical.from_codes(np.concatenate([none, *columns]), clusters),
            "probability": np.concatenate([np.empty(0, np.float32), *values]).astype(np.float32),
        }
    )
