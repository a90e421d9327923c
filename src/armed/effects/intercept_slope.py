"""Random intercepts and slopes: effects on the linear predictor."""

from torch import Tensor

from armed.effects.base import RandomEffect


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
    >>> intercept = RandomIntercept(5, prior_sd=0.1)
    >>> intercept(torch.randn(2, 3), torch.tensor([0, 4])).shape
    torch.Size([2, 1])
    """

    label = "intercept"

    def __init__(self, clusters: int, *, prior_sd: float, outputs: int = 1) -> None:
        super().__init__(clusters, outputs, prior_sd=prior_sd, on="input")

    def forward(self, h: Tensor, z: Tensor, noise: Tensor | None = None) -> Tensor:
        """Return ``u_0(z)``, shape (batch, outputs)."""
        return self.coefficients(z, noise)


class RandomSlope(RandomEffect):
    """``u_1(z) . h``: weights on the input (linear) or on the last hidden features (nonlinear).

    Parameters
    ----------
    features : int
        Width of what the slope multiplies.
    on : str
        ``input`` or ``hidden``.
    outputs : int
        Width of the linear predictor.

    Examples
    --------
    >>> slope = RandomSlope(5, 3, prior_sd=0.3, on="input")
    >>> slope(torch.randn(2, 3), torch.tensor([0, 4])).shape
    torch.Size([2, 1])
    """

    def __init__(
        self, clusters: int, features: int, *, prior_sd: float, on: str = "hidden", outputs: int = 1
    ) -> None:
        super().__init__(clusters, features * outputs, prior_sd=prior_sd, on=on)
        self.outputs = outputs
        self.label = "linear_slope" if on == "input" else "slope"

    def forward(self, h: Tensor, z: Tensor, noise: Tensor | None = None) -> Tensor:
        """Return ``u_1(z) . h``, shape (batch, outputs), for ``h`` (batch, features)."""
        # One column of slopes for each output; every sample has those of its own cluster, so that this is
        # a product of rows and not of matrices.
        slopes = self.coefficients(z, noise).view(len(h), -1, self.outputs)
        return (h.flatten(1).unsqueeze(-1) * slopes).sum(-2)
