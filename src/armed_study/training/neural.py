"""Every method of `armed.methods`: folds and seeds as one computation, or one after the other."""

from collections.abc import Mapping
from typing import Any

import torch

from armed import methods
from armed.data.lazy_rows import pick
from armed.data.samples import Samples
from armed.errors import ConfigError
from armed.methods.base import Method
from armed.training.fit import Fitted, fit
from armed_study.training.factory import build_method, device
from armed_study.training.fold_data import Problem, Trained
from armed_study.training.replicas import (
    Replica,
    fit_settings,
    groups_of,
    monitor,
    progress,
    replicas_of,
)
from armed_study.training.results import collect, joined


class NeuralLearner:
    """Trains a method of `armed.methods` around the network that the settings describe.

    ``settings`` has the blocks ``network``, ``training`` and, for methods that need them,
    ``adversary`` and ``random_effects``; everything else goes to the method's own ``Settings``.
    """

    def __init__(self, method: str) -> None:
        self._method = methods.load(method)

    def fit(self, problem: Problem, *, model: str, settings: Mapping[str, Any]) -> Trained:
        """Train all replicas (folds x seeds) of ``problem``; together, if the network allows it."""
        torch.set_num_threads(1)  # fastest for small networks
        replicas = replicas_of(problem, model)
        _check_stopping(problem, replicas, settings)
        uses_z, results = self._method.uses_clusters, []
        for group in groups_of(replicas, self._build(problem, replicas[0], settings)):
            fitted = self._train(problem, group, settings, model)
            results.append(collect(problem, fitted, group, model=model, uses_z=uses_z))
        return joined(problem, results, model=model)

    def _build(self, problem: Problem, replica: Replica, settings: Mapping[str, Any]) -> Method:
        return build_method(
            self._method,
            settings,
            shape=problem.shape,
            clusters=len(problem.clusters),
            seed=replica.seed_for("initialisation"),
        )

    def _train(
        self, problem: Problem, replicas: list[Replica], settings: Mapping[str, Any], model: str
    ) -> Fitted:
        training = fit_settings(settings)
        stopping = training.patience is not None
        return fit(
            [self._build(problem, replica, settings) for replica in replicas],
            _parts(replicas, "train"),
            settings=training,
            seeds=[replica.seed_for("training") for replica in replicas],
            labels=[f"fold {r.fold.fold}, seed {r.seed}" for r in replicas],
            steps=-(-problem.largest_training_part // training.batch_size),
            validation=_parts(replicas, _watched(settings)) if stopping else None,
            monitor=monitor(settings),
            on_epoch=progress(problem.study, model, replicas, epochs=training.epochs),
            device=device(),
        )


def _watched(settings: Mapping[str, Any]) -> str:
    """Partition that early stopping watches."""
    return settings["training"].get("stop_on", "validation")


def _check_stopping(problem: Problem, replicas: list[Replica], settings: Mapping[str, Any]) -> None:
    patience, watched = fit_settings(settings).patience, _watched(settings)
    if patience is not None and not all(len(r.fold.rows(watched)) for r in replicas):
        raise ConfigError(
            f"study '{problem.study}': training.patience is {patience} but a fold has no "
            f"{watched} rows, expected some to stop by; set splits.validation above 0 or patience "
            "to null"
        )


def _parts(replicas: list[Replica], partition: str) -> list[Samples]:
    """Samples of a partition by replica; replicas of one fold share them."""
    made: dict[int, Samples] = {}
    for replica in replicas:
        fold = replica.fold
        rows = fold.rows(partition)
        if fold.fold not in made and len(rows):
            y, z = (torch.from_numpy(values[rows]) for values in (fold.y, fold.z))
            made[fold.fold] = Samples(pick(fold.x, rows), y, z)
    return [made[r.fold.fold] for r in replicas if r.fold.fold in made]
