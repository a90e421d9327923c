"""Training of models for learning curves."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from armed.errors import ConfigError
from armed.training.sample_order import steps_per_epoch
from armed_study import training
from armed_study.training.curves.points import points_of, smaller_folds
from armed_study.training.fold_data import StudyFolds
from armed_study.training.load import memberships_of
from armed_study.training.membership import infer_membership

_KEPT = ("known", "none", "membership")  # assignments, of training samples too: they set thresholds


def train_curves(
    study: StudyFolds,
    *,
    settings: Mapping[str, Any],
    membership: Mapping[str, Any],
    models: Mapping[str, Mapping[str, Any]],
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Train models at every point of the learning curves of a study: replicas of one computation.

    Parameters
    ----------
    study
        All its folds.
    settings, membership
        Blocks ``learning_curves`` and ``membership``, whose classifier is trained at every point, too.
    models
        ``method`` and ``settings`` of each, by its name.

    Returns
    -------
    Table `predictions`, of the output and assignments that models are reported by, and table `curve_points`.

    Raises
    ------
    ConfigError
        Fewer training samples than an epoch has minibatches.
    """
    folds, seeds = settings["folds"], settings["seeds"]
    smaller, points = smaller_folds(study, points_of(settings), folds=folds, seeds=seeds)
    for name, own in {
        **{m: each["settings"] for m, each in models.items()},
        "": membership,
    }.items():
        _check_sizes(smaller, name, own)
    known = infer_membership(smaller, settings=membership)
    weights = memberships_of(known, smaller.folds, smaller.samples, smaller.clusters)
    smaller = replace(smaller, membership=weights)
    tables = []
    for name, own in models.items():
        train = training.trainer(own["method"])
        found = train(smaller, model=name, settings=own["settings"]).table("predictions")
        tables.append(found[found["assignment"].isin(_KEPT)])
    return pd.concat(tables, ignore_index=True), points


def _check_sizes(study: StudyFolds, model: str, settings: Mapping[str, Any]) -> None:
    """Check that every minibatch of a network has a sample."""
    if "training" not in settings:
        return
    steps = steps_per_epoch(study.largest_training_part, settings["training"]["batch_size"])
    least = min(len(fold.rows("train")) for fold in study.folds)
    if least < steps:
        raise ConfigError(
            f"study '{study.name}': learning_curves leave {least} training samples, expected at least the "
            f"{steps} minibatches that an epoch of {model or 'the membership'} has; take larger numbers"
        )
