"""ARMED around a network alone: what is not said is found out."""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

from armed.adversaries.dense import Adversary
from armed.data.factors import first_factor, further_factor
from armed.data.lazy_rows import read
from armed.data.samples import Samples
from armed.effects.base import ClusterEffect
from armed.effects.classes import ClassEffects
from armed.effects.linear_effects import LinearEffects
from armed.errors import DataError
from armed.methods.armed import Armed, ArmedSettings
from armed.methods.base import ModelComponents
from armed.methods.conventional import Conventional, ConventionalSettings
from armed.nn.activations import as_module, uncompiled
from armed.nn.measured import last_hidden, named_failure, prepared
from armed.nn.modes import inspecting
from armed.tasks.base import Task
from armed.tasks.outcomes import BinaryTask, CategoricalTask, ContinuousTask

INITIAL_SD = 0.5
"""Where standard deviations of effects begin; estimates do not depend on it."""
ADVERSARY_WEIGHT = 0.1


def around(
    network: nn.Module,
    samples: Samples,
    *,
    clusters: int | None = None,
    watch: Sequence[str] | None = None,
    task: Task | None = None,
    random_effects: Sequence[ClusterEffect] | None = None,
    adversary_weight: float = ADVERSARY_WEIGHT,
    seed: int = 0,
) -> Armed:
    """Make the method ``Armed`` of a network and its training samples.

    Parameters
    ----------
    network : nn.Module
        Maps (batch, ...) to logits or means (batch, outputs). It is trained itself, and not copied.
    samples : Samples
    clusters : int, optional
        Number of clusters of the first factor. Default: as many as the samples show.
    watch : sequence of str, optional
        Layers that the adversary sees. Default: the one that runs last before the output layer.
    task : Task, optional
        Default: classes of a network of several outputs; of one output 0 and 1, else a continuous outcome.
    random_effects : sequence of ClusterEffect, optional
        Default: an intercept of each factor, its variance estimated.
    adversary_weight : float
        0 for none.
    seed : int
        Of values that are drawn while it is looked at.

    Raises
    ------
    ArmedError
        If the network does not run on the samples, or there are fewer than two clusters.
    """
    x = read(samples.x[:2])
    probe = Conventional(
        ModelComponents(as_module(network), BinaryTask(), (), 1), ConventionalSettings()
    )
    x = prepared(probe, x).to(next(network.parameters(), x).device)
    with inspecting(probe, seed), named_failure(probe, x, "run"), uncompiled(probe):
        outputs = probe.alone(x).shape[1]
    task = task or found_task(samples.y, outputs)
    watch = tuple(last_hidden(network, x) if watch is None else watch)
    counts = _clusters(samples, clusters)
    # A linear network has no features that could tell the cluster.
    weight = adversary_weight if watch else 0.0
    if random_effects is None:
        random_effects = [estimated_effects(name, n, task) for name, n in counts.items()]
    components = ModelComponents(
        network=network,
        task=task,
        watch=watch,
        clusters=next(iter(counts.values())),
        adversary=Adversary(hidden=(16,)) if weight else None,
        random_effects=random_effects,
    )
    return Armed(components, ArmedSettings(adversary_weight=weight))


def found_task(y: Tensor, outputs: int) -> Task:
    """Task of outcomes (samples,) and a network of so many outputs."""
    if outputs > 1:
        return CategoricalTask(outputs)
    values = torch.unique(y)
    if bool(((values == 0) | (values == 1)).all()):
        return BinaryTask()
    if len(values) == 2:
        one, other = values.tolist()
        raise DataError(
            f"y holds two values, {one:g} and {other:g}; expected 0 and 1 of two classes; code them so, or "
            "say task=ContinuousTask()"
        )
    return ContinuousTask()


def estimated_effects(
    factor: str, clusters: int, task: Task, columns: Sequence[int] = ()
) -> LinearEffects:
    """Random intercept of a factor, and slopes of some columns of the input."""
    # Slopes are independent of the intercept: lme4's (1 + x || factor).
    sds = {"intercept": INITIAL_SD} | ({"input": INITIAL_SD} if columns else {})
    some = list(columns) or None
    # Each class has an intercept of its own.
    if task.predictors > 1:
        return ClassEffects(
            clusters, initial_sd=sds, classes=task.predictors, factor=factor, columns=some
        )
    return LinearEffects(clusters, initial_sd=sds, factor=factor, columns=some)


def _clusters(samples: Samples, clusters: int | None) -> Mapping[str, int]:
    """Number of clusters by factor."""
    count = len(samples.further)
    z = first_factor(samples.z, count)
    shown = z.shape[1] if z.is_floating_point() else int(z.max()) + 1
    found = {"cluster": clusters or (len(samples.names) if samples.names else shown)}
    for number, (name, names) in enumerate(samples.further.items()):
        largest = int(further_factor(samples.z, number, count).max())
        found[name] = len(names) if names else largest + 1
    for name, size in found.items():
        if size < 2:
            raise DataError(
                f"factor {name!r} of z has {size} clusters; expected at least 2, which tell how clusters "
                "differ; correct the column"
            )
    return found
