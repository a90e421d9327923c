"""Mixed effects network by expectation-maximisation."""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from armed.data.samples import Batch
from armed.effects.base import shifted
from armed.errors import ConfigError
from armed.inference.laplace import cluster_posterior
from armed.losses import LossTerms
from armed.methods.base import Method, ModelComponents
from armed.nn.activations import call_recorded
from armed.tasks.base import one_predictor

WARM_STEPS = 6
"""Newton steps of an E step; each begins at the modes of the one before."""


@dataclass(frozen=True)
class MenetSettings:
    """Where the random effects start.

    Parameters
    ----------
    initial_sd : float, above 0
        Standard deviation of the random effects before the first E step.
    """

    initial_sd: float = 0.3


class Menet(Method):
    r"""``h . (b + u_z)``, ``u_k ~ N(0, S)``: random effects on the last hidden features.

    After every epoch, the posterior of each ``u_k`` given the features (E step; Laplace
    approximation for a binary outcome), ``S = mean_k(E[u_k u_k'])`` and, for a continuous outcome,
    the residual variance; in between, gradient steps on the network with the ``u_k`` held at their
    means (M step).

    References
    ----------
    Xiong, Kim and Singh, CVPR 2019.

    Departures from the paper
    -------------------------
    Xiong et al. treat a continuous outcome; the binary one enters by the Laplace approximation.
    With class weights, a sample counts in the E step as much as it does in the loss.
    """

    Settings = MenetSettings
    uses_clusters = True
    soft_clusters = False
    effects: Tensor
    posterior_sd: Tensor
    covariance: Tensor
    noise_variance: Tensor

    def __init__(self, components: ModelComponents, settings: MenetSettings) -> None:
        super().__init__(components, settings)
        one_predictor(components.task, type(self).__name__)
        last = components.last_hidden
        self.hidden = (last,) if last else components.watch[-1:]
        if not self.hidden:
            raise ConfigError(
                "Menet was given no hidden layer; expected the last one, whose output its random effects "
                "multiply; name it in ModelComponents.watch or last_hidden"
            )
        self._start(0)
        if components.task.has_noise:
            self.register_buffer("noise_variance", torch.ones(1))

    def _start(self, size: int) -> None:
        """Effects of hidden features of that width, which is 0 until `measure` or a saved state tells it."""
        shape, sd = (self.clusters, size), self.settings.initial_sd
        self.register_buffer("effects", torch.zeros(shape))
        self.register_buffer("posterior_sd", torch.full(shape, sd))
        self.register_buffer("covariance", torch.eye(size) * sd**2)

    def recorded(self, x: Tensor) -> tuple[Tensor, tuple[Tensor, ...]]:
        """Output of the network and the last hidden activation, alone in a tuple."""
        return call_recorded(self.network, self.hidden, x)

    def set_widths(self, x: Tensor, activations: tuple[Tensor, ...]) -> None:
        """Give every hidden feature an effect."""
        width = activations[-1][:1].numel()
        if self.effects.shape[1] != width:
            self._start(width)
            self.to(x.device)

    def _load_from_state_dict(self, state: Any, prefix: str, *others: Any) -> None:
        saved = state.get(f"{prefix}effects")
        if saved is not None and saved.shape[1] != self.effects.shape[1]:
            self._start(saved.shape[1])
        super()._load_from_state_dict(state, prefix, *others)

    def losses(self, group: str, batch: Batch) -> LossTerms:
        """Outcome loss at the current means of the random effects."""
        mixed = self.linear_predictor(batch.x, batch.z)["mixed"]
        return LossTerms(*self.task.terms(mixed, batch))

    def statistics(self, x: Tensor) -> tuple[Tensor, ...]:
        """Last hidden features and fixed linear predictor."""
        fixed, (hidden,) = self.recorded(x)
        return hidden.flatten(1), self.task.predictor(fixed)

    def update(
        self, statistics: tuple[Tensor, ...], y: Tensor, z: Tensor, weight: Tensor
    ) -> dict[str, Tensor]:
        """E step, and the closed-form part of the M step."""
        # E step: q(u_k) = N(m_k, S_k) given h and f(x) as offset, from the modes of the epoch before.
        hidden, fixed = statistics
        eye = torch.eye(hidden.shape[-1], device=hidden.device)
        precise = weight / self.noise_variance if self.task.has_noise else weight
        mean, covariance = cluster_posterior(
            hidden,
            fixed,
            y=y,
            z=z,
            weight=precise,
            clusters=self.clusters,
            # a covariance of fewer clusters than features is singular: its ridge is 1e-6
            precision=torch.linalg.inv(self.covariance + 1e-6 * eye),
            task=self.task,
            start=self.effects,
            steps=WARM_STEPS,
        )
        # M step: S = mean_k E[u_k u_k'] = mean_k (m_k m_k' + S_k), over clusters that have samples.
        present = (torch.zeros_like(mean[:, 0]).index_add(0, z, weight) > 0).to(mean.dtype)
        # A cluster without samples has the prior, whatever it had before.
        mean = mean * present[:, None]
        second = (mean[:, :, None] * mean[:, None, :] + covariance) * present[:, None, None]
        prior = second.sum(0) / present.sum()
        variance = covariance.diagonal(dim1=-2, dim2=-1)
        variance = torch.where(present[:, None] > 0, variance, prior.diagonal())
        new = {"effects": mean, "posterior_sd": variance.sqrt(), "covariance": prior}
        if self.task.has_noise:
            # noise^2 = mean_i E[(y_i - f_i - h_i . u)^2] = mean_i (r_i^2 + h_i' S_z(i) h_i)
            residual = y - fixed - (hidden * mean[z]).sum(-1)
            unsure = ((hidden.unsqueeze(-2) @ covariance[z]).squeeze(-2) * hidden).sum(-1)
            total = ((residual**2 + unsure) * weight).sum()
            new["noise_variance"] = (total / weight.sum())[None]
        return new

    def linear_predictor(self, x: Tensor, z: Tensor) -> dict[str, Tensor]:
        """Linear predictors without and with random effects at their posterior means."""
        fixed, (hidden,) = self.recorded(x)
        effects = z @ self.effects if z.is_floating_point() else self.effects[z]
        change = (hidden.flatten(1) * effects).sum(-1, keepdim=True)
        return {"fixed": fixed, "mixed": shifted(fixed, change)}

    def random_effects(self) -> dict[str, tuple[Tensor, Tensor]]:
        """Posterior means and sds of the slopes on the hidden features."""
        return {"slope": (self.effects, self.posterior_sd)}


METHOD = Menet
