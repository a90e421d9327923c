"""Layers of which adversaries and the study's networks are made."""

from collections import OrderedDict
from typing import Any, Protocol, TypeVar, runtime_checkable

import torch
from torch import Tensor, nn
from torch.nn import functional as F

Weighted = TypeVar("Weighted", nn.Linear, nn.Conv2d)


@runtime_checkable
class Penalised(Protocol):
    """A layer whose parameters cost something: every method adds `penalty` to its loss."""

    def penalty(self) -> Tensor:
        """Return the penalty, weighted, a scalar."""
        ...


class L1Linear(nn.Linear):
    """A dense layer whose kernel, not its bias, is penalised: ``l1 * sum |w|``."""

    def __init__(self, features: int, outputs: int, *, l1: float) -> None:
        super().__init__(features, outputs)
        self.l1 = l1

    def penalty(self) -> Tensor:
        """Return ``l1`` times the sum of absolute weights, a scalar."""
        # The published study penalises the kernel; the bias stays free.
        return self.l1 * self.weight.abs().sum()


class _PReLU(torch.autograd.Function):
    """PyTorch's PReLU of maps; its gradient, which goes number by number there, by whole maps."""

    generate_vmap_rule = True

    @staticmethod
    def forward(x: Tensor, slope: Tensor) -> Tensor:
        return F.prelu(x, slope)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor, Tensor], output: Tensor) -> None:
        ctx.save_for_backward(*inputs)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, Tensor]:
        (x, slope), (given,) = ctx.saved_tensors, gradients
        above = torch.ops.aten.threshold_backward(given, x, 0)
        below = given - above
        by_x = torch.addcmul(above, below, slope.to(given.dtype).view(-1, 1, 1))
        return by_x, (below * x).sum((0, 2, 3))


class PReLU(nn.PReLU):
    """PReLU of maps (batch, channels, height, width), of a slope for each channel.

    The values are those of PyTorch's; the gradient of that one took as long as the convolution before it.
    """

    stackable = True

    def forward(self, x: Tensor) -> Tensor:
        """Return ``x`` where it is above 0, and the slope times it elsewhere."""
        made: Tensor = _PReLU.apply(x, self.weight)  # type: ignore[no-untyped-call]
        return made


def glorot(layer: Weighted) -> Weighted:
    """Glorot-uniform weights and zero biases, as the published study starts its layers."""
    nn.init.xavier_uniform_(layer.weight)
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)
    return layer


def closing_conv(inputs: int, filters: int, kernel: tuple[int, int]) -> nn.Sequential:
    """Convolution over a whole map of size ``kernel`` - PReLU - flattened, (batch, filters)."""
    return nn.Sequential(
        OrderedDict(
            conv=glorot(nn.Conv2d(inputs, filters, kernel)),
            activation=nn.PReLU(filters),
            flatten=nn.Flatten(),
        )
    )


def conv_block(inputs: int, filters: int, *, pool: int, dropout: float = 0.0) -> nn.Sequential:
    """Convolution 3x3 - batch norm - PReLU - max pooling - dropout, if any.

    The convolution has no bias: the batch norm would subtract it again.
    """
    layers: dict[str, nn.Module] = {
        "conv": glorot(nn.Conv2d(inputs, filters, 3, padding=1, bias=False)),
        "norm": nn.BatchNorm2d(filters),
        "activation": PReLU(filters),
        "pool": nn.MaxPool2d(pool),
    }
    if dropout:
        layers["dropout"] = nn.Dropout(dropout)
    return nn.Sequential(OrderedDict(layers))
