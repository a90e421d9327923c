"""Training samples of a replica, and a minibatch of them."""

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import torch
from torch import Tensor

from armed.data.arrays import (
    cluster_column,
    features,
    outcomes,
    same_length,
    same_rows,
    weights_of,
)
from armed.data.categories import Names, cluster_names, no_codes, same_names
from armed.data.factors import first_factor, further_factor, joined, same_factors
from armed.data.lazy_rows import LazyRows, read
from armed.errors import DataError


@dataclass(frozen=True, eq=False)
class Samples:
    """Training samples of one replica: ``x`` (samples, ...), ``y`` and ``z`` (samples,).

    Tensors, NumPy arrays, pandas columns or lists, converted to tensors here. ``z`` holds cluster
    indices, or weights over clusters (samples, clusters); pandas categories are numbered by their codes,
    and a missing one is a sample without cluster: it has no effect of a cluster and trains none. What is
    predicted later is to have the same categories; ``names`` holds them.
    Of several cluster factors ``z`` is a mapping of their names to such columns: the first is the one that
    samples are of; the ``further`` ones are those of estimated effects (`armed.effects.linear_effects`), and
    ``further`` holds their categories by name. See `armed.data.factors` for what ``z`` becomes.
    ``weight`` (samples,), above 0: how much each counts in the losses of its outcome, divided by their mean
    here. Random effects count a sample once, whatever its weight.
    Replicas that share a fold share one object, and its memory. ``x`` may be rows of an array on disk,
    which nobody looks at before they are trained on.

    Raises
    ------
    DataError
        If an argument does not hold finite numbers, ``z`` is no cluster, or their lengths differ.
    """

    x: Tensor | LazyRows | Any
    y: Tensor | Any
    z: Tensor | Any
    weight: Tensor | Any = None
    names: Names = field(init=False)
    further: Mapping[str, Names] = field(init=False)

    def __post_init__(self) -> None:
        same_rows(x=self.x, y=self.y, **_columns(self.z))
        names = {name: cluster_names(column) for name, column in _columns(self.z).items()}
        first, *further = names
        object.__setattr__(self, "names", names[first])
        object.__setattr__(self, "further", {name: names[name] for name in further})
        for name, convert in (("x", features), ("y", outcomes), ("z", clusters_of)):
            made: Any = convert(getattr(self, name))
            # Nobody asks for a gradient in what is trained on.
            if isinstance(made, Tensor) and made.requires_grad:
                made = made.detach()
            object.__setattr__(self, name, made)
        same_length(x=self.x, y=self.y, z=self.z)
        if len(self.x) == 0:
            raise DataError("there are 0 training samples; expected at least 1; check the split")
        if self.weight is not None:
            object.__setattr__(self, "weight", weights_of(self.weight, len(self)))

    def __len__(self) -> int:
        return len(self.y)

    def rows(self, at: Tensor) -> "Samples":
        """Some of them, as they are."""
        parts = {name: getattr(self, name) for name in ("x", "y", "z", "weight")}
        return self.changed(**{name: part[at] for name, part in parts.items() if part is not None})

    def changed(self, **values: Tensor | LazyRows) -> "Samples":
        """Return them with other values, which are not checked again; the same object if none is another."""
        if all(value is getattr(self, name) for name, value in values.items()):
            return self
        made = copy.copy(self)
        # A frozen dataclass has no other way in.
        vars(made).update(values)
        return made

    def class_weights(self) -> Tensor:
        """``n / (classes * n_class)`` for each sample, from these samples."""
        # Their mean over the samples is 1, so the loss stays in its units.
        _, inverse, counts = torch.unique(self.y, return_inverse=True, return_counts=True)
        weights: Tensor = (len(self.y) / (len(counts) * counts.float()))[inverse]
        return weights

    def loss_weights(self, class_weights: bool) -> Tensor:
        """Weight of each sample in the loss of its outcome, (samples,), that of its class too if asked."""
        weight = torch.ones(len(self)) if self.weight is None else self.weight
        return weight * self.class_weights() if class_weights else weight

    def kl_scale(self) -> Tensor:
        """``n / n_z`` for each sample, see `Batch`; of weights ``n w_k / n_k``, (samples, clusters)."""
        # A sample is in a minibatch with probability B / n, so that E[1/B sum_i (n / n_z(i)) KL_z(i)]
        # = sum_i KL_z(i) / n_z(i) = sum_k KL_k: the cost of a step does not grow with the clusters. Of
        # weights, n_k is their sum, and a sample has its share of each cluster.
        z = first_factor(self.z, len(self.further))
        if z.is_floating_point():
            total = z.sum(0)
            return len(z) * z / torch.where(total > 0, total, 1)
        counts = torch.bincount(z).float()
        return len(z) / counts[z]

    def present(self, clusters: int) -> Tensor:
        """Whether any sample is of a cluster of the first factor, at least in part, (clusters,)."""
        z = first_factor(self.z, len(self.further))
        if z.is_floating_point():
            return (z > 0).any(0)
        return torch.bincount(z, minlength=clusters) > 0

    def check_factors(self, further: Mapping[str, int]) -> None:
        """Check that they have clusters of all further factors of a model; `DataError` if not."""
        same_factors([*self.further], further)
        for number, factor in enumerate(further):
            if not bool((further_factor(self.z, number, len(further)) >= 0).any()):
                raise DataError(
                    f"no sample has a cluster of factor {factor!r}; expected some, which tell its effects; "
                    "fill the column, or leave the effects out"
                )


def _columns(z: Any) -> Mapping[str, Any]:
    """Columns of ``z`` by factor, as they were given."""
    if not isinstance(z, Mapping):
        return {"z": z}
    if not z:
        raise DataError("z has 0 cluster factors; expected at least 1; give a column of clusters")
    return z


def clusters_of(z: Any) -> Tensor:
    """Clusters of each factor, see `armed.data.factors`."""
    made = {name: cluster_column(column) for name, column in _columns(z).items()}
    same_length(**made)
    (_, first), *further = made.items()
    for name, column in further:
        if column.is_floating_point():
            raise DataError(
                f"factor {name!r} holds weights over clusters; expected one cluster a sample, as only the "
                "first factor has weights; choose the likeliest"
            )
    return joined(first, [column for _, column in further])


def to_predict(
    x: Any, z: Any, names: Names, further_names: Mapping[str, Names], further: Mapping[str, int]
) -> tuple[Tensor, Tensor]:
    """Return ``x`` and ``z`` as tensors, checked as in `Samples`.

    ``names`` and ``further_names`` are the clusters trained on, ``further`` the further factors.
    """
    columns = _columns(z)
    same_rows(x=x, **columns)
    values, clusters = read(features(x)), clusters_of(z)
    same_length(x=values, z=clusters)
    first, *others = columns
    same_factors(others, further)
    for factor, column in columns.items():
        given, known = (
            cluster_names(column),
            names if factor == first else further_names.get(factor),
        )
        same_names(known, given)
        if given is None and not (factor == first and clusters.is_floating_point()):
            no_codes(known)
    return values, clusters


class Batch(NamedTuple):
    """One minibatch of one replica.

    ``x`` (batch, ...); ``y``, ``z`` (batch,), or weights ``z`` (batch, clusters); ``mask`` 1 for a sample
    and 0 for padding; ``weight`` of its outcome loss (class weight); ``kl_scale``: training samples /
    samples of its cluster, so that the mean over a minibatch of ``kl_scale * KL_z`` has the full sum over
    clusters as its expectation; ``noise``: what `Method.draw` drew for this step; ``changed``: 1 for an
    image that augmentation has changed.
    """

    x: Tensor
    y: Tensor
    z: Tensor
    mask: Tensor
    weight: Tensor
    kl_scale: Tensor
    noise: Tensor
    changed: Tensor
