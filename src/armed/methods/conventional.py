"""The network alone."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from armed.methods.base import Batch, Method
from armed.objective import LossTerms, Term, batch_mean


@dataclass(frozen=True)
class ConventionalSettings:
    """Nothing to set."""


class Conventional(Method):
    """``f`` alone, minimising ``L(y, f(x))``: as if there were no clusters."""

    Settings = ConventionalSettings

    def losses(self, group: str, batch: Batch) -> LossTerms:
        """Outcome loss."""
        loss = self.task.loss(self.network(batch.x), batch.y)
        return LossTerms(Term("outcome", batch_mean(loss, batch.weight, batch.mask)))

    def linear(self, x: Tensor, z: Tensor) -> dict[str, Tensor]:
        """Fixed-effects linear predictor; ``z`` is not used."""
        return {"fixed": self.network(x)}
