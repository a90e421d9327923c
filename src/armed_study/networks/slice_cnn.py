"""Convolutional network for square slices of one channel."""

from collections import OrderedDict
from itertools import pairwise

from torch import Tensor, nn

from armed.errors import ConfigError
from armed.nn.layers import L1Linear, closing_conv, conv_block, glorot
from armed_study.networks.inputs import Context, image_size

LAST_MAPS = (3, 4)
WIDEST = 8


class SliceCNN(nn.Module):
    """Convolutional blocks down to a map of 3 x 3 or 4 x 4, a dense layer, and a linear output.

    A block is a 3x3 convolution, batch norm, PReLU and max pooling, every second one with dropout;
    there are as many as halve ``size`` down to 3 or 4, with ``filters`` times 1, 2, 2, 4, 4, 8, 8, ...
    channels. A convolution over the whole last map (``8 filters``, PReLU) and a dense layer
    (``8 filters``, ReLU) follow.

    Parameters
    ----------
    size : int
        Height and width of the slices, 3 times a power of 2, or a power of 2; at least 6.
    filters : int, at least 1
        Channels of the first block; published: 64.
    dropout : float, at least 0, below 1
        Share dropped after every second block.
    l1 : float, at least 0
        Weight of the sum of absolute weights of the dense layer, see `armed.nn.layers.L1Linear`.
    outputs : int
        Width of the output (logits or means).
    context : Context
        An optional second argument, and where it is appended.

    Raises
    ------
    ConfigError
        For another size.

    Attributes
    ----------
    attributed : str
        Whose maps attribution is made of: those of the last but one convolution, after their PReLU
        and before pooling, 6 x 6 whatever the size.

    Departures from the paper
    -------------------------
    PReLU has one slope a channel, starting at 0.25. A convolution before a batch norm has no bias.
    Which part of the dense layer the L1 term is on is not said: here it is the kernel.
    """

    def __init__(
        self,
        size: int,
        *,
        filters: int = 64,
        dropout: float = 0.5,
        l1: float = 0.01,
        outputs: int = 1,
        context: Context = Context(),  # noqa: B008 (frozen)
    ) -> None:
        super().__init__()
        times = halvings(size)
        widths = [filters * min(2 ** ((i + 1) // 2), WIDEST) for i in range(times)]
        wide = WIDEST * filters
        self.blocks = nn.ModuleList(
            conv_block(before, after, pool=2, dropout=dropout * (i % 2))
            for i, (before, after) in enumerate(pairwise([1, *widths]))
        )
        self.valid = closing_conv(widths[-1], wide, (size >> times, size >> times))
        dense = glorot(L1Linear(wide + context.at("input"), wide, l1=l1))
        self.dense = nn.Sequential(OrderedDict(linear=dense, activation=nn.ReLU()))
        self.output = glorot(nn.Linear(wide + context.at("output"), outputs))
        self.context = context
        self.watch = (*(f"blocks.{i}" for i in range(len(widths))), "dense")
        self.attributed = f"blocks.{len(widths) - 1}.activation"
        maps = [(width, size >> i, size >> i) for i, width in enumerate(widths, start=1)]
        self.watched_shapes = (*maps, (wide,))
        self.last_hidden = ("dense", wide)

    @classmethod
    def for_samples(cls, shape: tuple[int, ...], **options: object) -> "SliceCNN":
        """Return a network for samples of ``shape`` (1, size, size)."""
        return cls(image_size(shape, "slice_cnn"), **options)  # type: ignore[arg-type]

    def forward(self, x: Tensor, context: Tensor | None = None) -> Tensor:
        """Linear predictors (batch, outputs) of slices (batch, 1, size, size)."""
        h = x
        for block in self.blocks:
            h = block(h)
        h = self.dense(self.context.append(self.valid(h), context, "input"))
        return self.output(self.context.append(h, context, "output"))


def halvings(size: int) -> int:
    """How often ``size`` can be halved until it is 3 or 4."""
    for last in LAST_MAPS:
        power = size // last
        if size % last == 0 and power >= 2 and power & (power - 1) == 0:
            return power.bit_length() - 1
    raise ConfigError(
        f"slices are {size} pixels wide; expected 3 times a power of 2, such as 48, 96 or 192, or a "
        "power of 2, such as 64; set the size of the slices to one of these"
    )


NETWORK = SliceCNN
