"""From settings to a method around a network."""

from collections.abc import Mapping
from dataclasses import fields
from math import prod
from typing import Any

import torch

from armed.adversary import Adversary, ClusterClassifier
from armed.errors import ConfigError
from armed.methods.base import Method, Parts
from armed.mirrored_adversary import MirroredAdversary
from armed.random_effects import RandomEffect, RandomIntercept, RandomSlope
from armed.task import BinaryTask, Task
from armed_study import networks
from armed_study.networks import Network
from armed_study.networks.context import Context

BLOCKS = frozenset({"network", "training", "adversary", "random_effects"})


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
) -> Method:
    """Make a network and what else the method needs, with initial values from ``seed``.

    Parameters
    ----------
    method
        A class of `armed.methods`.
    settings
        Blocks ``network`` and, as the method needs, ``adversary`` and ``random_effects``; the rest are
        fields of ``method.Settings``.
    shape
        Of one sample.
    clusters
        Number of clusters.
    seed
        Of the initial values.
    task
        Default: a binary outcome.
    """
    task = task or BinaryTask()
    own = {name: value for name, value in settings.items() if name not in BLOCKS}
    chosen = method_settings(method, own)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = networks.build(
            settings["network"],
            shape,
            outputs=task.outputs,
            context=Context(clusters, method.context_places(chosen)),
        )
        parts = Parts(
            network=network,
            task=task,
            watch=network.watch,
            clusters=clusters,
            hidden_size=prod(network.watched_shapes[-1]),
            adversary=_adversary(method, settings, network, clusters),
            random_effects=_random_effects(method, settings, network, prod(shape), clusters),
        )
        return method(parts, chosen)


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


def _adversary(
    method: type[Method], settings: Mapping[str, Any], network: Network, clusters: int
) -> ClusterClassifier | None:
    if "adversary" not in method.needs:
        return None
    block = dict(settings["adversary"])
    kind = block.pop("kind", "dense")
    width = {"dense": "hidden", "mirrored": "filters"}.get(kind)
    if width is None or set(block) != {width}:
        raise ConfigError(
            f"the adversary is {settings['adversary']}; expected kind dense (the default) with "
            "'hidden', or kind mirrored with 'filters'; correct the adversary block"
        )
    shapes = network.watched_shapes
    if kind == "mirrored":
        return MirroredAdversary(shapes, clusters, filters=block[width])
    return Adversary(sum(map(prod, shapes)), clusters, hidden=block[width])


def _random_effects(
    method: type[Method], settings: Mapping[str, Any], network: Network, columns: int, clusters: int
) -> list[RandomEffect]:
    if "random_effects" not in method.needs:
        return []
    block, effects = settings["random_effects"], []
    for on, width in (("input", columns), ("hidden", prod(network.watched_shapes[-1]))):
        prior_sd = block.get(f"{on}_slope")
        if prior_sd:
            effects.append(RandomSlope(clusters, width, prior_sd=prior_sd, on=on))
    if block.get("intercept"):
        effects.append(RandomIntercept(clusters, prior_sd=block["intercept"]))
    return effects
