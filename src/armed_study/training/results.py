"""What replicas that were trained together give, replica by replica."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from armed.data.lazy_rows import pick
from armed.training.fit import Fitted
from armed_study.training.cluster_assignment import Assignment, assignments
from armed_study.training.fold_data import FoldData, Problem, Trained
from armed_study.training.replicas import Replica, Samples, Scores, importance, predict
from armed_study.training.result_tables import (
    Effect,
    History,
    Importance,
    Scored,
    display_frame,
    history_frame,
    importance_frame,
    predictions_frame,
    random_effects_frame,
)

Given = tuple[Samples, np.ndarray | None]


@dataclass(frozen=True, eq=False)
class Results:
    """Scores, history, effects, importance and parameters of some replicas, as parts of tables."""

    replicas: list[Replica]
    scored: list[Scored]
    shown: list[Scores]
    histories: list[History]
    effects: list[Effect]
    importance: list[Importance]
    states: list[dict[str, np.ndarray]]
    epochs: list[int]


def collect(
    problem: Problem, fitted: Fitted, replicas: list[Replica], *, model: str, uses_z: bool
) -> Results:
    """Everything that the tables need of trained replicas."""
    shown = [(torch.from_numpy(r.fold.display), r.fold.display_z) for r in replicas]
    return Results(
        replicas,
        _scored(problem, fitted, replicas, model=model, uses_z=uses_z),
        predict(fitted.ensemble, shown),
        _histories(fitted, replicas),
        _effects(problem, fitted, replicas),
        _importance(problem, fitted, replicas),
        [{k: v.numpy() for k, v in method.state_dict().items()} for method in fitted.methods],
        fitted.stopped.tolist(),
    )


def joined(problem: Problem, groups: Sequence[Results], *, model: str) -> Trained:
    """Tables and state of all groups of replicas, in their order."""
    return Trained(
        predictions=predictions_frame(problem, model, [s for g in groups for s in g.scored]),
        display_predictions=display_frame(problem, model, _by_fold(groups)),
        history=history_frame(problem, model, [h for g in groups for h in g.histories]),
        random_effects=random_effects_frame(problem, model, [e for g in groups for e in g.effects]),
        importance=importance_frame(problem, model, [i for g in groups for i in g.importance]),
        state=_state(groups),
    )


def _scored(
    problem: Problem, fitted: Fitted, replicas: list[Replica], *, model: str, uses_z: bool
) -> list[Scored]:
    """Scores under every assignment, blocks by replica and then assignment."""
    plans = [
        {
            each.name: each
            for each in assignments(problem, r.fold, model=model, seed=r.seed, uses_z=uses_z)
        }
        for r in replicas
    ]
    names = list(dict.fromkeys(name for plan in plans for name in plan))
    scores = {}
    for name in names:
        inputs = [_inputs(r.fold, plan.get(name)) for r, plan in zip(replicas, plans, strict=True)]
        scores[name] = predict(fitted.ensemble, inputs)
    return [
        Scored(replica.fold, replica.seed, each, *scores[name][number])
        for number, (replica, plan) in enumerate(zip(replicas, plans, strict=True))
        for name, each in plan.items()
    ]


def _inputs(fold: FoldData, each: Assignment | None) -> Given:
    if each is None:
        return pick(fold.x, np.empty(0, dtype=np.int64)), None
    return pick(fold.x, each.rows), each.z


def _by_fold(groups: Sequence[Results]) -> dict[int, Scores]:
    """Scores of the display points by fold, each (seeds, points)."""
    grouped: dict[int, list[Scores]] = {}
    for group in groups:
        for replica, each in zip(group.replicas, group.shown, strict=True):
            grouped.setdefault(replica.fold.fold, []).append(each)
    return {
        fold: (
            np.stack([fixed for fixed, _ in each]),
            None if each[0][1] is None else np.stack([m for _, m in each if m is not None]),
        )
        for fold, each in grouped.items()
    }


def _histories(fitted: Fitted, replicas: list[Replica]) -> list[History]:
    return [
        History(r.fold.fold, r.seed, {term: v[:, i] for term, v in fitted.history.items()})
        for i, r in enumerate(replicas)
    ]


def _effects(problem: Problem, fitted: Fitted, replicas: list[Replica]) -> list[Effect]:
    made = []
    for replica, method in zip(replicas, fitted.methods, strict=True):
        for label, (mean, sd) in method.random_effects().items():
            names: tuple[str, ...] = tuple(map(str, range(mean.shape[1])))
            if label == "linear_slope" and problem.columns:
                names = problem.columns
            for j, name in enumerate(names):
                full = label if label == "intercept" else f"{label}[{name}]"
                made.append(
                    Effect(replica.fold, replica.seed, full, mean[:, j].numpy(), sd[:, j].numpy())
                )
    return made


def _importance(problem: Problem, fitted: Fitted, replicas: list[Replica]) -> list[Importance]:
    if not problem.columns:
        return []
    tested = [torch.from_numpy(r.fold.x[r.fold.rows("test")]) for r in replicas]
    means = [torch.from_numpy(r.fold.mean_input.astype(np.float32)) for r in replicas]
    average, at_mean = importance(fitted.ensemble, tested), importance(fitted.ensemble, means)
    return [
        Importance(r.fold.fold, r.seed, average[i], at_mean[i])
        for i, r in enumerate(replicas)
        if len(tested[i])
    ]


def _state(groups: Sequence[Results]) -> dict[str, np.ndarray]:
    replicas = [replica for group in groups for replica in group.replicas]
    states = [state for group in groups for state in group.states]
    return {
        "folds": np.array([r.fold.fold for r in replicas], dtype=np.int64),
        "seeds": np.array([r.seed for r in replicas], dtype=np.int64),
        "epochs": np.array([e for group in groups for e in group.epochs], dtype=np.int64),
        **{name: np.stack([state[name] for state in states]) for name in states[0]},
    }
