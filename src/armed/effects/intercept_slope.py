"""Random intercepts and slopes: effects on the linear predictor."""

from typing import Any

from torch import Tensor

from armed.effects.base import RandomEffect
from armed.errors import ConfigError


class RandomIntercept(RandomEffect):
    """``u_0(z)``: a shift of the linear predictor by cluster.

    Parameters
    ----------
    clusters : int
        Number of clusters.
    prior_sd : float
        ``tau``, in units of the linear predictor.
    outputs : int
        Width of the linear predictor.

    Examples
    --------
    >>> import torch
    >>> intercept = RandomIntercept(5, prior_sd=0.1)
    >>> intercept(torch.randn(2, 3), torch.tensor([0, 4])).shape
    torch.Size([2, 1])
    """

    label = "intercept"
    stackable = True

    def __init__(self, clusters: int, *, prior_sd: float, outputs: int = 1) -> None:
        super().__init__(clusters, outputs, prior_sd=prior_sd, on="input")

    def measure(self, h: Tensor, *, outputs: int, clusters: int) -> None:
        """Check clusters and outputs."""
        super().measure(h, outputs=outputs, clusters=clusters)
        _check_outputs(self.label, self.size, outputs)

    def forward(self, h: Tensor, z: Tensor, noise: Tensor | None = None) -> Tensor:
        """Return ``u_0(z)``, shape (batch, outputs)."""
        return self.coefficients(z, noise)


class RandomSlope(RandomEffect):
    """``u_1(z) . h``: weights on the input (linear) or on the last hidden features (nonlinear).

    Parameters
    ----------
    features : int, optional
        Width of what the slope multiplies; found out before training if it is not given.
    on : str
        ``input`` or ``hidden``.
    outputs : int
        Width of the linear predictor.

    Examples
    --------
    >>> import torch
    >>> slope = RandomSlope(5, 3, prior_sd=0.3, on="input")
    >>> slope(torch.randn(2, 3), torch.tensor([0, 4])).shape
    torch.Size([2, 1])
    """

    stackable = True

    def __init__(
        self,
        clusters: int,
        features: int | None = None,
        *,
        prior_sd: float,
        on: str = "hidden",
        outputs: int = 1,
    ) -> None:
        # Without a width it is 0 until `measure` or a saved state tells it.
        super().__init__(clusters, (features or 0) * outputs, prior_sd=prior_sd, on=on)
        self.outputs = outputs
        self.label = "linear_slope" if on == "input" else "slope"

    def measure(self, h: Tensor, *, outputs: int, clusters: int) -> None:
        """Fill in the width, if it was left open; check it, clusters and outputs."""
        super().measure(h, outputs=outputs, clusters=clusters)
        _check_outputs(self.label, self.outputs, outputs)
        width = h[:1].numel()
        if not self.size:
            self._start(clusters, width * self.outputs)
        if self.size != width * self.outputs:
            raise ConfigError(
                f"the random effect {self.label!r} multiplies {self.size // self.outputs} features and is "
                f"given {width}; expected as many; leave the width out, and it is found out"
            )

    def _load_from_state_dict(self, state: Any, prefix: str, *others: Any) -> None:
        # A state may come before any samples: its shape says how wide the effect is.
        saved = state.get(f"{prefix}mean")
        if saved is not None and not self.size:
            self._start(*saved.shape)
        super()._load_from_state_dict(state, prefix, *others)

    def forward(self, h: Tensor, z: Tensor, noise: Tensor | None = None) -> Tensor:
        """Return ``u_1(z) . h``, shape (batch, outputs), for ``h`` (batch, features)."""
        # One column of slopes for each output; every sample has those of its own cluster, so that this is
        # a product of rows and not of matrices.
        slopes = self.coefficients(z, noise).view(len(h), -1, self.outputs)
        return (h.flatten(1).unsqueeze(-1) * slopes).sum(-2)


def _check_outputs(label: str, own: int, outputs: int) -> None:
    # One shift of all logits of several classes would change nothing.
    if own != outputs:
        raise ConfigError(
            f"the random effect {label!r} has {own} outputs and the task {outputs} linear predictors a "
            f"sample; expected as many; make it with outputs={outputs}"
        )
