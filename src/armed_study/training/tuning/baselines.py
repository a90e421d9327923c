"""Trials of methods without a network, one after the other."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from threadpoolctl import threadpool_limits

from armed_study.training.cluster_assignment import Assignment
from armed_study.training.fold_data import StudyFolds
from armed_study.training.result_tables import Scores
from armed_study.training.tuning.running import plan_of
from armed_study.training.tuning.trials import Trial
from armed_study.vocabulary.settings import changed


def score_trials(
    study: StudyFolds, trials: Sequence[Trial], *, baseline: Any, settings: Mapping[str, Any]
) -> Iterator[tuple[Trial, list[Assignment], list[Scores]]]:
    """Fit a baseline by each trial, and score it under the assignments of `plan_of`."""
    with threadpool_limits(limits=1):
        for trial in trials:
            fitted = baseline.fit(study, trial.fold, **changed(settings, trial.changes))
            plan = plan_of(study, trial, uses_z=baseline.uses_clusters)
            inputs = [(baseline.inputs(trial.fold, each.rows), each.z) for each in plan]
            yield trial, plan, [fitted.predict(x, z) for x, z in inputs]
