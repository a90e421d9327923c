"""From settings to a method around a network."""

from collections.abc import Callable, Mapping
from dataclasses import fields
from math import prod
from typing import Any

import torch
from torch import nn

from armed.adversaries.base import ClusterClassifier
from armed.adversaries.dense import Adversary
from armed.adversaries.mirrored import MirroredAdversary
from armed.errors import ConfigError
from armed.methods.base import Method, ModelComponents
from armed.tasks.base import Task
from armed.tasks.outcomes import BinaryTask, CategoricalTask, ContinuousTask, CountTask
from armed_study import networks
from armed_study.networks import Network
from armed_study.networks.cluster_appearance import ClusterAppearanceTask
from armed_study.networks.inputs import Context
from armed_study.training.factors.effects import random_effects
from armed_study.training.factors.known import Factors
from armed_study.vocabulary.outcomes import BINARY, Outcome

BLOCKS = frozenset({"network", "training", "adversary", "random_effects", "task"})
_OF_ADVERSARY = {
    "dense": {"hidden", "layers", "learning_rate_factor", "bounded"},
    "mirrored": {"filters", "learning_rate_factor", "bounded"},
}
_OF_RECONSTRUCTION = ("outcome_weight", "changed_images", "fixed_outcome", "appearance_weight")


def device() -> torch.device:
    """Return the GPU where there is one."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def build_method(
    method: type[Method],
    settings: Mapping[str, Any],
    *,
    shape: tuple[int, ...],
    clusters: int,
    seed: int,
    task: Task | None = None,
    outcome: Outcome = BINARY,
    factors: Factors | None = None,
) -> Method:
    """Make a network and what else the method needs, with initial values from ``seed``.

    ``settings`` hold the blocks ``network`` and, as the method needs, ``adversary``, ``random_effects`` and
    ``task``; the rest are fields of ``method.Settings``. ``shape`` is that of one sample. A ``task``
    takes the place of its block; without either the network predicts the ``outcome``. ``factors`` are what a
    formula of random effects may name.
    """
    task = task or _task(settings.get("task"), shape, outcome)
    own = {name: value for name, value in settings.items() if name not in BLOCKS}
    chosen = method_settings(method, own)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = networks.build(
            settings["network"],
            shape,
            outputs=task.outputs,
            context=Context(method.context_width(chosen, clusters), method.context_places(chosen)),
        )
        last_hidden, _ = network.last_hidden
        components = ModelComponents(
            network=network,
            task=task,
            watch=network.watch[_watched(settings)],
            clusters=clusters,
            last_hidden=last_hidden,
            adversary=_adversary(method, settings, network, clusters),
            random_effects=random_effects(
                method,
                settings,
                network,
                columns=prod(shape),
                clusters=clusters,
                outputs=task.predictors,
                factors=factors or Factors(),
            ),
        )
        if getattr(task, "appearance_weight", 0):
            appearance = _appearance(settings["task"], shape, clusters)
            task.appearance = appearance  # type: ignore[attr-defined]
        made = method(components, chosen)
        made.measure(torch.zeros(2, *shape))
        return made


def method_settings(method: type[Method], given: Mapping[str, Any]) -> Any:
    """Return the method's settings; `ConfigError` names one that it does not have."""
    known = [field.name for field in fields(method.Settings)]
    unknown = [name for name in given if name not in known]
    if unknown:
        raise ConfigError(
            f"method '{method.__name__}' has no setting {', '.join(unknown)}; expected some of "
            f"{', '.join(known) or 'none'}; correct the model's entry"
        )
    return method.Settings(**given)


def _task(block: Mapping[str, Any] | None, shape: tuple[int, ...], outcome: Outcome) -> Task:
    options = dict(block or {})
    kind = options.pop("kind", "binary")
    if kind == "reconstruction" and set(options) <= {*_OF_RECONSTRUCTION, "appearance"}:
        return ClusterAppearanceTask(
            shape, **{key: options[key] for key in _OF_RECONSTRUCTION if key in options}
        )
    if kind == "binary" and not options:
        return _of_outcome(outcome)
    raise ConfigError(
        f"the task is {dict(block or {})}; expected kind binary (the default), or kind reconstruction "
        f"with some of {', '.join(_OF_RECONSTRUCTION)}, appearance; correct the task block"
    )


def _of_outcome(outcome: Outcome) -> Task:
    """The task of predicting the outcome alone."""
    if outcome.classes:
        return CategoricalTask(len(outcome.classes))
    tasks: Mapping[str, Callable[[], Task]] = {
        "binary": BinaryTask, "continuous": ContinuousTask, "count": CountTask
    }  # fmt: skip
    return tasks[outcome.kind]()


def _appearance(block: Mapping[str, Any], shape: tuple[int, ...], clusters: int) -> nn.Module:
    """Classifier of the cluster from an input; a network of the kind that the block names."""
    if not block.get("appearance"):
        raise ConfigError(
            f"task.appearance_weight is {block['appearance_weight']} and there is no classifier of the "
            "clusters' appearance; expected one; set task.appearance, or appearance_weight to 0"
        )
    return networks.build(block["appearance"], shape, outputs=clusters, context=Context())


def _watched(settings: Mapping[str, Any]) -> slice:
    """Which of the hidden layers that a network names are watched."""
    last = settings.get("adversary", {}).get("layers", "all") == "last"
    return slice(-1, None) if last else slice(None)


def _adversary(
    method: type[Method], settings: Mapping[str, Any], network: Network, clusters: int
) -> ClusterClassifier | None:
    if "adversary" not in method.needs:
        return None
    block = dict(settings["adversary"])
    kind = block.pop("kind", "dense")
    width = {"dense": "hidden", "mirrored": "filters"}.get(kind, "")
    if width not in block or not set(block) <= _OF_ADVERSARY[kind]:
        raise ConfigError(
            f"the adversary is {settings['adversary']}; expected kind dense (the default) with "
            "'hidden', or kind mirrored with 'filters'; correct the adversary block"
        )
    shapes = network.watched_shapes[_watched(settings)]
    block.pop("layers", None)
    if kind == "mirrored":
        return MirroredAdversary(shapes, clusters, **block)
    return Adversary(sum(map(prod, shapes)), clusters, **block)
