"""Effects in the linear predictors of the classes of an outcome, as a term of a mixed model."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import torch
from torch import Tensor

from armed.effects.classes import class_covariance, class_predictors
from armed.inference.blocks.products import GRAM_VALUES, summed_products
from armed.inference.blocks.terms import EffectsTerm


@dataclass(frozen=True, eq=False)
class ClassesTerm(EffectsTerm):
    r"""``design_i . u_{index_i, c}``: effects of their own in the linear predictor of each class ``c``.

    Effects of a cluster, ``d classes`` of them, lie by column of the design, then by class, and so do the
    numbers ``variance_of``. What a sample has is (samples, classes), its covariances (samples, classes,
    classes). Effects may be standardised: they are ``root`` times those that are given then, (d classes,
    d classes), or with a cluster's own root before.
    """

    classes: int = 2
    root: Tensor | None = None

    @property
    def size(self) -> int:
        """Effects of a cluster, ``d classes``."""
        return self.design.shape[-1] * self.classes

    def by_effect(self, values: Tensor) -> Tensor:
        """Values (d,) of columns of the design as those of effects."""
        return values.repeat_interleave(self.classes)

    def scaled(self, root: Tensor) -> EffectsTerm:
        """Return the term of effects ``v``, ``u = root v``."""
        term = replace(self, root=root if self.root is None else self.root @ root)
        vars(term).update(owner=self.owner, columns=self.columns)
        return term

    def predictor(self, effects: Tensor) -> Tensor:
        """Predictors (samples, classes) of effects (clusters, d classes)."""
        own = effects if self.root is None else (self.root @ effects[..., None])[..., 0]
        return class_predictors(self.design, own[self.index], self.classes)

    def variance(self, covariance: Tensor) -> Tensor:
        """Covariances of the predictors, (samples, classes, classes), of those of the effects."""
        covariance = covariance.to(self.design.dtype)
        if self.root is not None:
            covariance = self.root @ covariance @ self.root.mT
        step = max(1, GRAM_VALUES // self.size**2)
        parts = [
            class_covariance(
                self.design[at : at + step], covariance[self.index[at : at + step]], self.classes
            )
            for at in range(0, max(len(self.design), 1), step)
        ]
        return torch.cat(parts)

    def gather(self, values: Tensor) -> Tensor:
        """Sum ``values_ic design_i`` over the samples of a cluster, (clusters, d classes)."""
        each = self.columns @ values.view(-1, self.length, self.classes)
        total = self.by_cluster(each).flatten(1)
        return total if self.root is None else (self.root.mT @ total[..., None])[..., 0]

    def gram(self, weight: Tensor) -> Tensor:
        """Sum the products of the design with ``weight`` (samples, classes, classes) over a cluster."""
        each = [
            summed_products(
                self.columns * self.in_columns(one[:, None]),
                self.columns,
                self.owner,
                self.clusters,
            )
            for one in weight.flatten(1).T
        ]
        return self._by_class(each, self)

    def gram_with(self, other: "ClassesTerm", weight: Tensor, place: Tensor, count: int) -> Tensor:
        """Products with the effects of another term, summed over the samples of a place, (count, d, e)."""
        right = other.design[..., None]
        each = [
            summed_products((self.design * one[:, None])[..., None], right, place, count)
            for one in weight.flatten(1).T
        ]
        return self._by_class(each, other)

    def _by_class(self, each: Sequence[Tensor], other: "ClassesTerm") -> Tensor:
        """Products (k, d, e) of each pair of classes as those of effects, (k, d classes, e classes)."""
        classes, (count, d, e) = self.classes, each[0].shape
        # (c, m, k, j, l) to (k, j c, l m)
        whole = torch.stack(list(each)).view(classes, classes, count, d, e).permute(2, 3, 0, 4, 1)
        whole = whole.reshape(count, self.size, other.size)
        if self.root is not None and other.root is not None:
            whole = self.root.mT @ whole @ other.root
        return whole

    @cached_property
    def loadings(self) -> Tensor:
        """What each effect adds to each predictor, (samples, d classes, classes)."""
        eye = torch.eye(self.classes, dtype=self.design.dtype, device=self.design.device)
        whole = torch.einsum("id,cm->idcm", self.design, eye).flatten(1, 2)
        return whole if self.root is None else self.root.mT @ whole

    def times(self, matrix: Tensor) -> Tensor:
        """Products of matrices (samples, e, size) with the loadings, (samples, e, classes)."""
        return matrix @ self.loadings

    def times_own(self, covariance: Tensor) -> Tensor:
        """`times` of the matrices (clusters, size, size) of the samples' clusters."""
        return covariance[self.index] @ self.loadings

    # Phi_i (size, classes) are the loadings of a sample: Phi' S Phi is the covariance of its predictors.

    def within(self, values: Tensor) -> Tensor:
        """Products of the loadings with values (samples, size, classes), (samples, classes, classes)."""
        return self.loadings.mT @ values

    def curved(self, weight: Tensor, values: Tensor) -> Tensor:
        """Sum over the samples of loadings times weights times values, by effect, (size,)."""
        return (self.loadings @ weight * values).sum((0, 2))


def effects_term(
    design: Tensor, index: Tensor, clusters: int, *, outputs: int, **given: Any
) -> EffectsTerm:
    """Term of effects in one linear predictor, or in those of so many classes; for ``given`` see there."""
    if outputs == 1:
        return EffectsTerm(design, index, clusters, **given)
    return ClassesTerm(design, index, clusters, classes=outputs, **given)
