"""The network alone."""

from dataclasses import dataclass
from typing import Any

from armed.data.samples import Batch
from armed.losses import LossTerms
from armed.methods.base import Method
from armed.nn.activations import call


@dataclass(frozen=True)
class ConventionalSettings:
    """Nothing to set."""


class Conventional(Method):
    """``f`` alone, minimising ``L(y, f(x))``: as if there were no clusters."""

    Settings = ConventionalSettings

    def losses(self, group: str, batch: Batch, outputs: Any) -> LossTerms:
        """Outcome loss."""
        return LossTerms(*self.task.terms(call(self.network, batch.x), batch))


METHOD = Conventional
