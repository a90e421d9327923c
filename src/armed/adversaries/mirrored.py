"""An adversary in the shape of the convolutional network that it watches."""

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn

from armed.adversaries.base import ClusterClassifier, check_clusters
from armed.errors import ConfigError
from armed.nn.layers import closing_conv, conv_block, glorot

WIDEST = 8

Shape = tuple[int, ...]


class MirroredAdversary(ClusterClassifier):
    """A convolutional network that is fed the activations of another where the shapes meet.

    It begins at the first watched map. Each block (convolution 3x3, batch norm, PReLU, max
    pooling) brings its own map to the size of the next watched one, which is appended to its channels;
    a convolution over the whole last map and a dense layer end in ``8 filters`` features, to which
    watched vectors are appended.

    Parameters
    ----------
    shapes : sequence of tuple
        Shape of each watched activation of one sample: maps (channels, height, width) in the order
        of their sizes, and vectors (features,).
    clusters : int
        Number of clusters.
    filters : int
        Width: a block has as many channels as the map that it meets, times ``filters`` over the
        channels of the first map.
    learning_rate_factor, bounded
        See `armed.adversaries.base.ClusterClassifier`.

    Raises
    ------
    ConfigError
        If there is no map, or if a map's size is no whole multiple of the next one's.
    """

    def __init__(
        self,
        shapes: Sequence[Shape],
        clusters: int,
        *,
        filters: int,
        learning_rate_factor: float = 1.0,
        bounded: bool = False,
    ) -> None:
        super().__init__(learning_rate_factor=learning_rate_factor, bounded=bounded)
        self._shapes, self._clusters = [tuple(shape) for shape in shapes], clusters
        maps = [shape for shape in shapes if len(shape) == 3]
        vectors = [shape[0] for shape in shapes if len(shape) == 1]
        if not maps or len(maps) + len(vectors) < len(shapes):
            raise ConfigError(
                f"a mirrored adversary was given activations of shapes {list(shapes)}; expected maps "
                "(channels, height, width) and vectors; set adversary.kind to dense"
            )
        # A block is as wide as its map in proportion, as the network that it mirrors grows in depth.
        widths = [max(1, shape[0] * filters // maps[0][0]) for shape in maps]
        # From the second block on, the input is the block before and the map that it has met.
        inputs = [maps[0][0], *(w + m[0] for w, m in zip(widths[1:], maps[1:], strict=True))]
        self.blocks = nn.ModuleList(
            conv_block(before, after, pool=_shrinkage(*pair))
            for before, after, pair in zip(inputs, widths[1:], pairwise(maps), strict=False)
        )
        wide = WIDEST * filters
        self.valid = closing_conv(inputs[-1], wide, maps[-1][1:])
        self.dense = nn.Sequential(glorot(nn.Linear(wide, wide)), nn.ReLU())
        self.output = glorot(nn.Linear(wide + sum(vectors), clusters))

    def measure(self, activations: Sequence[Tensor], *, clusters: int) -> None:
        """Check the number of clusters and the shapes."""
        check_clusters(self._clusters, clusters)
        found = [tuple(h.shape[1:]) for h in activations]
        if found != self._shapes:
            raise ConfigError(
                f"a mirrored adversary of activations of shapes {self._shapes} is given {found}; expected "
                "the same; make it for those of the watched layers"
            )

    def forward(self, activations: Sequence[Tensor]) -> Tensor:
        """Logits of the cluster, shape (batch, clusters)."""
        first, *others = [h for h in activations if h.ndim == 4]
        h = first
        for block, met in zip(self.blocks, others, strict=True):
            h = torch.cat([block(h), met], dim=1)
        vectors = [v for v in activations if v.ndim == 2]
        # Vectors have no place to meet at; they enter with the last features.
        logits: Tensor = self.output(torch.cat([self.dense(self.valid(h)), *vectors], dim=1))
        return logits


def _shrinkage(before: Shape, after: Shape) -> int:
    """How much smaller the second map is."""
    (height, width), (lower, narrower) = before[1:], after[1:]
    times = height // lower
    if (lower * times, narrower * times) != (height, width):
        raise ConfigError(
            f"a map of {height} x {width} is followed by one of {lower} x {narrower}; expected sizes "
            "that shrink by a whole number; watch other layers or set adversary.kind to dense"
        )
    return times
