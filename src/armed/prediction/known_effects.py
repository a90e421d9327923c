"""What is known of the effects of a cluster that was not in training: their prior, or a posterior."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

import torch
from torch import Tensor

from armed.data.arrays import features
from armed.data.lazy_rows import read, rows_at_a_time
from armed.effects.classes import class_predictors
from armed.effects.linear_effects import LinearEffects
from armed.errors import ConfigError
from armed.inference.blocks.classes import effects_term
from armed.inference.em import expectation
from armed.inference.mixed_model import MixedModel, State
from armed.inference.posterior import NEWTON_STEPS
from armed.methods.base import Method
from armed.methods.mixed import MixedMethod
from armed.prediction.averages import VALUES, blocks
from armed.prediction.estimated_variances import EstimatedFrom, estimated_from
from armed.tasks.base import Task


@dataclass(frozen=True, eq=False)
class LinearPart:
    """Linear predictor ``offset + design . u`` of some samples, as a trained network gives it.

    ``offset`` (samples,): fixed effects, of classes (samples, classes); ``design`` (samples, d): what random
    effects multiply.
    """

    offset: Tensor
    design: Tensor


@dataclass(frozen=True, eq=False)
class KnownEffects:
    """``u_k ~ N(mean_k, root_k root_k')`` of clusters: ``mean`` (clusters, d), ``root`` (clusters, d, d).

    With a root, a variance of 0 is one. ``source``: what variances are estimates from, if they do not count
    as known.
    """

    mean: Tensor
    root: Tensor
    source: EstimatedFrom | None = None

    def predictor(self, part: LinearPart, index: Tensor) -> tuple[Tensor, Tensor]:
        """Mean (samples,) of each linear predictor, and ``s`` (samples, d) with the variance ``s . s``.

        Of classes (samples, classes), and ``s`` (samples, classes, effects) with the covariance ``s s'``.
        """
        if part.offset.ndim > 1:
            return self._of_classes(part, index)
        mean = part.offset + (part.design * self.mean[index]).sum(-1)
        # phi' R R' phi = |R' phi|^2, some rows at a time, as each brings the root of its cluster.
        spread = [
            torch.einsum("id,ide->ie", part.design[some], self.root[index[some]])
            for some in blocks(len(index), max(1, VALUES // self.root[0].numel()))
        ]
        return mean, torch.cat(spread)

    def as_estimated(self) -> "KnownEffects":
        """Return them with roots in the units of draws, in which an estimate of 0 has some width, too."""
        return self if self.source is None else replace(self, root=self.source.root(self.root))

    def drawn(self, count: int) -> Tensor:
        """Draws (count, d) of effects divided by roots, see `as_estimated`; the same ones of all clusters.

        Quasi-random points fill the space evenly: quantiles of a thousand are exact to a thousandth.
        """
        size = self.root.shape[-1]
        engine = torch.quasirandom.SobolEngine(2 * size, scramble=True, seed=0)  # type: ignore[no-untyped-call]
        points = engine.draw(count).to(self.root).clamp(1e-6, 1 - 1e-6)
        normal: Tensor = torch.special.ndtri(points)
        return normal[:, :size] if self.source is None else self.source.effects(normal)

    def _of_classes(self, part: LinearPart, index: Tensor) -> tuple[Tensor, Tensor]:
        classes, size = part.offset.shape[1], self.root.shape[-1]
        mean = part.offset + class_predictors(part.design, self.mean[index], classes)
        by_class = self.root.view(-1, size // classes, classes, size)
        spread = [
            torch.einsum("id,idce->ice", part.design[some], by_class[index[some]])
            for some in blocks(len(index), max(1, VALUES // self.root[0].numel()))
        ]
        return mean, torch.cat(spread)


def estimated_effects(method: Method) -> LinearEffects:
    """Return the effects of a method that say how clusters differ.

    Raises
    ------
    ConfigError
        If it has none.
    """
    if method.effects is None:
        raise ConfigError(
            f"{type(method).__name__} has no random effects of estimated variance; expected some, which say "
            "how a new cluster may differ; take Lmmnn, Menet, or Armed with LinearEffects"
        )
    return method.effects


@torch.no_grad()
def linear_part(method: Method, x: Any, further: Sequence[Tensor] = ()) -> LinearPart:
    """Linear predictor of samples, see `linear_parts`.

    ``further`` are clusters (samples,) of further factors, `armed.data.arrays.UNKNOWN` where there is no
    effect; default: of none.
    """
    design, *others, offset = linear_parts(method, x)
    effects = cast(MixedMethod, method).estimated[1:]
    for index, own, each in zip(further, others, effects, strict=False):
        mean = each.mean[index.to(each.mean.device).clamp_min(0)].to(offset)
        offset = offset + (own * mean).sum(1) * (index.to(offset.device) >= 0)
    return LinearPart(offset, design)


@torch.no_grad()
def linear_parts(method: Method, x: Any) -> list[Tensor]:
    """`MixedMethod.linear_parts` of samples, as many at a time as memory is meant for; in 64 bits."""
    estimated_effects(method)
    mixed, x, parts = cast(MixedMethod, method), features(x), []
    size = rows_at_a_time(x.shape[1:])
    for start in range(0, len(x), size):
        some = mixed.ready(read(x[start : start + size]))
        with mixed.predicting(some):
            parts.append(mixed.linear_parts(some))
    return [torch.cat(each).double() for each in zip(*parts, strict=True)]


def prior_effects(effects: LinearEffects, clusters: int) -> KnownEffects:
    """Effects of clusters of which there is no labelled sample."""
    root = effects.prior_root.double()
    none = root.new_zeros(clusters, len(root))
    return KnownEffects(none, root.expand(clusters, -1, -1), estimated_from(effects))


def posterior_effects(
    task: Task, effects: LinearEffects, part: LinearPart, y: Tensor, index: Tensor, clusters: int
) -> KnownEffects:
    """Effects of clusters given labelled samples: the E step of training, the network untouched.

    Parameters
    ----------
    part : LinearPart
        Of the labelled samples.
    y, index : Tensor, shape (samples,)
        Outcome and cluster of each. A cluster without any keeps the prior.
    clusters : int
    """
    kind = part.offset.dtype
    term = effects_term(part.design, index, clusters, outputs=effects.outputs)
    one = torch.ones_like(index, dtype=kind)
    model = MixedModel(task, y.to(kind), part.offset, one, [term])
    root, none = effects.prior_root.to(kind), part.design.new_zeros(clusters, term.size)
    variance = term.variance(none.new_zeros(clusters, term.size, term.size))
    state = State([root], none.new_zeros(0), effects.noise.to(kind)[0], [none], variance)
    found = expectation(model, state, steps=NEWTON_STEPS)
    # u = R v, of whose prior N(0, I) the posterior is N(m, S)
    mean, covariance = found.means[0], found.covariances[0]
    return KnownEffects(mean @ root.T, root @ torch.linalg.cholesky(covariance))
