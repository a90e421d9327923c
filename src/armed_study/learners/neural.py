"""Every method of `armed.methods` on a dense network, all folds and seeds as one computation."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch

from armed import methods
from armed.batches import Samples
from armed.errors import ConfigError
from armed.methods.base import Method
from armed.training import Fitted, fit
from armed_study.learners.assembling import (
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
from armed_study.learners.assigning import Assignment, assignments
from armed_study.learners.base import FoldData, Problem, Trained
from armed_study.learners.building import build_method, device
from armed_study.learners.replicas import (
    Replica,
    fit_settings,
    importance,
    monitor,
    predict,
    progress,
    replicas_of,
)


class NeuralLearner:
    """Trains a method of `armed.methods` around the network that the settings describe.

    ``settings`` has the blocks ``network``, ``training`` and, for methods that need them,
    ``adversary`` and ``random_effects``; everything else goes to the method's own ``Settings``.
    """

    def __init__(self, method: str) -> None:
        self._method = methods.load(method)

    def fit(self, problem: Problem, *, model: str, settings: Mapping[str, Any]) -> Trained:
        """Train all replicas (folds x seeds) of ``problem``."""
        torch.set_num_threads(1)
        replicas = replicas_of(problem, model)
        fitted = self._train(problem, replicas, settings, model)
        uses_z = self._method.uses_clusters
        shown = [(r.fold.display, r.fold.display_z) for r in replicas]
        return Trained(
            predictions=predictions_frame(
                problem, model, _scored(problem, fitted, replicas, model=model, uses_z=uses_z)
            ),
            display_predictions=display_frame(
                problem, model, _by_fold(replicas, predict(fitted.ensemble, shown))
            ),
            history=history_frame(problem, model, _histories(fitted, replicas)),
            random_effects=random_effects_frame(
                problem, model, _effects(problem, fitted.methods, replicas)
            ),
            importance=importance_frame(problem, model, _importance(fitted, replicas)),
            state=_state(fitted, replicas),
        )

    def _train(
        self, problem: Problem, replicas: list[Replica], settings: Mapping[str, Any], model: str
    ) -> Fitted:
        built = [
            build_method(
                self._method,
                settings,
                columns=len(problem.columns),
                clusters=len(problem.clusters),
                seed=replica.seed_for("initialisation"),
            )
            for replica in replicas
        ]
        training = fit_settings(settings)
        stopping = training.patience is not None
        watched = settings["training"].get("stop_on", "validation")
        if stopping and not all(len(r.fold.rows(watched)) for r in replicas):
            raise ConfigError(
                f"study '{problem.study}': training.patience is {training.patience} but a fold has no "
                f"{watched} rows, expected some to stop by; set splits.validation above 0 or patience "
                "to null"
            )
        train, validation = _parts(replicas, "train"), _parts(replicas, watched)
        return fit(
            built,
            train,
            settings=training,
            seeds=[replica.seed_for("training") for replica in replicas],
            labels=[f"fold {r.fold.fold}, seed {r.seed}" for r in replicas],
            steps=-(-problem.largest_training_part // training.batch_size),
            validation=validation if stopping else None,
            monitor=monitor(settings),
            on_epoch=progress(f"{problem.study}, {model}", training.epochs, len(replicas)),
            device=device(),
        )


def _parts(replicas: list[Replica], partition: str) -> list[Samples]:
    """Samples of a partition by replica; replicas of one fold share them."""
    made: dict[int, Samples] = {}
    for replica in replicas:
        fold = replica.fold
        rows = fold.rows(partition)
        if fold.fold not in made and len(rows):
            made[fold.fold] = Samples(
                *(torch.from_numpy(a[rows]) for a in (fold.x, fold.y, fold.z))
            )
    return [made[r.fold.fold] for r in replicas if r.fold.fold in made]


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


def _inputs(fold: FoldData, each: Assignment | None) -> tuple[np.ndarray, np.ndarray | None]:
    if each is None:
        return fold.x[:0], None
    return fold.x[each.rows], each.z


def _by_fold(
    replicas: list[Replica], scores: list[tuple[np.ndarray, np.ndarray | None]]
) -> dict[int, tuple[np.ndarray, np.ndarray | None]]:
    grouped: dict[int, list[tuple[np.ndarray, np.ndarray | None]]] = {}
    for replica, each in zip(replicas, scores, strict=True):
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


def _effects(problem: Problem, trained: list[Method], replicas: list[Replica]) -> list[Effect]:
    made = []
    for replica, method in zip(replicas, trained, strict=True):
        for label, (mean, sd) in method.random_effects().items():
            names: tuple[str, ...] = tuple(map(str, range(mean.shape[1])))
            if label == "linear_slope":
                names = problem.columns
            for j, name in enumerate(names):
                full = label if label == "intercept" else f"{label}[{name}]"
                made.append(
                    Effect(replica.fold, replica.seed, full, mean[:, j].numpy(), sd[:, j].numpy())
                )
    return made


def _importance(fitted: Fitted, replicas: list[Replica]) -> list[Importance]:
    tested = [r.fold.x[r.fold.rows("test")] for r in replicas]
    average = importance(fitted.ensemble, tested)
    at_mean = importance(fitted.ensemble, [r.fold.mean_input.astype(np.float32) for r in replicas])
    return [
        Importance(r.fold.fold, r.seed, average[i], at_mean[i])
        for i, r in enumerate(replicas)
        if len(tested[i])
    ]


def _state(fitted: Fitted, replicas: list[Replica]) -> dict[str, np.ndarray]:
    states = [method.state_dict() for method in fitted.methods]
    stacked = {name: torch.stack([s[name] for s in states]).numpy() for name in states[0]}
    return {
        "folds": np.array([r.fold.fold for r in replicas], dtype=np.int64),
        "seeds": np.array([r.seed for r in replicas], dtype=np.int64),
        "epochs": fitted.stopped.astype(np.int64),
        **stacked,
    }
