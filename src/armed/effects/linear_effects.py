"""Random intercept and slopes of a cluster whose variances are estimated and not set."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from armed.effects.base import ClusterEffect, shifted
from armed.effects.units import given_units, is_hidden, numbered
from armed.errors import ConfigError


class LinearEffects(ClusterEffect):
    r"""``phi . u_z``, ``phi = (1, x, h)`` or some of these, ``u_k ~ N(0, D)``, ``q(u_k) = N(m_k, S_k)``.

    No gradient moves prior or posterior: they are those that `armed.inference` finds with the network's
    output as offset, after every epoch (see `armed.methods.armed.Armed`). Means start at 0. The mean of the
    effects over clusters belongs to the fixed part, so that no effect is the population: fixed effects
    ``center``, which are trained, take it in. A random slope on the input has its fixed slope there.

    Columns of the input have a variance each if there are more clusters than columns. Fewer cannot tell so
    many, and slopes take the intercepts' part: they then share one variance, as those of hidden features
    always do. What shares a variance is divided by its root mean square over the training samples, columns
    of the input each by its own. Correlated effects share nothing.

    Parameters
    ----------
    clusters : int
        Number of clusters.
    initial_sd : mapping of str to float
        Which effects there are, each with the standard deviation that its prior has before the first
        estimate, which does not depend on it: ``intercept``, and what has random slopes: ``input`` (the
        network's input), ``hidden`` (its last watched activation), or the name of a submodule.
    correlated : bool
        Whether those of a cluster may be correlated: lme4's ``(1 + x | factor)``, not ``(1 + x || factor)``.
    factor : str
        Name of the cluster factor, as in `armed.data.samples.Samples`; the first effects are of the first.
    columns : sequence of int, optional
        Columns of the input that have slopes; default: all.

    Raises
    ------
    ConfigError
        If there is no effect, or a standard deviation is not positive.

    Examples
    --------
    >>> effects = LinearEffects(5, initial_sd={"intercept": 0.3, "input": 0.1})
    >>> effects.measure((torch.randn(2, 3),), outputs=1, clusters=5)
    >>> effects.change(torch.zeros(1, 1), (torch.randn(1, 3),), torch.tensor([4]))
    tensor([[0.]])
    """

    stackable = True
    outputs = 1  # linear predictors; of several see `armed.effects.classes`
    mean: Tensor
    covariance: Tensor
    prior_root: Tensor
    noise: Tensor
    scale: Tensor
    at_zero: Tensor

    def __init__(
        self,
        clusters: int,
        *,
        initial_sd: Mapping[str, float],
        correlated: bool = False,
        factor: str = "cluster",
        columns: Sequence[int] | None = None,
    ) -> None:
        super().__init__()
        if not initial_sd or min(initial_sd.values()) <= 0:
            raise ConfigError(
                f"initial_sd is {dict(initial_sd)}; expected an effect or several, such as intercept, input, "
                "hidden, each with a number above 0; name some"
            )
        self.clusters, self.correlated, self.initial_sd = clusters, correlated, dict(initial_sd)
        self.factor, self.columns = factor, None if columns is None else [*columns]
        self.on = tuple(name for name in initial_sd if name != "intercept") or ("input",)
        self.size = 1  # draw a sample: of the predictor, not of every effect
        self._start(dict.fromkeys(initial_sd, 0))

    def _start(self, widths: dict[str, int]) -> None:
        """Effects of so many columns each, 0 until `measure` tells it."""
        self.widths = widths
        sds = [torch.full((w,), self.initial_sd[n]) for n, w in widths.items()]
        root = torch.diag(torch.cat(sds))
        self.register_buffer("mean", torch.zeros(self.clusters, len(root)))
        # Until there is an estimate there is no effect either, and no doubt about it.
        self.register_buffer("covariance", torch.zeros(self.clusters, *root.shape))
        self.register_buffer("prior_root", root)
        self.register_buffer("noise", torch.ones(1))
        self.register_buffer("scale", torch.ones(len(root)))
        # Of a variance of 0 that was trained: s.d. of a cluster's own estimate of the effect, and clusters.
        self.register_buffer("at_zero", torch.zeros(2, len(root)))
        self.center = nn.Parameter(torch.zeros(len(root)))

    def measure(self, h: Any, *, outputs: int, clusters: int) -> None:
        """Find the width of what the slopes multiply; check clusters and outputs."""
        if (self.clusters, self.outputs) != (clusters, outputs):
            raise ConfigError(
                f"random effects are of {self.clusters} clusters and {self.outputs} linear predictors in a "
                f"model of {clusters} clusters and {outputs}; expected as many; make ClassEffects of classes"
            )
        sizes = {n: self._multiplied(n, p).shape[1] for n, p in zip(self.on, h, strict=True)}
        widths = {name: sizes.get(name, 1) for name in self.initial_sd}
        if widths != self.widths:
            self._start(widths)
            self.to(h[0].device)

    def design(self, h: tuple[Tensor, ...]) -> Tensor:
        """``phi``, (batch, d), of what `change` is given."""
        values = {name: self._multiplied(name, part) for name, part in zip(self.on, h, strict=True)}
        values["intercept"] = torch.ones_like(h[0].flatten(1)[:, :1])
        return torch.cat([values[name] for name in self.widths], dim=1) / self.scale

    def _multiplied(self, name: str, part: Tensor) -> Tensor:
        """What slopes multiply of what they are ``on``, (batch, width)."""
        chosen = self.columns if name == "input" and self.columns is not None else slice(None)
        return part.flatten(1)[:, chosen]

    @property
    def variance_of(self) -> Tensor | None:
        """Number of the variance that each effect has, (d,): equal ones share one. None: correlated."""
        if self.correlated:
            return None
        return torch.tensor(numbered(self.widths, self.shared), device=self.mean.device)

    @property
    def shared(self) -> tuple[str, ...]:
        """Names of the slopes that have one variance in common, kind by kind."""
        few = not self.correlated and self.clusters <= self.widths.get("input", 0)
        return tuple(name for name in self.widths if is_hidden(name) or (few and name == "input"))

    @property
    def transferable(self) -> bool:
        """Whether they are another network's variances too, whose hidden features come in another order."""
        return not (self.correlated and self.on_hidden)

    @property
    def on_hidden(self) -> bool:
        """Whether an effect multiplies hidden features, which mean nothing before training."""
        return any(map(is_hidden, self.widths))

    def population(self, output: Tensor, h: tuple[Tensor, ...]) -> Tensor:
        """Outputs with the mean of the effects over clusters added."""
        return shifted(output, self.design(h) @ self.center[:, None])

    def change(self, output: Tensor, h: Any, z: Tensor, noise: Tensor | None = None) -> Tensor:
        """Outputs with the effects of cluster ``z``, sampled with ``noise`` (batch, 1)."""
        design = self.design(h)
        effects = z @ self.mean if z.is_floating_point() else self.mean[z]
        drawn = 0 if noise is None else self._drawn(design.detach(), z, noise)
        return shifted(output, (design * (effects + drawn)).sum(-1, keepdim=True))

    def _drawn(self, design: Tensor, z: Tensor, noise: Tensor) -> Tensor:
        """``S_z phi e / sqrt(phi' S_z phi)``, (batch, d); of weights, of ``sum_k w_k^2 S_k``.

        One draw of the predictor, ``phi . u ~ N(phi . m, phi' S phi)``, is what draws of every effect are
        to a sample (Kingma, Salimans and Welling 2015); so is its gradient in ``phi``.
        """
        if z.is_floating_point():
            spread = torch.einsum("bk,kde,be->bd", z.square(), self.covariance, design)
        else:
            spread = (self.covariance[z] @ design[..., None])[..., 0]
        variance = (design * spread).sum(-1, keepdim=True)
        return spread * (noise * variance.clamp_min(1e-12).rsqrt())

    def kl(self, z: Tensor) -> Tensor:
        """0: the posterior is the best one already, and no gradient moves it."""
        return torch.zeros_like(z[..., 0] if z.is_floating_point() else z, dtype=self.mean.dtype)

    def forget(self, absent: Tensor) -> None:
        """Give clusters (clusters,) without training samples the prior."""
        with torch.no_grad():
            self.mean[absent] = 0
            self.covariance[absent] = self.prior_root @ self.prior_root.T

    def _load_from_state_dict(self, state: Any, prefix: str, *others: Any) -> None:
        # A state may come before any samples: its shape says how wide the effects are, if one width is open.
        saved, known = state.get(f"{prefix}mean"), "intercept" in self.widths
        if saved is not None and saved.shape != self.mean.shape and len(self.widths) - known <= 1:
            left = saved.shape[1] // self.outputs - known
            self._start({name: 1 if name == "intercept" else left for name in self.widths})
        super()._load_from_state_dict(state, prefix, *others)

    def posterior(self) -> dict[str, tuple[Tensor, Tensor]]:
        """Posterior mean and sd of the intercept and each kind of slope; on the input, in its units."""
        unit = given_units(self.widths, self.scale).repeat_interleave(self.outputs)
        sd, labels = self.covariance.diagonal(dim1=1, dim2=2).sqrt(), {"input": "linear_slope"}
        sizes = [width * self.outputs for width in self.widths.values()]
        parts = (torch.split(values / unit, sizes, 1) for values in (self.mean.detach(), sd))
        return {
            labels.get(n, "slope" if is_hidden(n) else n): (m, s)
            for n, m, s in zip(self.widths, *parts, strict=True)
        }
