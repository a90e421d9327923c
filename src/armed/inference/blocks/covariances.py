"""Posterior covariances of effects, from the solved arrow of a mixed model."""

from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from armed.inference.blocks.classes import ClassesTerm
from armed.inference.blocks.layout import Layout
from armed.inference.blocks.terms import EffectsTerm


@dataclass(frozen=True, eq=False)
class Solved:
    """Newton step by term, and what covariances are made of: roots of ``A`` and the Schur complement.

    ``inner_inverse`` is ``inv(A)``, ``across`` (clusters, d, width) ``inv(A) B`` in each cluster's columns.
    """

    layout: Layout
    step: list[Tensor]
    inner_root: Tensor
    inner_inverse: Tensor
    across: Tensor
    schur: Tensor
    root: Tensor

    @cached_property
    def _kept(self) -> tuple[Tensor, Tensor, Tensor]:
        """Covariances of the inner term (clusters, d, d), with the common part, and of that."""
        inner, kept = self.inner_inverse, self.layout.kept
        if not kept:
            return inner, torch.zeros_like(self.across), self.schur[:0, :0]
        common = torch.cholesky_inverse(torch.linalg.cholesky(self.schur[:kept, :kept]))
        # The inverse of the arrow: Cov(inner, common) = -inv(A) B common, and
        # Cov(inner) = inv(A) + inv(A) B common B' inv(A).
        between = -self.across @ self.layout.gathered(common)
        return inner - between @ self.across.transpose(1, 2), between, common

    def covariances(self) -> list[Tensor]:
        """Covariance of each cluster's effects by term, (clusters, d, d); 0 of fixed effects held."""
        inner, _, common = self._kept
        found = [inner]
        for number, term in enumerate(self.layout.outer):
            if self.layout.places[number].stop > self.layout.kept:
                found.append(inner.new_zeros(term.clusters, term.size, term.size))
                continue
            own = self.layout.blocks(common, number, number)
            found.append(own.diagonal(dim1=0, dim2=1).permute(2, 0, 1))
        return found

    def with_predictor(self) -> list[Tensor]:
        """``Cov(u_{index_i}, eta_i)`` by term, (samples, d): its product with the design is a variance.

        Of classes (samples, d classes, classes).
        """
        layout, first = self.layout, self.layout.inner
        inner, between, common = self._kept
        kept = [n for n, place in enumerate(layout.places) if place.stop <= layout.kept]
        own, start = first.times_own(inner), 0
        found = [torch.zeros_like(term.design) for term in layout.outer]
        for one in kept:
            term, slots = layout.outer[one], layout.slots[one]
            part = between[..., start : start + slots.count * term.size]
            part = part.reshape(first.clusters, first.size, slots.count, term.size)
            if self._is_common(term):
                met = part[:, :, 0][first.owner]
                own = own + (met @ first.in_columns(term.design)).mT.flatten(0, 1)
                found[one] = found[one] + (met.mT @ first.columns).mT.flatten(0, 1)
            else:
                met = part.transpose(1, 2)[first.index, slots.index]
                own = own + term.times(met)
                found[one] = first.times(met.transpose(1, 2))
            start += slots.count * term.size
            for other in kept:
                blocks, right = layout.blocks(common, one, other), layout.outer[other]
                if self._is_common(term) and self._is_common(right):  # one matrix for all samples
                    found[one] = found[one] + right.design @ blocks[0, 0].T
                else:
                    at = blocks[term.index, right.index]
                    found[one] = found[one] + right.times(at)
        return [own, *found]

    @staticmethod
    def _is_common(term: EffectsTerm) -> bool:
        """Whether all samples share the effects, which have one linear predictor."""
        return term.clusters == 1 and not isinstance(term, ClassesTerm)

    def variance(self) -> Tensor:
        """``phi_i' S phi_i``: variance of the linear predictor of each sample, (samples,)."""
        if not self.layout.outer:
            return self.layout.inner.variance(self.inner_inverse)
        terms = (self.layout.inner, *self.layout.outer)
        parts = zip(terms, self.with_predictor(), strict=True)
        return torch.stack([term.within(each) for term, each in parts]).sum(0)

    def log_determinant(self) -> Tensor:
        """Log-determinant of the precision of all effects that are integrated over."""
        kept = self.schur[: self.layout.kept, : self.layout.kept]
        inner = 2 * self.inner_root.diagonal(dim1=-2, dim2=-1).log().sum()
        return inner + torch.linalg.slogdet(kept)[1] if len(kept) else inner

    def fixed_covariance(self) -> Tensor:
        """Covariance of the fixed effects, (p, p), the random ones integrated out."""
        at = self.layout.places[-1]
        return torch.cholesky_inverse(self.root)[at, at]
