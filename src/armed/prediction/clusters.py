"""Clusters of samples that are to be predicted: those of training, and new ones, of each factor."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from armed.data.arrays import UNKNOWN, cluster_column, refuse, same_length
from armed.data.categories import Names, cluster_names, no_codes
from armed.data.factors import by_factor
from armed.data.samples import Samples
from armed.errors import DataError
from armed.methods.base import Method
from armed.prediction.linear_parts import estimated_effects

Columns = dict[str, tuple[Tensor, Names]]
"""Clusters (samples,) of a factor, and their categories, if any, by its name, the first one first."""


def columns_of(z: Any, count: int) -> Columns:
    """Columns of ``z`` as `armed.prediction.new_clusters.predict_new` takes it, of so many samples."""
    if z is None:
        return {"": (torch.zeros(count, dtype=torch.int64), None)}
    given = z if isinstance(z, Mapping) else {"": z}
    columns = {name: (cluster_column(each), cluster_names(each)) for name, each in given.items()}
    same_length(x=range(count), **{name or "z": index for name, (index, _) in columns.items()})
    return columns


def columns_of_samples(samples: Samples) -> Columns:
    """Columns of labelled samples."""
    names = {"": samples.names, **samples.further}
    columns = by_factor(samples.z, len(samples.further))
    return {name: (index, names[name]) for name, index in zip(names, columns, strict=True)}


def numbered(method: Method, columns: Columns, *, known: bool, what: str = "z") -> list[Tensor]:
    """Clusters (samples,) of each factor: new ones are numbered on from those of training.

    Parameters
    ----------
    columns : Columns
        A further factor that is not among them is not known.
    known : bool
        Whether they may be clusters of training, whose categories or numbers they have then; if not, they are
        new ones, counted from 0, of the first factor.
    what : str
        Name of the argument.

    Raises
    ------
    DataError
        If they are no clusters, or of factors that the method has not.
    """
    (first, *others), effects = columns, estimated_effects(method)
    wrong = [name for name in others if name not in method.further]
    if wrong or (others and not known):
        factors = ", ".join(map(repr, method.further)) or "none"
        raise DataError(
            f"{what} has a factor {(wrong or others)[0]!r} besides the first one in a model of the further "
            f"factors {factors}; expected some of these, z being a mapping with the first factor first; "
            "correct it"
        )
    trained = [method.names, *(method.further_names.get(name) for name in method.further)]
    found: list[Tensor] = []
    for name, of, own in zip([first, *method.further], trained, effects, strict=True):
        if name not in columns:
            found.append(torch.full_like(columns[first][0], UNKNOWN))
            continue
        index, names = columns[name]
        if index.is_floating_point():
            raise DataError(
                f"{what} holds weights over clusters; expected the number of one new cluster a sample; "
                "number new clusters from 0"
            )
        if not known:
            expected = "the number of a new cluster; leave the sample out, or number it"
            refuse(index, index < 0, what, expected)
        found.append(_by_name(index, names, of, own.clusters) if known else own.clusters + index)
    return found


def _by_name(index: Tensor, names: Names, trained: Names, clusters: int) -> Tensor:
    """Clusters by the numbers that their categories have in training, and beyond them."""
    if names is None:
        no_codes(trained)
    if names is None or trained is None:
        return index
    # New ones are apart whatever their order: their numbers are those of their own categories.
    place = {name: number for number, name in enumerate(trained)}
    table = [place.get(name, clusters + number) for number, name in enumerate(names)]
    # A missing one has the last number, -1.
    return torch.tensor([*table, UNKNOWN])[index]
