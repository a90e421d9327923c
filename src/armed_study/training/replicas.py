"""Replicas (fold x seed) of a network: built, and trained together."""

import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

import numpy as np
import torch
from tqdm import tqdm

from armed.data.augmentation import AugmentationSettings
from armed.data.lazy_rows import pick
from armed.data.samples import Samples
from armed.errors import ConfigError
from armed.methods.base import Method
from armed.nn.stacking import can_stack
from armed.tasks.base import Task
from armed.training.early_stopping import Monitor
from armed.training.fit import FitSettings, Fitted, fit
from armed.training.own.pace import PACE
from armed.training.sample_order import steps_per_epoch
from armed_study.networks.inputs import initialise
from armed_study.statistics.auroc import Ranking
from armed_study.statistics.measures.likelihoods import LIKELIHOODS
from armed_study.training.factors.clusters import NONE, Further, as_trained, further_of
from armed_study.training.factory import build_method, device
from armed_study.training.fold_data import Replica, StudyFolds
from armed_study.vocabulary.outcomes import Outcome
from armed_study.vocabulary.settings import changed

Changes = Callable[[Replica], Mapping[str, Any]]
"""Settings of a replica that are not those of its model, by name (`training.weight_decay`)."""

# Every replica is scored after every epoch: scikit-learn's checks of its input took longer than the
# training of a small network.
MONITORS: dict[str, Monitor] = {
    "auprc": lambda y, score: Ranking.of(y, score).average_precision(),
    "auroc": lambda y, score: Ranking.of(y, score).auroc(),
    "log_loss": LIKELIHOODS["binary"],
}


def monitor(name: str | None, outcome: Outcome) -> Monitor:
    """What early stopping maximises: by name for a binary outcome, else the likelihood."""
    if outcome.kind == "binary":
        return MONITORS[name or "auprc"]
    if name not in (None, "log_loss"):
        raise ConfigError(
            f"training.monitor is {name} and the outcome {outcome.kind}, expected log_loss; set it so"
        )
    return LIKELIHOODS[outcome.kind]


def build_replica(
    study: StudyFolds,
    replica: Replica,
    method: type[Method],
    settings: Mapping[str, Any],
    task: Task | None = None,
) -> Method:
    """Make the method of a replica, with its own initial values; see `factory.build_method`."""
    return build_method(
        method,
        settings,
        shape=study.shape,
        clusters=len(study.clusters),
        seed=replica.seed_for("initialisation"),
        task=task,
        outcome=study.outcome,
        factors=study.factors,
    )


def train_replicas(
    study: StudyFolds,
    replicas: Sequence[Replica],
    method: type[Method],
    settings: Mapping[str, Any],
    *,
    target: str = "y",
    stop_by: str | None = None,
    task: Task | None = None,
    changes: Changes | None = None,
) -> Iterator[tuple[list[Replica], Fitted]]:
    """Train replicas by the ``training`` block of ``settings``, each with its own seeds.

    ``target`` is what they predict: ``y``, the outcome, or ``z``, the cluster; ``stop_by`` the
    partition of the samples that early stopping watches; for ``task`` see `factory.build_method`;
    ``changes`` are the settings in which a replica departs from ``settings``.

    Yields
    ------
    Replicas that were trained together, see `groups_of`, and what they were trained to.
    """
    torch.set_num_threads(1)  # fastest for small networks
    own = {r: changed(settings, changes(r) if changes else {}) for r in replicas}

    def build(replica: Replica) -> Method:
        made = build_replica(study, replica, method, own[replica], task)
        initialise(made, *samples_of([replica], "train", target))
        return made

    parts = computations(own)
    for group, methods in chain.from_iterable(groups_of(part, build) for part in parts):
        further = further_of(study.factors, methods[0])
        training = fit_settings(own[group[0]])
        fitted = fit(
            methods,
            samples_of(group, "train", target, further),
            settings=[fit_settings(own[replica]) for replica in group] if changes else training,
            seeds=[replica.seed_for("training") for replica in group],
            labels=[str(replica) for replica in group],
            steps=steps_per_epoch(study.largest_training_part, training.batch_size),
            validation=samples_of(group, stop_by, target, further) if stop_by else None,
            monitor=monitor(settings["training"].get("monitor"), study.outcome)
            if stop_by
            else None,
            on_epoch=_progress(group, epochs=training.epochs),
            device=device(),
        )
        yield group, fitted


def computations(own: Mapping[Replica, Mapping[str, Any]]) -> list[list[Replica]]:
    """Put replicas together whose settings differ in nothing but pace and numbers of the method."""
    parts: dict[str, list[Replica]] = {}
    for replica, settings in own.items():
        # Numbers at the top are weights of the loss, and the like; blocks make another network or training.
        shared = {name: value for name, value in settings.items() if not isinstance(value, float)}
        training = {k: v for k, v in settings["training"].items() if k not in PACE}
        key = json.dumps({**shared, "training": training}, sort_keys=True)
        parts.setdefault(key, []).append(replica)
    return list(parts.values())


def groups_of(
    replicas: Sequence[Replica], build: Callable[[Replica], Method]
) -> Iterator[tuple[list[Replica], list[Method]]]:
    """Give replicas to be trained together, with their methods: all if they can be stacked, else each alone.

    Those that are trained alone are built one after the other.
    """
    if not replicas:
        return
    methods = map(build, replicas)
    first = next(methods)
    if can_stack(first):
        yield list(replicas), [first, *methods]
        return
    for replica, method in zip(replicas, chain([first], methods), strict=True):
        yield [replica], [method]


def samples_of(
    replicas: Sequence[Replica], partition: str, target: str, further: Further = NONE
) -> list[Samples]:
    """Samples of a partition by replica to predict ``target``, with ``further`` factors; folds share them."""
    made: dict[int, Samples] = {}
    for fold in (replica.fold for replica in replicas):
        if fold.fold not in made:
            rows = fold.rows(partition)
            scaled = ((fold.y[rows] - fold.center) / fold.scale).astype(np.float32)
            z = as_trained(fold.z, further, rows)
            made[fold.fold] = Samples(
                pick(fold.x, rows), z if target == "z" else torch.from_numpy(scaled), z
            )
    return [made[replica.fold.fold] for replica in replicas]


def fit_settings(settings: Mapping[str, Any]) -> FitSettings:
    """Return the ``training`` block, without what the library does not hear of."""
    own = ("monitor", "early_stopping_partition")
    given = {k: v for k, v in settings["training"].items() if k not in own}
    if given.get("augmentation"):
        given["augmentation"] = AugmentationSettings(**given["augmentation"])
    return FitSettings(**given)


def _progress(
    replicas: Sequence[Replica], *, epochs: int
) -> Callable[[int, Mapping[str, float]], None]:
    """Progress bar over epochs on standard error, with the loss terms behind it."""
    first = replicas[0]
    which = f"{len(replicas)} replicas" if len(replicas) > 1 else str(first)
    what = f"{first.study}, {first.model} ({which})"
    bar = tqdm(total=epochs, desc=what, unit="epoch", file=sys.stderr)

    def show(epoch: int, terms: Mapping[str, float]) -> None:
        bar.set_postfix({name: f"{value:.4g}" for name, value in terms.items()}, refresh=False)
        bar.update()

    return show
