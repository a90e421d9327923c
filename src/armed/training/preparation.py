"""What is checked and found out before training: samples against methods, settings and each other."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from numbers import Integral
from typing import Any, Literal

from torch import Tensor

from armed.data.arrays import as_weights, within
from armed.data.categories import same_names
from armed.data.lazy_rows import read
from armed.data.samples import Samples
from armed.errors import ConfigError, DataError
from armed.methods.base import Method
from armed.nn.measured import prepared
from armed.training.sample_order import stream


@dataclass(frozen=True)
class FitSettings:
    """How long and how fast.

    Parameters
    ----------
    epochs : int, at least 1
        Passes over the training samples, at most.
    batch_size : int, at least 1
        Samples in a minibatch.
    learning_rate : float, above 0
        Step size of the optimiser.
    optimizer : str
        Name of a class in torch.optim.
    class_weights : bool
        Whether both outcomes weigh the same in the loss.
    patience : int, at least 1, or None
        Epochs without improvement on the validation part after which a replica stops; null: never.
    precision : {"full", "mixed"}
        full, or mixed: on a GPU, networks trained alone compute in 16 bits where it does no harm.
    cross_fit : bool
        Whether variances come from samples that a network has not seen: two more learn half of them each.
    """

    epochs: int = 10
    batch_size: int = 32
    learning_rate: float = 1e-3
    optimizer: str = "Adam"
    class_weights: bool = False
    patience: int | None = None
    precision: Literal["full", "mixed"] = "full"
    cross_fit: bool = False


def prepare(
    methods: Sequence[Method],
    samples: Sequence[Samples],
    validation: Sequence[Samples] | None,
    *,
    seeds: Sequence[int],
    settings: FitSettings,
) -> tuple[list[Samples], list[Samples] | None]:
    """Check what `fit` is given and fill in open widths; samples as the methods take them."""
    _check_numbers(methods, samples, validation, seeds)
    _check_replicas(methods, samples, validation)
    _check_settings(settings, methods[0])
    for method, *given in zip(methods, samples, validation or samples, strict=True):
        for own in given:
            method.names = same_names(method.names, own.names)
    ready = _fitting(methods, samples)
    watched = None if validation is None else _fitting(methods, validation)
    for method, own, seed in zip(methods, ready, seeds, strict=True):
        _check_clusters(method, own)
        method.measure(read(own.x[:2]), seed=stream(seed, "widths"))
        _check_trainable(method)
        # Before training, too: what is scored for early stopping is to know nothing of such clusters.
        method.forget(~own.present(method.clusters))
    return ready, watched


def _check_trainable(method: Method) -> None:
    # One with an update in closed form is fitted around a network that stays.
    if not method.groups().get("model") and type(method).update is Method.update:
        raise ConfigError(
            f"{type(method).__name__} has no parameter to train in {type(method.whole()).__name__}; expected "
            "at least 1 that requires a gradient; unfreeze a part of the network, or give another"
        )


def _check_numbers(
    methods: Sequence[Method],
    samples: Sequence[Samples],
    validation: Sequence[Samples] | None,
    seeds: Sequence[int],
) -> None:
    for given in (methods, samples, validation or (), seeds):
        if isinstance(given, Samples) or not hasattr(given, "__len__"):
            raise ConfigError(
                f"fit was given a {type(given).__name__}; expected a list with one for each replica; write "
                "fit([method], [samples], seeds=[0], ...)"
            )
    for name, each in (("samples", samples), ("seeds", seeds), ("validation samples", validation)):
        if each is not None and (len(each) != len(methods) or not methods):
            raise ConfigError(
                f"fit was given {len(each)} {name} for {len(methods)} replicas; expected as many, at least "
                "1; give one of each for a replica"
            )


def _check_replicas(
    methods: Sequence[Method], samples: Sequence[Samples], validation: Sequence[Samples] | None
) -> None:
    for each in (*samples, *(validation or ())):
        if not isinstance(each, Samples):
            raise DataError(
                f"fit was given a {type(each).__name__}; expected Samples(x, y, z) of each replica; make them"
            )
    kinds = [(type(m).__name__, type(m.task).__name__, m.task.outputs, m.clusters) for m in methods]
    if len(set(kinds)) > 1:
        found = " and ".join(
            f"{m}({task} of {n}, {k} clusters)" for m, task, n, k in sorted({*kinds})[:2]
        )
        raise ConfigError(
            f"the replicas are {found}; expected one method, task and number of clusters; call fit for each"
        )
    owners: dict[int, int] = {}
    for number, method in enumerate(methods):
        for name, value in [*method.named_parameters(), *method.named_buffers()]:
            if owners.setdefault(id(value), number) != number:
                raise ConfigError(
                    f"replicas {owners[id(value)]} and {number} share the value {name!r}; expected "
                    "replicas with values of their own; make a network for each"
                )


def _check_settings(settings: FitSettings, method: Method) -> None:
    for name in ("epochs", "batch_size", "patience"):
        value = getattr(settings, name)
        open_ended = value is None and name == "patience"
        if not open_ended and not (isinstance(value, Integral) and int(value) >= 1):
            raise ConfigError(
                f"{name} is {value!r}; expected a whole number of at least 1; correct FitSettings.{name}"
            )
    rate = settings.learning_rate
    if not 0 < rate < math.inf:
        raise ConfigError(
            f"learning_rate is {rate}; expected a number above 0; correct FitSettings.learning_rate"
        )
    if settings.class_weights and not method.task.has_classes:
        raise ConfigError(
            f"class_weights is set and the task is {type(method.task).__name__}; expected an outcome "
            "of classes; set class_weights to False"
        )


def _fitting(methods: Sequence[Method], samples: Sequence[Samples]) -> list[Samples]:
    """Samples as their methods take them; what several replicas share stays shared."""
    made: dict[int, Samples] = {}
    for method, own in zip(methods, samples, strict=True):
        if id(own) not in made:
            made[id(own)] = _changed(
                own,
                x=_tokens(method, own.x),
                y=method.task.outcome(own.y),
                z=within(own.z, method.clusters),
            )
    # Replicas of a stack have clusters of one form.
    if any(own.z.is_floating_point() for own in made.values()):
        soft = {key: own.z for key, own in made.items()}
        clusters = methods[0].clusters
        made = {key: _changed(own, z=as_weights(soft[key], clusters)) for key, own in made.items()}
    return [made[id(own)] for own in samples]


def _tokens(method: Method, x: Any) -> Any:
    return prepared(method, x) if isinstance(x, Tensor) else x


def _changed(samples: Samples, **values: Any) -> Samples:
    """Return samples with other values, the same object if none is another."""
    same = all(value is getattr(samples, name) for name, value in values.items())
    return samples if same else replace(samples, **values)


def _check_clusters(method: Method, samples: Samples) -> None:
    name = type(method).__name__
    if samples.z.is_floating_point() and not method.soft_clusters:
        raise DataError(
            f"{name} was given weights over clusters, or samples without cluster; expected one cluster for "
            "each training sample; choose its likeliest, leave such samples out, or choose another method"
        )
    if method.batches == "per_cluster" and samples.present(method.clusters).sum() < 2:
        raise DataError(
            f"{name} was given training samples of one cluster; expected at least 2, to hold some back; "
            "choose another method"
        )
