"""The contract of every method."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from armed.adversaries.base import ClusterClassifier
from armed.data.factors import fitting
from armed.data.samples import Batch, to_predict
from armed.effects.base import ClusterEffect
from armed.effects.linear_effects import LinearEffects
from armed.losses import LossTerms, Term
from armed.nn.activations import as_module, call
from armed.nn.layers import Penalised
from armed.nn.measured import Measured
from armed.tasks.base import Task


@dataclass(frozen=True)
class ModelComponents:
    """What a method is given, ready made: it builds none of these itself.

    ``watch`` names the hidden layers of ``network`` that an adversary sees, ``last_hidden`` the one before
    its output layer (default: the last watched). ``adversary`` and ``random_effects``: see `Method.needs`.
    """

    network: nn.Module
    task: Task
    watch: tuple[str, ...]
    clusters: int
    adversary: ClusterClassifier | None = None
    random_effects: Sequence[ClusterEffect] = ()
    last_hidden: str | None = None


class Method(Measured, ABC):
    """A way of training one network on clustered data.

    A method names its parameter groups, gives the loss terms of each, and predicts; the loop that
    trains it is `armed.training.fit.fit`, the same for all. Everything it computes is a function of its
    parameters and of the minibatch, so that many replicas can be trained as one computation; one that
    does otherwise says ``stackable = False``.

    Parameters
    ----------
    components : ModelComponents
    settings : an object of the class's ``Settings``

    Attributes
    ----------
    Settings : type
        Frozen dataclass of what can be set.
    needs, takes : frozenset of str
        Which of ``adversary`` and ``random_effects`` it is to be given, and which it may be given.
    uses_clusters, soft_clusters : bool
        Whether its predictions depend on ``z``; whether it trains on weights over clusters.
    batches : str
        ``shuffled`` or ``per_cluster``, see `armed.training.sample_order`.
    """

    Settings: ClassVar[type[Any]]
    needs: ClassVar[frozenset[str]] = frozenset()
    takes: ClassVar[frozenset[str]] = frozenset()
    uses_clusters: ClassVar[bool] = False
    soft_clusters: ClassVar[bool] = True
    stackable: ClassVar[bool] = True
    batches: ClassVar[str] = "shuffled"

    def __init__(self, components: ModelComponents, settings: Any) -> None:
        super().__init__()
        self.network = as_module(components.network)
        self.task = components.task
        self.watch = components.watch
        self.clusters = components.clusters
        self.settings = settings
        self.term_names: dict[str, tuple[str, ...]] = {}
        self.updates = type(self).update is not Method.update  # whether an epoch ends with one

    @property
    def effects(self) -> LinearEffects | None:
        """Effects of the first cluster factor that are estimated; None if the method has none."""
        return None

    @classmethod
    def context_places(cls, settings: Any) -> tuple[str, ...]:
        """Where the network is to append the weights over clusters, its second argument: nowhere.

        ``input``: before its first dense layer; ``output``: before its output layer.
        """
        return ()

    @classmethod
    def context_width(cls, settings: Any, clusters: int) -> int:
        """Width of what it is given there: the weights over clusters."""
        return clusters

    def forget(self, absent: Tensor) -> None:
        """Let clusters (clusters,) of which there are no training samples have no effect."""

    def groups(self) -> dict[str, list[str]]:
        """Names of the parameters that each optimiser moves, in the order of their steps.

        Those of an adversary and of a task, where there are any, form the groups ``adversary`` and
        ``task``, all others ``model``; frozen ones (``requires_grad``) are in none.
        """
        names = [name for name, value in self.named_parameters() if value.requires_grad]
        apart = ("adversary.", "task.")
        groups = {p.rstrip("."): [name for name in names if name.startswith(p)] for p in apart}
        groups["model"] = [name for name in names if not name.startswith(apart)]
        return {name: members for name, members in groups.items() if members}

    def total_loss(
        self, group: str, penalised: tuple[str, ...], batch: Batch, outputs: Any
    ) -> tuple[Tensor, Tensor]:
        """Total of the loss terms of ``group`` and the terms themselves, (terms,); see `losses`.

        The penalties of the layers named in ``penalised`` are one of the terms, if there are any.
        """
        # A penalty belongs to whoever moves the layer; the other groups would only pay for it.
        penalties = [self.get_submodule(path).penalty() for path in penalised]  # type: ignore[operator]
        own = self.task.own_terms(batch) if group == "task" else self.losses(group, batch, outputs)
        terms = LossTerms(*own, *([Term("penalty", sum(penalties))] if penalties else []))
        self.term_names[group] = terms.names
        return terms.total, terms.values

    def penalised(self, group: str) -> tuple[str, ...]:
        """Names of the `armed.nn.layers.Penalised` layers of the network that ``group`` moves."""
        moved = self.groups()[group]
        return tuple(
            path
            for path, module in self.named_modules()
            if isinstance(module, Penalised) and any(n.startswith(f"{path}.") for n in moved)
        )

    def outputs(self, batch: Batch) -> Any:
        """What the losses of all groups are made of: tensors, computed once a minibatch; none by default."""
        return ()

    @abstractmethod
    def losses(self, group: str, batch: Batch, outputs: Any) -> LossTerms:
        """Loss terms that ``group`` minimises; only those of the last may differentiate ``outputs``."""

    def linear_predictor(self, x: Tensor, z: Tensor) -> dict[str, Tensor]:
        """Linear predictors ``fixed`` and, where there are cluster effects, ``mixed``.

        Each of shape (batch, outputs): what the link makes scores of, and what attribution is of,
        since it does not saturate. ``z`` holds cluster indices (batch,) or weights over clusters (batch,
        clusters): zeros for no effect, which makes ``mixed`` equal ``fixed``, others for a soft membership;
        for several factors see `armed.data.factors`. A method that runs its network more than once runs it
        for ``mixed`` last. Call it in evaluation mode. By default ``fixed`` only, the network's output.
        """
        return {"fixed": call(self.network, x)}

    def predict(self, x: Any, z: Any) -> dict[str, Tensor]:
        """Scores ``fixed`` and, where there are cluster effects, ``mixed``; see `linear_predictor`.

        ``x`` and ``z`` may be what `armed.data.samples.Samples` takes; a missing cluster of a further factor
        has no effect. It is computed in evaluation mode.
        """
        x, z = to_predict(x, z, self.names, self.further_names, self.further)
        x, z = self.ready(x), fitting(z, self.clusters, self.further)
        with self.predicting(x):
            return self.scores(x, z.to(x.device))

    def scores(self, x: Tensor, z: Tensor) -> dict[str, Tensor]:
        """As `predict`, of tensors that are known to be right."""
        return {name: self.task.score(eta) for name, eta in self.linear_predictor(x, z).items()}

    def draw(self, generator: torch.Generator, steps: int, batch_size: int) -> Tensor:
        """Random numbers for the steps of an epoch, shape (steps, ...); none by default."""
        return torch.zeros(steps, 0)

    def statistics(self, x: Tensor) -> tuple[Tensor, ...]:
        """Return what `update` needs of each training sample: tensors (samples, ...)."""
        return ()

    def update(
        self,
        statistics: tuple[Tensor, ...],
        y: Tensor,
        z: Tensor,
        weight: Tensor,
        held_out: tuple[Tensor, ...] | None = None,
        last: bool = False,
    ) -> dict[str, Tensor]:
        """Closed-form step after an epoch: new values of buffers by name.

        ``statistics``, ``y``, ``z`` and ``weight`` (samples, ...) are of all training samples, ``weight``
        that of the loss in training, 0 for padding. ``held_out``: see `armed.training.cross_fitting`;
        ``last``: whether training is over.
        """
        return {}

    def random_effects(self) -> dict[str, tuple[Tensor, Tensor]]:
        """Mean and sd of each cluster effect, each (clusters, size); empty where there is none."""
        return {}
