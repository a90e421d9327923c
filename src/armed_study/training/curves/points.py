"""Points of learning curves: folds of a study with parts of their training samples, as folds of their own."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from armed.errors import ConfigError
from armed_study.training.fold_data import FoldData, Replica, StudyFolds
from armed_study.vocabulary.terms import CLUSTERS, SAMPLES, WHOLE


class Point(NamedTuple):
    """What is kept of a fold: what is varied, and how many of it; all, with `WHOLE`."""

    varied: str
    kept: int


def points_of(settings: Mapping[str, Any]) -> list[Point]:
    """Return the points of a block ``learning_curves``, and the whole training part last."""
    few = [
        Point(varied, kept) for varied in (SAMPLES, CLUSTERS) for kept in sorted(settings[varied])
    ]
    return [*few, Point(WHOLE, 0)]


def smaller_folds(
    study: StudyFolds, points: Sequence[Point], *, folds: int, seeds: int
) -> tuple[StudyFolds, pd.DataFrame]:
    """Return the first folds of a study once for each point, numbered through, and table `curve_points`.

    Of folds that leave out other clusters each there are as many besides. Samples and clusters that are
    kept are drawn at random, those of a smaller number among those of a larger one; the validation part
    is kept in proportion to the training part. Test and unseen samples are those of the fold. An epoch
    has as many minibatches as in the whole study, so that all points are trained by as many steps.

    Raises
    ------
    ConfigError
        A number that leaves everything in.
    """
    made: list[FoldData] = []
    lines = []
    for point in points:
        for fold in _first(study, folds):
            order = np.random.default_rng(_seed(study, fold))
            kept = replace(
                fold,
                fold=len(made),
                partition=_kept(fold, point, order),
                display=fold.display[:0],
                display_z=fold.display_z[:0],
            )
            made.append(kept)
            size = len(kept.rows("train"))
            if point.varied != WHOLE and size == len(fold.rows("train")):
                raise ConfigError(
                    f"study '{study.name}': learning_curves.{point.varied} is {point.kept}, which leaves all "
                    f"{size} training samples of fold {fold.fold} in, expected less; take a smaller one"
                )
            lines.append((kept.fold, fold.fold, *point, size / len(kept.seen), len(kept.seen)))
    names = ("fold", "of_fold", "varied", "kept", "samples_per_cluster", "clusters")
    table = pd.DataFrame(lines, columns=list(names)).astype({"fold": "int16", "of_fold": "int16"})
    smaller = replace(
        study,
        folds=tuple(made),
        seeds=seeds,
        membership=None,
        few_shot={},
        display_samples=study.display_samples[:0],
    )
    return smaller, table


def _first(study: StudyFolds, number: int) -> list[FoldData]:
    """The first folds that test seen clusters, and the first ones that have unseen ones."""
    having = [[f for f in study.folds if len(f.rows(part))] for part in ("test", "unseen")]
    chosen = {fold.fold: fold for folds in having for fold in folds[:number]}
    return [chosen[fold] for fold in sorted(chosen)]


def _seed(study: StudyFolds, fold: FoldData) -> int:
    return Replica(study.name, "learning curves", fold, 0, study.config_seed).seed_for("samples")


def _kept(fold: FoldData, point: Point, order: np.random.Generator) -> np.ndarray:
    """Partition of every sample, (samples,), empty for those that are left out."""
    clusters, partition = order.permutation(fold.seen), fold.partition.copy()
    sizes = {name: len(fold.rows(name)) for name in ("train", "validation")}
    for name, size in sizes.items():
        rows = order.permutation(fold.rows(name))
        z = pd.Series(fold.z[rows])
        if point.varied == CLUSTERS:
            kept = z.isin(clusters[: point.kept])
        else:
            most = -(-point.kept * size // sizes["train"])  # rounded up
            kept = z.groupby(z).cumcount() < (most if point.varied == SAMPLES else np.inf)
        partition[rows[~kept.to_numpy()]] = ""
    return partition
