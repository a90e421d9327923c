"""What is checked and found out before training: samples against methods, settings and each other."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from torch import Tensor

from armed.data.arrays import as_weights, within
from armed.data.lazy_rows import read
from armed.data.samples import Samples
from armed.errors import ConfigError, DataError
from armed.methods.base import Method
from armed.nn.measured import prepared


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
        Epochs without improvement on the validation part after which a replica stops; null trains all
        epochs.
    precision : {"full", "mixed"}
        full, or mixed: on a GPU, networks that are trained one at a time compute in 16 bits where it
        does no harm; without one as full.
    """

    epochs: int = 10
    batch_size: int = 32
    learning_rate: float = 1e-3
    optimizer: str = "Adam"
    class_weights: bool = False
    patience: int | None = None
    precision: Literal["full", "mixed"] = "full"


def prepare(
    methods: Sequence[Method],
    samples: Sequence[Samples],
    validation: Sequence[Samples] | None,
    *,
    seeds: Sequence[int],
    settings: FitSettings,
) -> tuple[list[Samples], list[Samples] | None]:
    """Check everything that `fit` is given; fill in widths that were left open.

    Returns
    -------
    Training and validation samples, as the methods take them.
    """
    _check_numbers(methods, samples, validation, seeds, settings)
    ready = _fitting(methods, samples)
    watched = None if validation is None else _fitting(methods, validation)
    for method, own, seed in zip(methods, ready, seeds, strict=True):
        _check_clusters(method, own)
        method.measure(read(own.x[:2]), seed=stream(seed, "widths"))
        # Before training, too: what is scored for early stopping is to know nothing of such clusters.
        method.forget(~own.present(method.clusters))
    return ready, watched


def stream(seed: int, purpose: str) -> int:
    """Return the seed of a stream of random numbers that is independent of that of the sample order."""
    digest = hashlib.blake2b(f"{seed} {purpose}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1


def _check_numbers(
    methods: Sequence[Method],
    samples: Sequence[Samples],
    validation: Sequence[Samples] | None,
    seeds: Sequence[int],
    settings: FitSettings,
) -> None:
    if len(samples) != len(methods) or not methods:
        raise ConfigError(
            f"there are samples for {len(samples)} replicas and {len(methods)} methods; expected as "
            "many; give one of each for a replica"
        )
    if len(seeds) != len(samples):
        raise ConfigError(
            f"there are {len(seeds)} seeds for the samples of {len(samples)} replicas; expected as "
            "many; give one of each for a replica"
        )
    if validation is not None and len(validation) != len(methods):
        raise ConfigError(
            f"there are validation samples for {len(validation)} of {len(methods)} replicas; expected "
            "them for each; give them"
        )
    for each in (*samples, *(validation or ())):
        if not isinstance(each, Samples):
            raise DataError(
                f"fit was given a {type(each).__name__}; expected Samples(x, y, z) of each replica; make them"
            )
    if settings.class_weights and not methods[0].task.has_classes:
        raise ConfigError(
            f"class_weights is set and the task is {type(methods[0].task).__name__}; expected an outcome "
            "of classes; set class_weights to False"
        )
    owners: dict[int, int] = {}
    for number, method in enumerate(methods):
        for name, value in method.named_parameters():
            if owners.setdefault(id(value), number) != number:
                raise ConfigError(
                    f"replicas {owners[id(value)]} and {number} share the parameter {name!r}; expected "
                    "replicas with parameters of their own; make a network for each"
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
