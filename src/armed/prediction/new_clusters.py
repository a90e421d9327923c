"""Scores of samples of new clusters, with or without labelled samples of these."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from armed.data.categories import same_names
from armed.data.samples import Samples
from armed.effects.linear_effects import LinearEffects
from armed.methods.base import Method
from armed.prediction.averages import score_over
from armed.prediction.clusters import Columns, columns_of, columns_of_samples, numbered
from armed.prediction.known_effects import KnownEffects, known_effects
from armed.prediction.linear_parts import LinearPart, estimated_effects, linear_part
from armed.tasks.base import Task


@dataclass(frozen=True, eq=False)
class Clustered:
    """Samples: their linear part, their clusters (samples,) of each factor, and outcomes if they have any.

    Clusters have the numbers of training, new ones those beyond; -1 is not known.
    """

    part: LinearPart
    clusters: Sequence[Tensor]
    y: Tensor | None = None

    def followed_by(self, other: "Clustered | None") -> "Clustered":
        """These samples with others behind them."""
        if other is None:
            return self
        offset = torch.cat([self.part.offset, other.part.offset])
        designs, clusters = (
            [torch.cat(pair) for pair in zip(one, two, strict=True)]
            for one, two in (
                (self.part.designs, other.part.designs),
                (self.clusters, other.clusters),
            )
        )
        return Clustered(LinearPart(offset, designs), clusters)


@dataclass(frozen=True, eq=False)
class Predicted:
    """Mean ``eta`` and ``spread`` of linear predictors, see `KnownEffects.predictor`, and each sample's unit.

    Samples of one cluster of the first factor are a unit; units are numbered in the order of the clusters.
    """

    eta: Tensor
    spread: Tensor
    unit: Tensor
    known: KnownEffects


def predict_new(method: Method, x: Any, z: Any = None, *, support: Samples | None = None) -> Tensor:
    r"""Scores of samples whose cluster was not in training, ``E[link(f(x) + phi . (b + u))]``.

    The expectation is over what is known of the new cluster's effects ``u``: their prior ``N(0, D)``, which
    makes the *marginal* score, or their posterior given labelled samples of the cluster (*few-shot*). The
    network is not touched. For the score of the population, ``u = 0``, see `Method.predict`, ``fixed``.

    Of several factors the effects of a cluster that was in training have their posterior, those of any other
    their prior, and labelled samples tell of both.

    Parameters
    ----------
    method : Method
        Trained, with effects of estimated variance.
    x : array, shape (samples, ...)
    z : array, shape (samples,), or mapping of factors to such, optional
        Which new cluster of the first factor a sample is of, counted from 0 apart from those of training; or
        categories. Default: all of one. A mapping, the first factor first, has clusters of training by their
        numbers or categories, and new ones by numbers beyond or other categories. A cluster that is missing,
        or of a factor that is not given, is a new one, which the samples of a cluster of the first
        factor share.
    support : Samples, optional
        Labelled samples, their ``z`` as here. They tell of samples of the same cluster of the first factor.

    Returns
    -------
    Tensor, shape (samples,); of classes (samples, classes)

    Raises
    ------
    ConfigError
        If the method has no effects of estimated variance.
    DataError
        If samples, clusters or outcomes are none.

    Examples
    --------
    >>> from armed import BinaryTask, Lmmnn, ModelComponents
    >>> components = ModelComponents(torch.nn.Linear(3, 1), BinaryTask(), watch=(), clusters=5)
    >>> method = Lmmnn(components, Lmmnn.Settings())
    >>> predict_new(method, torch.zeros(2, 3)).shape
    torch.Size([2])
    """
    found = predicted_new(method, x, z, support)
    return score_over(method.task, found.eta, found.spread).to(torch.float32)


def predicted_new(
    method: Method, x: Any, z: Any, support: Samples | None = None, *, estimated: bool = False
) -> Predicted:
    """What is known of samples that are given as in `predict_new`; ``estimated`` as in `predicted`."""
    part, known = linear_part(method, x), isinstance(z, Mapping)
    columns = columns_of(z, len(part.offset))
    samples = Clustered(part, numbered(method, columns, known=known))
    labelled = None
    if support is not None:
        labelled = labelled_samples(method, support, columns, known=known, what="support.z")
    effects = estimated_effects(method)
    return predicted(method.task, effects, samples, labelled, estimated=estimated)


def labelled_samples(
    method: Method, given: Samples, like: Columns, *, known: bool, what: str
) -> Clustered:
    """Labelled samples whose clusters are those of samples with the columns ``like``; see `numbered`."""
    columns = columns_of_samples(given)
    first = next(iter(like))
    columns = {name or first: column for name, column in columns.items()}
    # Codes number clusters: both must have the same categories, if they have any.
    for name in columns.keys() & like.keys():
        same_names(columns[name][1], like[name][1])
    clusters = numbered(method, columns, known=known, what=what)
    return Clustered(linear_part(method, given.x), clusters, method.task.outcome(given.y))


def predicted(
    task: Task,
    effects: Sequence[LinearEffects],
    samples: Clustered,
    labelled: Clustered | None = None,
    *,
    estimated: bool = False,
) -> Predicted:
    """Linear predictors of samples, of what training and labelled samples tell of their effects.

    ``estimated``: whether variances of new clusters count as estimates, see `KnownEffects.as_estimated`.
    """
    whole, count = samples.followed_by(labelled), len(samples.part.offset)
    offset, device = whole.part.offset, whole.part.offset.device
    clusters = [
        _filled(index.to(device), own.clusters)
        for index, own in zip(whole.clusters, effects, strict=True)
    ]
    # Samples of one unit are of clusters in common, and labelled ones tell of the others there.
    unit = torch.unique(clusters[0], return_inverse=True)[1]
    design, known = known_effects(effects, whole.part.designs, clusters, unit)
    if labelled is not None and labelled.y is not None:
        own = offset[count:], design[count:], labelled.y.to(device), unit[count:]
        known = known.given(task, effects[0].noise[0], *own)
    unit, known = unit[:count], known.as_estimated() if estimated else known
    return Predicted(*known.predictor(offset[:count], design[:count], unit), unit, known)


def _filled(index: Tensor, clusters: int) -> Tensor:
    """Clusters (samples,); where one is not known, one beyond all others, which each unit has for itself."""
    # Whether it is new is all that its number says.
    beyond = max(clusters, int(index.max()) + 1)
    return torch.where(index < 0, beyond, index)
