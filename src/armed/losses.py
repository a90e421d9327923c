"""What a method minimises: named loss terms with their weights."""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Term:
    """One named part of a loss: a scalar tensor and the weight with which it enters the total."""

    name: str
    value: Tensor
    weight: float | Tensor = 1.0


class LossTerms:
    """The parts of a loss; ``total`` is their weighted sum."""

    def __init__(self, *terms: Term) -> None:
        self._terms = terms

    def __iter__(self) -> Iterator[Term]:
        return iter(self._terms)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the terms, in order."""
        return tuple(term.name for term in self._terms)

    @property
    def values(self) -> Tensor:
        """Unweighted values, shape (terms,)."""
        return torch.stack([term.value for term in self._terms])

    @property
    def total(self) -> Tensor:
        """Weighted sum, a scalar."""
        # A weight of 1 is left out: one operation less in every step.
        ones = [isinstance(t.weight, int | float) and t.weight == 1 for t in self._terms]
        parts = [
            t.value if one else t.value * t.weight for t, one in zip(self._terms, ones, strict=True)
        ]
        return sum(parts[1:], start=parts[0])


def batch_mean(values: Tensor, weight: Tensor, mask: Tensor) -> Tensor:
    """Mean of ``weight * values`` over the samples of a minibatch that are not padding.

    Parameters
    ----------
    values, weight, mask : Tensor, shape (batch,)
        ``mask`` is 1 for a sample and 0 for padding.
    """
    # Divided by the number of samples, not by the sum of weights: class weights have mean 1 over the
    # training samples, and a minibatch of a rare class is to count for more.
    return (values * weight * mask).sum() / mask.sum()
