"""What is checked and found out before training: samples against methods, settings and each other."""

from collections.abc import Sequence
from typing import Any

from torch import Tensor

from armed.data.arrays import as_weights
from armed.data.categories import same_names
from armed.data.factors import fitting
from armed.data.lazy_rows import read
from armed.data.samples import Samples
from armed.errors import ConfigError, DataError
from armed.methods.base import Method
from armed.nn.measured import prepared
from armed.training.optimizers import FitSettings, check_settings
from armed.training.sample_order import stream


def prepare(
    methods: Sequence[Method],
    samples: Sequence[Samples],
    validation: Sequence[Samples] | None,
    *,
    seeds: Sequence[int],
    settings: FitSettings,
) -> tuple[list[Samples], list[Samples] | None]:
    """Check what `fit` is given and fill in open widths; samples as the methods take them."""
    check_numbers(methods, samples, validation, seeds)
    _check_replicas(methods, samples, validation)
    check_settings(settings, methods[0])
    if settings.augmentation is not None:
        _check_images(samples)
    for method, *given in zip(methods, samples, validation or samples, strict=True):
        for own in given:
            method.names = same_names(method.names, own.names)
            own.check_factors(method.further)
            known, further = method.further_names, own.further
            method.further_names = {n: same_names(known.get(n), of) for n, of in further.items()}
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
    # Effects with an update in closed form are fitted around a network that stays.
    if not method.groups().get("model") and not method.random_effects():
        raise ConfigError(
            f"{type(method).__name__} has no parameter to train in {type(method.whole()).__name__}; expected "
            "at least 1 that requires a gradient; unfreeze a part of the network, or give another"
        )


def check_numbers(
    methods: Sequence[Method],
    samples: Sequence[Samples],
    validation: Sequence[Samples] | None,
    seeds: Sequence[int],
) -> None:
    """Check that there are as many of each, in lists."""
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
    sizes = [", ".join(map(str, (m.clusters, *m.further.values()))) for m in methods]
    kinds = [
        (type(m).__name__, type(m.task).__name__, m.task.outputs, k)
        for m, k in zip(methods, sizes, strict=True)
    ]
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


def _check_images(samples: Sequence[Samples]) -> None:
    for shape in (tuple(own.x.shape) for own in samples):
        if len(shape) != 4 or shape[2] != shape[3]:
            raise ConfigError(
                f"augmentation is set and samples have shape {shape}; expected square images (samples, "
                "channels, size, size); set augmentation to None"
            )


def _fitting(methods: Sequence[Method], samples: Sequence[Samples]) -> list[Samples]:
    """Samples as their methods take them; what several replicas share stays shared."""
    made: dict[int, Samples] = {}
    for method, own in zip(methods, samples, strict=True):
        if id(own) not in made:
            made[id(own)] = own.changed(
                x=_tokens(method, own.x),
                y=method.task.outcome(own.y),
                z=fitting(own.z, method.clusters, method.further),
            )
    # Replicas of a stack have clusters of one form.
    if any(own.z.is_floating_point() for own in made.values()):
        soft = {key: own.z for key, own in made.items()}
        clusters = methods[0].clusters
        made = {key: own.changed(z=as_weights(soft[key], clusters)) for key, own in made.items()}
    return [made[id(own)] for own in samples]


def _tokens(method: Method, x: Any) -> Any:
    return prepared(method, x) if isinstance(x, Tensor) else x


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
