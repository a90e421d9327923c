"""From the parameters of an estimator to a method around a network."""

import copy
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import torch
from torch import nn

from armed.adversaries.dense import Adversary
from armed.errors import ConfigError
from armed.methods.armed import Armed, ArmedSettings
from armed.methods.base import Method, ModelComponents
from armed.methods.conventional import Conventional, ConventionalSettings
from armed.nn.activations import as_module
from armed.nn.dense import DenseNetwork
from armed.nn.measured import last_hidden
from armed.own.fit import length
from armed.own.network import estimated_effects
from armed.tasks.base import Task
from armed.training.optimizers import FitSettings


class Parameters(Protocol):
    """Parameters of an estimator."""

    network: Any
    hidden: Sequence[int]
    watch: Sequence[str] | None
    random_slopes: Sequence[Any] | None
    adversary_weight: float
    epochs: int | None
    batch_size: int | None
    learning_rate: float
    weight_decay: float
    cross_fit: bool


def build(
    given: Parameters,
    task: Task,
    shape: tuple[int, ...],
    names: Mapping[str, Sequence[Any]],
    *,
    slopes: Sequence[int],
    seed: int,
) -> Method:
    """Make network and method for samples of ``shape``.

    ``names`` are those of the clusters of each factor; without any the network is alone.
    ``slopes`` are the columns of the input that have random slopes.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = _network(given, shape, task.outputs)
        # Of a network of somebody else the layer before its last is what features come to.
        x = torch.zeros(2, *shape)
        watch = tuple(given.watch or getattr(network, "watch", None) or last_hidden(network, x))
        sizes = {factor: len(own) for factor, own in names.items()}
        # A linear network has no features that could tell the cluster.
        adversary_weight = given.adversary_weight if watch else 0.0
        components = ModelComponents(
            network=network,
            task=task,
            watch=watch,
            clusters=next(iter(sizes.values()), 1),
            adversary=Adversary(hidden=(16,)) if adversary_weight else None,
            random_effects=[estimated_effects(n, k, task, slopes) for n, k in sizes.items()],
        )
        # Without clusters there is nothing random to estimate.
        method: Method = Conventional(components, ConventionalSettings())
        if names:
            method = Armed(components, ArmedSettings(adversary_weight=adversary_weight))
        # Widths that were left open are filled in now, as values of a file need their places.
        method.measure(x, seed=seed)
        return method


def _network(given: Parameters, shape: tuple[int, ...], outputs: int) -> nn.Module:
    if given.network is None:
        return DenseNetwork(*shape, hidden=given.hidden, linear_path=True, outputs=outputs)
    if isinstance(given.network, nn.Module):
        # A parameter of an estimator stays what it was given as.
        return copy.deepcopy(given.network)
    if not callable(given.network):
        return as_module(given.network)
    return as_module(given.network(shape[0] if len(shape) == 1 else shape, outputs))


def fit_settings(given: Parameters, samples: int, task: Task) -> FitSettings:
    """How to train: the longer, the fewer samples there are; of one linear predictor cross-fitted."""
    epochs, size = length(samples, epochs=given.epochs, batch_size=given.batch_size)
    return FitSettings(
        epochs=epochs,
        batch_size=size,
        learning_rate=given.learning_rate,
        optimizer="AdamW",
        weight_decay=given.weight_decay,
        schedule="one_cycle",
        cross_fit=given.cross_fit and task.predictors == 1,
    )


def slope_columns(wanted: Sequence[Any] | None, names: Sequence[str]) -> list[int]:
    """Numbers of the columns that random slopes are of, given by name or number."""
    # Names come first: columns may be called by numbers.
    numbers: dict[Any, int] = {name: number for number, name in enumerate(names)}
    numbers |= {number: number for number in range(len(names))}
    if wrong := [name for name in wanted or () if name not in numbers]:
        raise ConfigError(
            f"random_slopes names {wrong[0]!r}; expected names or numbers of the {len(names)} features; "
            "correct it"
        )
    return [numbers[name] for name in wanted or ()]
