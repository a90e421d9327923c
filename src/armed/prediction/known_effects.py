"""What is known of the effects of clusters: their posterior if they were trained on, else their prior."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from armed.effects.classes import class_predictors
from armed.effects.linear_effects import LinearEffects
from armed.inference.blocks.classes import ClassesTerm
from armed.inference.blocks.layout import Slots
from armed.inference.blocks.terms import EffectsTerm
from armed.inference.em import expectation
from armed.inference.mixed_model import MixedModel, State
from armed.inference.posterior import NEWTON_STEPS
from armed.nn.gaussians import root_of
from armed.prediction.averages import VALUES, blocks
from armed.prediction.estimated_variances import estimated_from
from armed.tasks.base import Task


@dataclass(frozen=True, eq=False)
class KnownEffects:
    """``u_k ~ N(mean_k, root_k root_k')`` of units: ``mean`` (units, d), ``root`` (units, d, d).

    A unit has the effects of all clusters that its samples are of, behind one another (`known_effects`). With
    a root, a variance of 0 is one. ``new``: which of them are of new clusters, whose variances do not count
    as known but as estimates.
    """

    mean: Tensor
    root: Tensor
    new: Sequence[tuple[LinearEffects, slice]] = ()

    def predictor(self, offset: Tensor, design: Tensor, unit: Tensor) -> tuple[Tensor, Tensor]:
        """Mean (samples,) of each linear predictor, and ``s`` (samples, d) with the variance ``s . s``.

        Of classes (samples, classes), and ``s`` (samples, classes, effects) with the covariance ``s s'``.
        """
        size, parts = self.root.shape[-1], blocks(len(unit), max(1, VALUES // self.root[0].numel()))
        # phi' R R' phi = |R' phi|^2, some rows at a time, as each brings the root of its unit.
        if offset.ndim == 1:
            mean = offset + (design * self.mean[unit]).sum(-1)
            spread = [torch.einsum("id,ide->ie", design[i], self.root[unit[i]]) for i in parts]
            return mean, torch.cat(spread)
        classes = offset.shape[1]
        mean = offset + class_predictors(design, self.mean[unit], classes)
        by_class = self.root.view(-1, size // classes, classes, size)
        spread = [torch.einsum("id,idce->ice", design[i], by_class[unit[i]]) for i in parts]
        return mean, torch.cat(spread)

    def as_estimated(self) -> "KnownEffects":
        """Return them with roots in the units of draws, in which an estimate of 0 has some width, too."""
        root = self.root.clone()
        for effects, place in self.new:
            source, width = estimated_from(effects), len(effects.prior_root)
            for start in range(place.start, place.stop, width):
                at = slice(start, start + width)
                root[:, at, at] = source.root(root[:, at, at])
        return replace(self, root=root)

    def drawn(self, count: int, *, further: int = 0) -> Tensor:
        """Draws (count, d) of effects divided by roots, see `as_estimated`; the same ones of all units.

        Behind them ``further`` columns of standard normal draws, (count, d + further).
        Quasi-random points fill the space evenly: quantiles of a thousand are exact to a thousandth.
        """
        size = self.root.shape[-1]
        engine = torch.quasirandom.SobolEngine(2 * size + further, scramble=True, seed=0)  # type: ignore[no-untyped-call]
        points = engine.draw(count).to(self.root).clamp(1e-6, 1 - 1e-6)
        normal: Tensor = torch.special.ndtri(points)
        found, variance, others = normal.tensor_split([size, 2 * size], -1)
        for effects, place in self.new:
            width = len(effects.prior_root)
            # of each draw a row for every new cluster of a unit
            own = found[:, place].reshape(count, -1, width)
            # New clusters of a factor have one variance, which is known or not of all of them.
            same = variance[:, place][:, None, :width].expand_as(own)
            own = estimated_from(effects).effects(torch.cat([own, same], -1))
            found[:, place] = own.flatten(1)
        return torch.cat([found, others], -1)

    def given(
        self,
        task: Task,
        noise: Tensor,
        offset: Tensor,
        design: Tensor,
        y: Tensor,
        unit: Tensor,
    ) -> "KnownEffects":
        """Effects given labelled samples too: the E step of training, the network untouched.

        ``noise`` is the residual variance. Samples of other units tell nothing; a unit without any stays what
        it is.
        """
        (units, size), kind = self.mean.shape, offset.dtype
        eta, spread = self.predictor(offset, design, unit)
        # In v, u = m + R v, the prior is N(0, I).
        term = EffectsTerm(spread, unit, units)
        if offset.ndim > 1:
            term = ClassesTerm(design, unit, units, classes=offset.shape[1], root=self.root)
        model = MixedModel(task, y.to(kind), eta, torch.ones_like(unit, dtype=kind), [term])
        none, eye = eta.new_zeros(units, size), torch.eye(size, dtype=kind, device=eta.device)
        variance = term.variance(none.new_zeros(units, size, size))
        state = State([eye], none.new_zeros(0), noise.to(kind), [none], variance)
        found = expectation(model, state, steps=NEWTON_STEPS)
        # v ~ N(m, S) makes u ~ N(mean + R m, R S R')
        mean, root = found.means[0], torch.linalg.cholesky(found.covariances[0])
        return KnownEffects(self.mean + (self.root @ mean[..., None])[..., 0], self.root @ root)


def known_effects(
    effects: Sequence[LinearEffects],
    designs: Sequence[Tensor],
    clusters: Sequence[Tensor],
    unit: Tensor,
) -> tuple[Tensor, KnownEffects]:
    """Lay the effects of all clusters that the samples of a unit are of behind one another.

    Parameters
    ----------
    effects : sequence of LinearEffects
        Of each factor.
    designs : sequence of Tensor, shape (samples, d)
        What they multiply.
    clusters : sequence of Tensor, shape (samples,)
        Those of training by their numbers; beyond these new ones, which each unit has for itself.
    unit : Tensor, shape (samples,)
        Numbered from 0.

    Returns
    -------
    design : Tensor, shape (samples, D)
        What the effects of a unit multiply; 0 where a sample is not of their cluster.
    known : KnownEffects
    """
    wide: list[Tensor] = []
    means: list[Tensor] = []
    roots: list[Tensor] = []
    new: list[tuple[LinearEffects, slice]] = []
    units = int(unit.max()) + 1
    for own, design, index in zip(effects, designs, clusters, strict=True):
        # Those of training first, then new ones: each kind has places of its own in all units.
        for beyond in (False, True):
            at = ((index >= own.clusters) == beyond).nonzero()[:, 0]
            if not len(at):
                continue
            slots = _slots(unit[at], index[at], units)
            place = design.new_zeros(len(design), slots.count, design.shape[1])
            place[at, slots.index] = design[at]
            # A unit has as many places as the one of the most clusters; what is left over multiplies 0.
            wide.append(place.flatten(1))
            mean, root = (_new if beyond else _trained)(own, slots.met)
            start = sum(each.shape[1] for each in means)
            means.append(mean.flatten(1))
            roots += root.unbind(1)
            new += [(own, slice(start, start + means[-1].shape[1]))] if beyond else []
    return torch.cat(wide, 1), KnownEffects(torch.cat(means, 1), _block_diagonal(roots), new)


def _slots(unit: Tensor, index: Tensor, units: int) -> Slots:
    """Number the clusters that a unit's samples are of."""
    none = unit.new_zeros(len(unit), 1)
    inner, outer = (
        EffectsTerm(none, i, n) for i, n in ((unit, units), (index, int(index.max()) + 1))
    )
    return Slots.of(inner, outer)


def _new(effects: LinearEffects, met: Tensor) -> tuple[Tensor, Tensor]:
    """Prior of new clusters (units, clusters, ...)."""
    root = effects.prior_root.double()
    return root.new_zeros(*met.shape, len(root)), root.expand(*met.shape, -1, -1)


def _trained(effects: LinearEffects, met: Tensor) -> tuple[Tensor, Tensor]:
    """Posterior of clusters (units, clusters, ...) of training."""
    index = met.clamp_min(0)
    return effects.mean[index].double(), root_of(effects.covariance[index].double())


def _block_diagonal(parts: Sequence[Tensor]) -> Tensor:
    """Matrices (units, D, D) of some (units, d, d) each."""
    if len(parts) == 1:
        return parts[0]
    size, start = sum(part.shape[-1] for part in parts), 0
    whole = parts[0].new_zeros(len(parts[0]), size, size)
    for part in parts:
        end = start + part.shape[-1]
        whole[:, start:end, start:end] = part
        start = end
    return whole
