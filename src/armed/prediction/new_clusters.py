"""Scores of samples of new clusters, with or without labelled samples of these."""

from typing import Any

import torch
from torch import Tensor

from armed.data.arrays import cluster_column, refuse, same_length
from armed.data.categories import cluster_names, same_names
from armed.data.samples import Samples
from armed.errors import DataError
from armed.methods.base import Method
from armed.prediction.averages import score_over
from armed.prediction.known_effects import (
    KnownEffects,
    LinearPart,
    estimated_effects,
    linear_part,
    posterior_effects,
    prior_effects,
)


def predict_new(method: Method, x: Any, z: Any = None, *, support: Samples | None = None) -> Tensor:
    r"""Scores of samples whose cluster was not in training, ``E[link(f(x) + phi . (b + u))]``.

    The expectation is over what is known of the new cluster's effects ``u``: their prior ``N(0, D)``, which
    makes the *marginal* score, or their posterior given labelled samples of the cluster (*few-shot*). The
    network is not touched. For the score of the population, ``u = 0``, see `Method.predict`, ``fixed``.
    Effects of further cluster factors are 0.

    Parameters
    ----------
    method : Method
        Trained, with effects of estimated variance.
    x : array, shape (samples, ...)
    z : array, shape (samples,), optional
        Which new cluster a sample is of, counted from 0 apart from those of training; or categories.
        Default: all of one.
    support : Samples, optional
        Labelled samples of new clusters, their ``z`` counted as here. A cluster without any has the prior.

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
    >>> components = ModelComponents(torch.nn.Linear(3, 1), BinaryTask(), watch=(), clusters=5)
    >>> method = Lmmnn(components, Lmmnn.Settings())
    >>> predict_new(method, torch.zeros(2, 3)).shape
    torch.Size([2])
    """
    part, index, known = known_of(method, x, z, support)
    eta, spread = known.predictor(part, index)
    return score_over(method.task, eta, spread).to(torch.float32)


def known_of(
    method: Method, x: Any, z: Any, support: Samples | None
) -> tuple[LinearPart, Tensor, KnownEffects]:
    """Linear part and cluster of samples, and what is known of the effects of each new cluster."""
    effects, part = estimated_effects(method), linear_part(method, x)
    index = torch.zeros(len(part.offset), dtype=torch.int64)
    if z is not None:
        index = one_cluster(cluster_column(z), "z")
    same_length(x=part.offset, z=index)
    index = index.to(part.offset.device)
    if support is None:
        return part, index, prior_effects(effects, int(index.max()) + 1)
    # Codes number clusters: both must have the same categories, if they have any.
    same_names(support.names, cluster_names(z))
    own = one_cluster(support.z, "support.z").to(index.device)
    clusters = 1 + int(torch.cat([index, own]).max())
    y = method.task.outcome(support.y).to(index.device)
    given = linear_part(method, support.x)
    return part, index, posterior_effects(method.task, effects, given, y, own, clusters)


def one_cluster(z: Tensor, name: str) -> Tensor:
    """New cluster of each sample, one and known."""
    if z.is_floating_point():
        raise DataError(
            f"{name} holds weights over clusters; expected the number of one new cluster a sample; number "
            "new clusters from 0"
        )
    refuse(z, z < 0, name, "the number of a new cluster; leave the sample out, or number it")
    return z
