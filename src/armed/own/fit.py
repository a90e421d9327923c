"""Training of a network alone, of a method or of replicas of one: what is not said is found out."""

import math
from collections.abc import Sequence
from typing import Any

from torch import nn

from armed.data.samples import Samples
from armed.effects.base import ClusterEffect
from armed.errors import ConfigError
from armed.methods.base import Method
from armed.own.network import around
from armed.tasks.base import Task
from armed.training.fit import FitSettings, Fitted
from armed.training.fit import fit as fit_replicas
from armed.training.preparation import check_numbers

STEPS = 4000
"""Steps of the optimiser that a training of unset epochs has, about."""


def fit(
    network: nn.Module | Sequence[Method],
    samples: Samples | Sequence[Samples],
    *,
    settings: FitSettings | Sequence[FitSettings] | None = None,
    seeds: Sequence[int] = (0,),
    validation: Samples | Sequence[Samples] | None = None,
    clusters: int | None = None,
    watch: Sequence[str] | None = None,
    task: Task | None = None,
    random_effects: Sequence[ClusterEffect] | None = None,
    adversary_weight: float | None = None,
    **training: Any,
) -> Fitted:
    """Train a network with ARMED around it; or a method, or replicas of one, each on its own samples.

    Parameters
    ----------
    network : nn.Module, or sequence of Method
        A network to logits or means (batch, outputs) has `armed.own.network.around` put around it.
    samples, validation : Samples, or sequence of them
        One for each replica.
    settings : FitSettings, or a sequence of them, optional
        Default: `default_settings`.
    seeds : sequence of int
        One for each replica.
    clusters, watch, task, random_effects, adversary_weight : optional
        Of a network what is not to be found out, see `armed.own.network.around`.
    **training
        Whatever else `armed.training.fit.fit` takes, such as ``device``.

    Returns
    -------
    Fitted
        Its ``model`` is the trained method.

    Raises
    ------
    ArmedError
        As `armed.own.network.around` and `armed.training.fit.fit`.

    Examples
    --------
    >>> import torch
    >>> network = nn.Sequential(nn.Linear(3, 8), nn.ReLU(), nn.Linear(8, 1))
    >>> numbers = torch.arange(40)
    >>> samples = Samples(torch.randn(40, 3), numbers % 2, numbers % 4)
    >>> model = fit(network, samples, settings=FitSettings(epochs=2)).model
    >>> model.watch, model.clusters
    (('1',), 4)
    """
    given: dict[str, Any] = {
        "clusters": clusters,
        "watch": watch,
        "task": task,
        "random_effects": random_effects,
        "adversary_weight": adversary_weight,
    }
    given = {name: value for name, value in given.items() if value is not None}
    methods: Any = network
    if isinstance(network, nn.Module):
        methods, samples = [_method(network, samples, seeds, given)], [samples]  # type: ignore[list-item]
        validation = [validation] if isinstance(validation, Samples) else validation
        # Copies that make its bits those of a stack would cost many times its time.
        training = {"pad": False} | training
    elif given:
        raise ConfigError(
            f"fit was given {', '.join(given)} and a {type(network).__name__}; expected them of a network "
            "alone; write fit(network, Samples(x, y, z), ...)"
        )
    # Their kinds are checked here and in training, in words.
    lists: tuple[Any, Any, Any] = (methods, samples, validation)
    check_numbers(*lists, seeds)
    settings = settings or default_settings(methods, lists[1])
    training |= {"settings": settings, "seeds": seeds, "validation": validation}
    return fit_replicas(methods, lists[1], **training)


def _method(
    network: nn.Module, samples: object, seeds: Sequence[int], given: dict[str, Any]
) -> Method:
    if not isinstance(samples, Samples):
        raise ConfigError(
            f"fit was given one {type(network).__name__} and a {type(samples).__name__}; expected Samples(x, "
            "y, z), or lists of both; write fit(network, Samples(x, y, z))"
        )
    if not isinstance(network, Method):
        return around(network, samples, seed=seeds[0], **given)
    if given:
        raise ConfigError(
            f"fit was given {', '.join(given)} and the method {type(network).__name__}, which has its own; "
            "expected them of a network alone; leave them out"
        )
    return network


def length(
    samples: int, *, epochs: int | None = None, batch_size: int | None = None
) -> tuple[int, int]:
    """Epochs and size of minibatches: the more epochs, the fewer samples there are.

    A few hundred samples have minibatches of 32 and 60 epochs, 100,000 of 256 and 12.
    """
    # Larger minibatches where there are many samples: a step costs little more.
    if batch_size is None:
        batch_size = min(max(samples // 200, 32), 256)
    # About as many steps for all sizes, but no sample is seen too seldom or too often.
    if epochs is None:
        epochs = min(max(round(STEPS / math.ceil(samples / batch_size)), 12), 60)
    return epochs, batch_size


def default_settings(methods: Sequence[Method], samples: Sequence[Samples]) -> FitSettings:
    """AdamW on a one-cycle schedule, variances of one linear predictor cross-fitted; see `length`."""
    epochs, size = length(max(map(len, samples)))
    return FitSettings(
        epochs=epochs,
        batch_size=size,
        optimizer="AdamW",
        weight_decay=0.01,
        schedule="one_cycle",
        cross_fit=methods[0].task.predictors == 1,
    )
