"""Effects in the linear predictors of the classes of an outcome, as a term of a mixed model."""

from dataclasses import dataclass, replace
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
    classes). Effects may be standardised: they are ``root`` times those that are given then.
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
        term = replace(self, root=root)
        vars(term).update(owner=self.owner, columns=self.columns)
        return term

    def predictor(self, effects: Tensor) -> Tensor:
        """Predictors (samples, classes) of effects (clusters, d classes)."""
        own = effects if self.root is None else effects @ self.root.T
        return class_predictors(self.design, own[self.index], self.classes)

    def variance(self, covariance: Tensor) -> Tensor:
        """Covariances of the predictors, (samples, classes, classes), of those of the effects."""
        covariance = covariance.to(self.design.dtype)
        if self.root is not None:
            covariance = self.root @ covariance @ self.root.T
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
        return total if self.root is None else total @ self.root

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
        # (c, m, k, j, l) to (k, j c, l m)
        classes, columns = self.classes, self.design.shape[-1]
        whole = torch.stack(each).view(classes, classes, self.clusters, columns, columns)
        whole = whole.permute(2, 3, 0, 4, 1).reshape(self.clusters, self.size, self.size)
        if self.root is not None:
            whole = self.root.T @ whole @ self.root
        return whole


def effects_term(
    design: Tensor, index: Tensor, clusters: int, *, outputs: int, **given: Any
) -> EffectsTerm:
    """Term of effects in one linear predictor, or in those of so many classes; for ``given`` see there."""
    if outputs == 1:
        return EffectsTerm(design, index, clusters, **given)
    return ClassesTerm(design, index, clusters, classes=outputs, **given)
