"""Networks, by any method of `armed.methods`: folds and seeds as one computation, or one after the other."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch

from armed import methods
from armed.data.lazy_rows import pick
from armed.errors import ConfigError
from armed.training.ensemble import Ensemble
from armed.training.fit import Fitted
from armed_study.training.batched_inference import (
    hidden_features,
    importance,
    keeps_features,
    kept_rows,
    predict,
)
from armed_study.training.cluster_assignment import Assignment, assignments
from armed_study.training.factors.clusters import (
    Further,
    as_assigned,
    further_of,
    tell_of_untrained,
)
from armed_study.training.factors.named import random_effects_of
from armed_study.training.few_shot.networks import network_score
from armed_study.training.few_shot.scores import Score
from armed_study.training.fitted.variances import of_network
from armed_study.training.fold_data import Replica, StudyFolds
from armed_study.training.replicas import Changes, fit_settings, samples_of, train_replicas
from armed_study.training.result_tables import ModelResults, Scores


def train(
    study: StudyFolds,
    *,
    method: str,
    model: str,
    settings: Mapping[str, Any],
    changes: Changes | None = None,
) -> ModelResults:
    """Train all replicas (folds x seeds) of ``model`` by a method of `armed.methods`.

    ``settings`` hold the blocks ``network``, ``training`` and, for methods that need them, ``adversary``
    and ``random_effects``; everything else goes to the method's own ``Settings``. ``changes`` are the
    settings in which a replica departs from these.
    """
    kind = methods.load(method)
    stop_by = stopping_partition(study, settings, searched=changes is not None)
    results = ModelResults(study, model)
    replicas = study.replicas(model)
    trained = train_replicas(study, replicas, kind, settings, stop_by=stop_by, changes=changes)
    for group, fitted in trained:
        _add_results(results, study, group, fitted, settings)
    return results


def stopping_partition(
    study: StudyFolds, settings: Mapping[str, Any], *, searched: bool = False
) -> str | None:
    """Partition that early stopping watches; None if nothing stops early, whatever may be ``searched``."""
    patience = fit_settings(settings).patience
    if patience is None and not searched:
        return None
    partition = settings["training"].get("early_stopping_partition", "validation")
    if not all(len(fold.rows(partition)) for fold in study.folds):
        raise ConfigError(
            f"study '{study.name}': training.patience is {patience} but a fold has no "
            f"{partition} rows, expected some to stop by; set splits.validation above 0 or patience "
            "to null"
        )
    return partition


def _add_results(
    results: ModelResults,
    study: StudyFolds,
    replicas: Sequence[Replica],
    fitted: Fitted,
    settings: Mapping[str, Any],
) -> None:
    """Everything that the tables need of replicas that were trained together."""
    ensemble, uses_z = fitted.ensemble, fitted.methods[0].uses_clusters
    shown = [(torch.from_numpy(r.fold.display), r.fold.known_display_z) for r in replicas]
    display = predict(ensemble, shown)
    plans = [assignments(study, replica, uses_z=uses_z) for replica in replicas]
    further = further_of(study.factors, fitted.methods[0])
    parts = [(fold.rows("train"), fold.rows("test", "unseen")) for fold in study.folds]
    tell_of_untrained(study.name, study.factors, further, parts)
    scored = scores_of(replicas, plans, ensemble, further)
    important = _importance(replicas, ensemble) if study.columns else None
    for i, (replica, method) in enumerate(zip(replicas, fitted.methods, strict=True)):
        for each in plans[i]:
            results.add_predictions(replica, each, in_units(replica, scored[each.name][i]))
        if method.effects is not None and len(unseen := replica.fold.rows("unseen")):
            given = replica.fold.x, _standardised(replica), unseen
            own = network_score(method, *given, further=[*further.values()])
            zero, _ = in_units(replica, scored["zero"][i])
            population = replica.fold.partition[replica.fold.rows("test", "unseen")] == "unseen"
            results.add_new_clusters(replica, zero[population], _scaled(replica, own))
        results.add_display(replica, in_units(replica, display[i]))
        results.add_history(replica, {term: v[:, i] for term, v in fitted.history.items()})
        about = study.columns, study.outcome.classes, replica.fold.scale
        for factor, effects in random_effects_of(method, *about):
            results.add_random_effects(replica, effects, factor)
        (samples,) = samples_of([replica], "train", "y", further)
        components = of_network(
            method,
            samples,
            class_weights=fit_settings(settings).class_weights,
            columns=study.columns,
            classes=study.outcome.classes,
            scale=replica.fold.scale,
        )
        results.add_variances(replica, components)
        if important and len(replica.fold.rows("test")):
            results.add_importance(replica, *(v[i] * replica.fold.scale for v in important))
        if keeps_features(replica):
            rows = kept_rows(replica.fold)
            results.add_features(replica, rows, hidden_features(method, replica, rows))
        parameters = {name: value.cpu().numpy() for name, value in method.state_dict().items()}
        results.add_parameters(replica, parameters, epochs=int(fitted.stopped[i]))


def scores_of(
    replicas: Sequence[Replica],
    plans: Sequence[Sequence[Assignment]],
    ensemble: Ensemble,
    further: Further,
) -> dict[str, list[Scores]]:
    """Scores of each replica under every assignment, by its name; without rows where it has none."""
    none = Assignment("", np.empty(0, dtype=np.int64), None)
    scores = {}
    for name in dict.fromkeys(each.name for plan in plans for each in plan):
        given = [next((each for each in plan if each.name == name), none) for plan in plans]
        inputs = [
            (pick(r.fold.x, g.rows), as_assigned(g.name, g.z, further, g.rows))
            for r, g in zip(replicas, given, strict=True)
        ]
        scores[name] = predict(ensemble, inputs)
    return scores


def _scaled(replica: Replica, score: Score) -> Score:
    """Return what scores in the units of the outcome."""
    return lambda *given: score(*given) * replica.fold.scale + replica.fold.center


def _standardised(replica: Replica) -> np.ndarray:
    """Outcomes (samples,) in the units that networks are trained in."""
    y: np.ndarray = (replica.fold.y - replica.fold.center) / replica.fold.scale
    return y.astype(np.float32)


def in_units(replica: Replica, scores: Scores) -> Scores:
    """Scores in the units of the outcome."""
    center, scale = replica.fold.center, replica.fold.scale
    fixed, mixed = scores
    return fixed * scale + center, None if mixed is None else mixed * scale + center


def _importance(replicas: Sequence[Replica], ensemble: Ensemble) -> tuple[np.ndarray, np.ndarray]:
    """Importance over the test samples and at the mean input, each (replicas, columns)."""
    tested = [torch.from_numpy(r.fold.x[r.fold.rows("test")]) for r in replicas]
    means = [torch.from_numpy(r.fold.mean_input.astype(np.float32)) for r in replicas]
    return importance(ensemble, tested), importance(ensemble, means)
