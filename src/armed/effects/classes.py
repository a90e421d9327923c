"""Estimated effects in several linear predictors, one for each class of an outcome.

Those of a cluster, ``u`` (d classes,), lie by column of the design, then by class.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from armed.effects.base import shifted
from armed.effects.linear_effects import LinearEffects
from armed.errors import ConfigError
from armed.nn.gaussians import root_of


class ClassEffects(LinearEffects):
    r"""``phi . u_zc`` in the linear predictor of each class ``c``, ``u_kc ~ N(0, D_c)``; see `LinearEffects`.

    Softmax makes probabilities of differences between classes alone. No class is taken for a reference, as
    results would depend on which: every class has effects and variances of its own, which three classes or
    more tell, as ``Var(u_c - u_d) = D_c + D_d`` (two tell the sum alone). Of what adds the same to all
    classes only the prior knows: posterior means have ``sum_c m_c / D_c = 0`` by themselves.

    Parameters
    ----------
    classes : int
        Number of classes.
    clusters, initial_sd, factor, columns
        See `LinearEffects`.

    Examples
    --------
    >>> effects = ClassEffects(5, initial_sd={"intercept": 0.3}, classes=3)
    >>> effects.measure((torch.randn(2, 4),), outputs=3, clusters=5)
    >>> effects.change(torch.zeros(2, 3), (torch.randn(2, 4),), torch.tensor([0, 4])).shape
    torch.Size([2, 3])
    """

    stackable = True

    def __init__(
        self,
        clusters: int,
        *,
        initial_sd: Mapping[str, float],
        classes: int,
        factor: str = "cluster",
        columns: Sequence[int] | None = None,
    ) -> None:
        if classes < 2:
            raise ConfigError(
                f"classes is {classes}; expected at least 2; take LinearEffects for one"
            )
        self.outputs = classes
        super().__init__(clusters, initial_sd=initial_sd, factor=factor, columns=columns)
        self.size = classes

    def _start(self, widths: dict[str, int]) -> None:
        super()._start(widths)
        root = torch.diag(self.prior_root.diagonal().repeat_interleave(self.outputs))
        self.register_buffer("mean", torch.zeros(self.clusters, len(root)))
        self.register_buffer("covariance", torch.zeros(self.clusters, *root.shape))
        self.register_buffer("prior_root", root)
        self.register_buffer("at_zero", torch.zeros(2, len(root)))
        self.center = nn.Parameter(torch.zeros(len(root)))

    @property
    def variance_of(self) -> Tensor:
        """Number of the variance that each effect has: those of a class are its own."""
        numbers: Tensor = super().variance_of  # type: ignore[assignment]
        each = torch.arange(self.outputs, device=numbers.device)
        return (numbers[:, None] * self.outputs + each).flatten()

    def population(self, output: Tensor, h: tuple[Tensor, ...]) -> Tensor:
        """Outputs with the mean of the effects over clusters added."""
        return shifted(output, shared_predictors(self.design(h), self.center, self.outputs))

    def change(self, output: Tensor, h: Any, z: Tensor, noise: Tensor | None = None) -> Tensor:
        """Outputs with the effects of cluster ``z``, sampled with ``noise`` (batch, classes)."""
        design, soft = self.design(h), z.is_floating_point()
        predictor = class_predictors(design, z @ self.mean if soft else self.mean[z], self.outputs)
        if noise is not None:
            # One draw of the predictors of a sample, which the classes have together.
            own = (
                self.covariance[z] if not soft else torch.tensordot(z.square(), self.covariance, 1)
            )
            # Matrices are decomposed in 32 bits, whatever the network computes in.
            root = root_of(class_covariance(design, own, self.outputs).float())
            present = z.sum(-1, keepdim=True) > 0 if soft else 1
            predictor = predictor + (root @ noise[..., None])[..., 0] * present
        return shifted(output, predictor)


def shared_predictors(design: Tensor, effects: Tensor, outputs: int) -> Tensor:
    """``phi_i . b``, (samples,), of effects (d,) of all clusters; (samples, outputs) of those of classes."""
    return design @ (effects if outputs == 1 else effects.view(-1, outputs))


def class_predictors(design: Tensor, effects: Tensor, classes: int) -> Tensor:
    """``phi_i . u_ic``, (samples, classes), of a design (samples, d) and effects (samples, d classes)."""
    by_class = effects.view(len(effects), -1, classes)
    return (design[..., None] * by_class).sum(-2)


def class_covariance(design: Tensor, covariance: Tensor, classes: int) -> Tensor:
    """Covariance of `class_predictors`, (samples, classes, classes), of that of the effects."""
    columns = design.shape[-1]
    each = covariance.reshape(-1, columns, classes, columns, classes)
    return torch.einsum("ij,ijclm,il->icm", design, each, design)
