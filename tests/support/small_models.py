"""Small clustered data, networks and methods for the tests of the library."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import torch
from torch import Tensor, nn

from armed import methods
from armed.adversaries.dense import Adversary
from armed.data.samples import Batch, Samples
from armed.effects.classes import ClassEffects
from armed.effects.intercept_slope import RandomIntercept, RandomSlope
from armed.effects.linear_effects import LinearEffects
from armed.methods.base import Method, ModelComponents
from armed.tasks.base import Task
from armed.tasks.outcomes import BinaryTask
from armed.training.batching import BatchLoader
from armed.training.fit import FitSettings, fit
from armed.training.sample_order import steps_per_epoch
from armed.training.steps import step_function

CLUSTERS = 4
FEATURES = 3
HIDDEN = (6, 5)
ACTIVATIONS = (nn.Tanh, nn.ReLU)
EFFECTS = MappingProxyType({"input": 0.2, "hidden": 0.3, "intercept": 0.5})  # prior s.d.
_PLAIN: Mapping[str, Any] = MappingProxyType({})


class Net(nn.Module):
    """Two hidden layers; `hidden` gives what a method is to watch, without hooks."""

    stackable = True

    def __init__(
        self, *, features=FEATURES, widths=HIDDEN, activations=ACTIVATIONS, outputs=1, context=0
    ) -> None:
        super().__init__()
        self.first = nn.Sequential(nn.Linear(features + context, widths[0]), activations[0]())
        self.second = nn.Sequential(nn.Linear(*widths), activations[1]())
        self.output = nn.Linear(widths[1], outputs)

    def hidden(self, x: Tensor) -> tuple[Tensor, Tensor]:
        first = self.first(x)
        return first, self.second(first)

    def forward(self, x: Tensor, context: Tensor | None = None) -> Tensor:
        x = x if context is None else torch.cat([x, context], dim=1)
        return self.output(self.hidden(x)[1])


def with_batch_norm(dropout: float = 0.0) -> Net:
    """Give a network whose replicas cannot be stacked."""
    torch.manual_seed(3)
    network = Net()
    layers = [nn.Linear(FEATURES, HIDDEN[0]), nn.BatchNorm1d(HIDDEN[0]), nn.Tanh()]
    network.first = nn.Sequential(*layers, nn.Dropout(dropout))
    return network


def clustered(
    count: int = 120, *, seed=0, clusters=CLUSTERS, continuous=False, intercept_sd=1.0
) -> Samples:
    """Draw samples of a mixed model with a random intercept and clusters of different size."""
    draw = torch.Generator().manual_seed(seed)
    share = torch.arange(1, clusters + 1) / sum(range(1, clusters + 1))
    z = torch.multinomial(share, count, replacement=True, generator=draw)
    z[:clusters] = torch.arange(clusters)
    x = torch.randn(count, FEATURES, generator=draw) + 0.3 * z[:, None]
    intercepts = intercept_sd * torch.randn(clusters, generator=draw)
    linear = x[:, 0] - 0.5 * x[:, 1] + intercepts[z]
    if continuous:
        return Samples(x, linear + 0.5 * torch.randn(count, generator=draw), z)
    y = (torch.rand(count, generator=draw) < torch.sigmoid(linear)).float()
    y[:2] = torch.tensor([0.0, 1.0])
    return Samples(x, y, z)


def make(
    name: str, *, seed=0, clusters=CLUSTERS, widths=HIDDEN, adversary=(4,), net: Mapping = _PLAIN,
    task: Task | None = None, network: nn.Module | None = None,
    effects: Mapping[str, float] = EFFECTS, estimated: bool = False, **settings: Any,
) -> Method:  # fmt: skip
    """Build a method around `Net`, made as `net` says, its initial values drawn from the seed.

    The random effects are `estimated`, or trained by gradients.
    """
    sizes = {"input": net.get("features", FEATURES), "hidden": widths[-1]}
    kind, task = methods.load(name), task or BinaryTask()
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        context = clusters if kind.context_places(kind.Settings()) else 0
        parts = ModelComponents(
            network=network or Net(widths=widths, outputs=task.outputs, context=context, **net),
            task=task,
            watch=("first", "second"),
            clusters=clusters,
            adversary=Adversary(sum(widths), clusters, hidden=adversary),
            random_effects=[_estimated(clusters, effects, task)]
            if estimated
            else [
                RandomSlope(clusters, sizes[on], prior_sd=sd, on=on)
                if on in sizes
                else RandomIntercept(clusters, prior_sd=sd)
                for on, sd in effects.items()
            ],
        )
        method = kind(parts, kind.Settings(**settings))
        method.measure(torch.zeros(2, sizes["input"]))
        return method


def _estimated(clusters: int, effects: Mapping[str, float], task: Task) -> LinearEffects:
    if task.predictors > 1:
        return ClassEffects(clusters, initial_sd=effects, classes=task.predictors)
    return LinearEffects(clusters, initial_sd=effects)


def loader(
    samples: Sequence[Samples],
    method: Method | None = None,
    *,
    seeds: Sequence[int],
    slots: Sequence[int] = (),
    batch_size: int = 32,
    steps: int | None = None,
    class_weights: bool = False,
    **more: Any,
) -> BatchLoader:
    """Give minibatches of replicas, by default of `conventional` and each replica in its own place."""
    return BatchLoader(
        samples, method or make("conventional"), seeds=seeds, slots=slots or range(len(samples)),
        batch_size=batch_size, class_weights=class_weights, device=torch.device("cpu"),
        steps=steps or steps_per_epoch(max(map(len, samples)), batch_size), **more,
    )  # fmt: skip


def minibatches(
    method: Method, samples: Samples, *, seed: int, settings: FitSettings
) -> list[list[Batch]]:
    """Minibatches that `fit` will take of a single replica, by epoch."""
    size, weighted = settings.batch_size, settings.class_weights
    supply = loader([samples], method, seeds=[seed], batch_size=size, class_weights=weighted)
    return [
        [Batch(*(part[0] for part in batch)) for batch in supply.epoch()]
        for _ in range(settings.epochs)
    ]


def unpadded(batch: Batch) -> Batch:
    real = batch.mask == 1
    return Batch(*(part[real] if len(part) else part for part in batch))


def assert_trains_plainly(
    method: Method,
    samples: Samples,
    loss: Callable[[nn.Module, Batch], Tensor],
    settings: FitSettings,
) -> None:
    """Check that `fit` moves a network as an ordinary loop does that descends ``loss``."""
    network = copy.deepcopy(method.network)
    kernels = [value for value in network.parameters() if value.ndim > 1]
    others = [value for value in network.parameters() if value.ndim == 1]
    groups = [
        {"params": kernels, "weight_decay": settings.weight_decay},
        {"params": others, "weight_decay": 0.0},
    ]
    moving = getattr(torch.optim, settings.optimizer)(groups, lr=settings.learning_rate)
    epochs = minibatches(method, samples, seed=7, settings=settings)
    rate = torch.optim.lr_scheduler.ConstantLR(moving, factor=1)
    if settings.schedule == "one_cycle":
        steps = sum(map(len, epochs))
        rate = torch.optim.lr_scheduler.OneCycleLR(
            moving, settings.learning_rate, total_steps=steps
        )
    for epoch in epochs:
        for batch in epoch:
            moving.zero_grad()
            loss(network, unpadded(batch)).backward()
            moving.step()
            rate.step()
    fit([method], [samples], settings=settings, seeds=[7], trace=False)
    for name, value in network.named_parameters():
        torch.testing.assert_close(method.network.get_parameter(name), value, rtol=0, atol=1e-5)


def gradients_of(ensemble, batches, *, trace=True) -> list[dict[str, list[Tensor]]]:
    """Gradients of each group on each minibatch, no parameter being moved."""
    found: list[dict[str, list[Tensor]]] = []

    def keep(group: str, gradients: Sequence[Tensor]) -> None:
        found[-1][group] = list(gradients)

    step = step_function(ensemble, batches[0], keep, trace=trace)
    for batch in batches:
        found.append({})
        step(batch)
    return found
