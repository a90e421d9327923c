"""Linear predictors of samples as a trained network gives them, without the effects of clusters."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import torch
from torch import Tensor

from armed.data.arrays import features
from armed.data.lazy_rows import read, rows_at_a_time
from armed.effects.linear_effects import LinearEffects
from armed.errors import ConfigError
from armed.methods.base import Method
from armed.methods.mixed import MixedMethod


@dataclass(frozen=True, eq=False)
class LinearPart:
    """Linear predictor ``offset + sum_t design_t . u_t`` of some samples.

    ``offset`` (samples,): fixed effects, of classes (samples, classes); ``designs`` (samples, d): what the
    random effects of each factor multiply.
    """

    offset: Tensor
    designs: Sequence[Tensor]

    def rows(self, at: Tensor) -> "LinearPart":
        """Those of some samples."""
        return LinearPart(self.offset[at], [design[at] for design in self.designs])


def estimated_effects(method: Method) -> list[LinearEffects]:
    """Return the effects of a method that say how clusters differ, those of the first factor first.

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
    return cast(MixedMethod, method).estimated


@torch.no_grad()
def linear_part(method: Method, x: Any) -> LinearPart:
    """`MixedMethod.linear_parts` of samples, as many at a time as memory is meant for; in 64 bits."""
    estimated_effects(method)
    mixed, x, parts = cast(MixedMethod, method), features(x), []
    size = rows_at_a_time(x.shape[1:])
    for start in range(0, len(x), size):
        some = mixed.ready(read(x[start : start + size]))
        with mixed.predicting(some):
            parts.append(mixed.linear_parts(some))
    *designs, offset = (torch.cat(each).double() for each in zip(*parts, strict=True))
    return LinearPart(offset, designs)
