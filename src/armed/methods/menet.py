"""Mixed effects network by expectation-maximisation."""

from dataclasses import dataclass
from typing import Any

from torch import Tensor

from armed.data.samples import Batch
from armed.effects.linear_effects import LinearEffects
from armed.errors import ConfigError
from armed.losses import LossTerms
from armed.methods.base import ModelComponents
from armed.methods.mixed import MixedMethod
from armed.tasks.base import one_predictor


@dataclass(frozen=True)
class MenetSettings:
    """Where the random effects start.

    Parameters
    ----------
    initial_sd : float, above 0
        Standard deviation of the random effects before the first E step.
    """

    initial_sd: float = 0.3


class Menet(MixedMethod):
    r"""``h . (b + u_z)``, ``u_k ~ N(0, S)``: random effects on the last hidden features.

    After every epoch, the posterior of each ``u_k`` given the features (E step), the covariance ``S`` and,
    for a continuous outcome, the residual variance, in closed form; in between, gradient steps on the network
    with the ``u_k`` held at their means.

    References
    ----------
    Xiong, Kim and Singh, CVPR 2019.

    Departures from the paper
    -------------------------
    Xiong et al. treat a continuous outcome; for others the E step is that of `armed.inference`. The mean of
    the effects over clusters is moved into the fixed part. ``S`` is full where there are more clusters than
    hidden features. Of fewer clusters the best full ``S`` is singular, and fits them with ever larger
    effects: there it is one variance in common, of features divided by their root mean square.
    """

    Settings = MenetSettings

    def __init__(self, components: ModelComponents, settings: MenetSettings) -> None:
        one_predictor(components.task, type(self).__name__)
        last = components.last_hidden
        hidden = (last,) if last else components.watch[-1:]
        if not hidden:
            raise ConfigError(
                "Menet was given no hidden layer; expected the last one, whose output its random effects "
                "multiply; name it in ModelComponents.watch or last_hidden"
            )
        effects = LinearEffects(
            components.clusters, initial_sd={"hidden": settings.initial_sd}, correlated=True
        )
        super().__init__(components, settings, random_effects=[effects], watch=hidden)

    def set_widths(self, x: Tensor, activations: tuple[Tensor, ...]) -> None:
        """Choose a full or a common variance, now that the number of features is known."""
        # K clusters span no more than K directions, in all others a full S has no variance.
        (effects,) = self.estimated
        effects.correlated = self.clusters > len(effects.prior_root)

    def losses(self, group: str, batch: Batch, outputs: Any) -> LossTerms:
        """Outcome loss at the current means of the random effects."""
        return LossTerms(*self.task.terms(self.mixed.at_means(batch.x, batch.z).mixed, batch))


OUTCOMES = ("binary", "continuous", "count")
METHOD = Menet
