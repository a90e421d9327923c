"""Parts of the training samples of a fold, on which settings are tried."""

from dataclasses import replace

import numpy as np

from armed.errors import DataError
from armed_study.messages import counted
from armed_study.training.fold_data import FoldData, StudyFolds


def inner_folds(study: StudyFolds, *, left_out: float, repeats: int) -> dict[int, list[FoldData]]:
    """Return by fold of the study its inner folds, each with other training clusters left out.

    In an inner fold samples of clusters that are left out are ``unseen``; ``train`` and ``validation`` are
    those of the other training clusters, as in the fold. Its ``test`` and ``unseen`` samples are in none, so
    that nothing which is learned or selected here has seen them. Which clusters are left out depends on
    nothing but the fold; they take turns, so that repeats leave out different ones.
    """
    return {
        fold.fold: [
            _inner(study, fold, left_out, repeat=repeat, number=fold.fold * repeats + repeat)
            for repeat in range(repeats)
        ]
        for fold in study.folds
    }


def _inner(
    study: StudyFolds, fold: FoldData, share: float, *, repeat: int, number: int
) -> FoldData:
    clusters = fold.seen
    if len(clusters) < 3:
        raise DataError(
            f"study '{study.name}', fold {fold.fold}: found {counted(len(clusters), 'training cluster')}, "
            "expected at least 3 to leave one out and train on two; leave tuning out of the study"
        )
    count = min(max(1, round(share * len(clusters))), len(clusters) - 2)
    order = np.random.default_rng([study.config_seed, fold.fold]).permutation(clusters)
    away = np.isin(fold.z, np.roll(order, -repeat * count)[:count])
    fitted = np.isin(fold.partition, ("train", "validation"))
    partition = np.where(fitted & away, "unseen", np.where(fitted, fold.partition, ""))
    rows = np.flatnonzero(partition == "train")
    # Units of a continuous outcome are those of the fold: they say nothing of single samples.
    inner = replace(fold, fold=number, partition=partition)
    if len(np.unique(fold.y[rows])) < 2:
        raise DataError(
            f"study '{study.name}', fold {fold.fold}: found one outcome in the training clusters that are "
            "not left out, expected several; lower tuning.left_out or leave tuning out of the study"
        )
    return inner
