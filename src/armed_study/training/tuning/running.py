"""Trials of a model, run: how well each predicts training clusters that it was not trained on."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from importlib import import_module
from typing import Any

import numpy as np
import pandas as pd

from armed import discovery
from armed_study.statistics.measures.likelihoods import LIKELIHOODS
from armed_study.training import BASELINES
from armed_study.training.cluster_assignment import Assignment, assignments
from armed_study.training.fold_data import Replica, StudyFolds
from armed_study.training.result_tables import Scores
from armed_study.training.tuning.inner_folds import inner_folds
from armed_study.training.tuning.trials import Trial, draw_trials

PARTS = {"random_split": "validation", "left_out_clusters": "unseen"}
"""Losses of a trial, each with the partition of an inner fold that it is of."""

Scorer = Callable[..., Iterator[tuple[Trial, list[Assignment], list[Scores]]]]
"""Trains trials, and scores each under the assignments of `plan_of`."""


def scorer(method: str) -> Scorer:
    """Return what trains and scores the trials of a model by ``method``."""
    if method in discovery.discover(BASELINES, "BASELINE", families=True):
        baseline: Any = discovery.load(
            BASELINES, method, marker="BASELINE", what="method", families=True
        )
        own = import_module("armed_study.training.tuning.baselines")
        return partial(own.score_trials, baseline=baseline)
    # By name: torch only where it is needed.
    own = import_module("armed_study.training.tuning.networks")
    return partial(own.score_trials, method=method)


def run_trials(
    study: StudyFolds,
    *,
    model: str,
    settings: Mapping[str, Any],
    tuning: Mapping[str, Any],
    part: str,
    method: str,
) -> pd.DataFrame:
    """Run a part of the trials of a model, ``i-of-n``, on the folds of ``study``; table ``trials``.

    ``tuning`` is the block of the configuration, with the space of the model.
    A trial is scored as models are reported: on its own clusters with these, on clusters that were left out
    with the average of those trained on.
    """
    seed = (study.config_seed, study.name, model)
    drawn = draw_trials(tuning["space"], settings, trials=tuning["trials"], seed=seed)
    first, parts = (int(word) for word in part.split("-of-"))
    some = range(first - 1, len(drawn), parts)
    given = {"left_out": tuning["left_out"], "repeats": tuning["repeats"]}
    folds = inner_folds(study, **given)
    trials = [
        Trial(study.name, model, inner, 0, study.config_seed, number, outer, drawn[number])
        for outer, each in folds.items()
        for inner in each
        for number in some
    ]
    inner = replace(study, folds=tuple(f for each in folds.values() for f in each), membership=None)
    rows = [
        {"fold": trial.outer, "trial": trial.number, **_losses(inner, trial, plan, scores)}
        for trial, plan, scores in scorer(method)(inner, trials, settings=settings)
    ]
    losses = pd.DataFrame(rows).groupby(["fold", "trial"], as_index=False).mean()
    changes = [json.dumps(drawn[number], sort_keys=True) for number in losses["trial"]]
    return losses.assign(study=study.name, model=model, settings=changes)


def plan_of(study: StudyFolds, replica: Replica, *, uses_z: bool) -> list[Assignment]:
    """Return the assignments that a trial is scored under, one for each of `PARTS`."""
    every = {each.name: each for each in assignments(study, replica, uses_z=uses_z)}
    known = every["known" if uses_z else "none"]
    unseen = every["average" if uses_z else "none"]
    return [
        each.of(replica.fold.rows(partition))
        for each, partition in zip((known, unseen), PARTS.values(), strict=True)
    ]


def _losses(
    study: StudyFolds, trial: Trial, plan: Sequence[Assignment], scores: Sequence[Scores]
) -> dict[str, float]:
    """Mean negative log-likelihood on each of `PARTS`."""
    found = {}
    for name, given, (fixed, mixed) in zip(PARTS, plan, scores, strict=True):
        used = fixed if mixed is None else mixed
        found[name] = -LIKELIHOODS[study.outcome.kind](trial.fold.y[given.rows], np.asarray(used))
    return found
