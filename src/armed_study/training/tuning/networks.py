"""Trials of networks: those of one computation are trained as one."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from armed import methods
from armed_study.training.cluster_assignment import Assignment
from armed_study.training.factors.clusters import further_of
from armed_study.training.fold_data import StudyFolds
from armed_study.training.neural import in_units, scores_of, stopping_partition
from armed_study.training.replicas import train_replicas
from armed_study.training.result_tables import Scores
from armed_study.training.tuning.running import plan_of
from armed_study.training.tuning.trials import Trial


def score_trials(
    study: StudyFolds, trials: Sequence[Trial], *, method: str, settings: Mapping[str, Any]
) -> Iterator[tuple[Trial, list[Assignment], list[Scores]]]:
    """Train a network by each trial, and score it under the assignments of `plan_of`."""
    own = {trial: trial.changes for trial in trials}
    trained = train_replicas(
        study,
        trials,
        methods.load(method),
        settings,
        stop_by=stopping_partition(study, settings, searched=True),
        changes=own.__getitem__,  # type: ignore[arg-type]
    )
    for group, fitted in trained:
        uses_z = fitted.methods[0].uses_clusters
        plans = [plan_of(study, trial, uses_z=uses_z) for trial in group]
        further = further_of(study.factors, fitted.methods[0])
        found: list[list[Scores]] = []
        for parts in zip(*plans, strict=True):
            by_name = scores_of(group, [[part] for part in parts], fitted.ensemble, further)
            found += by_name.values()
        for i, trial in enumerate(group):
            scores = [in_units(trial, each[i]) for each in found]
            yield trial, plans[i], scores  # type: ignore[misc]
