"""Random effects: one parameter vector per cluster with a variational posterior."""

import math
from abc import ABC, abstractmethod
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from armed.errors import ConfigError

INITIAL_POSTERIOR_SD = 0.05


def shifted(output: Tensor, change: Tensor) -> Tensor:
    """Add ``change`` (batch, k) to the first ``k`` outputs (batch, outputs).

    An output may hold more than linear predictors, for example a reconstruction behind them.
    """
    width = change.shape[-1]
    if width == output.shape[-1]:
        return output + change
    return torch.cat([output[:, :width] + change, output[:, width:]], dim=-1)


class ClusterEffect(nn.Module, ABC):
    """What `armed.effects.mixed_effects.MixedEffects` asks of a random effect, simple or made of several.

    ``on``: what `change` is given: ``input`` (the network's input), ``hidden`` (its last watched
    activation), or the name of a submodule, whose output it is; a tuple of names if it is given several.
    ``size``: standard normal draws that one sample takes in training. ``factor``: name of the cluster factor
    of effects that are estimated, of so many ``clusters``; None of others, which are of the first factor.
    """

    on: str | tuple[str, ...]
    size: int
    factor: str | None = None
    clusters: int

    @abstractmethod
    def change(self, output: Tensor, h: Tensor, z: Tensor, noise: Tensor | None = None) -> Tensor:
        """Outputs (batch, outputs) with the effect of cluster ``z``."""

    @property
    def sources(self) -> tuple[str, ...]:
        """Names in ``on``."""
        return (self.on,) if isinstance(self.on, str) else self.on

    def population(self, output: Tensor, h: Any) -> Tensor:
        """Outputs with what of the effects all clusters share: the same ones, by default."""
        return output

    @abstractmethod
    def kl(self, z: Tensor) -> Tensor:
        """``KL(q || p)`` of each sample's cluster, shape (batch,); the weighted sum if ``z`` are weights."""

    def measure(self, h: Tensor, *, outputs: int, clusters: int) -> None:
        """Fill in a width that was left open and check the others, by what `change` will be given.

        Parameters
        ----------
        h : Tensor, shape (batch, ...)
        outputs : int
            Linear predictors of a sample.
        clusters : int
        """

    @abstractmethod
    def posterior(self) -> dict[str, tuple[Tensor, Tensor]]:
        """Posterior mean and sd by name, each of shape (clusters, size)."""


class RandomEffect(ClusterEffect):
    r"""A vector ``u_k`` per cluster, ``q(u_k) = N(mu_k, softplus(rho_k)^2)``, ``p(u_k) = N(0, tau^2)``.

    In training ``u`` is sampled by the reparameterisation ``mu + sd * e``, ``e ~ N(0, 1)``; at
    inference it is the posterior mean. A cluster index is looked up; a soft membership (a row of
    weights over clusters, zeros for "no random effect") is multiplied, so no one-hot product is
    ever formed.

    Parameters
    ----------
    clusters : int
        Number of clusters.
    size : int
        Length of ``u``.
    prior_sd : float
        ``tau``, in units of the linear predictor per unit of what the effect multiplies.
    on : str
        What `forward` is given, see `ClusterEffect`.

    Raises
    ------
    ConfigError
        If ``prior_sd`` is not positive.

    Departures from the paper
    -------------------------
    The noise is drawn per sample of a minibatch, not once for all samples of a cluster: the
    expectation is the same, the gradient's variance lower (Kingma, Salimans and Welling 2015), and
    the cost of a step does not depend on the number of clusters.
    """

    label: str
    prior_sd: Tensor

    def __init__(self, clusters: int, size: int, *, prior_sd: float, on: str = "hidden") -> None:
        super().__init__()
        if prior_sd <= 0:
            raise ConfigError(f"prior_sd is {prior_sd}; expected a number above 0; raise it")
        self.on = on
        self.register_buffer("prior_sd", torch.tensor(float(prior_sd)))
        self._start(clusters, size)

    def _start(self, clusters: int, size: int) -> None:
        self.size = size
        # mu_k starts at a draw from the prior, as published.
        self.mean = nn.Parameter(torch.randn(clusters, size).to(self.prior_sd) * self.prior_sd)
        # softplus(rho) = log(1 + exp(rho)) keeps the sd positive without clamping; this is its inverse.
        rho = math.log(math.expm1(INITIAL_POSTERIOR_SD))
        self.rho = nn.Parameter(torch.full_like(self.mean, rho))

    def measure(self, h: Tensor, *, outputs: int, clusters: int) -> None:
        """Check the number of clusters."""
        if len(self.mean) != clusters:
            raise ConfigError(
                f"the random effect {self.label!r} is of {len(self.mean)} clusters in a model of {clusters} "
                "clusters; expected as many; make it for those of the model"
            )

    def forget(self, absent: Tensor) -> None:
        """Give clusters (clusters,) without training samples their prior: mean 0 and its sd."""
        with torch.no_grad():
            at = absent.to(self.mean.device)
            self.mean[at] = 0
            self.rho[at] = torch.log(torch.expm1(self.prior_sd))

    @property
    def sd(self) -> Tensor:
        """Posterior standard deviations, shape (clusters, size)."""
        return F.softplus(self.rho)

    def coefficients(self, z: Tensor, noise: Tensor | None = None) -> Tensor:
        """``u`` for each sample, shape (batch, size).

        Parameters
        ----------
        z : Tensor
            Cluster indices (batch,), or weights over clusters (batch, clusters).
        noise : Tensor, shape (batch, size), optional
            Standard normal draws; without them the posterior mean is returned.
        """
        # Of weights w over clusters, sum_k w_k u_k ~ N(sum_k w_k mu_k, sum_k w_k^2 sd_k^2), as the
        # posterior treats clusters as independent.
        if z.is_floating_point():
            mean = z @ self.mean
            if noise is None:
                return mean
            variance = z**2 @ self.sd**2
            # The root's derivative at 0 is infinite: keep samples without a cluster away from it.
            return mean + variance.clamp_min(1e-30).sqrt() * (variance > 0) * noise
        # Reparameterised: u = mu + sd e, so that the gradient reaches mu and rho (Kingma and Welling 2014).
        mean = self.mean[z]
        return mean if noise is None else mean + F.softplus(self.rho[z]) * noise

    def kl(self, z: Tensor) -> Tensor:
        """``KL(q || p)`` of each sample's cluster, or weighted sum, shape (batch,)."""
        # KL(N(mu, sd^2) || N(0, tau^2)) = (sd^2 / tau^2 + mu^2 / tau^2 - 1) / 2 - log(sd / tau), summed
        # over the independent components of u.
        soft = z.is_floating_point()
        mean, rho = (self.mean, self.rho) if soft else (self.mean[z], self.rho[z])
        ratio = F.softplus(rho) / self.prior_sd
        each = (0.5 * (ratio**2 + (mean / self.prior_sd) ** 2 - 1) - ratio.log()).sum(-1)
        return z @ each if soft else each

    def posterior(self) -> dict[str, tuple[Tensor, Tensor]]:
        """Posterior mean and sd, each of shape (clusters, size), under the effect's name."""
        return {self.label: (self.mean.detach(), self.sd.detach())}

    def forward(self, h: Tensor, z: Tensor, noise: Tensor | None = None) -> Tensor:
        """Contribution to the linear predictor, shape (batch, outputs)."""
        raise NotImplementedError(f"{type(self).__name__} adds nothing to the linear predictor")

    def change(self, output: Tensor, h: Tensor, z: Tensor, noise: Tensor | None = None) -> Tensor:
        """Outputs with the contribution added to the first of them."""
        return shifted(output, self(h, z, noise))
